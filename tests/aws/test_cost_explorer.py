"""Cost Explorer at botocore's wire: every page merged, nothing missing, no figure that is not an exact decimal."""

from __future__ import annotations

import json
import shlex
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.aws.calls import Calls
from finops.aws.ce_rows import MergedGroups
from finops.aws.cost_explorer import CePages, CeRequest, aws_command, cost_and_usage
from finops.model.costs import CE_METRICS, Granularity
from finops.model.errors import AwsError, CeilingReached, InputError
from finops.model.metering import Caller
from finops.model.period import Period
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, bucket, error, group, metrics, page, sessions

CALLER = Caller("acme", "costs.refresh", "ann")
TWO_DAYS = Period(date(2026, 11, 1), date(2026, 11, 3))
FIRST, SECOND = ("2026-11-01", "2026-11-02"), ("2026-11-02", "2026-11-03")
BY_SERVICE = CeRequest(TWO_DAYS, group_by=(("DIMENSION", "SERVICE"),))


def ask(request: CeRequest, *replies: Reply, meter: PocketMeter | None = None) -> tuple[CePages, Wire]:
    wire = Wire(replies)
    return cost_and_usage(Calls(sessions(wire.hook), meter or PocketMeter(), now=lambda: NOW), CALLER, request), wire


def malformed(request: CeRequest, *replies: Reply) -> str:
    with pytest.raises(AwsError) as raised:
        ask(request, *replies)
    assert raised.value.kind == AwsError.MALFORMED
    return str(raised.value)


def test_one_request_asks_for_all_seven_metrics_in_us_east_1():
    request = CeRequest(
        TWO_DAYS,
        group_by=(("DIMENSION", "SERVICE"), ("TAG", "Owner")),
        filter={"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Tax"]}},
    )
    _, wire = ask(request, page(bucket(*FIRST), bucket(*SECOND)))
    assert wire.requests == [
        {
            "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-03"},
            "Granularity": "DAILY",
            "Metrics": list(CE_METRICS),
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "TAG", "Key": "Owner"}],
            "Filter": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Tax"]}},
        }
    ]
    assert wire.urls == ["https://ce.us-east-1.amazonaws.com/"]


def test_groups_become_columns_of_text():
    found, _ = ask(
        CeRequest(TWO_DAYS, group_by=(("DIMENSION", "SERVICE"), ("DIMENSION", "LINKED_ACCOUNT"))),
        page(
            bucket(*FIRST, group("EC2", "111111111111", amount="1.0000000001")),
            bucket(*SECOND, group("S3", "222222222222", amount="-0.5"), estimated=True),
            DimensionValueAttributes=[{"Value": "111111111111", "Attributes": {"description": "prod"}}],
        ),
    )
    assert found.columns["charge_date"] == ["2026-11-01", "2026-11-02"]
    assert found.columns["service"] == ["EC2", "S3"]
    assert found.columns["account"] == ["111111111111", "222222222222"]
    for name in CE_METRICS.values():
        assert found.columns[name] == ["1.0000000001", "-0.5"]
    assert found.columns["currency"] == ["USD", "USD"]
    assert found.columns["usage_unit"] == ["Hrs", "Hrs"]
    assert found.columns["estimated"] == ["false", "true"]
    assert (found.pages, found.estimated_from) == (1, date(2026, 11, 2))
    assert found.account_names == {"111111111111": "prod"}


def test_each_metric_lands_in_its_own_column():
    figures = {name: {"Amount": str(place), "Unit": "USD"} for place, name in enumerate(CE_METRICS)}
    found, _ = ask(BY_SERVICE, page(bucket(*FIRST, {"Keys": ["EC2"], "Metrics": figures}), bucket(*SECOND)))
    assert {name: found.columns[CE_METRICS[name]] for name in CE_METRICS} == {
        name: [str(place)] for place, name in enumerate(CE_METRICS)
    }


def test_ungrouped_buckets_give_a_row_each_zeros_included():
    def total(amount: str, start: str, end: str) -> dict[str, Any]:
        return {"TimePeriod": {"Start": start, "End": end}, "Groups": [], "Total": metrics(amount), "Estimated": False}

    found, _ = ask(CeRequest(TWO_DAYS), page(total("0", *FIRST), total("7.25", *SECOND)))
    assert found.columns["unblended"] == ["0", "7.25"]
    assert found.estimated_from is None


@pytest.mark.parametrize(
    ("kind", "column", "key", "arrived", "value"),
    [
        ("TAG", "tag_value", "Owner", "Owner$ann", "ann"),
        ("TAG", "tag_value", "Owner", "Owner$", ""),
        ("TAG", "tag_value", "Owner", "Owner$a$b$", "a$b$"),
        ("TAG", "tag_value", "a$b", "a$b$c", "c"),
        ("COST_CATEGORY", "category_value", "Team", "Team$", ""),
        ("COST_CATEGORY", "category_value", "Team", "Team$Core $", "Core $"),
    ],
)
def test_tags_and_categories_lose_their_key(kind: str, column: str, key: str, arrived: str, value: str):
    found, _ = ask(CeRequest(TWO_DAYS, group_by=((kind, key),)), page(bucket(*FIRST, group(arrived)), bucket(*SECOND)))
    assert found.columns[column] == [value]


def test_a_tag_group_under_another_key_is_malformed():
    request = CeRequest(TWO_DAYS, group_by=(("TAG", "Owner"),))
    assert "does not begin with" in malformed(request, page(bucket(*FIRST, group("Team$x")), bucket(*SECOND)))


def test_monthly_buckets_are_clipped_to_the_period():
    request = CeRequest(Period(date(2026, 9, 10), date(2026, 11, 5)), Granularity.MONTHLY)
    edges = ["2026-09-10", "2026-10-01", "2026-11-01", "2026-11-05"]
    assert request.buckets() == dict(pairwise(edges))
    assert request.params()["Granularity"] == "MONTHLY"


def test_a_page_that_ends_inside_a_bucket_is_merged_with_the_next():
    found, wire = ask(
        BY_SERVICE,
        page(bucket(*FIRST, group("EC2"), group("S3")), token="more"),
        page(bucket(*FIRST, group("RDS")), bucket(*SECOND, group("EC2", amount="9"))),
    )
    assert wire.requests[1]["NextPageToken"] == "more"
    assert found.pages == 2
    assert list(
        zip(found.columns["charge_date"], found.columns["service"], found.columns["unblended"], strict=True)
    ) == [
        ("2026-11-01", "EC2", "1.5"),
        ("2026-11-01", "RDS", "1.5"),
        ("2026-11-01", "S3", "1.5"),
        ("2026-11-02", "EC2", "9"),
    ]


def test_a_bucket_that_any_page_calls_estimated_is_estimated():
    found, _ = ask(
        BY_SERVICE,
        page(bucket(*FIRST, group("EC2"), estimated=True), token="more"),
        page(bucket(*FIRST, group("S3")), bucket(*SECOND, group("S3"))),
    )
    assert found.columns["estimated"] == ["true", "true", "false"]


def test_the_same_group_again_counts_once_and_a_contradicting_one_is_malformed():
    again = page(bucket(*FIRST, group("EC2")), bucket(*SECOND))
    found, _ = ask(BY_SERVICE, page(bucket(*FIRST, group("EC2")), token="more"), again)
    assert found.columns["unblended"] == ["1.5"]
    other = page(bucket(*FIRST, group("EC2", amount="1.6")), bucket(*SECOND))
    assert "twice" in malformed(BY_SERVICE, page(bucket(*FIRST, group("EC2")), token="more"), other)


@st.composite
def splits(draw: st.DrawFn) -> tuple[list[tuple[int, str, str]], list[int]]:
    services = st.text(min_size=1, max_size=6)
    cells = draw(st.lists(st.tuples(st.integers(0, 4), services), unique=True, max_size=25))
    amounts = st.decimals(-(10**9), 10**9, places=10).map(lambda amount: format(amount, "f"))
    rows = sorted((day, service, draw(amounts)) for day, service in cells)
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=5)))
    return rows, [0, *cuts, len(rows)]


@given(splits())
def test_any_split_into_pages_gives_the_same_rows(case: tuple[list[tuple[int, str, str]], list[int]]):
    rows, edges = case
    request = CeRequest(Period(date(2026, 11, 1), date(2026, 11, 6)), group_by=(("DIMENSION", "SERVICE"),))
    days = list(request.buckets().items())

    def paged(slices: list[list[tuple[int, str, str]]]) -> dict[str, list[str | None]]:
        merged = MergedGroups(request.group_by, request.buckets())
        for index, part in enumerate(slices):
            shown = range(len(days)) if index == len(slices) - 1 else {row[0] for row in part}
            buckets = [
                bucket(*days[day], *(group(name, amount=text) for at, name, text in part if at == day)) for day in shown
            ]
            merged.add({"ResultsByTime": buckets})
        return merged.columns()

    assert paged([rows[start:end] for start, end in pairwise(edges)]) == paged([rows])
    total = sum(Decimal(str(text)) for text in paged([rows])["unblended"])
    assert total == sum(Decimal(text) for _, _, text in rows)


# Figures


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "-Infinity", "", "1,5", "$3", "1.5 ", "0x1F", "\u0661", "1e99", "1" * 30]
)
def test_amounts_that_are_no_exact_decimals_are_malformed(amount: str):
    assert "decimal" in malformed(BY_SERVICE, page(bucket(*FIRST, group("EC2", amount=amount)), bucket(*SECOND)))


@pytest.mark.parametrize(("amount", "written"), [("1.2E-7", "0.00000012"), ("-3e2", "-300"), ("0E-10", "0.0000000000")])
def test_exponents_are_written_out(amount: str, written: str):
    found, _ = ask(BY_SERVICE, page(bucket(*FIRST, group("EC2", amount=amount)), bucket(*SECOND)))
    assert found.columns["net_amortized"] == [written]


def test_two_currencies_stay_apart_row_by_row():
    answer = page(bucket(*FIRST, group("EC2", unit="USD"), group("Marketplace", unit="CNY")), bucket(*SECOND))
    found, _ = ask(BY_SERVICE, answer)
    assert found.columns["currency"] == ["USD", "CNY"]


@pytest.mark.parametrize("metric", [name for name in CE_METRICS if name.endswith("Cost")])
def test_one_row_in_two_currencies_is_malformed(metric: str):
    mixed = {"Keys": ["EC2"], "Metrics": metrics(**{metric: {"Amount": "1", "Unit": "EUR"}})}
    assert "different currencies" in malformed(BY_SERVICE, page(bucket(*FIRST, mixed), bucket(*SECOND)))


@pytest.mark.parametrize("unit", ["", "N/A", "usd", "Dollars"])
def test_a_cost_without_a_currency_is_malformed(unit: str):
    assert "currency" in malformed(BY_SERVICE, page(bucket(*FIRST, group("EC2", unit=unit)), bucket(*SECOND)))


def test_a_group_without_one_of_the_metrics_is_malformed():
    partial = {name: figure for name, figure in metrics().items() if name != "BlendedCost"}
    malformed(BY_SERVICE, page(bucket(*FIRST, {"Keys": ["EC2"], "Metrics": partial}), bucket(*SECOND)))
    holed = {"Keys": ["EC2"], "Metrics": metrics(BlendedCost={"Unit": "USD"})}
    malformed(BY_SERVICE, page(bucket(*FIRST, holed), bucket(*SECOND)))


def test_a_group_with_too_few_keys_is_malformed():
    request = CeRequest(TWO_DAYS, group_by=(("DIMENSION", "SERVICE"), ("DIMENSION", "REGION")))
    assert "number of keys" in malformed(request, page(bucket(*FIRST, group("EC2")), bucket(*SECOND)))


# Completeness


def test_missing_buckets_are_malformed_and_never_zero():
    assert "1 of 2 time buckets are missing" in malformed(BY_SERVICE, page(bucket(*FIRST, group("EC2"))))
    assert "2 of 2" in malformed(BY_SERVICE, page())


def test_a_bucket_that_was_not_asked_for_is_malformed():
    assert "not asked for" in malformed(BY_SERVICE, page(bucket("2026-10-31", "2026-11-01", group("EC2"))))
    assert "not asked for" in malformed(BY_SERVICE, page(bucket("2026-11-01", "2026-11-03", group("EC2"))))


@pytest.mark.parametrize(
    "body", [b"", b"<html>please log in</html>", b'{"ResultsByTime": [{"TimePeriod"', b'{"ResultsByTime": [{}]}']
)
def test_truncated_and_foreign_answers_are_malformed(body: bytes):
    malformed(BY_SERVICE, Reply(body))


def test_a_failure_on_a_later_page_loses_the_whole_answer_but_not_its_bill():
    meter = PocketMeter()
    first = page(bucket(*FIRST, group("EC2")), token="more")
    with pytest.raises(AwsError) as raised:
        ask(BY_SERVICE, first, error("LimitExceededException", "Rate limit exceeded"), meter=meter)
    assert raised.value.kind == AwsError.THROTTLED
    assert meter.spent == Decimal("0.01")


def test_a_token_that_repeats_is_malformed():
    first = page(bucket(*FIRST, group("EC2")), token="same")
    assert "token" in malformed(BY_SERVICE, first, page(bucket(*SECOND), token="same"))


def test_the_budget_may_end_between_two_pages():
    meter = PocketMeter(ceiling=Decimal("0.01"))
    with pytest.raises(CeilingReached):
        ask(BY_SERVICE, page(bucket(*FIRST, group("EC2")), token="more"), page(bucket(*SECOND)), meter=meter)
    assert meter.spent == Decimal("0.01")


# Requests


def test_what_the_api_would_refuse_is_not_asked():
    with pytest.raises(InputError) as raised:
        CeRequest(TWO_DAYS, group_by=(("DIMENSION", "SERVICE"),) * 3)
    assert raised.value.field == "group_by"
    with pytest.raises(InputError):
        CeRequest(TWO_DAYS, group_by=(("METRIC", "SERVICE"),))
    with pytest.raises(InputError):
        CeRequest(TWO_DAYS, Granularity.TOTAL)


def test_the_equal_aws_command_is_quoted_for_a_shell():
    request = CeRequest(
        TWO_DAYS,
        group_by=(("DIMENSION", "SERVICE"), ("TAG", "Owner")),
        filter={"Tags": {"Key": "Owner", "Values": ["Ann's team; rm -rf $HOME"]}},
    )
    line = aws_command(request)
    assert line.startswith(
        "aws ce get-cost-and-usage --time-period Start=2026-11-01,End=2026-11-03 --granularity DAILY "
    )
    words = shlex.split(line)
    assert words[words.index("--group-by") + 1 :][:2] == ["Type=DIMENSION,Key=SERVICE", "Type=TAG,Key=Owner"]
    assert words[-1] == '{"Tags":{"Key":"Owner","Values":["Ann\'s team; rm -rf $HOME"]}}'


@given(st.text(min_size=1, max_size=20))
def test_any_tag_key_survives_the_shell(key: str):
    words = shlex.split(aws_command(CeRequest(TWO_DAYS, group_by=(("TAG", key),))))
    given_as = words[words.index("--group-by") + 1]
    assert given_as == f"Type=TAG,Key={key}" or CeRequest(TWO_DAYS, group_by=(("TAG", key),)).params()["GroupBy"] == (
        json.loads(given_as)
    )

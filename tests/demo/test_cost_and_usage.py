"""GetCostAndUsage of the demo against a naive reading of the same ledger, row by row."""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.demo.cut import amount_text
from finops.demo.estate import TAG_COMBINATIONS, TAG_KEYS, Estate
from finops.demo.ledger import METRICS
from finops.model.period import Period
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_session import AwsSessions
    from finops.demo.ledger import Ledger
    from finops.demo.usage import Line

SCALE = {metric: 6 if metric in {"UsageQuantity", "NormalizedUsageAmount"} else 10 for metric in METRICS}
FIELDS = {
    "SERVICE": "service",
    "LINKED_ACCOUNT": "account",
    "REGION": "region",
    "USAGE_TYPE": "usage_type",
    "RECORD_TYPE": "record_type",
}
GROUPS = [
    *({"Type": "DIMENSION", "Key": key} for key in FIELDS),
    *({"Type": "TAG", "Key": key} for key in (*TAG_KEYS, "NeverActivated")),
    {"Type": "COST_CATEGORY", "Key": "Team"},
]
Sums = dict[tuple[str, str, tuple[str, ...]], dict[str, Decimal]]


def ask(ce: Any, period: Period, granularity: str = "DAILY", **more: Any) -> Iterator[dict[str, Any]]:
    """All pages of one question."""
    asked = {
        "TimePeriod": {"Start": period.start.isoformat(), "End": period.end.isoformat()},
        "Granularity": granularity,
        "Metrics": list(METRICS),
        **more,
    }
    token: dict[str, str] = {}
    while True:
        answer = ce.get_cost_and_usage(**asked, **token)
        yield answer
        if "NextPageToken" not in answer:
            return
        token = {"NextPageToken": answer["NextPageToken"]}


def merged(pages: Iterator[dict[str, Any]]) -> Sums:
    found: Sums = {}
    for page in pages:
        for result in page["ResultsByTime"]:
            span = (result["TimePeriod"]["Start"], result["TimePeriod"]["End"])
            entries = [(tuple(group["Keys"]), group["Metrics"]) for group in result["Groups"]]
            if result["Total"]:
                entries.append(((), result["Total"]))
            for keys, metrics in entries:
                assert (*span, keys) not in found, "a group came twice"
                found[(*span, keys)] = {name: Decimal(value["Amount"]) for name, value in metrics.items()}
    return found


def value_of(line: Line, kind: str, key: str) -> str:
    if kind == "DIMENSION":
        return str(getattr(line, FIELDS[key]))
    if kind == "TAG":
        return dict(zip(TAG_KEYS, line.tag_values, strict=True)).get(key, "")
    return line.team


def holds(line: Line, expression: dict[str, Any]) -> bool:
    (operator, body), *_ = expression.items()
    if operator == "And":
        return all(holds(line, part) for part in body)
    if operator == "Or":
        return any(holds(line, part) for part in body)
    if operator == "Not":
        return not holds(line, body)
    kind = {"Dimensions": "DIMENSION", "Tags": "TAG", "CostCategories": "COST_CATEGORY"}[operator]
    value = value_of(line, kind, body["Key"])
    return value == "" if body.get("MatchOptions") == ["ABSENT"] else value in body["Values"]


def row_by_row(
    ledger: Ledger, period: Period, granularity: str, groups: list[dict[str, str]], filtered: dict[str, Any] | None
) -> Sums:
    spans = period.months() if granularity == "MONTHLY" else [Period(d, d + timedelta(days=1)) for d in period.dates()]
    span_of = {day: (span.start.isoformat(), span.end.isoformat()) for span in spans for day in span.dates()}
    counted = [filtered is None or holds(line, filtered) for line in ledger.lines]
    keys_of = [
        tuple(
            value_of(line, group["Type"], group["Key"])
            if group["Type"] == "DIMENSION"
            else f"{group['Key']}${value_of(line, group['Type'], group['Key'])}"
            for group in groups
        )
        for line in ledger.lines
    ]
    sums: dict[tuple[str, str, tuple[str, ...]], list[int]] = defaultdict(lambda: [0] * len(METRICS))
    if not groups:
        sums.update({(*span, ()): [0] * len(METRICS) for span in span_of.values()})
    rows = ledger.rows_of(period)
    columns = (ledger.day[rows].tolist(), ledger.line[rows].tolist(), ledger.amounts[:, rows].T.tolist())
    for day, line, amounts in zip(*columns, strict=True):
        if counted[line]:
            cell = sums[(*span_of[ledger.first_day + timedelta(days=day)], keys_of[line])]
            for index, amount in enumerate(amounts):
                cell[index] += amount
    return {
        key: {name: Decimal(cell[i]).scaleb(-SCALE[name]) for i, name in enumerate(METRICS)}
        for key, cell in sums.items()
    }


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.dates(date(2025, 9, 20), date(2026, 11, 28)))
    return Period(start, min(start + timedelta(days=draw(st.integers(1, 40))), date(2026, 12, 1)))


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    accounts = [account.account_id for account in Estate().members]
    values = {
        "SERVICE": ["Amazon Simple Storage Service", "EC2 - Other", "Tax", "No such service"],
        "LINKED_ACCOUNT": accounts,
        "REGION": ["us-east-1", "eu-central-1", "global", "NoRegion"],
        "USAGE_TYPE": ["EBS:SnapshotUsage", "EUC1-Requests-Tier1", "NoUsageType"],
        "RECORD_TYPE": ["Usage", "Credit", "DiscountedUsage", "usage"],
    }
    dimension = st.sampled_from(sorted(values)).flatmap(
        lambda key: st.lists(st.sampled_from(values[key]), min_size=1, max_size=3).map(
            lambda chosen: {"Dimensions": {"Key": key, "Values": chosen}}
        )
    )
    tag = st.sampled_from(range(4)).flatmap(
        lambda i: st.lists(st.sampled_from([row[i] for row in TAG_COMBINATIONS]), min_size=1, max_size=3).map(
            lambda chosen: {"Tags": {"Key": TAG_KEYS[i], "Values": chosen, "MatchOptions": ["EQUALS"]}}
        )
    )
    absent = st.sampled_from([*TAG_KEYS, "NeverActivated"]).map(
        lambda key: {"Tags": {"Key": key, "MatchOptions": ["ABSENT"]}}
    )
    team = st.sampled_from(
        [
            {"CostCategories": {"Key": "Team", "Values": ["Data", "Platform"], "MatchOptions": ["CASE_SENSITIVE"]}},
            {"CostCategories": {"Key": "Team", "MatchOptions": ["ABSENT"]}},
        ]
    )
    return dimension | tag | absent | team


FILTERS = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"And": parts}),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"Or": parts}),
        inner.map(lambda part: {"Not": part}),
    ),
    max_leaves=4,
)


@settings(max_examples=60)
@given(
    period=periods(),
    granularity=st.sampled_from(["DAILY", "MONTHLY"]),
    groups=st.lists(st.sampled_from(GROUPS), max_size=2, unique_by=lambda group: group["Key"]),
    filtered=st.none() | FILTERS,
)
def test_every_answer_is_the_sum_of_its_rows(
    ce: Any,
    ledger: Ledger,
    period: Period,
    granularity: str,
    groups: list[dict[str, str]],
    filtered: dict[str, Any] | None,
) -> None:
    more: dict[str, Any] = {"GroupBy": groups} if groups else {}
    if filtered is not None:
        more["Filter"] = filtered
    assert merged(ask(ce, period, granularity, **more)) == row_by_row(ledger, period, granularity, groups, filtered)


@settings(max_examples=12)
@given(groups=st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique_by=lambda group: group["Key"]))
def test_the_parts_add_up_to_the_whole_in_every_metric(ce: Any, groups: list[dict[str, str]]) -> None:
    period = Period(date(2026, 9, 15), date(2026, 11, 21))
    whole, parts = merged(ask(ce, period)), merged(ask(ce, period, GroupBy=groups))
    for metric in METRICS:
        assert sum(cell[metric] for cell in parts.values()) == sum(cell[metric] for cell in whole.values())


@settings(max_examples=8)
@given(size=st.integers(37, 900))
def test_pages_of_any_size_merge_to_the_same(
    estate: Estate, ce: Any, open_sessions: Callable[..., AwsSessions], size: int
) -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 24))
    groups = [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]
    pages = list(ask(open_sessions(estate, page_size=size).client("ce"), period, GroupBy=groups))
    whole = list(ask(ce, period, GroupBy=groups))
    assert merged(iter(pages)) == merged(iter(whole))
    counts = [sum(len(result["Groups"]) for result in page["ResultsByTime"]) for page in pages]
    assert counts[:-1] == [size] * (len(pages) - 1)
    shown = [result["TimePeriod"]["Start"] for page in pages for result in page["ResultsByTime"]]
    assert sorted(set(shown)) == [day.isoformat() for day in period.dates()]
    assert shown == sorted(shown)


def test_a_page_may_end_inside_a_day(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    ce = open_sessions(estate, page_size=100).client("ce")
    groups = [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]
    first, second, *_ = ask(ce, Period(date(2026, 10, 5), date(2026, 10, 8)), GroupBy=groups)
    assert first["ResultsByTime"][-1]["TimePeriod"] == second["ResultsByTime"][0]["TimePeriod"]


def test_months_are_clipped_to_the_period_and_only_unsettled_ones_are_estimates(ce: Any) -> None:
    (answer,) = ask(ce, Period(date(2026, 9, 12), date(2026, 11, 15)), "MONTHLY")
    assert [(r["TimePeriod"]["Start"], r["TimePeriod"]["End"], r["Estimated"]) for r in answer["ResultsByTime"]] == [
        ("2026-09-12", "2026-10-01", False),
        ("2026-10-01", "2026-11-01", False),
        ("2026-11-01", "2026-11-15", True),
    ]


@pytest.mark.parametrize(("day", "estimated"), [(1, True), (5, True), (6, False), (30, False)])
def test_last_month_stays_an_estimate_until_the_sixth(
    estate: Estate, open_sessions: Callable[..., AwsSessions], day: int, estimated: bool
) -> None:
    ce = open_sessions(estate, now=TODAY.replace(day=day)).client("ce")
    (answer,) = ask(ce, Period(date(2026, 9, 30), date(2026, 11, 1)), "MONTHLY")
    assert [result["Estimated"] for result in answer["ResultsByTime"]] == [False, estimated]


def test_days_to_come_and_months_before_the_history_are_zero(ce: Any) -> None:
    (answer,) = ask(ce, Period(date(2026, 11, 20), date(2026, 12, 1)))
    amounts = [result["Total"]["UnblendedCost"]["Amount"] for result in answer["ResultsByTime"]]
    assert len(amounts) == 11
    assert Decimal(amounts[0]) > 0
    assert set(amounts[1:]) == {"0"}
    (old,) = ask(ce, Period(date(2023, 11, 1), date(2024, 2, 1)), "MONTHLY")
    assert [result["Total"]["UnblendedCost"]["Amount"] for result in old["ResultsByTime"]] == ["0", "0", "0"]
    (grouped,) = ask(
        ce, Period(date(2023, 11, 1), date(2024, 2, 1)), "MONTHLY", GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}]
    )
    assert [(result["Groups"], result["Total"]) for result in grouped["ResultsByTime"]] == [([], {})] * 3


def test_untagged_cost_comes_under_the_bare_key(ce: Any) -> None:
    (answer,) = ask(
        ce,
        Period(date(2026, 10, 1), date(2026, 11, 1)),
        "MONTHLY",
        GroupBy=[{"Type": "TAG", "Key": "Owner"}, {"Type": "COST_CATEGORY", "Key": "Team"}],
    )
    keys = {tuple(group["Keys"]) for group in answer["ResultsByTime"][0]["Groups"]}
    assert ("Owner$", "Team$") in keys
    assert ("Owner$data-team", "Team$Data") in keys
    assert answer["GroupDefinitions"] == [{"Type": "TAG", "Key": "Owner"}, {"Type": "COST_CATEGORY", "Key": "Team"}]


def test_accounts_come_with_their_names(ce: Any, estate: Estate) -> None:
    (answer,) = ask(
        ce,
        Period(date(2026, 10, 1), date(2026, 11, 1)),
        "MONTHLY",
        GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}],
    )
    names = {item["Value"]: item["Attributes"]["description"] for item in answer["DimensionValueAttributes"]}
    assert names == {account.account_id: account.name for account in estate.members}


def test_usage_has_its_unit_where_it_is_the_same_throughout(ce: Any) -> None:
    period = Period(date(2026, 10, 1), date(2026, 11, 1))
    (by_type,) = ask(ce, period, "MONTHLY", GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}])
    units = {group["Keys"][0]: group["Metrics"] for group in by_type["ResultsByTime"][0]["Groups"]}
    assert units["NatGateway-Hours"]["UsageQuantity"]["Unit"] == "Hrs"
    assert units["NatGateway-Hours"]["UnblendedCost"]["Unit"] == "USD"
    (total,) = ask(ce, period, "MONTHLY")
    assert total["ResultsByTime"][0]["Total"]["UsageQuantity"]["Unit"] == "N/A"


def test_dimensions_without_detail_have_one_group(ce: Any) -> None:
    period = Period(date(2026, 10, 1), date(2026, 10, 2))
    (answer,) = ask(ce, period, GroupBy=[{"Type": "DIMENSION", "Key": "AZ"}])
    assert [group["Keys"] for group in answer["ResultsByTime"][0]["Groups"]] == [["NoAZ"]]
    (answer,) = ask(ce, period, GroupBy=[{"Type": "DIMENSION", "Key": "INSTANCE_TYPE"}])
    types = {group["Keys"][0] for group in answer["ResultsByTime"][0]["Groups"]}
    assert {"m6i.2xlarge", "db.r6g.2xl", "NoInstanceType"} <= types
    (answer,) = ask(ce, period, GroupBy=[{"Type": "DIMENSION", "Key": "PURCHASE_TYPE"}])
    assert {group["Keys"][0] for group in answer["ResultsByTime"][0]["Groups"]} == {
        "On Demand Instances",
        "Savings Plans",
        "Spot Instances",
        "Standard Reserved Instances",
    }


def test_a_member_account_sees_its_own_costs_only(sessions: AwsSessions, estate: Estate) -> None:
    member = estate.members[2]
    period = Period(date(2026, 10, 1), date(2026, 11, 1))
    (own,) = ask(
        sessions.client("ce", account=member.account_id),
        period,
        "MONTHLY",
        GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}],
    )
    (all_accounts,) = ask(
        sessions.client("ce"),
        period,
        "MONTHLY",
        Filter={"Dimensions": {"Key": "LINKED_ACCOUNT_NAME", "Values": [member.name]}},
    )
    groups = own["ResultsByTime"][0]["Groups"]
    assert [group["Keys"] for group in groups] == [[member.account_id]]
    assert groups[0]["Metrics"] == all_accounts["ResultsByTime"][0]["Total"]


@given(value=st.integers(-(10**18), 10**18), decimals=st.sampled_from([6, 10]))
def test_amounts_are_written_in_full_and_without_trailing_zeros(value: int, decimals: int) -> None:
    text = amount_text(value, decimals)
    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert "E" not in text
    assert text == "0" or "." not in text or text[-1] not in "0."


def test_fourteen_months_by_service_and_usage_type_stay_cheap(
    estate: Estate, open_sessions: Callable[..., AwsSessions]
) -> None:
    """About 80,000 groups with seven metrics, first page to last: the bound leaves room for a busy machine."""
    client = open_sessions(estate, in_full=False).client("ce")
    groups = [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}]
    list(ask(client, Period(date(2026, 11, 1), date(2026, 11, 2))))  # makes the bill
    count = 0
    gc.freeze()  # what other tests still hold would be searched for garbage again and again
    started = time.process_time()
    for page in ask(client, Period(date(2025, 10, 1), date(2026, 11, 21)), GroupBy=groups):
        count += sum(len(result["Groups"]) for result in page["ResultsByTime"])
    spent = time.process_time() - started
    gc.unfreeze()
    assert spent < 2.0
    assert 50_000 < count < 100_000

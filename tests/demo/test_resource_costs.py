"""Costs by resource: parts of the bill's lines that add up to them exactly, under the ids that AWS's bills use."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from finops.demo.estate import Estate
from finops.demo.ledger import METRICS, Ledger, make_ledger
from finops.demo.population.everything import Population
from finops.demo.resource_ledger import CAUSED, NO_RESOURCE, resource_ledger
from finops.model.costs import CE_METRICS
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions

RESOURCE = {"Type": "DIMENSION", "Key": "RESOURCE_ID"}
SERVICE = {"Type": "DIMENSION", "Key": "SERVICE"}
NO_TAX: dict[str, Any] = {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Tax"]}}}
TWO_WEEKS = {"Start": "2026-11-07", "End": "2026-11-21"}


@pytest.fixture(scope="module")
def shared_out(ledger: Ledger, population: Population) -> Ledger:
    return resource_ledger(ledger, population)


def asked(ce: Any, **params: Any) -> dict[tuple[str, ...], Decimal]:
    """Unblended cost by the keys of groups, over all pages and buckets."""
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    question = {
        "TimePeriod": TWO_WEEKS,
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "Filter": NO_TAX,
        **params,
    }
    token: dict[str, str] = {}
    while True:
        answer = ce.get_cost_and_usage_with_resources(**question, **token)
        for bucket in answer["ResultsByTime"]:
            for group in bucket["Groups"]:
                found[tuple(group["Keys"])] += Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
        if "NextPageToken" not in answer:
            return dict(found)
        token = {"NextPageToken": answer["NextPageToken"]}


def test_every_line_of_every_day_is_shared_out_to_the_last_digit(ledger: Ledger, shared_out: Ledger) -> None:
    def sums(bill: Ledger) -> dict[tuple[Any, ...], list[int]]:
        found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(METRICS))
        rows = bill.rows_of(Period(shared_out.first_day, ledger.today + timedelta(days=1)))
        for day, line, figures in zip(bill.day[rows], bill.line[rows], bill.amounts[:, rows].T.tolist(), strict=True):
            one = bill.lines[line]
            place = (one.account, one.service, one.region, one.usage_type, one.record_type)
            key = (*place, bill.first_day + timedelta(days=int(day)))
            found[key] = [before + figure for before, figure in zip(found[key], figures, strict=True)]
        return found

    assert shared_out.first_day == date(2026, 11, 6)
    whole = sums(ledger)
    assert sums(shared_out) == whole
    assert len(whole) > 10_000


def test_amounts_larger_than_any_line_are_shared_out_exactly(ledger: Ledger, population: Population) -> None:
    """A day of a million dollars times a weight would pass 64 bits."""
    huge = Ledger(
        ledger.estate,
        ledger.first_day,
        ledger.today,
        ledger.lines,
        ledger.day,
        ledger.line,
        np.where(ledger.amounts > 0, ledger.amounts * 40_000 + 7, ledger.amounts),
        ledger.planted,
    )
    rows = huge.rows_of(Period(date(2026, 11, 6), date(2026, 11, 21)))
    shared = resource_ledger(huge, population)
    for metric, figures in enumerate(shared.amounts):
        assert sum(figures.tolist()) == sum(huge.amounts[metric, rows].tolist())


def test_only_what_resources_cause_names_one(shared_out: Ledger) -> None:
    named = {line.record_type for line in shared_out.lines if line.resource != NO_RESOURCE}
    assert named == CAUSED
    assert all(line.resource for line in shared_out.lines)


def test_a_resource_costs_something_only_while_it_is_there(shared_out: Ledger, population: Population) -> None:
    lives = {bill.resource_id: one for one in population.seen for bill in one.bills}
    cost = np.zeros((len(shared_out.lines), 15), dtype=np.int64)
    np.add.at(cost, (shared_out.line, shared_out.day), np.abs(shared_out.amounts[0]))
    days = [shared_out.first_day + timedelta(days=offset) for offset in range(15)]
    temporary = 0
    for line, figures in zip(shared_out.lines, cost.tolist(), strict=True):
        one = lives.get(line.resource)
        if one is not None:
            assert all(one.life.on(day) for day, figure in zip(days, figures, strict=True) if figure), line.resource
            temporary += one.life.born > days[0] and any(figures)
    assert temporary > 20, "batch workers and the like came within these days"


def test_stopped_machines_have_no_hours(shared_out: Ledger, population: Population) -> None:
    stopped = {one.id for one in population.listed if one.role == "stopped"}
    assert stopped
    paid = np.zeros(len(shared_out.lines), dtype=np.int64)
    np.add.at(paid, shared_out.line, shared_out.amounts[0])
    hours = [
        (line.resource, figure)
        for line, figure in zip(shared_out.lines, paid.tolist(), strict=True)
        if line.resource in stopped and "BoxUsage" in line.usage_type
    ]
    assert all(figure == 0 for _, figure in hours)


def test_costs_by_service_and_resource(ce: Any) -> None:
    found = asked(ce, GroupBy=[SERVICE, RESOURCE])
    plain: dict[str, Decimal] = defaultdict(Decimal)
    answer = ce.get_cost_and_usage(
        TimePeriod=TWO_WEEKS, Granularity="DAILY", Metrics=["UnblendedCost"], Filter=NO_TAX, GroupBy=[SERVICE]
    )
    for bucket in answer["ResultsByTime"]:
        for group in bucket["Groups"]:
            plain[group["Keys"][0]] += Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
    by_service: dict[str, Decimal] = defaultdict(Decimal)
    for (service, _), amount in found.items():
        by_service[service] += amount
    assert dict(by_service) == dict(plain)
    named = sum(amount for (_, resource), amount in found.items() if resource != NO_RESOURCE)
    assert named > sum(plain.values()) / 2


def test_ids_are_spelled_as_bills_spell_them(ce: Any, estate: Estate) -> None:
    ids = {key[0] for key in asked(ce, GroupBy=[RESOURCE], Granularity="MONTHLY")}
    prod = estate.members[1].account_id
    for start in (
        "i-0",
        "vol-0",
        f"arn:aws:ec2:us-east-1:{prod}:snapshot/snap-",
        f"arn:aws:ec2:us-east-1:{prod}:natgateway/nat-",
        f"arn:aws:rds:us-east-1:{prod}:db:",
        f"arn:aws:lambda:us-east-1:{prod}:function:",
        f"arn:aws:elasticloadbalancing:us-east-1:{prod}:loadbalancer/app/",
        f"arn:aws:dynamodb:us-east-1:{prod}:table/",
        f"arn:aws:ecs:us-east-1:{prod}:task/",
        f"arn:aws:cloudfront::{prod}:distribution/",
        "prod-core-",  # buckets by name
    ):
        assert any(one.startswith(start) for one in ids), start
    assert not any(one.startswith("arn:aws:s3") for one in ids)
    assert NO_RESOURCE in ids


def test_one_resource_can_be_asked_for(ce: Any, population: Population) -> None:
    database = next(one for one in population.listed if one.kind == "rds:db")
    only = {"Dimensions": {"Key": "RESOURCE_ID", "Values": [database.arn]}}
    found = asked(ce, Filter=only, GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}])
    assert found.keys() == {(database.account,)}
    everything = asked(ce, GroupBy=[RESOURCE])
    assert found[database.account,] == everything[database.arn,]


def test_a_member_account_sees_its_own(sessions: AwsSessions, estate: Estate) -> None:
    member: Any = sessions.client("ce", account=estate.members[2].account_id)
    found = asked(member, GroupBy=[RESOURCE, {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}])
    assert {account for _, account in found} == {estate.members[2].account_id}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"TimePeriod": {"Start": "2026-11-05", "End": "2026-11-21"}}, "start date is too old for hourly"),
        ({"GroupBy": [SERVICE]}, "must group by or filter by RESOURCE_ID"),
        ({"GroupBy": [RESOURCE, SERVICE, SERVICE]}, "maximum number of group definitions is 2"),
        ({"Granularity": "HOURLY"}, "Hourly granularity is not enabled"),
        ({"Metrics": ["Cost"]}, "Metrics must be one or more of"),
        ({"TimePeriod": {"Start": "2026-11-20", "End": "2026-11-20"}}, "Start date \\(and hour\\) should be before"),
    ],
)
def test_what_is_refused(ce: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        asked(ce, **{"GroupBy": [RESOURCE], **changes})


def test_resources_are_known_to_no_other_operation(ce: Any) -> None:
    question = {"TimePeriod": TWO_WEEKS, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    with pytest.raises(ClientError, match="only supported by GetCostAndUsageWithResources"):
        ce.get_cost_and_usage(**question, GroupBy=[RESOURCE])
    with pytest.raises(ClientError, match="not supported for this operation"):
        ce.get_cost_and_usage(**question, Filter={"Dimensions": {"Key": "RESOURCE_ID", "Values": ["i-1"]}})


def test_all_accounts_are_answered_within_two_seconds(
    estate: Estate, open_sessions: Callable[..., AwsSessions]
) -> None:
    ce: Any = open_sessions(estate, in_full=False).client("ce")
    ce.get_cost_and_usage(TimePeriod=TWO_WEEKS, Granularity="MONTHLY", Metrics=["UnblendedCost"])  # makes the ledger
    start = time.process_time()
    found = asked(ce, GroupBy=[SERVICE, RESOURCE], Metrics=list(CE_METRICS))
    assert time.process_time() - start < 2
    assert len(found) > 2_000


def test_an_estate_of_one_account_has_resources_too() -> None:
    small = Estate(accounts=1)
    bill = make_ledger(small, date(2026, 11, 20))
    shared = resource_ledger(bill, Population(small, bill.today))
    rows = bill.rows_of(Period(shared.first_day, bill.today + timedelta(days=1)))
    assert shared.amounts.sum(axis=1).tolist() == bill.amounts[:, rows].sum(axis=1).tolist()

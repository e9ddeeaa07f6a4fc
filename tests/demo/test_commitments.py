"""The contracts of the made-up estate: they cost what its bill charges for them, and some always end soon."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from finops.demo.contracts import lots, plan_of
from finops.demo.estate import Estate
from finops.demo.ledger import METRICS
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions
    from finops.demo.ledger import Ledger

UNBLENDED = METRICS.index("UnblendedCost")


def charged(ledger: Ledger, record_type: str, day: date, *, account: str = "", service: str = "") -> float:
    """Dollars of one charge type on a day."""
    rows = ledger.day == (day - ledger.first_day).days
    wanted = np.array(
        [
            line.record_type == record_type and account in {"", line.account} and service in {"", line.service}
            for line in ledger.lines
        ]
    )
    return int(ledger.amounts[UNBLENDED, rows & wanted[ledger.line]].sum()) / 1e10


def test_the_savings_plan_costs_what_the_bill_says(ledger: Ledger, estate: Estate) -> None:
    plan = plan_of(estate, TODAY.date())
    assert plan is not None
    assert plan.term.start <= TODAY.date() < plan.term.end
    day = date(2026, 11, 12)
    assert plan.recurring * 24 == pytest.approx(charged(ledger, "SavingsPlanRecurringFee", day), abs=1e-6)
    assert plan.upfront == pytest.approx(charged(ledger, "SavingsPlanUpfrontFee", plan.term.start), abs=1e-6)
    assert plan.hourly == pytest.approx(plan.recurring + plan.upfront / plan.term.days / 24)


def test_reservations_cost_what_the_bill_says(ledger: Ledger, estate: Estate) -> None:
    found = list(lots(estate, TODAY.date()))
    assert len(found) > 20
    monthly = sum(lot.hourly * 24 for lot in found)
    assert monthly * 30 == pytest.approx(charged(ledger, "RIFee", date(2026, 11, 1)), rel=1e-9)
    ahead = [lot for lot in found if lot.fixed]
    assert sum(lot.fixed for lot in ahead) == pytest.approx(charged(ledger, "Fee", ahead[0].term.start), rel=1e-9)
    assert len({(lot.account, lot.region, lot.service, lot.id) for lot in found}) == len(found)


@pytest.mark.parametrize("offset", range(0, 800, 13))
def test_on_any_day_something_ends_within_a_month_and_something_later(offset: int) -> None:
    today = date(2026, 1, 2) + timedelta(days=offset)
    left = [(lot.term.end - today).days for lot in lots(Estate(), today)]
    assert 0 < min(left) <= 31
    assert max(left) > 60


def test_every_service_lists_its_own_and_money_adds_up(sessions: AwsSessions, estate: Estate) -> None:
    money: dict[bool, float] = {True: 0.0, False: 0.0}
    for member in estate.members[1:]:
        for region in ("us-east-1", "us-east-2", "eu-central-1", "ap-southeast-1"):
            rds: Any = sessions.client("rds", account=member.account_id, region=region)
            elasticache: Any = sessions.client("elasticache", account=member.account_id, region=region)
            bought = [
                (one["DBInstanceCount"], one) for one in rds.describe_reserved_db_instances()["ReservedDBInstances"]
            ]
            bought += [
                (one["CacheNodeCount"], one)
                for one in elasticache.describe_reserved_cache_nodes()["ReservedCacheNodes"]
            ]
            for count, one in bought:
                assert one["State"] == "active"
                assert one["StartTime"] <= TODAY < one["StartTime"] + timedelta(seconds=one["Duration"])
                assert one["OfferingType"] == ("All Upfront" if one["FixedPrice"] else "No Upfront")
                money[True] += one["FixedPrice"] * count
                money[False] += sum(each["RecurringChargeAmount"] for each in one["RecurringCharges"]) * count
    found = list(lots(estate, TODAY.date()))
    assert money[True] == pytest.approx(sum(lot.fixed for lot in found), abs=0.01)
    assert money[False] == pytest.approx(sum(lot.hourly for lot in found), abs=1e-4)


def test_the_plan_is_listed_where_it_is_held(sessions: AwsSessions, estate: Estate) -> None:
    hub: Any = sessions.client("savingsplans")
    active = hub.describe_savings_plans(states=["active"])["savingsPlans"]
    assert [one["state"] for one in hub.describe_savings_plans()["savingsPlans"]] == ["active", "retired"]
    (plan,) = active
    held = plan_of(estate, TODAY.date())
    assert held is not None
    assert float(plan["commitment"]) == pytest.approx(held.hourly, abs=1e-7)
    ends = datetime.combine(held.term.end, time(), UTC) - timedelta(seconds=1)
    assert plan["end"] == ends.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    member: Any = sessions.client("savingsplans", account=estate.members[1].account_id)
    assert member.describe_savings_plans()["savingsPlans"] == []


def test_what_is_not_reserved_is_not_listed_and_what_ended_is_retired(sessions: AwsSessions, estate: Estate) -> None:
    prod = estate.members[1].account_id
    ec2: Any = sessions.client("ec2", account=prod)
    (old,) = ec2.describe_reserved_instances()["ReservedInstances"]
    assert old["State"] == "retired"
    assert old["End"] < TODAY - timedelta(days=300)
    active = [{"Name": "state", "Values": ["active"]}]
    assert ec2.describe_reserved_instances(Filters=active)["ReservedInstances"] == []
    opensearch: Any = sessions.client("opensearch", account=prod)
    assert opensearch.describe_reserved_instances()["ReservedInstances"] == []
    redshift: Any = sessions.client("redshift", account=estate.members[2].account_id)
    assert redshift.describe_reserved_nodes()["ReservedNodes"] == []


def test_an_account_alone_has_no_reservations(open_sessions: Callable[..., AwsSessions]) -> None:
    alone = Estate(accounts=1)
    rds: Any = open_sessions(alone).client("rds")
    assert rds.describe_reserved_db_instances()["ReservedDBInstances"] == []

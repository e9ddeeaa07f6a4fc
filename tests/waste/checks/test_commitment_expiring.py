"""Reservations and Savings Plans that end: how soon, what that costs, and what could not be asked."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.findings import Basis, Severity, Verdict
from finops.waste.checks.commitment_expiring import CHECK
from finops.waste.commitments import SOURCES
from tests.aws.standins import Refusal
from tests.waste.kit import NOW, OWN, asset, desk, judgement

if TYPE_CHECKING:
    from tests.waste.kit import Desk

YEAR = 365 * 86_400
FACTS: dict[str, Any] = {"covers": "2 × m6i.2xlarge", "ends": "2026-12-20"}


@pytest.mark.parametrize(
    ("days", "verdict", "severity"),
    [
        (61, Verdict.OK, None),
        (60, Verdict.FLAGGED, None),
        (31, Verdict.FLAGGED, None),
        (30, Verdict.FLAGGED, Severity.HIGH),
        (0, Verdict.FLAGGED, Severity.HIGH),
        (-1, Verdict.NOT_APPLICABLE, None),
        (None, Verdict.UNDETERMINED, None),
    ],
)
def test_sixty_days_and_thirty(days: int | None, verdict: Verdict, severity: Severity | None) -> None:
    found = judgement(CHECK, {**FACTS, "days_left": days}, kind="ec2:reserved-instances")

    assert (found.verdict, found.severity) == (verdict, severity)


def test_the_saving_is_the_discount_where_it_is_known() -> None:
    facts = {**FACTS, "days_left": 10}
    kind = "ec2:reserved-instances"

    known = judgement(CHECK, facts, kind=kind, amounts={"list": Decimal("350"), "on_demand": Decimal("560.64")})
    unknown = judgement(CHECK, facts, kind=kind, amounts={"list": Decimal("350")})

    assert (known.saving.amount, known.saving.basis) == (Decimal("210.64"), Basis.DERIVED)
    assert (unknown.verdict, unknown.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


def terms(days: int, **fields: Any) -> dict[str, Any]:
    """What most services tell: a start and a duration."""
    start = NOW + timedelta(days=days) - timedelta(seconds=YEAR)
    return {"State": "active", "StartTime": start, "Duration": YEAR, "FixedPrice": 0.0, "UsagePrice": 0.0, **fields}


def hourly(amount: float) -> dict[str, Any]:
    return {"RecurringCharges": [{"RecurringChargeAmount": amount, "RecurringChargeFrequency": "Hourly"}]}


EC2 = {
    "ReservedInstancesId": "ri-1",
    "InstanceType": "m6i.2xlarge",
    "InstanceCount": 2,
    "ProductDescription": "Linux/UNIX",
    "InstanceTenancy": "default",
    "State": "active",
    "Start": NOW - timedelta(days=335),
    "End": NOW + timedelta(days=30, hours=1),
    "Duration": YEAR,
    "FixedPrice": 876.0,  # 0.10 an hour
    "UsagePrice": 0.0,
    "RecurringCharges": [{"Amount": 0.14, "Frequency": "Hourly"}],
    "CurrencyCode": "USD",
}
PLAN = {
    "savingsPlanId": "sp-1",
    "savingsPlanArn": "arn:aws:savingsplans::123456789012:savingsplan/sp-1",
    "state": "active",
    "savingsPlanType": "Compute",
    "commitment": "3.5",
    "currency": "USD",
    "start": "2025-12-31T00:00:00.000Z",
    "end": "2026-12-31T00:00:00.000Z",
}
NOTHING: dict[str, Any] = {
    "DescribeReservedInstances": lambda _: {"ReservedInstances": []},
    "DescribeReservedDBInstances": lambda _: {"ReservedDBInstances": []},
    "DescribeReservedCacheNodes": lambda _: {"ReservedCacheNodes": []},
    "DescribeReservedNodes": lambda _: {"ReservedNodes": []},
    "DescribeSavingsPlans": lambda _: {"savingsPlans": []},
}


def desk_of(*kinds: str, **answers: Any) -> Desk:
    return desk([asset(kind, "any", "available") for kind in kinds], {**NOTHING, **answers})


def test_an_ec2_reservation_costs_its_upfront_too() -> None:
    at = desk_of("ec2:instance", DescribeReservedInstances=lambda _: {"ReservedInstances": [EC2]})

    found = at.verdicts(CHECK)["ri-1"]
    observation = at.measured(CHECK)[0][0]

    # Two at 0.384 on demand and 0.24 reserved, for 730 hours.
    assert (found.saving.amount, found.saving.basis) == (Decimal("210.24"), Basis.DERIVED)
    assert found.severity is Severity.HIGH
    assert (observation.kind, observation.account) == ("ec2:reserved-instances", OWN)
    assert observation.amounts["list"] == Decimal("350.4")


@pytest.mark.parametrize(
    "other",
    [{"ProductDescription": "Windows"}, {"InstanceTenancy": "dedicated"}, {"CurrencyCode": "CNY"}],
)
def test_what_the_table_does_not_price_has_no_dollars(other: dict[str, str]) -> None:
    at = desk_of("ec2:instance", DescribeReservedInstances=lambda _: {"ReservedInstances": [{**EC2, **other}]})

    found = at.verdicts(CHECK)["ri-1"]

    assert (found.verdict, found.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


def test_each_service_tells_its_own_fields() -> None:
    database = terms(
        45,
        ReservedDBInstanceId="rds-1",
        DBInstanceClass="db.m6g.xlarge",
        DBInstanceCount=1,
        ProductDescription="postgresql",
        MultiAZ=True,
        **hourly(0.4),
    )
    node = {"ReservedCacheNodeId": "cache-1", "CacheNodeType": "cache.r6g.large", "CacheNodeCount": 2}
    search = {"ReservedInstanceId": "es-1", "InstanceType": "r6g.xlarge.search", "InstanceCount": 1}
    shift = {"ReservedNodeId": "rs-1", "NodeType": "ra3.4xlarge", "NodeCount": 2}
    at = desk_of(
        "rds:db",
        "elasticache:cluster",
        "opensearch:domain",
        "redshift:cluster",
        DescribeReservedDBInstances=lambda _: {"ReservedDBInstances": [database]},
        DescribeReservedCacheNodes=lambda _: {
            "ReservedCacheNodes": [terms(45, ProductDescription="redis", **node, **hourly(0.1))]
        },
        DescribeReservedInstances=lambda _: {"ReservedInstances": [terms(45, **search, **hourly(0.2))]},
        DescribeReservedNodes=lambda _: {"ReservedNodes": [terms(45, **shift, **hourly(2.0))]},
    )

    found = {name: one.saving.amount for name, one in at.verdicts(CHECK).items()}

    assert found == {
        "rds-1": Decimal("172.28"),  # (2 × 0.318 - 0.4) × 730
        "cache-1": Decimal("154.76"),
        "es-1": Decimal("98.55"),
        "rs-1": Decimal("1839.60"),
    }


def test_a_savings_plan_ends_too_and_claims_nothing() -> None:
    at = desk_of("ec2:instance", DescribeSavingsPlans=lambda _: {"savingsPlans": [PLAN, {**PLAN, "state": "retired"}]})

    found, observation = at.verdicts(CHECK)["sp-1"], at.measured(CHECK)[0][0]

    assert (found.verdict, found.saving.basis) == (Verdict.FLAGGED, Basis.NONE)
    assert observation.amounts == {"list": Decimal("2555.0")}
    assert observation.region == "global"
    assert "/costmanagement/home?region=us-east-1" in CHECK.remedy(observation).console


def test_services_are_asked_only_where_they_are() -> None:
    at = desk_of("rds:db")

    assert at.verdicts(CHECK) == {}
    assert sorted(at.wire.operations) == ["DescribeReservedDBInstances", "DescribeSavingsPlans"]


def test_a_refusal_is_a_failure_and_undetermined_never_nothing() -> None:
    denied = Refusal("UnauthorizedOperation", status=403)
    at = desk_of("ec2:instance", DescribeReservedInstances=lambda _: denied)

    observations, failures = at.measured(CHECK)

    assert [failure.missing_action for failure in failures] == ["ec2:DescribeReservedInstances"]
    assert [(one.kind, one.resource_id, one.issue) for one in observations] == [
        ("account", OWN, "ec2:reserved-instances")
    ]
    assert at.verdicts(CHECK)[f"{OWN}#ec2:reserved-instances"].verdict is Verdict.UNDETERMINED


def test_every_source_has_its_own_kind() -> None:
    assert len({source.kind for source in SOURCES}) == len(SOURCES)

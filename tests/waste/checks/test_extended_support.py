"""Extended support: which versions are charged since when, and how much."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.waste.checks.extended_support import CHECK
from finops.waste.support import Support, support_of
from tests.aws.standins import Refusal
from tests.waste.kit import asset, desk, judgement


def database(name: str, engine: str, version: str, **details: Any) -> Any:
    usual = {"instance_class": "db.m6g.xlarge", "multi_az": False}
    return asset("rds:db", name, "available", details={"engine": engine, "engine_version": version, **usual, **details})


@pytest.mark.parametrize(
    ("engine", "version", "day", "support"),
    [
        ("mysql", "8.0.39", date(2026, 7, 31), Support.STANDARD),
        ("mysql", "8.0.39", date(2026, 8, 1), Support.EXTENDED),
        ("mysql", "5.7.44", date(2026, 2, 28), Support.EXTENDED),
        ("mysql", "5.7.44", date(2026, 3, 1), Support.EXTENDED_YEAR_3),
        ("mysql", "8.4.3", date(2026, 11, 20), Support.STANDARD),
        ("mysql", "9.1.0", date(2026, 11, 20), Support.STANDARD),
        ("mysql", "5.6.51", date(2026, 11, 20), Support.UNKNOWN),
        ("mysql", "", date(2026, 11, 20), Support.UNKNOWN),
        ("postgres", "13.20", date(2026, 2, 28), Support.STANDARD),
        ("postgres", "13.20", date(2026, 3, 1), Support.EXTENDED),
        ("postgres", "18.1", date(2026, 11, 20), Support.STANDARD),
        ("postgres", "18.1", date(2031, 1, 1), Support.UNKNOWN),
        ("aurora-mysql", "8.0.mysql_aurora.3.08.0", date(2026, 11, 20), Support.STANDARD),
        ("aurora-mysql", "5.7.mysql_aurora.2.11.5", date(2026, 12, 31), Support.EXTENDED),
        ("redis", "5.0.6", date(2026, 2, 1), Support.EXTENDED),
        ("redis", "7.1.0", date(2026, 11, 20), Support.STANDARD),
    ],
)
def test_the_calendar_changes_on_its_days(engine: str, version: str, day: date, support: Support) -> None:
    assert support_of(engine, version, day)[0] is support


def test_databases_pay_by_vcpu_and_twice_in_two_zones() -> None:
    old = database("old", "mysql", "5.7.44", multi_az=True)
    single = database("single", "mysql", "8.0.39")
    opted_out = database("out", "mysql", "8.0.39", lifecycle_support="open-source-rds-extended-support-disabled")
    new, oracle = database("new", "postgres", "17.2"), database("oracle", "oracle-ee", "19.0")
    serverless = database("acu", "aurora-postgresql", "13.9", instance_class="db.serverless")
    at = desk([old, single, opted_out, new, oracle, serverless])

    found = at.verdicts(CHECK)

    assert {name: one.verdict for name, one in found.items()} == {
        "old": Verdict.FLAGGED,
        "single": Verdict.FLAGGED,
        "out": Verdict.OK,
        "new": Verdict.OK,
        "oracle": Verdict.NOT_APPLICABLE,
        "acu": Verdict.FLAGGED,
    }
    assert (found["old"].saving.amount, found["old"].saving.basis) == (Decimal("1168.00"), Basis.DERIVED)
    assert found["single"].saving.amount == Decimal("292.00")
    assert found["acu"].saving.basis is Basis.NONE
    assert at.wire.asked == []


def test_the_saving_is_never_above_the_bill() -> None:
    facts = {"state": "available", "engine": "mysql", "version": "5.7", "support": Support.EXTENDED}
    amounts = {"extended_support": Decimal("292"), "bill": Decimal("210.129")}

    assert judgement(CHECK, facts, amounts=amounts).saving.amount == Decimal("210.13")


def versions(_: dict[str, Any]) -> dict[str, Any]:
    ends = {"1.29": datetime(2025, 3, 23, tzinfo=UTC), "1.34": datetime(2026, 12, 2, tzinfo=UTC)}
    return {"clusterVersions": [{"clusterVersion": name, "endOfStandardSupportDate": at} for name, at in ends.items()]}


def test_clusters_are_charged_after_the_day_that_eks_tells() -> None:
    clusters = [
        asset("eks:cluster", f"k-{version}", "ACTIVE", details={"version": version, "support_type": "EXTENDED"})
        for version in ("1.29", "1.34", "1.99")
    ]
    upgraded = asset("eks:cluster", "k-standard", "ACTIVE", details={"version": "1.29", "support_type": "STANDARD"})
    at = desk([*clusters, upgraded], {"DescribeClusterVersions": versions})

    found = at.verdicts(CHECK)

    assert {name: one.verdict for name, one in found.items()} == {
        "k-1.29": Verdict.FLAGGED,
        "k-1.34": Verdict.OK,
        "k-1.99": Verdict.UNDETERMINED,
        "k-standard": Verdict.OK,
    }
    assert found["k-1.29"].saving.amount == Decimal("365.00")
    assert at.wire.operations == ["DescribeClusterVersions"]


def test_a_refusal_leaves_clusters_undetermined() -> None:
    cluster = asset("eks:cluster", "k", "ACTIVE", details={"version": "1.29", "support_type": "EXTENDED"})
    at = desk([cluster], {"DescribeClusterVersions": lambda _: Refusal("AccessDeniedException")})

    assert [failure.missing_action for failure in at.measured(CHECK)[1]] == ["eks:DescribeClusterVersions"]
    assert at.verdicts(CHECK)["k"].verdict is Verdict.UNDETERMINED


def test_caches_pay_a_share_of_their_node() -> None:
    details = {"engine": "redis", "engine_version": "5.0.6", "node_type": "cache.r6g.large", "nodes": 1}
    old = asset("elasticache:cluster", "old-001", "available", details={**details, "replication_group": "old"})
    valkey = asset("elasticache:cluster", "new", "available", details={**details, "engine": "valkey"})
    at = desk([old, valkey])

    found = at.verdicts(CHECK)

    assert found["old-001"].saving.amount == Decimal("120.30")  # 0.206 × 730 × 80 %
    assert found["new"].verdict is Verdict.NOT_APPLICABLE
    commands = {one.resource_id: CHECK.remedy(one).command for one in at.measured(CHECK)[0]}
    assert commands["old-001"].startswith("aws elasticache modify-replication-group --replication-group-id old ")


def test_a_member_is_upgraded_with_its_cluster() -> None:
    member = database("reader", "aurora-postgresql", "13.9", instance_class="db.r6g.large")
    at = desk([member], links={"reader": (Link("member_of", "rds:cluster", "shop"),)})

    seen = at.measured(CHECK)[0][0]

    assert CHECK.remedy(seen).command.startswith("aws rds modify-db-cluster --db-cluster-identifier shop ")
    assert judgement(CHECK, seen.facts, amounts=seen.amounts).saving.amount == Decimal("146.00")


@pytest.mark.parametrize(("state", "verdict"), [("stopped", Verdict.NOT_APPLICABLE), (None, Verdict.UNDETERMINED)])
def test_a_stopped_database_is_not_charged(state: str | None, verdict: Verdict) -> None:
    facts = {"state": state, "engine": "mysql", "version": "5.7", "support": Support.EXTENDED}

    assert judgement(CHECK, facts).verdict is verdict

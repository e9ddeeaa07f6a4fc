"""Snapshots of databases: whether the database is there, how old they are, and what they cost at most."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.model.outcome import Failure
from finops.waste.checks.rds_orphan_snapshot import CHECK
from tests.waste.kit import OWN, REGION, asset, desk, judgement

FACTS: dict[str, Any] = {"state": "available", "snapshot_type": "manual", "engine": "mysql", "storage_gib": 100}


@pytest.mark.parametrize(
    ("source", "days", "verdict"),
    [
        ("gone", 29, Verdict.OK),
        ("gone", 30, Verdict.FLAGGED),
        ("there", 89, Verdict.OK),
        ("there", 90, Verdict.FLAGGED),
        ("elsewhere", 45, Verdict.UNDETERMINED),
        (None, 45, Verdict.UNDETERMINED),
        (None, 90, Verdict.FLAGGED),
        ("gone", None, Verdict.UNDETERMINED),
    ],
)
def test_thirty_days_without_a_database_or_ninety(source: str | None, days: int | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, "source": source, "snapshot_days": days}).verdict is verdict


@pytest.mark.parametrize(
    ("kind", "state", "verdict"),
    [
        ("automated", "available", Verdict.NOT_APPLICABLE),
        ("awsbackup", "available", Verdict.NOT_APPLICABLE),
        ("manual", "creating", Verdict.NOT_APPLICABLE),
        (None, "available", Verdict.UNDETERMINED),
        ("manual", None, Verdict.UNDETERMINED),
    ],
)
def test_only_finished_manual_ones_count(kind: str | None, state: str | None, verdict: Verdict) -> None:
    facts = {**FACTS, "snapshot_type": kind, "state": state, "source": "gone", "snapshot_days": 400}

    assert judgement(CHECK, facts).verdict is verdict


def snapshot(name: str, kind: str = "rds:snapshot", **fields: Any) -> Any:
    details = {"snapshot_type": "manual", "engine": "mysql", "storage_gib": 100, **fields.pop("details", {})}
    return asset(kind, name, "available", age_days=45, details=details, **fields)


def test_the_inventory_tells_whether_the_database_is_there() -> None:
    database = asset("rds:db", "alive", "available")
    kept, orphan, copied = (
        snapshot("kept"),
        snapshot("orphan"),
        snapshot("copied", details={"source_region": "eu-west-1"}),
    )
    cluster = snapshot("cluster", "rds:cluster-snapshot", details={"engine": "aurora-postgresql"})
    links = {
        "kept": (Link("made_from", "rds:db", "alive"),),
        "orphan": (Link("made_from", "rds:db", "dead"),),
        "copied": (Link("made_from", "rds:db", "dead"),),
        "cluster": (Link("made_from", "rds:cluster", "dead"),),
    }
    at = desk([database, kept, orphan, copied, cluster], links=links, complete=[("rds:cluster", OWN, REGION)])

    found = at.verdicts(CHECK)

    assert {name: one.verdict for name, one in found.items()} == {
        "kept": Verdict.OK,
        "orphan": Verdict.FLAGGED,
        "copied": Verdict.UNDETERMINED,
        "cluster": Verdict.FLAGGED,
    }
    assert (found["orphan"].saving.amount, found["orphan"].saving.basis) == (Decimal("9.50"), Basis.DERIVED)
    assert found["cluster"].saving.amount == Decimal("2.10")
    commands = {one.resource_id: CHECK.remedy(one).command for one in at.measured(CHECK)[0]}
    assert "delete-db-cluster-snapshot --db-cluster-snapshot-identifier cluster" in commands["cluster"]


def test_an_incomplete_listing_does_not_say_that_a_database_is_gone() -> None:
    links = {"orphan": (Link("made_from", "rds:db", "dead"),)}
    failed = {("rds:db", OWN, REGION): Failure("AccessDenied", "denied")}

    found = desk([snapshot("orphan")], links=links, failed=failed).verdicts(CHECK)

    assert found["orphan"].verdict is Verdict.UNDETERMINED

"""Idle databases: connections, clusters whose other members work, and the snapshot that is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.waste.checks.rds_idle_instance import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement

FACTS: dict[str, Any] = {
    "state": "available",
    "engine": "mysql",
    "instance_class": "db.m6g.xlarge",
    "cluster_others": 0,
}
SILENT = {"connections": (0.0,) * 30}
MYSQL = {
    "engine": "mysql",
    "instance_class": "db.m6g.xlarge",
    "multi_az": True,
    "storage_gib": 100,
    "storage_type": "gp3",
}


@pytest.mark.parametrize(
    ("series", "verdict"),
    [
        ((0.0,) * 30, Verdict.FLAGGED),
        ((1.0,) + (0.0,) * 14, Verdict.FLAGGED),
        ((1.0,) + (0.0,) * 13, Verdict.OK),
        ((None,) * 17 + (0.0,) * 13, Verdict.FLAGGED),
        ((None,) * 18 + (0.0,) * 12, Verdict.UNDETERMINED),
        ((None,) * 29 + (2.0,), Verdict.OK),
        ((None,) * 30, Verdict.UNDETERMINED),
    ],
)
def test_one_connection_in_the_window_is_use(series: tuple[float | None, ...], verdict: Verdict) -> None:
    assert judgement(CHECK, FACTS, series={"connections": series}).verdict is verdict


@pytest.mark.parametrize(
    ("fact", "value", "verdict"),
    [
        ("state", "stopped", Verdict.NOT_APPLICABLE),
        ("state", None, Verdict.UNDETERMINED),
        ("engine", "docdb", Verdict.NOT_APPLICABLE),
    ],
)
def test_what_does_not_serve_is_not_idle(fact: str, value: str | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, fact: value}, series=SILENT).verdict is verdict


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        ((3.0,) * 30, Verdict.OK),
        ((0.0,) * 30, Verdict.FLAGGED),
        ((None,) * 30, Verdict.UNDETERMINED),
    ],
)
def test_a_member_of_a_cluster_in_use_stands_by(others: tuple[float | None, ...], verdict: Verdict) -> None:
    facts = {**FACTS, "cluster": "shop", "cluster_others": 1}

    assert judgement(CHECK, facts, series={**SILENT, "cluster_connections": others}).verdict is verdict


def test_the_final_snapshot_is_left_to_pay_for() -> None:
    amounts = {"bill": Decimal("100"), "snapshot": Decimal("9.50")}

    kept = judgement(CHECK, FACTS, series=SILENT, amounts=amounts).saving
    member = judgement(CHECK, FACTS, series=SILENT, amounts={**amounts, "snapshot": Decimal(0)}).saving
    unknown = judgement(CHECK, FACTS, series=SILENT, amounts={"bill": Decimal("100")}).saving

    assert (kept.amount, kept.basis) == (Decimal("90.50"), Basis.DERIVED)
    assert (member.amount, member.basis) == (Decimal("100.00"), Basis.MEASURED)
    assert unknown.basis is Basis.NONE


def test_databases_are_measured_in_one_batch() -> None:
    idle, busy, off = (
        asset("rds:db", "idle", "available", details=MYSQL),
        asset("rds:db", "busy", "available", details=MYSQL),
        asset("rds:db", "off", "stopped", details=MYSQL),
    )
    members = [asset("rds:db", name, "available", details={"engine": "aurora-mysql"}) for name in ("writer", "reader")]
    values = {
        ("DatabaseConnections", "Maximum", name): [peak] * 30
        for name, peak in {"idle": 0, "busy": 4, "writer": 9, "reader": 0}.items()
    }
    links = {one.resource_id: (Link("member_of", "rds:cluster", "shop"),) for one in members}
    at = desk([idle, busy, off, *members], {"GetMetricData": Metrics(values)}, links=links)

    found = at.verdicts(CHECK)

    assert {name: one.verdict for name, one in found.items()} == {
        "idle": Verdict.FLAGGED,
        "busy": Verdict.OK,
        "off": Verdict.NOT_APPLICABLE,
        "writer": Verdict.OK,
        "reader": Verdict.OK,
    }
    # Two instances at 0.304 for 730 hours and 100 GiB twice at 0.115, less a snapshot of 100 GiB at 0.095.
    assert (found["idle"].saving.amount, found["idle"].saving.basis) == (Decimal("457.34"), Basis.DERIVED)
    assert [len(params["MetricDataQueries"]) for _, params in at.wire.asked] == [4]


def test_the_remedy_takes_a_final_snapshot_where_the_storage_goes() -> None:
    single, member = (asset("rds:db", name, "available", details=MYSQL) for name in ("alone", "member"))
    links = {"member": (Link("member_of", "rds:cluster", "shop"),)}
    at = desk([single, member], {"GetMetricData": Metrics()}, links=links)

    commands = {one.resource_id: CHECK.remedy(one).command for one in at.measured(CHECK)[0]}

    assert "--final-db-snapshot-identifier=alone-final" in commands["alone"]
    assert "--skip-final-snapshot" in commands["member"]


def test_refused_metrics_are_a_failure_and_nothing_is_idle() -> None:
    at = desk([asset("rds:db", "db", "available", details=MYSQL)])

    assert [failure.code for failure in at.measured(CHECK)[1]] == ["NoAnswer"]
    assert at.verdicts(CHECK)["db"].verdict is Verdict.UNDETERMINED

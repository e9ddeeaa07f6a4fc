"""Idle Redshift clusters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.redshift_idle_cluster import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement

FACTS: dict[str, Any] = {"state": "available", "node_type": "ra3.4xlarge", "nodes": 2}


@pytest.mark.parametrize(
    ("series", "verdict"),
    [
        ((0.0,) * 30, Verdict.FLAGGED),
        ((0.0,) * 29 + (1.0,), Verdict.OK),
        ((None,) * 18 + (0.0,) * 12, Verdict.UNDETERMINED),
        ((), Verdict.UNDETERMINED),
    ],
)
def test_one_connection_is_use(series: tuple[float | None, ...], verdict: Verdict) -> None:
    assert judgement(CHECK, FACTS, series={"connections": series}).verdict is verdict


@pytest.mark.parametrize(("state", "verdict"), [("paused", Verdict.NOT_APPLICABLE), (None, Verdict.UNDETERMINED)])
def test_a_paused_one_is_not_idle(state: str | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, "state": state}, series={"connections": (0.0,) * 30}).verdict is verdict


def test_the_saving_is_the_bill_or_the_hours_of_its_nodes() -> None:
    details = {"node_type": "ra3.4xlarge", "nodes": 2}
    clusters = [
        asset("redshift:cluster", "listed", "available", details=details),
        asset("redshift:cluster", "billed", "available", details=details, cost=Decimal("3000")),
        asset("redshift:cluster", "strange", "available", details={**details, "node_type": "ds2.xlarge"}),
    ]
    values = {("DatabaseConnections", "Maximum", one.resource_id): [0] * 30 for one in clusters}
    found = desk(clusters, {"GetMetricData": Metrics(values)}).verdicts(CHECK)

    assert (found["listed"].saving.amount, found["listed"].saving.basis) == (Decimal("4759.60"), Basis.DERIVED)
    assert (found["billed"].saving.amount, found["billed"].saving.basis) == (Decimal("3041.67"), Basis.MEASURED)
    assert (found["strange"].verdict, found["strange"].saving.basis) == (Verdict.FLAGGED, Basis.NONE)

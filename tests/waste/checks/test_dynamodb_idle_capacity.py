"""Provisioned capacity: what was consumed of it, what would do, and what that saves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.dynamodb_idle_capacity import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement

DAY = 86_400
FACTS: dict[str, Any] = {"capacity_mode": "PROVISIONED", "provisioned_reads": 100, "provisioned_writes": 100}
UNITS = {"reads_unit": Decimal("0.0949"), "writes_unit": Decimal("0.4745")}


def consumed(reads: float | None, writes: float | None) -> dict[str, tuple[float | None, ...]]:
    """Units a second."""
    return {
        "consumed_reads": (None if reads is None else reads * DAY,) * 30,
        "consumed_writes": (None if writes is None else writes * DAY,) * 30,
    }


@pytest.mark.parametrize(
    ("reads", "writes", "verdict"),
    [
        (0, 0, Verdict.FLAGGED),
        (9.9, 50, Verdict.FLAGGED),
        (50, 9.9, Verdict.FLAGGED),
        (10, 10, Verdict.OK),
        (None, 0, Verdict.UNDETERMINED),
    ],
)
def test_less_than_a_tenth_is_idle(reads: float | None, writes: float | None, verdict: Verdict) -> None:
    assert judgement(CHECK, FACTS, series=consumed(reads, writes), amounts=UNITS).verdict is verdict


@pytest.mark.parametrize(
    ("reads", "writes", "saved", "basis"),
    [
        (0, 0, "56.37", Basis.DERIVED),  # 99 × 0.0949 + 99 × 0.4745
        (50, 0, "46.98", Basis.DERIVED),
        (5, 50, "8.54", Basis.HEURISTIC),  # twice 5 units are needed: 90 × 0.0949
    ],
)
def test_what_is_not_needed_is_saved(reads: float, writes: float, saved: str, basis: Basis) -> None:
    saving = judgement(CHECK, FACTS, series=consumed(reads, writes), amounts=UNITS).saving

    assert (saving.amount, saving.basis) == (Decimal(saved), basis)


def test_the_saving_is_never_above_the_bill_and_nothing_without_a_price() -> None:
    capped = judgement(CHECK, FACTS, series=consumed(0, 0), amounts={**UNITS, "bill": Decimal("20")}).saving
    unknown = judgement(CHECK, FACTS, series=consumed(0, 0))

    assert capped.amount == Decimal("20.00")
    assert (unknown.verdict, unknown.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"capacity_mode": "PAY_PER_REQUEST"}, Verdict.NOT_APPLICABLE),
        ({"capacity_mode": None}, Verdict.UNDETERMINED),
        ({"provisioned_reads": None}, Verdict.UNDETERMINED),
        ({"provisioned_reads": 1, "provisioned_writes": 1}, Verdict.OK),
    ],
)
def test_only_what_is_provisioned_beyond_one_unit(facts: dict[str, Any], verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, **facts}, series=consumed(0, 0), amounts=UNITS).verdict is verdict


def test_a_threshold_of_nothing_still_finds_what_consumed_nothing() -> None:
    assert (
        judgement(CHECK, FACTS, {"capacity_used": 0}, series=consumed(0, 0), amounts=UNITS).verdict is Verdict.FLAGGED
    )
    assert judgement(CHECK, FACTS, {"capacity_used": 0}, series=consumed(1, 1), amounts=UNITS).verdict is Verdict.OK


def test_no_data_is_no_consumption_where_the_table_was_there() -> None:
    details = {
        "capacity_mode": "PROVISIONED",
        "read_capacity_units": 100,
        "write_capacity_units": 100,
        "table_class": "STANDARD",
    }
    old = asset("dynamodb:table", "old", "ACTIVE", details=details)
    new = asset("dynamodb:table", "new", "ACTIVE", age_days=8, details=details)
    demand = asset("dynamodb:table", "demand", "ACTIVE", details={"capacity_mode": "PAY_PER_REQUEST"})
    at = desk([old, new, demand], {"GetMetricData": Metrics()})

    found = at.verdicts(CHECK)

    assert {name: one.verdict for name, one in found.items()} == {
        "old": Verdict.FLAGGED,
        "new": Verdict.UNDETERMINED,
        "demand": Verdict.NOT_APPLICABLE,
    }
    assert found["old"].saving.amount == Decimal("56.37")
    assert [len(params["MetricDataQueries"]) for _, params in at.wire.asked] == [4]


def test_refused_metrics_are_not_zero() -> None:
    details = {"capacity_mode": "PROVISIONED", "read_capacity_units": 9, "write_capacity_units": 9}
    at = desk([asset("dynamodb:table", "t", "ACTIVE", details=details)])

    assert len(at.measured(CHECK)[1]) == 1
    assert at.verdicts(CHECK)["t"].verdict is Verdict.UNDETERMINED

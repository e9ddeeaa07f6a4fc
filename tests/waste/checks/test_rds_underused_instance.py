"""Under-used databases: both limits, the next smaller class, and savings by list price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.rds_underused_instance import CHECK
from finops.waste.databases import smaller_class, vcpus
from tests.waste.kit import Metrics, asset, desk, judgement

FACTS: dict[str, Any] = {
    "state": "available",
    "engine": "mysql",
    "instance_class": "db.r6g.2xlarge",
    "smaller_class": "db.r6g.xlarge",
}
QUIET = {"cpu_average": (5.0,) * 30, "cpu_maximum": (30.0,) * 30}


@pytest.mark.parametrize(
    ("average", "maximum", "verdict"),
    [
        (19.9, 39.9, Verdict.FLAGGED),
        (20.0, 39.9, Verdict.OK),
        (19.9, 40.0, Verdict.OK),
    ],
)
def test_both_limits_are_below_never_at(average: float, maximum: float, verdict: Verdict) -> None:
    series = {"cpu_average": (average,) * 30, "cpu_maximum": (maximum,) * 30}

    assert judgement(CHECK, FACTS, series=series).verdict is verdict


@pytest.mark.parametrize(
    ("known", "verdict"), [(13, Verdict.FLAGGED), (12, Verdict.UNDETERMINED), (0, Verdict.UNDETERMINED)]
)
def test_nine_days_in_ten_must_be_known(known: int, verdict: Verdict) -> None:
    series = {name: (None,) * (30 - known) + values[:known] for name, values in QUIET.items()}

    assert judgement(CHECK, FACTS, series=series).verdict is verdict


@pytest.mark.parametrize(
    ("size_class", "smaller", "processors"),
    [
        ("db.r6g.2xlarge", "db.r6g.xlarge", 8),
        ("db.r6g.xlarge", "db.r6g.large", 4),
        ("db.r6g.large", "", 2),
        ("db.t4g.medium", "db.t4g.small", 2),
        ("db.t3.micro", "", 2),
        ("db.t2.small", "db.t2.micro", 1),
        ("db.m5.24xlarge", "db.m5.16xlarge", 96),
        ("db.serverless", "", None),
        ("db.r5.large.tpc1.mem2x", None, None),
        (None, None, None),
    ],
)
def test_classes_have_sizes(size_class: str | None, smaller: str | None, processors: int | None) -> None:
    assert smaller_class(size_class) == smaller
    assert vcpus(size_class) == processors


@pytest.mark.parametrize(("smaller", "verdict"), [("", Verdict.OK), (None, Verdict.UNDETERMINED)])
def test_without_a_smaller_class_there_is_nothing_to_do(smaller: str | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, "smaller_class": smaller}, series=QUIET).verdict is verdict


@pytest.mark.parametrize(("state", "verdict"), [("stopped", Verdict.NOT_APPLICABLE), ("", Verdict.UNDETERMINED)])
def test_a_stopped_one_is_not_under_used(state: str, verdict: Verdict) -> None:
    assert judgement(CHECK, {**FACTS, "state": state}, series=QUIET).verdict is verdict


def test_the_saving_is_the_difference_of_list_prices_and_never_above_the_bill() -> None:
    prices = {"instance": Decimal("627.07"), "smaller": Decimal("313.90")}

    derived = judgement(CHECK, FACTS, series=QUIET, amounts=prices).saving
    reserved = judgement(CHECK, FACTS, series=QUIET, amounts={**prices, "bill": Decimal("200")}).saving
    unknown = judgement(CHECK, FACTS, series=QUIET, amounts={"instance": Decimal("627.07")}).saving

    assert (derived.amount, derived.basis) == (Decimal("313.17"), Basis.DERIVED)
    assert reserved.amount == Decimal("200.00")
    assert unknown.basis is Basis.NONE


def test_databases_are_measured_and_priced_by_class() -> None:
    details = {"engine": "postgres", "instance_class": "db.m6g.xlarge", "multi_az": False, "storage_type": "gp3"}
    at = desk(
        [asset("rds:db", "small-load", "available", details={**details, "storage_gib": 20})],
        {
            "GetMetricData": Metrics(
                {
                    ("CPUUtilization", "Average", "small-load"): [3] * 30,
                    ("CPUUtilization", "Maximum", "small-load"): [12] * 30,
                }
            )
        },
    )

    found = at.verdicts(CHECK)["small-load"]

    assert found.verdict is Verdict.FLAGGED
    assert found.saving.amount == Decimal("116.07")  # (0.318 - 0.159) for 730 hours
    assert "db.m6g.large" in CHECK.remedy(at.measured(CHECK)[0][0]).command

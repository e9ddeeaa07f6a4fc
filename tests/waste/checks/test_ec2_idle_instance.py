"""Idle EC2 instances: the thresholds to the point, and what is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_idle_instance import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement

QUIET = {"cpu_average": (2.0,) * 30, "cpu_maximum": (8.0,) * 30}


@pytest.mark.parametrize(
    ("average", "maximum", "verdict"),
    [
        (4.9, 9.9, Verdict.FLAGGED),
        (5.0, 9.9, Verdict.OK),
        (4.9, 10.0, Verdict.OK),
        (0.0, 0.0, Verdict.FLAGGED),
    ],
)
def test_both_limits_are_below_never_at(average: float, maximum: float, verdict: Verdict) -> None:
    series = {"cpu_average": (average,) * 30, "cpu_maximum": (maximum,) * 30}

    assert judgement(CHECK, {"state": "running"}, series=series).verdict is verdict


@pytest.mark.parametrize(
    ("known", "verdict"),
    [(14, Verdict.FLAGGED), (13, Verdict.FLAGGED), (12, Verdict.UNDETERMINED), (0, Verdict.UNDETERMINED)],
)
def test_nine_days_in_ten_must_be_known(known: int, verdict: Verdict) -> None:
    series = {name: (None,) * (30 - known) + values[:known] for name, values in QUIET.items()}

    assert judgement(CHECK, {"state": "running"}, series=series).verdict is verdict


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("stopped", Verdict.NOT_APPLICABLE), ("pending", Verdict.NOT_APPLICABLE), (None, Verdict.UNDETERMINED)],
)
def test_a_state_that_is_not_running_is_not_idle(state: str | None, verdict: Verdict) -> None:
    assert judgement(CHECK, {"state": state}, series=QUIET).verdict is verdict


@pytest.mark.parametrize(("bytes_a_day", "verdict"), [(2.5e6, Verdict.FLAGGED), (2.6e6, Verdict.OK)])
def test_traffic_speaks_for_it_where_it_is_known(bytes_a_day: float, verdict: Verdict) -> None:
    traffic = {"network_in": (bytes_a_day,) * 30, "network_out": (bytes_a_day,) * 30}

    assert judgement(CHECK, {"state": "running"}, series={**QUIET, **traffic}).verdict is verdict


def test_the_saving_is_the_bill_and_without_one_the_list_price() -> None:
    bill, listed = Decimal("71.237"), Decimal("280.32")

    measured = judgement(CHECK, {"state": "running"}, series=QUIET, amounts={"bill": bill, "list": listed}).saving
    derived = judgement(CHECK, {"state": "running"}, series=QUIET, amounts={"list": listed}).saving
    neither = judgement(CHECK, {"state": "running"}, series=QUIET)

    assert (measured.amount, measured.basis) == (Decimal("71.24"), Basis.MEASURED)
    assert (derived.amount, derived.basis) == (listed, Basis.DERIVED)
    assert (neither.verdict, neither.saving.basis) == (Verdict.FLAGGED, Basis.NONE)


def test_instances_are_measured_in_one_batch_and_traffic_only_of_quiet_ones() -> None:
    instances = [
        asset("ec2:instance", f"i-{number}", "running", details={"instance_type": "m6i.2xlarge"}) for number in range(3)
    ]
    stopped = asset("ec2:instance", "i-off", "stopped")
    values = {
        ("CPUUtilization", statistic, f"i-{number}"): [level] * 30
        for number, levels in enumerate(((2, 8), (40, 90), (2, 9)))
        for statistic, level in zip(("Average", "Maximum"), levels, strict=True)
    }
    at = desk([*instances, stopped], {"GetMetricData": Metrics(values)})

    found = {name: judged.verdict for name, judged in at.verdicts(CHECK).items()}

    assert found == {
        "i-0": Verdict.FLAGGED, "i-1": Verdict.OK, "i-2": Verdict.FLAGGED, "i-off": Verdict.NOT_APPLICABLE,
    }  # fmt: skip
    asked = [len(params["MetricDataQueries"]) for _, params in at.wire.asked]
    assert asked == [6, 4]


def test_a_refused_metric_is_a_failure_and_nothing_is_idle() -> None:
    at = desk([asset("ec2:instance", "i-1", "running")])

    observations, failures = at.measured(CHECK)

    assert [failure.code for failure in failures] == ["NoAnswer"]
    assert [judgement(CHECK, one.facts, series=one.series).verdict for one in observations] == [Verdict.UNDETERMINED]

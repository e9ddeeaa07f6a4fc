"""Under-used instances: the limit to the point, one size down, and what it would save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_idle_instance import CHECK as IDLE
from finops.waste.checks.ec2_underused_instance import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact
    from tests.waste.kit import Desk

RUNNING: dict[str, Fact] = {"state": "running", "instance_type": "m6i.2xlarge", "to_type": "m6i.xlarge"}


def one(instance_type: str, *, cost: str | None = None, highest: float = 30, **details: Any) -> Desk:
    values = {("CPUUtilization", name, "i-1"): [level] * 30 for name, level in (("Average", 12), ("Maximum", highest))}
    kind = {"instance_type": instance_type, **details}
    instance = asset("ec2:instance", "i-1", "running", details=kind, cost=usd(cost) if cost else None)
    return desk([instance], {"GetMetricData": Metrics(values)})


@pytest.mark.parametrize(("maximum", "verdict"), [(40.0, Verdict.FLAGGED), (40.1, Verdict.OK)])
def test_forty_percent_is_still_under_used(maximum: float, verdict: Verdict) -> None:
    assert judgement(CHECK, RUNNING, series={"cpu_maximum": (maximum,) * 30}).verdict is verdict


@pytest.mark.parametrize(("known", "verdict"), [(13, Verdict.FLAGGED), (12, Verdict.UNDETERMINED)])
def test_nine_days_in_ten_must_be_known(known: int, verdict: Verdict) -> None:
    series = {"cpu_maximum": (None,) * (30 - known) + (20.0,) * known}

    assert judgement(CHECK, RUNNING, series=series).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"state": "running", "instance_type": None}, Verdict.UNDETERMINED),
        ({"state": "stopped"}, Verdict.NOT_APPLICABLE),
    ],
)
def test_a_null_state_is_not_running(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, {**RUNNING, **facts}, series={"cpu_maximum": (20.0,) * 30}).verdict is verdict


def test_one_size_down_saves_half_the_list_price_or_half_the_bill() -> None:
    listed, billed = (one("m6i.2xlarge", cost=cost).verdicts(CHECK)["i-1"] for cost in (None, "60.00"))

    assert (listed.saving.amount, listed.saving.basis) == (usd("140.16"), Basis.DERIVED)  # 0.192 x 730
    assert (billed.saving.amount, billed.saving.basis) == (usd("30.42"), Basis.DERIVED)


@pytest.mark.parametrize(
    ("details", "verdict", "basis"),
    [
        ({"instance_type": "t3.nano"}, Verdict.OK, Basis.NONE),
        ({"instance_type": "m5.metal"}, Verdict.OK, Basis.NONE),
        ({"instance_type": "p9.8xlarge"}, Verdict.FLAGGED, Basis.NONE),
        ({"instance_type": "m6i.2xlarge", "platform": "Windows"}, Verdict.FLAGGED, Basis.NONE),
        ({"instance_type": "m6i.2xlarge", "lifecycle": "spot"}, Verdict.FLAGGED, Basis.NONE),
    ],
)
def test_what_cannot_be_derived_promises_nothing(details: dict[str, Any], verdict: Verdict, basis: Basis) -> None:
    found = one(**details).verdicts(CHECK)["i-1"]

    assert (found.verdict, found.saving.basis) == (verdict, basis)


def test_the_series_are_those_of_the_idle_check_and_asked_once() -> None:
    at = one("m6i.2xlarge")
    at.measured(IDLE)
    (seen,), _ = at.measured(CHECK)

    metrics = [
        query["MetricStat"]["Metric"]["MetricName"]
        for _, params in at.wire.asked
        for query in params["MetricDataQueries"]
    ]
    assert metrics.count("CPUUtilization") == 2
    assert "--instance-type Value=m6i.xlarge" in CHECK.remedy(seen).command


def test_a_refused_metric_is_a_failure_and_nothing_is_under_used() -> None:
    at = desk([asset("ec2:instance", "i-1", "running", details={"instance_type": "m6i.large"})])

    assert [failure.code for failure in at.measured(CHECK)[1]] == ["NoAnswer"]
    assert at.verdicts(CHECK)["i-1"].verdict is Verdict.UNDETERMINED

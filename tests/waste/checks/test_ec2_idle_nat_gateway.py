"""Idle NAT gateways: four directions, every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.ec2_idle_nat_gateway import CHECK, GAUGES
from tests.waste.kit import Metrics, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact

SILENT: dict[str, tuple[float | None, ...]] = {gauge.label: (0.0,) * 30 for gauge in GAUGES}
AVAILABLE: dict[str, Fact] = {"state": "available"}


@pytest.mark.parametrize("direction", [gauge.label for gauge in GAUGES])
def test_one_byte_in_any_direction_is_traffic(direction: str) -> None:
    assert judgement(CHECK, AVAILABLE, series=SILENT).verdict is Verdict.FLAGGED
    assert judgement(CHECK, AVAILABLE, series={**SILENT, direction: (0.0,) * 29 + (1.0,)}).verdict is Verdict.OK


@pytest.mark.parametrize("direction", [gauge.label for gauge in GAUGES])
def test_one_day_without_data_says_nothing(direction: str) -> None:
    gap = {**SILENT, direction: (0.0,) * 29 + (None,)}
    other = next(label for label in SILENT if label != direction)

    assert judgement(CHECK, AVAILABLE, series=gap).verdict is Verdict.UNDETERMINED
    assert judgement(CHECK, AVAILABLE, series={**gap, other: (9.0,) * 30}).verdict is Verdict.OK


@pytest.mark.parametrize(("megabytes", "verdict"), [(5, Verdict.FLAGGED), (5.1, Verdict.OK)])
def test_a_person_may_allow_some_traffic(megabytes: float, verdict: Verdict) -> None:
    series = {**SILENT, "in_from_source": (megabytes * 1e6,) * 30}

    assert judgement(CHECK, AVAILABLE, {"traffic_mb_day": 5}, series=series).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [({"state": None}, Verdict.UNDETERMINED), ({"state": "failed"}, Verdict.NOT_APPLICABLE)],
)
def test_only_an_available_gateway_is_paid_for(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts, series=SILENT).verdict is verdict


def test_gateways_are_measured_in_one_batch_and_priced_by_their_region() -> None:
    names = {"us": "us-east-1", "fra": "eu-central-1"}
    gateways = [asset("ec2:natgateway", name, "available", region=region) for name, region in names.items()]
    regional = asset("ec2:natgateway", "all", "available", details={"availability_mode": "regional"})
    values = {(gauge.metric, "Sum", name): [0] * 30 for gauge in GAUGES for name in (*names, "all")}
    at = desk([*gateways, regional], {"GetMetricData": Metrics(values)})

    found = at.verdicts(CHECK)

    assert {name: each.saving.amount for name, each in found.items()} == {
        "us": usd("32.85"), "fra": usd("37.96"), "all": usd("0"),
    }  # fmt: skip
    assert {each.saving.basis for each in found.values()} == {Basis.DERIVED, Basis.NONE}
    assert sorted(len(params["MetricDataQueries"]) for _, params in at.wire.asked) == [4, 8]


def test_a_refused_metric_is_a_failure_and_nothing_is_idle() -> None:
    at = desk([asset("ec2:natgateway", "nat-1", "available")])

    assert [failure.code for failure in at.measured(CHECK)[1]] == ["NoAnswer"]
    assert at.verdicts(CHECK)["nat-1"].verdict is Verdict.UNDETERMINED

"""Attached volumes without I/O: every day must be known, and one operation is enough to be in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finops.model.assets import Link
from finops.model.findings import Basis, Verdict
from finops.waste.checks.ebs_idle_volume import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement, usd

if TYPE_CHECKING:
    from finops.model.findings import Fact

IN_USE: dict[str, Fact] = {"state": "in-use", "instance_state": "running", "size_gib": 100, "volume_type": "gp3"}
SILENT = {"read_ops": (0.0,) * 30, "write_ops": (0.0,) * 30}


def test_silence_on_every_day_is_idle_and_one_write_is_not() -> None:
    one_write = {**SILENT, "write_ops": (0.0,) * 29 + (1.0,)}
    long_ago = {**SILENT, "write_ops": (1.0,) * 16 + (0.0,) * 14}

    assert judgement(CHECK, IN_USE, series=SILENT).verdict is Verdict.FLAGGED
    assert judgement(CHECK, IN_USE, series=one_write).verdict is Verdict.OK
    assert judgement(CHECK, IN_USE, series=long_ago).verdict is Verdict.FLAGGED


@pytest.mark.parametrize(("a_day", "verdict"), [(10.0, Verdict.FLAGGED), (11.0, Verdict.OK)])
def test_a_person_may_allow_some_operations_a_day(a_day: float, verdict: Verdict) -> None:
    series = {**SILENT, "read_ops": (a_day,) * 30}

    assert judgement(CHECK, IN_USE, {"operations_day": 10}, series=series).verdict is verdict


def test_one_missing_day_leaves_it_undetermined_unless_it_was_used_on_another() -> None:
    gap = {**SILENT, "read_ops": (0.0,) * 29 + (None,)}

    assert judgement(CHECK, IN_USE, series=gap).verdict is Verdict.UNDETERMINED
    assert judgement(CHECK, IN_USE, series={"read_ops": (0.0,) * 30}).verdict is Verdict.UNDETERMINED
    assert judgement(CHECK, IN_USE, series={**gap, "write_ops": (5.0,) * 30}).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"state": None}, Verdict.UNDETERMINED),
        ({"state": "available"}, Verdict.NOT_APPLICABLE),
        ({"state": "in-use", "instance_state": "stopped"}, Verdict.NOT_APPLICABLE),
    ],
)
def test_only_a_volume_in_use_can_be_idle(facts: dict[str, Fact], verdict: Verdict) -> None:
    assert judgement(CHECK, facts, series=SILENT).verdict is verdict


def test_it_is_measured_where_it_is_in_use_and_costs_what_it_lists_at() -> None:
    details = {"size_gib": 100, "volume_type": "gp3", "iops": 3000, "throughput_mibps": 125}
    idle, used = (asset("ec2:volume", name, "in-use", details=details) for name in ("vol-idle", "vol-used"))
    loose = asset("ec2:volume", "vol-loose", "available", details=details)
    links = {name: (Link("attached_to", "ec2:instance", "i-1"),) for name in ("vol-idle", "vol-used")}
    values = {(metric, "Sum", "vol-idle"): [0] * 30 for metric in ("VolumeReadOps", "VolumeWriteOps")}
    values |= {(metric, "Sum", "vol-used"): [7] * 30 for metric in ("VolumeReadOps", "VolumeWriteOps")}
    at = desk(
        [idle, used, loose, asset("ec2:instance", "i-1", "running")], {"GetMetricData": Metrics(values)}, links=links
    )

    found = at.verdicts(CHECK)

    assert {name: each.verdict for name, each in found.items()} == {
        "vol-idle": Verdict.FLAGGED, "vol-used": Verdict.OK, "vol-loose": Verdict.NOT_APPLICABLE,
    }  # fmt: skip
    assert (found["vol-idle"].saving.amount, found["vol-idle"].saving.basis) == (usd("8.00"), Basis.DERIVED)
    assert [len(params["MetricDataQueries"]) for _, params in at.wire.asked] == [4]


def test_a_refused_metric_is_a_failure_and_never_idle() -> None:
    at = desk([asset("ec2:volume", "vol-1", "in-use")])

    assert [failure.code for failure in at.measured(CHECK)[1]] == ["NoAnswer"]
    assert at.verdicts(CHECK)["vol-1"].verdict is Verdict.UNDETERMINED

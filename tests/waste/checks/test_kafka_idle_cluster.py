"""Idle MSK clusters: the traffic of all brokers together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.findings import Basis, Verdict
from finops.waste.checks.kafka_idle_cluster import CHECK
from tests.waste.kit import Metrics, asset, desk, judgement

FACTS: dict[str, Any] = {
    "state": "ACTIVE",
    "cluster_type": "PROVISIONED",
    "brokers": 2,
    "instance_type": "kafka.m5.large",
}
DETAILS = {name: FACTS[name] for name in ("cluster_type", "brokers", "instance_type")}


@pytest.mark.parametrize(
    ("inward", "outward", "verdict"),
    [
        (0.0, 0.0, Verdict.FLAGGED),
        (0.5, 0.0, Verdict.OK),
        (0.0, 0.5, Verdict.OK),
        (None, 0.0, Verdict.UNDETERMINED),
    ],
)
def test_a_byte_is_use(inward: float | None, outward: float | None, verdict: Verdict) -> None:
    series = {"bytes_in": (inward,) * 30, "bytes_out": (outward,) * 30}

    assert judgement(CHECK, FACTS, series=series).verdict is verdict


def test_a_canary_may_be_allowed_for() -> None:
    series = {"bytes_in": (40.0,) * 30, "bytes_out": (40.0,) * 30}

    assert judgement(CHECK, FACTS, {"bytes_second": 40}, series=series).verdict is Verdict.FLAGGED


@pytest.mark.parametrize(
    ("fact", "value", "verdict"),
    [
        ("cluster_type", "SERVERLESS", Verdict.NOT_APPLICABLE),
        ("state", "CREATING", Verdict.NOT_APPLICABLE),
        ("state", None, Verdict.UNDETERMINED),
        ("cluster_type", None, Verdict.UNDETERMINED),
    ],
)
def test_only_provisioned_clusters_that_serve(fact: str, value: str | None, verdict: Verdict) -> None:
    series = {"bytes_in": (0.0,) * 30, "bytes_out": (0.0,) * 30}

    assert judgement(CHECK, {**FACTS, fact: value}, series=series).verdict is verdict


class Brokers(Metrics):
    """Answers by cluster and broker."""

    def _result(self, query: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        name = "/".join(each["Value"] for each in metric["Dimensions"])
        metric["Dimensions"] = [{"Name": "both", "Value": name}]
        return super()._result(query, params)


def test_every_broker_counts() -> None:
    clusters = [
        asset("kafka:cluster", "idle", "ACTIVE", details=DETAILS),
        asset("kafka:cluster", "busy", "ACTIVE", details=DETAILS),
        asset("kafka:cluster", "dark", "ACTIVE", details={**DETAILS, "brokers": 3}),
        asset("kafka:cluster", "bursts", "ACTIVE", details={"cluster_type": "SERVERLESS"}),
    ]
    values = {
        (metric, "Average", f"{name}/{broker}"): [9 if (name, broker) == ("busy", 2) else 0] * 30
        for metric in ("BytesInPerSec", "BytesOutPerSec")
        for name in ("idle", "busy", "dark")
        for broker in (1, 2)
    }
    at = desk(clusters, {"GetMetricData": Brokers(values)})

    found = at.verdicts(CHECK)

    assert {name: one.verdict for name, one in found.items()} == {
        "idle": Verdict.FLAGGED,
        "busy": Verdict.OK,
        "dark": Verdict.UNDETERMINED,
        "bursts": Verdict.NOT_APPLICABLE,
    }
    assert (found["idle"].saving.amount, found["idle"].saving.basis) == (Decimal("306.60"), Basis.DERIVED)


def test_refused_metrics_say_nothing() -> None:
    at = desk([asset("kafka:cluster", "k", "ACTIVE", details=DETAILS)])

    assert len(at.measured(CHECK)[1]) == 1
    assert at.verdicts(CHECK)["k"].verdict is Verdict.UNDETERMINED

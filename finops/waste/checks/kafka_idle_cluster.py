"""An MSK cluster that nothing is sent to and nothing is read from.

It is flagged when its brokers together took in and gave out no bytes in the last 14 days, on average of a day. MSK
itself writes a little to the canary topic of some clusters: allow for that where you see it. A cluster without a topic
has no such metric, and is undetermined, as is one with days missing. Serverless clusters are paid for by use and not
looked at. The saving is what the cluster costs: its bill, or the hours of its brokers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA, Window
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.activity import day_by_day, use
from finops.waste.check import Check
from finops.waste.context import Gauge, Measured
from finops.waste.judging import flagged, not_applicable, undetermined, whole_cost
from finops.waste.nodes import nodes_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.aws.cloudwatch import Values
    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.kafka.idle_cluster"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
BYTES = Threshold("bytes_second", "on no day did it carry more than this, in or out", 0, 0, 10_000, "bytes a second")
_METRICS = {"bytes_in": "BytesInPerSec", "bytes_out": "BytesOutPerSec"}


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The traffic of every broker, summed for each provisioned cluster."""
    assets = context.estate.of("kafka:cluster")
    by_brokers: dict[int, list[Asset]] = {}
    for asset in assets:
        brokers = asset.details.get("brokers")
        if isinstance(brokers, int) and brokers > 0:
            by_brokers.setdefault(brokers, []).append(asset)
    measured = Measured(Window.of_days(context.now, int(DAYS.maximum)), {})
    for brokers, clusters in by_brokers.items():
        measured = measured.with_more(_summed(context, clusters, brokers))
    yield from measured.failures
    for asset in assets:
        details = asset.details
        facts = {
            "state": asset.state or None,
            "cluster_type": details.get("cluster_type"),
            "instance_type": details.get("instance_type"),
            "brokers": details.get("brokers"),
            "broker_volume_gib": details.get("broker_volume_gib"),
        }
        item = f"kafka.broker:{details.get('instance_type')}"
        month = nodes_month(context.prices, asset.region, item, details.get("brokers"))
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": month})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle when its brokers carry nothing."""
    facts = seen.facts
    if not facts.get("state") or not facts.get("cluster_type"):
        return undetermined("AWS does not tell its state or its type.")
    if facts.get("cluster_type") != "PROVISIONED" or facts.get("state") != "ACTIVE":
        return not_applicable(f"It is {facts.get('cluster_type')} and {facts.get('state')}.")
    most = levels["bytes_second"]
    words = {"bytes_in": "incoming bytes a second", "bytes_out": "outgoing bytes a second"}
    used = use(seen, words, levels["window_days"], most)
    least = f"at most {most:.0f} bytes a second" if most else "no traffic"
    said = f"{facts.get('brokers')} × {facts.get('instance_type')}: {least} in"
    return used or flagged(f"{said} the last {levels['window_days']:.0f} days.", whole_cost(seen))


def _summed(context: Context, clusters: list[Asset], brokers: int) -> Measured:
    """Traffic of clusters with so many brokers, numbered from 1."""
    numbers = range(1, brokers + 1)
    gauges = [_gauge(label, broker) for label in _METRICS for broker in numbers]
    measured = context.metrics(clusters, gauges, int(DAYS.maximum))
    values: dict[str, dict[str, Values]] = {
        asset_id: {label: day_by_day([held[f"{label}_{broker}"] for broker in numbers], sum) for label in _METRICS}
        for asset_id, held in measured.values.items()
    }
    return replace(measured, values=values)


def _gauge(label: str, broker: int) -> Gauge:
    def dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
        return (("Cluster Name", asset.resource_id), ("Broker ID", str(broker)))

    return Gauge(f"{label}_{broker}", "AWS/Kafka", _METRICS[label], "Average", dimensions)


CHECK = Check(
    check_id=ID,
    title="Idle MSK cluster",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.HIGH,
    kinds=("kafka:cluster",),
    action=Action(ActionType.DELETE, Effort.MEDIUM, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="msk/home?region={region}#/cluster/{arn}/view",
    command=("kafka", "delete-cluster", "--cluster-arn", "{arn}"),
    thresholds=(DAYS, BYTES),
    operations=(GET_METRIC_DATA,),
    stands_on=(("bytes_in", "bytes_second"), ("bytes_out", "bytes_second")),
    source_url="https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html",
)

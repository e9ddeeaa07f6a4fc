"""A Redshift cluster that nobody connects to.

It is flagged when it had no connection at all in the last 14 days. Nine days in ten must have data, else nothing is
said; a paused cluster is not looked at. The saving is what the cluster costs: its bill, or the hours of its nodes. Take
a final snapshot and delete it, or pause it, which leaves its storage to pay for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.activity import use
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import flagged, not_applicable, undetermined, whole_cost
from finops.waste.nodes import nodes_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.redshift.idle_cluster"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
CONNECTIONS = Gauge(
    "connections",
    "AWS/Redshift",
    "DatabaseConnections",
    "Maximum",
    lambda asset: (("ClusterIdentifier", asset.resource_id),),
)
SERVING = "available"


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The connections of every cluster that serves."""
    assets = context.estate.of("redshift:cluster")
    serving = [asset for asset in assets if asset.state == SERVING]
    measured = context.metrics(serving, (CONNECTIONS,), int(DAYS.maximum))
    yield from measured.failures
    for asset in assets:
        nodes, node_type = asset.details.get("nodes"), asset.details.get("node_type")
        facts = {"state": asset.state or None, "node_type": node_type, "nodes": nodes}
        month = nodes_month(context.prices, asset.region, f"redshift.node:{node_type}", nodes)
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": month})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle when it serves and had no connection."""
    state = seen.facts.get("state")
    if not state:
        return undetermined("AWS does not tell its state.")
    if state != SERVING:
        return not_applicable(f"It is {state}.")
    used = use(seen, {"connections": "connections"}, levels["window_days"])
    words = f"{seen.facts.get('nodes')} × {seen.facts.get('node_type')} without a connection"
    return used or flagged(f"{words} in the last {levels['window_days']:.0f} days.", whole_cost(seen))


CHECK = Check(
    check_id=ID,
    title="Idle Redshift cluster",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.HIGH,
    kinds=("redshift:cluster",),
    action=Action(ActionType.DELETE, Effort.MEDIUM, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="redshiftv2/home?region={region}#cluster-details?cluster={id}",
    command=(
        "redshift",
        "delete-cluster",
        "--cluster-identifier",
        "{id}",
        "--final-cluster-snapshot-identifier",
        "{id}-final",
    ),
    thresholds=(DAYS,),
    operations=(GET_METRIC_DATA,),
    stands_on=(("connections", ""),),
    source_url="https://docs.aws.amazon.com/redshift/latest/mgmt/metrics-listing.html",
)

"""An ElastiCache cluster that nobody reads from or writes to.

It is flagged when, over the last 14 days, nobody newly connected and no reading or writing command was carried out. The
number of open connections says nothing, since the service itself keeps some. A replication group is judged as a whole:
a replica that stands by is no waste while its primary works. Nine days in ten must have data, else nothing is said. The
saving is what the nodes cost. Publish and subscribe, and scripts, are no reading or writing commands: look before you
delete.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.activity import day_by_day, use
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import flagged, not_applicable, undetermined, whole_cost
from finops.waste.nodes import cache_nodes_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.aws.cloudwatch import Values
    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context, Measured

ID = "aws.elasticache.idle_cluster"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
CONNECTIONS = Threshold("connections_day", "no day had more new connections than this", 0, 0, 10_000)
COMMANDS = Threshold("commands_day", "no day had more reading, or more writing, commands than this", 0, 0, 10_000)
SERVING = "available"


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("CacheClusterId", asset.resource_id),)


# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html: GetTypeCmds and SetTypeCmds sum all
# reading and all writing commands, whatever the data type; CacheMetrics.Memcached.html: CmdGet and CmdSet.
REDIS = (
    Gauge("new_connections", "AWS/ElastiCache", "NewConnections", "Sum", _dimensions),
    Gauge("reads", "AWS/ElastiCache", "GetTypeCmds", "Sum", _dimensions),
    Gauge("writes", "AWS/ElastiCache", "SetTypeCmds", "Sum", _dimensions),
)
MEMCACHED = (
    Gauge("new_connections", "AWS/ElastiCache", "NewConnections", "Sum", _dimensions),
    Gauge("reads", "AWS/ElastiCache", "CmdGet", "Sum", _dimensions),
    Gauge("writes", "AWS/ElastiCache", "CmdSet", "Sum", _dimensions),
)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """New connections and commands of every cluster that serves, summed over its replication group."""
    assets = context.estate.of("elasticache:cluster")
    serving = [asset for asset in assets if asset.state == SERVING]
    memcached = [asset for asset in serving if asset.details.get("engine") == "memcached"]
    others = [asset for asset in serving if asset.details.get("engine") != "memcached"]
    days = int(DAYS.maximum)
    measured = context.metrics(others, REDIS, days).with_more(context.metrics(memcached, MEMCACHED, days))
    yield from measured.failures
    measured = _of_groups(measured, serving)
    for asset in assets:
        details, group = asset.details, asset.details.get("replication_group")
        facts = {
            "state": asset.state or None,
            "engine": details.get("engine"),
            "node_type": details.get("node_type"),
            "nodes": details.get("nodes"),
            "replication_group": group,
            "command": "delete-replication-group" if group else "delete-cache-cluster",
            "option": "--replication-group-id" if group else "--cache-cluster-id",
            "target": str(group or asset.resource_id),
        }
        engine, node_type = details.get("engine"), details.get("node_type")
        month = cache_nodes_month(context.prices, asset.region, engine, node_type, details.get("nodes"))
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": month})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle when nobody connects and no command is carried out."""
    facts, days = seen.facts, levels["window_days"]
    if not facts.get("state"):
        return undetermined("AWS does not tell its state.")
    if facts.get("state") != SERVING:
        return not_applicable(f"It is {facts.get('state')}.")
    commands = use(seen, {"reads": "reads a day", "writes": "writes a day"}, days, levels["commands_day"])
    connections = use(seen, {"new_connections": "new connections a day"}, days, levels["connections_day"])
    whole = f", and its group {facts.get('replication_group')}" if facts.get("replication_group") else ""
    words = f"{facts.get('nodes')} × {facts.get('node_type')}{whole} had no use in the last {days:.0f} days"
    return commands or connections or flagged(f"{words}.", whole_cost(seen))


def _of_groups(measured: Measured, serving: Sequence[Asset]) -> Measured:
    """The series of each member as sums over its replication group; unknown while one of them is."""
    groups: dict[tuple[str, str, str], list[Asset]] = {}
    for asset in serving:
        group = asset.details.get("replication_group")
        groups.setdefault((asset.account, asset.region, str(group or asset.asset_id)), []).append(asset)
    values: dict[str, dict[str, Values]] = {}
    for members in groups.values():
        held = [measured.of(asset) for asset in members]
        if all(held):
            sums = {label: day_by_day([one[label] for one in held], sum) for label in held[0]}
            values |= {asset.asset_id: sums for asset in members}
    return replace(measured, values=values)


CHECK = Check(
    check_id=ID,
    title="Idle ElastiCache cluster",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.HIGH,
    kinds=("elasticache:cluster",),
    action=Action(ActionType.DELETE, Effort.MEDIUM, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="elasticache/home?region={region}#/{engine}/{target}",
    command=("elasticache", "{command}", "{option}", "{target}"),
    thresholds=(DAYS, CONNECTIONS, COMMANDS),
    operations=(GET_METRIC_DATA,),
    stands_on=(("reads", "commands_day"), ("writes", "commands_day"), ("new_connections", "connections_day")),
    source_url="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html",
)

"""An RDS instance that nobody connects to.

It is flagged when it had no connection at all in the last 14 days. Nine days in ten must have data, else nothing is
said. A member of a cluster whose other members are in use stands by for them and is left alone. The saving is what the
instance costs, less the price of keeping its storage as a final snapshot, which is an upper bound: a snapshot holds
only what is used. Take that snapshot, then delete the instance. Stopping it is no way out: RDS starts it again after
seven days, and its storage goes on costing.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import NO_SAVING, Action, ActionType, Basis, Category, Effort, Severity, Threshold
from finops.waste.activity import day_by_day, use
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.databases import cluster_name, serves, unfit, whole_month
from finops.waste.judging import flagged, whole_cost
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation, Saving
    from finops.model.outcome import Failure
    from finops.waste.context import Context, Measured

ID = "aws.rds.idle_instance"
_KEPT = "rds.snapshot.gib:standard"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
_WORDS = {"connections": "connections"}
_OTHERS = {"cluster_connections": "connections to the rest of its cluster"}


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("DBInstanceIdentifier", asset.resource_id),)


CONNECTIONS = Gauge("connections", "AWS/RDS", "DatabaseConnections", "Maximum", _dimensions)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The connections of every instance that serves, and those of the other members of its cluster."""
    assets = context.estate.of("rds:db")
    serving = [asset for asset in assets if serves(asset)]
    measured = context.metrics(serving, (CONNECTIONS,), int(DAYS.maximum))
    yield from measured.failures
    clusters = {asset.asset_id: cluster_name(context, asset) for asset in assets}
    for asset in assets:
        cluster = clusters[asset.asset_id]
        others = [one for one in serving if cluster and one is not asset and _together(one, asset, clusters)]
        facts = {
            "state": asset.state or None,
            "engine": asset.details.get("engine"),
            "instance_class": asset.details.get("instance_class"),
            "multi_az": asset.details.get("multi_az"),
            "storage_gib": asset.details.get("storage_gib"),
            "read_replica": asset.details.get("read_replica"),
            "cluster": cluster or None,
            "cluster_others": len(others),
            "final_snapshot": "--skip-final-snapshot"
            if cluster
            else f"--final-db-snapshot-identifier={asset.name}-final",
        }
        amounts = {
            "list": whole_month(context.prices, asset, clustered=bool(cluster)),
            "snapshot": _snapshot_month(context, asset, clustered=bool(cluster)),
        }
        series = _with_others(measured, asset, others)
        yield context.observation(ID, asset, facts, measured=series, amounts=amounts)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle when it serves and neither it nor the rest of its cluster had a connection."""
    facts, days = seen.facts, levels["window_days"]
    used = unfit(seen) or use(seen, _WORDS, days)
    if used is not None:
        return used
    if facts.get("cluster_others"):
        others = use(seen, _OTHERS, days)
        if others is not None:
            return replace(others, message=f"Nobody connects to it, but it stands by in a cluster. {others.message}")
    return flagged(f"{_described(facts)} had no connection in the last {days:.0f} days.", _saving(seen))


def _described(facts: Mapping[str, object]) -> str:
    return f"{facts.get('engine')} on {facts.get('instance_class')}{', Multi-AZ,' if facts.get('multi_az') else ''}"


def _saving(seen: Observation) -> Saving:
    """All of it but the snapshot; nothing to say where what the snapshot costs is not known."""
    whole, kept = whole_cost(seen), seen.amounts.get("snapshot")
    if kept is None or whole.basis is Basis.NONE:
        return NO_SAVING
    if not kept:
        return whole
    return estimated(seen, whole.amount - kept)


def _together(one: Asset, other: Asset, clusters: Mapping[str, str]) -> bool:
    same = (one.account, one.region) == (other.account, other.region)
    return same and clusters[one.asset_id] == clusters[other.asset_id]


def _with_others(measured: Measured, asset: Asset, others: Sequence[Asset]) -> Measured:
    own, series = measured.of(asset), [measured.of(one).get("connections") for one in others]
    known = [values for values in series if values is not None]
    if not own or not known or len(known) < len(series):
        return measured
    joined = {**own, "cluster_connections": day_by_day(known, max)}
    return replace(measured, values={**measured.values, asset.asset_id: joined})


def _snapshot_month(context: Context, asset: Asset, *, clustered: bool) -> Decimal | None:
    if clustered:
        return Decimal(0)  # the storage stays with the cluster
    prices, size = context.prices, asset.details.get("storage_gib")
    # Where the table has no regional price, that of us-east-1 stands in: it is the small part that is taken off.
    price = prices.of(_KEPT, asset.region) or prices.of(_KEPT, "us-east-1")
    return price * size if price is not None and isinstance(size, int) else None


CHECK = Check(
    check_id=ID,
    title="Idle RDS instance",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.HIGH,
    kinds=("rds:db",),
    action=Action(ActionType.DELETE, Effort.MEDIUM, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="rds/home?region={region}#database:id={id};is-cluster=false",
    command=("rds", "delete-db-instance", "--db-instance-identifier", "{id}", "{final_snapshot}"),
    thresholds=(DAYS,),
    operations=(GET_METRIC_DATA,),
    stands_on=(("connections", ""),),
    source_url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
)

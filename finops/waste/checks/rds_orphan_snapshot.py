"""A manual snapshot of a database that is no longer there, or an old one.

It is flagged when its database is gone and it is at least 30 days old, or when it is at least 90 days old in any case.
AWS does not tell when a database was deleted: the days count from the snapshot. That a database is gone is said only
where its account and region were listed as a whole; one that was copied from another region has its database there.
Automated snapshots, and those that AWS Backup made, end by themselves. The saving is its size at the price of backup
storage, an upper bound: snapshots are incremental, and as much backup as a region's databases have storage is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import NO_SAVING, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, not_applicable, number, undetermined, whole_cost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.rds.orphan_snapshot"
ORPHAN_DAYS = Threshold("orphan_days", "its database is gone, and it is at least this old", 30, 0, 365, "days")
OLD_DAYS = Threshold("old_days", "or it is at least this old in any case", 90, 1, 3650, "days")
_SOURCES = {"rds:snapshot": "rds:db", "rds:cluster-snapshot": "rds:cluster"}
THERE, GONE, ELSEWHERE = "there", "gone", "elsewhere"


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every snapshot and whether its database is there: what the inventory knows suffices."""
    for asset in context.estate.of(*_SOURCES):
        single = asset.kind == "rds:snapshot"
        facts = {
            "state": asset.state or None,
            "snapshot_type": asset.details.get("snapshot_type"),
            "engine": asset.details.get("engine"),
            "storage_gib": asset.details.get("storage_gib"),
            "source": _source(context, asset),
            "snapshot_days": (context.now - asset.created).days if asset.created else None,
            "command": "delete-db-snapshot" if single else "delete-db-cluster-snapshot",
            "option": "--db-snapshot-identifier" if single else "--db-cluster-snapshot-identifier",
        }
        yield context.observation(ID, asset, facts, amounts={"list": _list_price(context, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Without a database, or old."""
    facts = seen.facts
    kind, days, source = facts.get("snapshot_type"), number(seen, "snapshot_days"), facts.get("source")
    if not kind or not facts.get("state") or days is None:
        return undetermined("AWS does not tell its type, its state, or when it was made.")
    if kind != "manual" or facts.get("state") != "available":
        return not_applicable(f"It is {kind} and {facts.get('state')}.")
    words = f"{facts.get('storage_gib')} GiB of {facts.get('engine')}, {days:.0f} days old"
    bound = "The saving is an upper bound." if seen.amounts else "What it costs is not known."
    saving = whole_cost(seen) if seen.amounts else NO_SAVING
    if days >= levels["old_days"]:
        return flagged(f"{words}. {bound}", saving)
    if source == THERE or days < levels["orphan_days"]:
        return fine(f"{words}.")
    if source != GONE:
        return undetermined(f"{words}; whether its database is there is not known.")
    return flagged(f"{words}, and its database is gone. {bound}", saving)


def _source(context: Context, asset: Asset) -> str | None:
    """Where its database is; None where nobody knows."""
    kind = _SOURCES[asset.kind]
    if asset.details.get("source_region") not in {None, "", asset.region}:
        return ELSEWHERE
    if not context.estate.links(asset, "made_from", kind):
        return None
    if context.estate.target(asset, "made_from", kind) is not None:
        return THERE
    return GONE if context.estate.complete(kind, asset.account, asset.region) else None


def _list_price(context: Context, asset: Asset) -> Decimal | None:
    aurora = str(asset.details.get("engine")).startswith("aurora")
    price = context.prices.of(f"rds.snapshot.gib:{'aurora' if aurora else 'standard'}", asset.region)
    size = asset.details.get("storage_gib")
    return price * size if price is not None and isinstance(size, int) else None


CHECK = Check(
    check_id=ID,
    title="Orphan or old RDS snapshot",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=tuple(_SOURCES),
    action=Action(ActionType.DELETE, Effort.VERY_LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="rds/home?region={region}#snapshots-list:",
    command=("rds", "{command}", "{option}", "{id}"),
    thresholds=(ORPHAN_DAYS, OLD_DAYS),
    source_url="https://aws.amazon.com/rds/pricing/",
)

"""An EBS snapshot that is older than 90 days and that no machine image holds.

What it costs is its size × the price of snapshots: an upper bound, since a snapshot stores only what changed since the
one before, and what a later one needs stays when it is deleted. Its own bill, where there is one, says it exactly. Only
the account's own snapshots count. Where a plan of AWS Backup or Data Lifecycle Manager made it, change the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import counted, fine, flagged, not_applicable, number, undetermined
from finops.waste.part_savings import at_most
from finops.waste.snapshots import images_of, maker, snapshot_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ebs.old_snapshot"
DAYS = Threshold("age_days", "it is older than this", 90, 7, 3650, "days")


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every snapshot of the account, and the images that hold it."""
    for asset in context.estate.of("ec2:snapshot"):
        facts = {
            "state": asset.state or None,
            "snapshot_days": (context.now - asset.created).days if asset.created else None,
            "images": images_of(context.estate, asset),
            "made_by": maker(asset),
            "size_gib": asset.details.get("size_gib"),
            "storage_tier": asset.details.get("storage_tier"),
        }
        yield context.observation(ID, asset, facts, amounts={"list": snapshot_month(context.prices, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Old, complete, and in no image."""
    facts, days, images = seen.facts, number(seen, "snapshot_days"), number(seen, "images")
    state = facts.get("state")
    if not state or days is None:
        return undetermined("AWS does not tell its state or its age.")
    if state != "completed":
        return not_applicable(f"It is {state}.")
    words = f"{facts.get('size_gib')} GiB, {counted(int(days), 'day')} old"
    if days <= levels["age_days"]:
        return fine(f"{words}.")
    if images is None:
        return undetermined("Not all machine images could be listed, and one of them may hold it.")
    if images:
        return fine(f"{words}, held by {counted(int(images), 'machine image')}.")
    by = f", made by {facts['made_by']}" if facts.get("made_by") else ""
    return flagged(f"{words}, in no machine image{by}.", at_most(seen))


CHECK = Check(
    check_id=ID,
    title="Old EBS snapshot",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=("ec2:snapshot",),
    action=Action(ActionType.DELETE, Effort.VERY_LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#SnapshotDetails:snapshotId={id}",
    command=("ec2", "delete-snapshot", "--snapshot-id", "{id}"),
    thresholds=(DAYS,),
    source_url="https://aws.amazon.com/ebs/pricing/",
)

"""An EBS volume that is attached to nothing.

It is flagged when no instance has it and it is at least seven days since it was made. AWS does not tell when a volume
was detached; where the inventory saw it attached, the days count from then. Take a snapshot if in doubt, then delete
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, not_applicable, undetermined, whole_cost
from finops.waste.volumes import volume_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ebs.unattached_volume"
DAYS = Threshold("unattached_days", "it has been unattached for at least this long", 7, 0, 365, "days")


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every volume, its attachments and its list price: what the inventory knows suffices."""
    for asset in context.estate.of("ec2:volume"):
        attached = context.estate.links(asset, "attached_to")
        detached = context.estate.left(asset, "state", "in-use")
        facts = {
            "state": asset.state or None,
            "attachments": len(attached),
            "unattached_days": (context.now - (detached or asset.created or asset.first_seen)).days,
            "size_gib": asset.details.get("size_gib"),
            "volume_type": asset.details.get("volume_type"),
        }
        yield context.observation(ID, asset, facts, amounts={"list": volume_month(context.prices, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Unattached for long enough."""
    facts = seen.facts
    state, days = facts.get("state"), facts.get("unattached_days")
    if not state or not isinstance(days, int):
        return undetermined("AWS does not tell its state.")
    if facts.get("attachments"):
        return fine("It is attached.")
    if state != "available":
        return not_applicable(f"It is {state}.")
    words = f"{facts.get('size_gib')} GiB of {facts.get('volume_type')}, unattached for {days} days"
    if days < levels["unattached_days"]:
        return fine(f"{words}: not long enough.")
    return flagged(f"{words}.", whole_cost(seen))


CHECK = Check(
    check_id=ID,
    title="Unattached EBS volume",
    explanation=__doc__,
    category=Category.UNATTACHED,
    severity=Severity.MEDIUM,
    kinds=("ec2:volume",),
    action=Action(ActionType.DELETE, Effort.VERY_LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#VolumeDetails:volumeId={id}",
    command=("ec2", "delete-volume", "--volume-id", "{id}"),
    thresholds=(DAYS,),
)

"""An EBS volume whose instance has been stopped for a month.

A stopped instance costs nothing, its volumes cost what they always do. A volume is flagged when its instance has been
stopped for 30 days; AWS tells since when, or the inventory saw it run. Where neither does, nothing is said. What it
costs is included in what deleting the stopped instance would save. Take a snapshot and delete it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.instances import stopped_days
from finops.waste.judging import counted, fine, flagged, not_applicable, number, undetermined, whole_cost
from finops.waste.volumes import volume_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ebs.volume_of_stopped_instance"
DAYS = Threshold("stopped_days", "its instance has been stopped for at least this long", 30, 1, 365, "days")


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every volume and the state of its instance; one that could not be listed lately has none."""
    for asset in context.estate.of("ec2:volume"):
        instance = context.estate.target(asset, "attached_to", "ec2:instance")
        if instance is not None and context.estate.unlisted_since(instance):
            instance = None
        facts = {
            "state": asset.state or None,
            "attachments": len(context.estate.links(asset, "attached_to")),
            "instance": instance.resource_id if instance else None,
            "instance_state": (instance.state or None) if instance else None,
            "stopped_days": stopped_days(context, instance) if instance else None,
            "included_in": instance.arn if instance else None,
            "size_gib": asset.details.get("size_gib"),
            "volume_type": asset.details.get("volume_type"),
        }
        yield context.observation(ID, asset, facts, amounts={"list": volume_month(context.prices, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Its instance is stopped, and for long enough."""
    facts = seen.facts
    state, instance_state, days = facts.get("state"), facts.get("instance_state"), number(seen, "stopped_days")
    if not state:
        return undetermined("AWS does not tell its state.")
    if state != "in-use":
        return not_applicable(f"It is {state}.")
    if not instance_state or (instance_state == "stopped" and days is None):
        return undetermined("The state of its instance, or since when it is stopped, is not known.")
    if instance_state != "stopped" or days is None:
        return fine(f"Its instance is {instance_state}.")
    words = f"Its instance {facts.get('instance')} has been stopped for {counted(int(days), 'day')}"
    if days < levels["stopped_days"]:
        return fine(f"{words}: not long enough.")
    return flagged(f"{words}: {facts.get('size_gib')} GiB of {facts.get('volume_type')}.", whole_cost(seen))


CHECK = Check(
    check_id=ID,
    title="EBS volume of a stopped instance",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.MEDIUM,
    kinds=("ec2:volume",),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#VolumeDetails:volumeId={id}",
    command=("ec2", "create-snapshot", "--volume-id", "{id}"),
    thresholds=(DAYS,),
)

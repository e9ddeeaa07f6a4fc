"""An EBS volume that is attached to a running instance and never read or written.

It is flagged when there was not one read or write in the last 14 days, and CloudWatch has both for every one of them:
it has no data of a volume that is detached, or whose instance is stopped, and then nothing is said. Take a snapshot,
detach it, and delete it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import counted, fine, flagged, not_applicable, recent, too_few, undetermined, whole_cost
from finops.waste.volumes import volume_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ebs.idle_volume"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
OPERATIONS = Threshold("operations_day", "reads and writes a day are at most this many", 0, 0, 1000, "operations")


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("VolumeId", asset.resource_id),)


GAUGES = (
    Gauge("read_ops", "AWS/EBS", "VolumeReadOps", "Sum", _dimensions),
    Gauge("write_ops", "AWS/EBS", "VolumeWriteOps", "Sum", _dimensions),
)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Reads and writes of every volume that is in use."""
    assets = context.estate.of("ec2:volume")
    in_use = [asset for asset in assets if asset.state == "in-use"]
    measured = context.metrics(in_use, GAUGES, int(DAYS.maximum))
    yield from measured.failures
    for asset in assets:
        instance = context.estate.target(asset, "attached_to", "ec2:instance")
        facts = {
            "state": asset.state or None,
            "instance": instance.resource_id if instance else None,
            "instance_state": (instance.state or None) if instance else None,
            "size_gib": asset.details.get("size_gib"),
            "volume_type": asset.details.get("volume_type"),
        }
        amounts = {"list": volume_month(context.prices, asset)}
        yield context.observation(ID, asset, facts, measured=measured, amounts=amounts)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Nothing read and nothing written, on every single day."""
    facts = seen.facts
    if not facts.get("state"):
        return undetermined("AWS does not tell its state.")
    if facts.get("state") != "in-use":
        return not_applicable(f"It is {facts.get('state')}.")
    if facts.get("instance_state") == "stopped":
        return not_applicable("Its instance is stopped.")
    reads, writes = (recent(seen, label, levels["window_days"]) for label in ("read_ops", "write_ops"))
    operations = reads.total + writes.total
    if operations > levels["operations_day"] * reads.days:
        return fine(f"It was read or written {operations:,.0f} times in {counted(reads.days, 'day')}.")
    for found in (reads, writes):
        if len(found.values) < found.days:
            return too_few("I/O", found)
    words = f"{facts.get('size_gib')} GiB of {facts.get('volume_type')}"
    return flagged(
        f"{words}, read or written {operations:,.0f} times in {counted(reads.days, 'day')}.", whole_cost(seen)
    )


CHECK = Check(
    check_id=ID,
    title="Attached EBS volume without I/O",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.MEDIUM,
    kinds=("ec2:volume",),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#VolumeDetails:volumeId={id}",
    command=("ec2", "detach-volume", "--volume-id", "{id}"),
    thresholds=(DAYS, OPERATIONS),
    operations=(GET_METRIC_DATA,),
    stands_on=(("read_ops", "operations_day"), ("write_ops", "operations_day")),
    source_url="https://docs.aws.amazon.com/ebs/latest/userguide/using_cloudwatch_ebs.html",
)

"""An EC2 instance whose CPU never came near what it has.

It is flagged when it is running and its CPU never exceeded 40 % in the last 14 days: one size down has half of
everything, and would have coped. Nine days in ten must have data. Memory is not looked at: AWS does not measure it by
itself, so look before you resize. The smaller type needs a stop and a start; the instance of an Auto Scaling group gets
its size from the group.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.checks.ec2_idle_instance import CPU
from finops.waste.instance_types import instance_type, one_size_down
from finops.waste.instances import instance_month, scaling_group, sold
from finops.waste.judging import counted, fine, flagged, not_applicable, recent, too_few, undetermined
from finops.waste.part_savings import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.underused_instance"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
MAXIMUM = Threshold("cpu_maximum", "CPU never exceeded this", 40, 5, 60, "%")
UNKNOWN = "<smaller type>"  # where the price list does not know the family


def measure(context: Context) -> Iterator[Observation | Failure]:
    """CPU of every running instance, its type and the next smaller one."""
    assets = context.estate.of("ec2:instance")
    running = [asset for asset in assets if asset.state == "running"]
    measured = context.metrics(running, CPU, int(DAYS.maximum))
    yield from measured.failures
    for asset in assets:
        prices, kind = context.prices, asset.details.get("instance_type")
        listed = partial(sold, prices, asset.region)
        smaller = one_size_down(kind, listed)
        facts = {
            "state": asset.state or None,
            "instance_type": kind,
            "to_type": smaller or UNKNOWN,
            "smallest": smaller is None and listed(str(kind)),
            "auto_scaling_group": scaling_group(context.estate, asset),
        }
        amounts = {
            "list": instance_month(prices, asset, kind),
            "list_then": instance_month(prices, asset, smaller) if smaller else None,
        }
        yield context.observation(ID, asset, facts, measured=measured, amounts=amounts)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Running, known for long enough, and never busy."""
    facts, kind = seen.facts, seen.facts.get("instance_type")
    state = facts.get("state")
    if not state or (state == "running" and instance_type(kind) is None):
        return undetermined("AWS does not tell its state or its type.")
    if state != "running":
        return not_applicable(f"It is {state}.")
    maximum = recent(seen, "cpu_maximum", levels["window_days"])
    if maximum.values and maximum.maximum > levels["cpu_maximum"]:
        return fine(f"CPU reached {maximum.maximum:.1f} % in {counted(maximum.days, 'day')}.")
    if not maximum.enough:
        return too_few("CPU", maximum)
    words = f"CPU never exceeded {maximum.maximum:.1f} % in {counted(maximum.days, 'day')}"
    if facts.get("smallest"):
        return fine(f"{words}, but there is no smaller {kind}.")
    return flagged(f"{words}: {kind} could be {facts.get('to_type')}.", difference(seen))


CHECK = Check(
    check_id=ID,
    title="Under-used EC2 instance",
    explanation=__doc__,
    category=Category.OVERSIZED,
    severity=Severity.MEDIUM,
    kinds=("ec2:instance",),
    action=Action(ActionType.RIGHTSIZE, Effort.MEDIUM, restart_needed=True, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#InstanceDetails:instanceId={id}",
    command=(
        *("ec2", "modify-instance-attribute", "--instance-id", "{id}"),
        *("--instance-type", "Value={to_type}"),
    ),
    thresholds=(DAYS, MAXIMUM),
    operations=(GET_METRIC_DATA,),
    stands_on=(("cpu_maximum", "cpu_maximum"), ("cpu_average", "")),
)

"""An EC2 instance that runs and does next to nothing.

It is flagged when it is running, its CPU was below 5 % on average and never reached 10 % over the last 14 days, and its
network carried no more than 5 MB a day, where that is known. Nine days in ten must have data, else nothing is said.
Stop it: its volumes and addresses go on costing until they are deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import ENOUGH, fine, flagged, not_applicable, recent, too_few, undetermined, whole_cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from finops.aws.cloudwatch import Values
    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.idle_instance"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
AVERAGE = Threshold("cpu_average", "average CPU is below this", 5, 0, 25, "%", 0.5)
MAXIMUM = Threshold("cpu_maximum", "CPU never reached this", 10, 0, 60, "%")
NETWORK = Threshold("network_mb_day", "network in and out carried at most this a day, where known", 5, 0, 1000, "MB")


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("InstanceId", asset.resource_id),)


CPU = (
    Gauge("cpu_average", "AWS/EC2", "CPUUtilization", "Average", _dimensions),
    Gauge("cpu_maximum", "AWS/EC2", "CPUUtilization", "Maximum", _dimensions),
)
TRAFFIC = (
    Gauge("network_in", "AWS/EC2", "NetworkIn", "Sum", _dimensions),
    Gauge("network_out", "AWS/EC2", "NetworkOut", "Sum", _dimensions),
)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """CPU of every running instance; traffic only of those that some setting of the thresholds could flag."""
    assets = context.estate.of("ec2:instance")
    running = [asset for asset in assets if asset.state == "running"]
    days = int(DAYS.maximum)
    measured = context.metrics(running, CPU, days)
    quiet = [asset for asset in running if _could_be_idle(measured.of(asset))]
    measured = measured.with_more(context.metrics(quiet, TRAFFIC, days))
    yield from measured.failures
    for asset in assets:
        facts = {"state": asset.state or None, "instance_type": asset.details.get("instance_type")}
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": _list_price(context, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle when running, quiet on average, never busy, and without traffic worth the name."""
    state = seen.facts.get("state")
    if not state:
        return undetermined("AWS does not tell its state.")
    if state != "running":
        return not_applicable(f"It is {state}.")
    days = levels["window_days"]
    averages, maxima = recent(seen, "cpu_average", days), recent(seen, "cpu_maximum", days)
    if not averages.enough or not maxima.enough:
        return too_few("CPU", averages if len(averages.values) < len(maxima.values) else maxima)
    average, maximum = averages.average, maxima.maximum
    words = f"CPU was {average:.1f} % on average and {maximum:.1f} % at most in {averages.days} days"
    if average >= levels["cpu_average"] or maximum >= levels["cpu_maximum"]:
        return fine(f"{words}.")
    megabytes = _megabytes_a_day(seen, days)
    if megabytes is not None and megabytes > levels["network_mb_day"]:
        return fine(f"{words}, but its network carried {megabytes:,.1f} MB a day.")
    traffic = "its network is not known" if megabytes is None else f"its network carried {megabytes:,.1f} MB a day"
    return flagged(f"{words}; {traffic}.", whole_cost(seen))


def _could_be_idle(series: Mapping[str, Values]) -> bool:
    """Whether there are a window and thresholds, within their bounds, that would call it idle."""
    days, total, most = 0, 0.0, 0.0
    averages, maxima = series.get("cpu_average", ()), series.get("cpu_maximum", ())
    for average, maximum in zip(reversed(averages), reversed(maxima), strict=False):
        if average is None or maximum is None:
            continue
        days, total, most = days + 1, total + average, max(most, maximum)
        if most >= MAXIMUM.maximum:
            return False
        if days >= ENOUGH * DAYS.minimum and total / days < AVERAGE.maximum:
            return True
    return False


def _megabytes_a_day(seen: Observation, days: float) -> float | None:
    inward, outward = recent(seen, "network_in", days), recent(seen, "network_out", days)
    if not inward.enough or not outward.enough:
        return None
    return (inward.average + outward.average) / 1e6


def _list_price(context: Context, asset: Asset) -> Decimal | None:
    if asset.details.get("lifecycle") == "spot":
        return None  # what a spot instance costs is in its bill only
    hourly = context.prices.of(f"ec2.instance:{asset.details.get('instance_type')}", asset.region)
    return None if hourly is None else hourly * HOURS_A_MONTH


CHECK = Check(
    check_id=ID,
    title="Idle EC2 instance",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.HIGH,
    kinds=("ec2:instance",),
    action=Action(ActionType.STOP, Effort.LOW, restart_needed=True, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#InstanceDetails:instanceId={id}",
    command=("ec2", "stop-instances", "--instance-ids", "{id}"),
    thresholds=(DAYS, AVERAGE, MAXIMUM, NETWORK),
    operations=(GET_METRIC_DATA,),
    stands_on=(("cpu_average", "cpu_average"), ("cpu_maximum", "cpu_maximum")),
)

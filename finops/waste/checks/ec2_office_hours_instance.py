"""An EC2 instance that works by day and idles by night or over the weekend.

For each hour of the week, in UTC, the highest CPU of the last two weeks is looked at. An hour is idle when CPU stayed
below 10 % in it both times, and counts when it belongs to three idle hours in a row or more. An instance with 40 such
hours a week is flagged: started and stopped by a schedule, it would not be paid for in them. What would be saved is
what it costs × the share of idle hours; volumes and addresses go on costing. An instance that never works is the idle
check's, and one of an Auto Scaling group or a spot instance cannot be stopped by a schedule.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA, HOUR, Window
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.checks.ec2_idle_instance import CPU
from finops.waste.context import Measured
from finops.waste.instances import instance_month, scaling_group
from finops.waste.judging import ENOUGH, fine, flagged, not_applicable, number, undetermined
from finops.waste.part_savings import share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.aws.cloudwatch import Values
    from finops.model.assets import Asset
    from finops.model.findings import Fact, Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.office_hours_instance"
CPU_IDLE = Threshold("cpu_idle", "CPU stayed below this in an hour that counts", 10, 1, 40, "%")
HOURS = Threshold("idle_hours", "at least this many hours of a week count", 40, 10, 160, "hours")
STRETCH = Threshold("hours_in_a_row", "an hour counts among at least this many idle ones in a row", 3, 1, 24, "hours")

DAYS, WEEK, DAY_HOURS = 14, 168, 24
_MAXIMUM = tuple(gauge for gauge in CPU if gauge.statistic == "Maximum")


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The hourly maximum of CPU of every running instance, as one week."""
    assets = context.estate.of("ec2:instance")
    running = [asset for asset in assets if asset.state == "running"]
    hourly = context.metrics(running, _MAXIMUM, DAYS, seconds=HOUR)
    yield from hourly.failures
    series = {asset_id: values["cpu_maximum"] for asset_id, values in hourly.values.items()}
    charts = {asset_id: {"cpu_maximum": _by_day(values)} for asset_id, values in series.items()}
    daily = Measured(Window.of_days(context.now, DAYS), charts)
    for asset in assets:
        facts = _facts(context, asset, series.get(asset.asset_id, ()), hourly.window)
        amounts = {"list": instance_month(context.prices, asset, asset.details.get("instance_type"))}
        yield context.observation(ID, asset, facts, measured=daily, amounts=amounts)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Idle for many hours of each week, and not for all of them."""
    facts, state = seen.facts, seen.facts.get("state")
    if not state:
        return undetermined("AWS does not tell its state.")
    group = facts.get("auto_scaling_group")
    if state != "running" or facts.get("lifecycle") == "spot" or group:
        reason = f"The Auto Scaling group {group} starts it." if group else "It is a spot instance."
        return not_applicable(f"It is {state}." if state != "running" else reason)
    hours, known = facts.get("cpu_by_hour"), number(seen, "hours_known")
    if not isinstance(hours, list) or len(hours) != WEEK or known is None or known < ENOUGH * DAYS * DAY_HOURS:
        return undetermined(f"CPU is known for {known or 0:.0f} of {DAYS * DAY_HOURS} hours only.")
    idle = _counting([text != "" and float(text) < levels["cpu_idle"] for text in hours], int(levels["hours_in_a_row"]))
    if idle == WEEK:
        return not_applicable("It was idle in every hour: there is nothing to schedule.")
    words = f"CPU stayed below {levels['cpu_idle']:g} % in {idle} of {WEEK} hours of the week"
    if idle < levels["idle_hours"]:
        return fine(f"{words}.")
    return flagged(f"{words}.", share(seen, Decimal(idle) / WEEK, seen.amounts.get("list")))


def _facts(context: Context, asset: Asset, values: Values, window: Window) -> dict[str, Fact]:
    return {
        "state": asset.state or None,
        "instance_type": asset.details.get("instance_type"),
        "lifecycle": asset.details.get("lifecycle"),
        "auto_scaling_group": scaling_group(context.estate, asset),
        "hours_known": sum(value is not None for value in values),
        "cpu_by_hour": _by_hour(values, window.start.weekday() * DAY_HOURS),
    }


def _by_hour(values: Values, first: int) -> list[str]:
    """The highest value of each hour of the week from Monday 00:00 UTC on, "" where one of them is not known."""
    hours: list[list[float | None]] = [[] for _ in range(WEEK)]
    for at, value in enumerate(values):
        hours[(first + at) % WEEK].append(value)
    return [_highest(seen) for seen in hours]


def _highest(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{max(known):g}" if known and len(known) == len(values) else ""


def _by_day(values: Values) -> Values:
    days = (values[start : start + DAY_HOURS] for start in range(0, len(values), DAY_HOURS))
    return tuple(max((value for value in day if value is not None), default=None) for day in days)


def _counting(idle: Sequence[bool], least: int) -> int:
    """How many hours are idle in stretches of at least `least`; a week's end and its beginning are one stretch."""
    if all(idle):
        return len(idle)
    start = idle.index(False)
    total = run = 0
    for hour in (*idle[start:], *idle[:start], False):
        if hour:
            run += 1
            continue
        total, run = total + (run if run >= least else 0), 0
    return total


CHECK = Check(
    check_id=ID,
    title="EC2 instance idle out of office hours",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.MEDIUM,
    kinds=("ec2:instance",),
    action=Action(ActionType.CONFIGURE, Effort.MEDIUM, restart_needed=True, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="systems-manager/resource-scheduler?region={region}",
    command=("ec2", "stop-instances", "--instance-ids", "{id}"),
    thresholds=(CPU_IDLE, HOURS, STRETCH),
    operations=(GET_METRIC_DATA,),
    stands_on=(("cpu_maximum", "cpu_idle"),),
)

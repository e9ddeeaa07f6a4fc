"""An RDS instance whose processor is far too large for what it does.

It is flagged when its CPU was below 20 % on average and never reached 40 % over the last 14 days: the next smaller
class of the family would do the same work. Nine days in ten must have data, else nothing is said. The saving is the
difference between the list prices of the two classes, and never more than the instance's own bill. CPU is not
everything: look at memory and connections before you modify it, which restarts the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import NO_SAVING, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.databases import cluster_name, instance_month, serves, smaller_class, unfit, whole_month
from finops.waste.judging import fine, flagged, recent, too_few, undetermined
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation, Saving
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.rds.underused_instance"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 14, 30, "days")
AVERAGE = Threshold("cpu_average", "average CPU is below this", 20, 1, 40, "%")
MAXIMUM = Threshold("cpu_maximum", "CPU never reached this", 40, 5, 80, "%")


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("DBInstanceIdentifier", asset.resource_id),)


CPU = (
    Gauge("cpu_average", "AWS/RDS", "CPUUtilization", "Average", _dimensions),
    Gauge("cpu_maximum", "AWS/RDS", "CPUUtilization", "Maximum", _dimensions),
)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """CPU of every instance that serves, and the list prices of its class and of the next smaller one."""
    assets = context.estate.of("rds:db")
    measured = context.metrics([asset for asset in assets if serves(asset)], CPU, int(DAYS.maximum))
    yield from measured.failures
    for asset in assets:
        clustered = bool(cluster_name(context, asset))
        smaller = smaller_class(asset.details.get("instance_class"))
        facts = {
            "state": asset.state or None,
            "engine": asset.details.get("engine"),
            "instance_class": asset.details.get("instance_class"),
            "smaller_class": smaller,
            "multi_az": asset.details.get("multi_az"),
        }
        prices = context.prices
        amounts = {
            "list": whole_month(prices, asset, clustered=clustered),
            "instance": instance_month(prices, asset, clustered=clustered),
            "smaller": instance_month(prices, asset, clustered=clustered, size_class=smaller) if smaller else None,
        }
        yield context.observation(ID, asset, facts, measured=measured, amounts=amounts)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Under-used when its CPU is low on average and at most, and there is a smaller class."""
    facts = seen.facts
    wrong = unfit(seen)
    if wrong is not None:
        return wrong
    average, maximum = (recent(seen, label, levels["window_days"]) for label in ("cpu_average", "cpu_maximum"))
    if not average.enough or not maximum.enough:
        return too_few("CPU", average if len(average.values) < len(maximum.values) else maximum)
    words = f"CPU was {average.average:.1f} % on average and {maximum.maximum:.1f} % at most in {average.days} days"
    if average.average >= levels["cpu_average"] or maximum.maximum >= levels["cpu_maximum"]:
        return fine(f"{words}.")
    smaller, size_class = facts.get("smaller_class"), facts.get("instance_class")
    if not smaller:
        known = smaller is not None
        return (
            fine(f"{words}; {size_class} has no smaller size.")
            if known
            else undetermined(f"{words}; whether there is a smaller class than {size_class} is not known.")
        )
    return flagged(f"{words}: {smaller} would do instead of {size_class}.", _saving(seen))


def _saving(seen: Observation) -> Saving:
    now, smaller = seen.amounts.get("instance"), seen.amounts.get("smaller")
    if now is None or smaller is None or smaller >= now:
        return NO_SAVING
    return estimated(seen, now - smaller)


CHECK = Check(
    check_id=ID,
    title="Under-used RDS instance",
    explanation=__doc__,
    category=Category.OVERSIZED,
    severity=Severity.MEDIUM,
    kinds=("rds:db",),
    action=Action(ActionType.RIGHTSIZE, Effort.MEDIUM, restart_needed=True, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="rds/home?region={region}#modify-instance:id={id}",
    command=("rds", "modify-db-instance", "--db-instance-identifier", "{id}", "--db-instance-class", "{smaller_class}"),
    thresholds=(DAYS, AVERAGE, MAXIMUM),
    operations=(GET_METRIC_DATA,),
    stands_on=(("cpu_average", "cpu_average"), ("cpu_maximum", "cpu_maximum")),
    source_url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
)

"""A DynamoDB table that pays for capacity by the hour and hardly uses it.

It is flagged when its reads or its writes consumed less than a tenth of what is provisioned over the last 14 days. What
it needs is taken as one unit where nothing was consumed, and otherwise as twice the average of the busiest day: an
assumption, since a day's average does not show its peaks. The saving is the units beyond that, at list price. Capacity
of secondary indexes is not looked at. A table with auto scaling comes down to its lower limit by itself: lower that, or
take capacity on demand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import DAY, GET_METRIC_DATA
from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Basis, Category, Effort, Severity, Threshold
from finops.waste.activity import absent_is_zero
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import fine, flagged, not_applicable, number, recent, too_few, undetermined
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context
    from finops.waste.judging import Recent

ID = "aws.dynamodb.idle_capacity"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
USED = Threshold("capacity_used", "it consumed nothing, or less than this of what is provisioned", 10, 0, 50, "%")
HEADROOM = 2
"""What is kept above the busiest day's average."""


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("TableName", asset.resource_id),)


CONSUMED = (
    Gauge("consumed_reads", "AWS/DynamoDB", "ConsumedReadCapacityUnits", "Sum", _dimensions),
    Gauge("consumed_writes", "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "Sum", _dimensions),
)
_SIDES = {"reads": "rcu", "writes": "wcu"}


@dataclass(frozen=True, slots=True)
class Side:
    """Reads or writes of a table: provisioned units, what was consumed, and what a unit costs a month."""

    name: str
    units: float
    consumed: Recent
    price: Decimal | None

    @property
    def share(self) -> float:
        """Consumed per second, of what is provisioned, in percent."""
        return self.consumed.average / DAY / self.units * 100

    @property
    def needed(self) -> int:
        """Units that suffice; never more than there are."""
        busiest = math.ceil(self.consumed.maximum / DAY * HEADROOM)
        return min(max(1, busiest), int(self.units))

    def idle(self, used: float) -> bool:
        """Whether it consumed nothing, or less than so many percent."""
        return not self.consumed.total or self.share < used


def measure(context: Context) -> Iterator[Observation | Failure]:
    """What tables with provisioned capacity consumed."""
    assets = context.estate.of("dynamodb:table")
    provisioned = [asset for asset in assets if asset.details.get("capacity_mode") == "PROVISIONED"]
    measured = context.metrics(provisioned, CONSUMED, int(DAYS.maximum))
    yield from measured.failures
    # "SampleCount: the number of requests that consumed capacity": without requests there is no data, or zeros.
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    measured = absent_is_zero(measured, provisioned, lambda asset: asset.created)
    for asset in assets:
        facts = {
            "state": asset.state or None,
            "capacity_mode": asset.details.get("capacity_mode"),
            "provisioned_reads": asset.details.get("read_capacity_units"),
            "provisioned_writes": asset.details.get("write_capacity_units"),
            "global_indexes": asset.details.get("global_indexes"),
            "table_class": asset.details.get("table_class"),
        }
        yield context.observation(ID, asset, facts, measured=measured, amounts=_amounts(context, asset))


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Provisioned, and reads or writes hardly used."""
    mode = seen.facts.get("capacity_mode")
    if mode != "PROVISIONED":
        told = "AWS does not tell how its capacity is paid for."
        return not_applicable(f"Its capacity is {mode}.") if mode else undetermined(told)
    sides = [_side(seen, name, levels["window_days"]) for name in _SIDES]
    known = [side for side in sides if side is not None]
    if len(known) < len(sides):
        return undetermined("AWS does not tell what is provisioned.")
    for side in known:
        if not side.consumed.enough:
            return too_few(f"What {side.name} consumed", side.consumed)
    words = "; ".join(f"{side.name} used {side.share:.1f} % of {side.units:.0f} units" for side in known)
    idle = [side for side in known if side.idle(levels["capacity_used"])]
    if not any(side.needed < side.units for side in idle):
        return fine(f"In {known[0].consumed.days} days {words}.")
    basis = Basis.HEURISTIC if any(side.consumed.total for side in idle) else Basis.DERIVED
    enough = ", ".join(f"{side.needed} for {side.name}" for side in idle)
    return flagged(
        f"In {known[0].consumed.days} days {words}. Enough would be {enough}.", estimated(seen, _saved(idle), basis)
    )


def _side(seen: Observation, name: str, days: float) -> Side | None:
    units = number(seen, f"provisioned_{name}")
    return (
        Side(name, units, recent(seen, f"consumed_{name}", days), seen.amounts.get(f"{name}_unit")) if units else None
    )


def _saved(idle: list[Side]) -> Decimal | None:
    saved = Decimal(0)
    for side in idle:
        if side.price is None:
            return None
        saved += side.price * (int(side.units) - side.needed)
    return saved


def _amounts(context: Context, asset: Asset) -> dict[str, Decimal | None]:
    """What a unit costs a month, and all of them: https://aws.amazon.com/dynamodb/pricing/provisioned/."""
    rare = "-ia" if asset.details.get("table_class") == "STANDARD_INFREQUENT_ACCESS" else ""
    amounts: dict[str, Decimal | None] = {}
    total: Decimal | None = Decimal(0)
    for name, item in _SIDES.items():
        hourly = context.prices.of(f"dynamodb.{item}:hour{rare}", asset.region)
        units = asset.details.get(f"{name.removesuffix('s')}_capacity_units")
        amounts[f"{name}_unit"] = month = None if hourly is None else hourly * HOURS_A_MONTH
        total = total + month * units if total is not None and month is not None and isinstance(units, int) else None
    return {**amounts, "list": total}


CHECK = Check(
    check_id=ID,
    title="Idle DynamoDB capacity",
    explanation=__doc__,
    category=Category.OVERSIZED,
    severity=Severity.MEDIUM,
    kinds=("dynamodb:table",),
    action=Action(ActionType.RIGHTSIZE, Effort.LOW, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="dynamodbv2/home?region={region}#table?name={id}&tab=settings",
    command=("dynamodb", "update-table", "--table-name", "{id}", "--billing-mode", "PAY_PER_REQUEST"),
    thresholds=(DAYS, USED),
    operations=(GET_METRIC_DATA,),
    stands_on=(("consumed_reads", ""), ("consumed_writes", "")),
    source_url="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)

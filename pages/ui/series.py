"""From answers to what a chart draws: a few named series over the same buckets, the rest summed as "Other"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.money import ZERO, exact_sum
from finops.model.period import month_start
from pages.ui import palette

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from finops.model.costs import CostAnswer, CostRow

OTHER_NAME = "Other"


@dataclass(frozen=True, slots=True)
class Series:
    """One named line of a chart: `values` has one amount per bucket, None where nothing is known."""

    name: str
    slot: int
    values: tuple[Decimal | None, ...]

    @property
    def total(self) -> Decimal:
        """The sum of what is known."""
        return exact_sum(value for value in self.values if value is not None)


@dataclass(frozen=True, slots=True)
class Buckets:
    """The common axis: first day of each bucket; days from `arriving_from` on are still incomplete."""

    starts: tuple[date, ...]
    monthly: bool = False
    arriving_from: date | None = None

    def arriving(self, start: date) -> bool:
        """Whether the bucket that starts here is still incomplete."""
        if self.arriving_from is None:
            return False
        return month_start(self.arriving_from) <= start if self.monthly else self.arriving_from <= start


def comparable(answer: CostAnswer) -> bool:
    """Whether an earlier answer may stand beside a later one: stored, and every day of it."""
    return bool(answer.provenance.source) and not answer.provenance.missing_days


def buckets(answer: CostAnswer, *, monthly: bool, arriving_from: date | None) -> Buckets:
    """Every day (or month) of the answer's question, gaps included, so that a missing day shows as a gap."""
    period = answer.question.period
    starts = tuple(part.start for part in period.months()) if monthly else tuple(period.dates())
    return Buckets(starts, monthly, arriving_from)


def by_group(
    rows: Sequence[CostRow], axis: Buckets, seats: Mapping[str, int], name: Callable[[str], str], *, limit: int = 7
) -> tuple[Series, ...]:
    """The largest `limit` groups as series in seat order, "Other" last.

    Rows carry one group key (or none) and a day.
    """
    amounts: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        if row.day is not None:
            start = month_start(row.day) if axis.monthly else row.day
            amounts[row.keys[0] if row.keys else ""][max(start, axis.starts[0])] += row.amount
    ranked = sorted(amounts, key=lambda value: -sum(amounts[value].values()))
    placed = palette.guest_slots(seats, ranked[:limit])
    drawn = sorted(placed, key=lambda value: (placed[value], value))
    series = [Series(name(value), placed[value], _values(amounts[value], axis)) for value in drawn]
    rest = [value for value in ranked if value not in placed]
    if rest:
        summed = {day: exact_sum(amounts[value].get(day, ZERO) for value in rest) for day in axis.starts}
        only = name(rest[0]) if len(rest) == 1 else OTHER_NAME
        series.append(Series(only, palette.OTHER, tuple(summed[day] for day in axis.starts)))
    return tuple(series)


def _values(amounts: Mapping[date, Decimal], axis: Buckets) -> tuple[Decimal | None, ...]:
    return tuple(amounts.get(start, ZERO) for start in axis.starts)


def totals(series: Sequence[Series], length: int) -> tuple[Decimal, ...]:
    """The sum of all series per bucket."""
    return tuple(
        exact_sum(value for one in series if (value := one.values[index]) is not None) for index in range(length)
    )

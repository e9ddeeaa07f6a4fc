"""The burn-down of a budget: day by day what was spent, what was to be spent, and what is expected to the end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.budgets.ahead import exact_known, first_open
from finops.budgets.pace import pace_of
from finops.model.budgets import BurnDay
from finops.model.money import CENT, ZERO, exact_sum

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from finops.budgets.ahead import Ahead
    from finops.budgets.spending import Spending

    Band = tuple[Decimal, Decimal, Decimal]


def burn_down(limit: Decimal, spent: Spending, ahead: Ahead) -> tuple[BurnDay, ...]:
    """Every day of the period, cumulative. Where only whole months are stored the line begins after them."""
    line, _ = pace_of(limit, spent, ahead)
    actual, band, past = _actual(spent), _band(spent, ahead), first_open(spent)
    found = []
    for day, expected in line.items():
        mean, lower, upper = band.get(day, (None, None, None))
        known = actual.get(day)
        done = known is not None and day < past
        found.append(BurnDay(day, expected, known, complete=done, mean=mean, lower=lower, upper=upper))
    return tuple(found)


def _actual(spent: Spending) -> dict[date, Decimal]:
    """What was spent by the end of each day that is held; the last of them is the total."""
    if spent.total is None:
        return {}
    inside = {day: amount for day, amount in spent.by_day.items() if spent.period.start <= day < spent.period.end}
    so_far = exact_sum((spent.total, *(-amount for amount in inside.values())))  # of months stored as a whole
    found = {}
    for day, amount in inside.items():
        so_far = exact_sum((so_far, amount))
        found[day] = so_far
    return found


def _band(spent: Spending, ahead: Ahead) -> dict[date, Band]:
    known, past = exact_known(spent), first_open(spent)
    coming = None if known is None or past >= spent.period.end else ahead.between(past, spent.period.end)
    if known is None or coming is None:
        return {}
    band: dict[date, Band] = {}
    mean, below, above = known, ZERO, ZERO
    for place, each in enumerate(coming):
        mean, below, above = mean + each.mean, below + each.below, above + each.above
        shown = mean.quantize(CENT)
        band[past + timedelta(days=place)] = (shown, shown - below.quantize(CENT), shown + above.quantize(CENT))
    return band

"""The line of a burn-down that ends at the budget: what would be spent if the period were to come out even.

A month follows what was expected of its days before it began, its fees and weekends included; other periods follow what
each weekday usually costs. Where neither is known the line is straight.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from finops.model.money import CENT, ZERO, exact_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.budgets.ahead import Ahead
    from finops.budgets.spending import Spending

FORECAST, WEEKDAYS, STRAIGHT = "forecast", "weekdays", "straight"
WEEKS = 8
"""Weeks before the period that tell what each weekday usually costs: the median of as many."""
_LEAST_WEEKS = 4


def weekday_weights(by_day: Mapping[date, Decimal], before: date) -> tuple[Decimal, ...] | None:
    """What each weekday usually costs, Monday first; None where fewer than four weeks are known or one cost nothing."""
    found = []
    for weekday in range(7):
        back = (before.weekday() - weekday - 1) % 7 + 1
        days = [before - timedelta(days=back + 7 * week) for week in range(WEEKS)]
        amounts = sorted(by_day[day] for day in days if day in by_day)
        if len(amounts) < _LEAST_WEEKS:
            return None
        middle = len(amounts) // 2
        found.append(amounts[middle] if len(amounts) % 2 else (amounts[middle - 1] + amounts[middle]) / 2)
    return tuple(found) if min(found) > 0 else None


def pace_of(limit: Decimal, spent: Spending, ahead: Ahead) -> tuple[dict[date, Decimal], str]:
    """What would be spent by the end of each day of the period, to the cent, and what it goes by."""
    days = tuple(spent.period.dates())
    shape = [ahead.shape.get(day, ZERO) for day in days]
    if min(shape) > 0:
        return _line(limit, days, shape), FORECAST
    weights = weekday_weights(spent.by_day, spent.period.start)
    if weights is not None:
        return _line(limit, days, [weights[day.weekday()] for day in days]), WEEKDAYS
    return _line(limit, days, [Decimal(1)] * len(days)), STRAIGHT


def _line(limit: Decimal, days: Sequence[date], shares: Sequence[Decimal]) -> dict[date, Decimal]:
    whole, so_far, line = exact_sum(shares), ZERO, {}
    with localcontext() as context:
        context.prec = 76
        for day, share in zip(days, shares, strict=True):
            so_far += share
            line[day] = (limit * so_far / whole).quantize(CENT)
    return line

"""The periods of a budget: calendar months, and quarters and years that begin with the fiscal year's first month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.period import Period, add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from finops.model.budgets import Budget, Cadence


def period_around(cadence: Cadence, day: date, fiscal_start: int = 1) -> Period:
    """The whole period that a day lies in."""
    first = month_start(day)
    into = (first.month - fiscal_start) % cadence.months
    start = add_months(first, -into)
    return Period(start, add_months(start, cadence.months))


def current_period(budget: Budget, today: date) -> Period:
    """The period that a budget is in, the first one before it begins, the last one after its end."""
    last = budget.end
    day = max(today, budget.start)
    if last is not None and day >= last:
        day = Period(budget.start, last).last_day
    return period_around(budget.cadence, day, budget.fiscal_start)


def counted(budget: Budget, period: Period) -> Period:
    """The days of a period that a budget counts: those between its start and its end."""
    last = budget.end
    bounds = Period(budget.start, last if last is not None else max(period.end, add_months(budget.start, 1)))
    return period.clipped(bounds) or period


def periods_from(budget: Budget, today: date) -> Iterator[Period]:
    """The period of today and those that follow, without end unless the budget has one."""
    period = current_period(budget, today)
    while budget.end is None or period.start < budget.end:
        yield period
        period = period_around(budget.cadence, period.end, budget.fiscal_start)

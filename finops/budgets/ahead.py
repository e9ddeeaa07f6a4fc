"""What a budget's coming days are expected to cost, day by day, each with its share of the 80 % interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Protocol

from finops.budgets.scopes import disjoint
from finops.model.budgets import PeriodForecast
from finops.model.forecasts import MOST_MONTHS, ForecastQuestion
from finops.model.money import CENT, ZERO, exact_sum
from finops.model.period import month_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.budgets.spending import Spending
    from finops.model.budgets import Budget
    from finops.model.forecasts import Forecast, GroupForecast, MonthForecast

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A day's mean, and how far its share of the interval reaches below and above it.

    A forecast tells the interval of a month; each day has of it what it has of the month's cost. Intervals of several
    months are added, so that of a quarter or year holds at least four times of five.
    """

    mean: Decimal
    below: Decimal
    above: Decimal


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days from `first` on. Without days `reason` says why nothing can be expected.

    `shape` tells of each day of the running month what was expected of it before the month began.
    """

    first: date
    days: tuple[DayAhead, ...] = ()
    reason: str = ""
    shape: Mapping[date, Decimal] = field(default_factory=dict)

    @property
    def end(self) -> date:
        """Past the last day it looks at."""
        return self.first + _DAY * len(self.days)

    def between(self, start: date, end: date) -> tuple[DayAhead, ...] | None:
        """The days from `start` to before `end`; None where it does not look at all of them."""
        if start < self.first or end > self.end:
            return None
        return self.days[(start - self.first).days : (end - self.first).days]


Forecaster = Callable[["Budget", "Spending", date], Ahead]
"""Forecasts a scope's cost from its first incomplete day up to a day (exclusive)."""


class Forecasts(Protocol):
    """What of `finops.budgets.Forecasts` is asked."""

    def forecast(self, tenant: str, question: ForecastQuestion) -> Forecast: ...  # noqa: D102


def forecaster(forecasts: Forecasts) -> Forecaster:
    """A forecaster that asks the tenant's forecasts: one for each part of a scope, added up."""

    def ahead(budget: Budget, spent: Spending, until: date) -> Ahead:
        found: list[Ahead] = []
        for part in disjoint(budget.scope.groups):
            months = _months(spent, until)
            question = ForecastQuestion(filters=part, months=months, metric=spent.metric)
            made = _ahead(forecasts.forecast(budget.tenant, question), budget, spent)
            if not made.days:
                return made
            found.append(made)
        return _added(found)

    return ahead


def period_forecast(spent: Spending, ahead: Ahead) -> PeriodForecast | None:
    """What the period is expected to end at: its complete days, and the forecast of the others."""
    known, past = exact_known(spent), first_open(spent)
    if known is None:
        return None
    coming = () if past >= spent.period.end else ahead.between(past, spent.period.end)
    if coming is None:
        return None
    mean = exact_sum((known, *(each.mean for each in coming))).quantize(CENT)
    below = exact_sum(each.below for each in coming).quantize(CENT)
    above = exact_sum(each.above for each in coming).quantize(CENT)
    return PeriodForecast(mean, mean - below, mean + above, known, past)


def first_open(spent: Spending) -> date:
    """The first day of the period that is not complete yet, or its end."""
    return spent.complete.end if spent.complete else spent.period.start


def exact_known(spent: Spending) -> Decimal | None:
    """What the complete days cost; zero before the first of them, None where nothing is known."""
    if spent.total is None:
        return None
    past = first_open(spent)
    arriving = (amount for day, amount in spent.by_day.items() if past <= day < spent.period.end)
    return exact_sum((spent.total, *(-amount for amount in arriving)))


def _months(spent: Spending, until: date) -> int:
    first, last = first_open(spent), until - _DAY
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    # The running month of a forecast may be the one before: its last days still arrive.
    return max(1, min(MOST_MONTHS, months + 1))


def _ahead(found: Forecast, budget: Budget, spent: Spending) -> Ahead:
    first = first_open(spent) if found.through is None else found.through + _DAY
    total = found.total
    if total is None or not total.months:
        told = total.reason if total else ""
        failure = found.failures[0].message if found.failures else ""
        return Ahead(first, reason=told or failure or "Too little is known of its costs.")
    if (found.currency or budget.currency) != budget.currency or found.provenance.source != spent.source:
        return Ahead(first, reason="The forecast is of another source or currency than the budget's costs.")
    days: list[DayAhead] = []
    start = max(first, total.months[0].month)
    for month in total.months:
        days.extend(_days_of(month, total, start))
    return Ahead(start, tuple(days), shape={day.day: day.expected.mean for day in total.days})


def _days_of(month: MonthForecast, total: GroupForecast, start: date) -> list[DayAhead]:
    """The days of a month that are ahead, in proportion to what each is expected to cost."""
    dates = [day for day in month_of(month.month).dates() if day >= start]
    running = month is total.months[0]
    mean = month.cost.mean - (total.to_date if running else ZERO)
    below, above = month.cost.mean - month.cost.lower, month.cost.upper - month.cost.mean
    expected = {day.day: day.expected.mean for day in total.days} if running else {}
    weights = [max(expected.get(day, ZERO), ZERO) for day in dates]
    if not any(weights):
        weights = [Decimal(1)] * len(dates)
    whole = exact_sum(weights)
    with localcontext() as context:
        context.prec = 40
        return [DayAhead(mean * each / whole, below * each / whole, above * each / whole) for each in weights]


def _added(parts: Sequence[Ahead]) -> Ahead:
    """Several forecasts as one; limits are added too, as if all went wrong together."""
    if len({part.first for part in parts}) > 1:
        return Ahead(parts[0].first, reason="Its parts are known up to different days.")
    days = zip(*(part.days for part in parts), strict=False)
    known = set.intersection(*(set(part.shape) for part in parts))
    return Ahead(
        parts[0].first,
        tuple(
            DayAhead(
                exact_sum(each.mean for each in same),
                exact_sum(each.below for each in same),
                exact_sum(each.above for each in same),
            )
            for same in days
        ),
        shape={day: exact_sum(part.shape[day] for part in parts) for day in sorted(known)},
    )

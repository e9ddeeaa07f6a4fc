"""How a budget stands. Pure: what was spent and what is expected in, a standing out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.budgets.ahead import period_forecast
from finops.budgets.pace import pace_of
from finops.model.budgets import Basis, BudgetSource, BudgetStanding, BudgetStatus, PeriodForecast, percent_of
from finops.model.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.budgets.ahead import Ahead
    from finops.budgets.spending import Spending
    from finops.model.budgets import Budget
    from finops.model.period import Period

_DAY = timedelta(days=1)


def standing(budget: Budget, period: Period, spent: Spending, ahead: Ahead) -> BudgetStanding:
    """How a budget stands in one of its periods; `spent.period` are the days of it that count."""
    limit = budget.limit(period)
    forecast = period_forecast(spent, ahead)
    line, basis = pace_of(limit, spent, ahead)
    complete = spent.complete
    pace = line[complete.last_day] if complete else ZERO
    over = spent.total is not None and spent.total > limit
    reasons = _reasons(spent, forecast, ahead)
    notes = (*spent.notes, *(() if forecast or reasons else (f"There is no forecast: {ahead.reason}",)))
    figures = _Figures(spent.total, limit, forecast, pace)
    status = BudgetStatus.OVER if over else BudgetStatus.UNKNOWN if reasons else _status(budget, figures)
    return BudgetStanding(
        budget=budget,
        period=spent.period,
        status=status,
        limit=limit,
        spent=spent.total,
        complete_until=spent.complete_until,
        forecast=forecast,
        pace=pace,
        pace_basis=basis,
        reasons=reasons,
        notes=notes,
        metric=spent.metric,
        cost_source=spent.source,
        fetched_at=spent.fetched_at,
        failures=spent.failures,
    )


def aws_only(budget: Budget, period: Period) -> BudgetStanding:
    """A budget of AWS's that the stored costs cannot be held against: AWS's own figures are all there is."""
    told = budget.aws.unmapped if budget.aws else ()
    return BudgetStanding(
        budget,
        period,
        BudgetStatus.UNKNOWN,
        budget.limit(period),
        reasons=("It cannot be held against the stored costs; the figures are AWS's own.", *told),
    )


class _Figures:
    """What a status is judged by."""

    def __init__(self, spent: Decimal | None, limit: Decimal, forecast: PeriodForecast | None, pace: Decimal) -> None:
        self.spent = spent if spent is not None else ZERO
        self.limit = limit
        self.forecast = forecast
        self.pace = pace


def _status(budget: Budget, seen: _Figures) -> BudgetStatus:
    if seen.forecast is not None and seen.forecast.mean > seen.limit:
        return BudgetStatus.FORECAST_OVER
    percents = [each.percent for each in budget.thresholds if each.basis is Basis.ACTUAL]
    crossed = percents and percent_of(seen.spent, seen.limit) >= min(percents)
    # Without a forecast all that is known of the days to come is whether those past kept to the line.
    ahead_of_line = seen.forecast is None and seen.spent > seen.pace
    return BudgetStatus.WARNING if crossed or ahead_of_line else BudgetStatus.OK


def _reasons(spent: Spending, forecast: PeriodForecast | None, ahead: Ahead) -> tuple[str, ...]:
    if spent.reasons or spent.total is None:
        return spent.reasons or ("Nothing is known of its costs.",)
    if spent.complete is None and forecast is None:
        return ("No day of this period is complete yet.", *((ahead.reason,) if ahead.reason else ()))
    return ()


def days_left(standing: BudgetStanding) -> int:
    """How many days of the period are not complete yet."""
    past = max(standing.complete_until or standing.period.start, standing.period.start)
    return max(0, (standing.period.end - past).days)


def is_judged(standing: BudgetStanding) -> bool:
    """Whether thresholds can be judged: its figures are known, and our own."""
    aws = standing.budget.aws
    ours = standing.budget.source is BudgetSource.OWN or (aws is not None and aws.comparable)
    return ours and standing.spent is not None and not standing.reasons

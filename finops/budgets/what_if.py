"""What growth would do to a budget. Pure and quick: the forecast is made once, and only scaled here."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from finops.budgets.ahead import DayAhead
from finops.model.budgets import TriedPeriod, WhatIf
from finops.model.errors import InputError
from finops.model.money import CENT, ZERO, exact_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finops.budgets.ahead import Ahead
    from finops.model.budgets import Budget, Growth
    from finops.model.period import Period

DAYS_A_MONTH = Decimal("30.4375")
LEAST_PERCENT, MOST_PERCENT = Decimal(-50), Decimal(100)
MOST_AMOUNT = Decimal(1_000_000_000_000)


def what_if(budget: Budget, periods: Iterable[Period], known: Decimal, ahead: Ahead, growth: Growth) -> WhatIf:
    """Each period with growth, as far as the forecast reaches; `known` is what complete days of the first one cost.

    A day's forecast, and its interval, grow by `percent_a_month` for every 30.4 days from the first forecast day,
    compounded; the single amount is added on its day. InputError for growth beyond -50 to 100 %, and for an amount
    without a day, or on one whose figures are complete.
    """
    _refuse(growth, ahead)
    grown = _grown(ahead, growth)
    tried: list[TriedPeriod] = []
    for period in periods:
        start = period.start if tried else max(period.start, ahead.first)
        usual, then = ahead.between(start, period.end), grown.between(start, period.end)
        if usual is None or then is None:
            break
        base = ZERO if tried else known
        tried.append(_tried(budget, period, base, (usual, then)))
    reason = ahead.reason or "The forecast does not reach to the end of the period."
    return WhatIf(budget, growth, tuple(tried), () if tried else (reason,))


def _tried(
    budget: Budget, period: Period, base: Decimal, days: tuple[Sequence[DayAhead], Sequence[DayAhead]]
) -> TriedPeriod:
    usual, then = days
    expected = exact_sum((base, *(each.mean for each in then))).quantize(CENT)
    return TriedPeriod(
        period=period,
        limit=budget.limit(period),
        usual=exact_sum((base, *(each.mean for each in usual))).quantize(CENT),
        expected=expected,
        lower=expected - exact_sum(each.below for each in then).quantize(CENT),
        upper=expected + exact_sum(each.above for each in then).quantize(CENT),
    )


def _grown(ahead: Ahead, growth: Growth) -> Ahead:
    days, factor = [], Decimal(1)
    with localcontext() as context:
        context.prec = 28
        daily = (1 + growth.percent_a_month / 100) ** (1 / DAYS_A_MONTH)
        for each in ahead.days:
            factor *= daily
            days.append(DayAhead(each.mean * factor, each.below * factor, each.above * factor))
    if growth.on is not None:
        place = (growth.on - ahead.first).days
        if place < len(days):
            days[place] = replace(days[place], mean=days[place].mean + growth.once)
    return replace(ahead, days=tuple(days))


def _refuse(growth: Growth, ahead: Ahead) -> None:
    if not LEAST_PERCENT <= growth.percent_a_month <= MOST_PERCENT:
        raise InputError("growth_percent", f"growth_percent must be from {LEAST_PERCENT} to {MOST_PERCENT} a month")
    if abs(growth.once) > MOST_AMOUNT:
        raise InputError("amount", f"amount must be at most {MOST_AMOUNT:,}")
    if bool(growth.once) is (growth.on is None):
        raise InputError("on", "an amount needs the day it comes on, and a day needs an amount")
    if growth.on is not None and growth.on < ahead.first:
        raise InputError("on", f"on must be {ahead.first} or later: the days before are known")

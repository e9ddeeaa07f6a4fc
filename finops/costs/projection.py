"""The month's end by run rate, told apart from charges that come once a month."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from finops.model.money import CENT, exact_sum
from finops.model.period import Period, month_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from finops.model.costs import CostRow

METERED = frozenset({"Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "BundledDiscount"})
"""Charge types (Cost Explorer's and FOCUS's `Usage`) that follow use: one lonely day of them is no fee."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What the month will come to if its days go on as its complete days did.

    `amount` = `to_date` + `remaining_days` × `daily`, where `daily` is the mean of the complete days without
    `one_off`: charges that come once a month (subscription and reservation fees, support, tax, refunds).
    """

    amount: Decimal
    currency: str
    method: str
    remaining_days: int
    to_date: Decimal
    one_off: Decimal
    daily: Decimal


def projection(rows: Iterable[CostRow], to_date: Period, currency: str) -> Projection | None:
    """The projection from daily rows by (charge type, service) of this month's complete days and the month before.

    None when the month is over. A pair counts as one-off when it was charged on at most one day of each month seen,
    and that day was the first or its charge type does not follow use.
    """
    month = month_of(to_date.start)
    remaining = (month.end - to_date.end).days
    if remaining <= 0:
        return None
    groups: dict[tuple[str, ...], list[CostRow]] = {}
    for row in rows:
        if row.currency == currency and row.amount and row.day is not None:
            groups.setdefault(row.keys, []).append(row)
    once = exact_sum(
        row.amount
        for keys, charged in groups.items()
        if _one_off(keys[0], charged, to_date)
        for row in charged
        if _inside(row, to_date)
    )
    whole = exact_sum(row.amount for charged in groups.values() for row in charged if _inside(row, to_date))
    with localcontext() as context:
        context.prec = 50
        daily = (whole - once) / to_date.days
        amount = (whole + daily * remaining).quantize(CENT)
    days = f"{to_date.days} complete day{'s' if to_date.days > 1 else ''}"
    left_out = ", once-a-month charges not repeated" if once else ""
    return Projection(amount, currency, f"run rate of {days}{left_out}", remaining, whole, once, daily)


def _inside(row: CostRow, period: Period) -> bool:
    return row.day is not None and period.start <= row.day < period.end


def _one_off(charge_type: str, charged: list[CostRow], to_date: Period) -> bool:
    days = {row.day for row in charged if row.day is not None}
    here = [day for day in days if to_date.start <= day < to_date.end]
    earlier = days.difference(here)
    if len(here) != 1 or any(_same_month(day, other) for day in earlier for other in earlier if day != other):
        return False
    if charge_type not in METERED:
        return True
    # One complete day alone cannot tell a fee of the first from use that goes on: the month before has to.
    return here[0].day == 1 and (to_date.days > 1 or bool(earlier)) and all(day.day == 1 for day in earlier)


def _same_month(one: date, other: date) -> bool:
    return (one.year, one.month) == (other.year, other.month)

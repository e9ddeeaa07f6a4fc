"""The key figures of a forecast: what is spent, what the month and those after it will come to, and how far off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.forecasts import Estimate
from finops.model.money import exact_sum
from pages.ui import numbers
from pages.ui.kpis import Kpi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from finops.model.forecasts import BackTest, Forecast, GroupForecast


def strip(
    found: Forecast, group: GroupForecast, last_month: Decimal | None, before: Mapping[date, Decimal]
) -> list[Kpi]:
    """Four figures of the total, or of the part that is open. `before` are the months of the last year."""
    return [_to_date(found, group), _month_end(found, group, last_month), _ahead(found, group, before), _error(group)]


def _to_date(found: Forecast, group: GroupForecast) -> Kpi:
    if found.month is None or found.through is None:
        return Kpi("To date", numbers.UNKNOWN, base="no complete day")
    started = found.through >= found.month.start
    days = (found.through - found.month.start).days + 1
    return Kpi(
        f"{found.month.start:%B} to date",
        numbers.short_money(group.to_date, found.currency),
        base=f"{days} of {found.month.days} days, to {numbers.day(found.through)}"
        if started
        else "no complete day yet",
        help=f"{numbers.exact_money(group.to_date, found.currency)}. Complete days only.",
    )


def interval(estimate: Estimate, currency: str) -> str:
    """`$171K–$180K`."""
    return f"{numbers.short_money(estimate.lower, currency)}–{numbers.short_money(estimate.upper, currency)}"


def _month_end(found: Forecast, group: GroupForecast, last_month: Decimal | None) -> Kpi:
    label = f"{found.month.start:%B} forecast" if found.month else "Month's end"
    end = group.month_end
    if end is None:
        return Kpi(label, numbers.UNKNOWN, base=group.reason)
    money = [numbers.exact_money(each, found.currency) for each in (end.mean, end.lower, end.upper)]
    told = f"{money[0]}; four times of five it lies within {money[1]} and {money[2]}."
    if last_month is not None:
        percent = numbers.signed_percent((end.mean - last_month) / abs(last_month) * 100) if last_month else ""
        told += f" The month before: {numbers.exact_money(last_month, found.currency)} {percent}".rstrip() + "."
    return Kpi(
        label,
        numbers.short_money(end.mean, found.currency),
        base=f"80%: {interval(end, found.currency)}",
        help=told,
    )


def summed(group: GroupForecast) -> Estimate | None:
    """The months after the running one together; limits added up, as if all went wrong the same way."""
    months = [each.cost for each in group.months[1:]]
    if not months:
        return None
    return Estimate(*(exact_sum(getattr(each, name) for each in months) for name in ("mean", "lower", "upper")))


def _ahead(found: Forecast, group: GroupForecast, before: Mapping[date, Decimal]) -> Kpi:
    months = len(group.months) - 1
    whole = summed(group)
    if whole is None:
        return Kpi("Months ahead", numbers.UNKNOWN, base=group.reason or "none asked for")
    label = f"Next {numbers.counted(months, 'month')}"
    then = [before.get(each.month.replace(year=each.month.year - 1)) for each in group.months[1:]]
    known = [amount for amount in then if amount is not None]
    spent = exact_sum(known) if len(known) == months else None
    year = f", {numbers.signed_percent((whole.mean - spent) / abs(spent) * 100)} on a year before" if spent else ""
    return Kpi(
        label,
        numbers.short_money(whole.mean, found.currency),
        base=f"80%: {interval(whole, found.currency)}",
        help=f"The months after the running one{year}. The limits of the months are added up, so the "
        "interval of all of them together holds at least four times of five.",
    )


def test_of(group: GroupForecast) -> BackTest | None:
    """The test as of the month's middle; None without a tested month."""
    return next((each for each in group.tests if each.months), None)


def _error(group: GroupForecast) -> Kpi:
    test = test_of(group)
    if test is None or test.percent_off is None:
        return Kpi("Forecast error", numbers.UNKNOWN, base="no past month to test on", help=_UNTESTED)
    count = len(test.months)
    months = f"Last {count} months" if count > 1 else "Last month"
    return Kpi(
        "Forecast error",
        f"{test.percent_off:.1f}% off",
        base=f"inside {test.inside} of {numbers.counted(count, 'month')}",
        help=f"{months}, on average: the same forecast made after {test.days} days of each, held against what came. "
        f"Inside: within the 80% interval. {_now(group.tests)}",
    )


def _now(tests: Sequence[BackTest]) -> str:
    last = tests[-1]
    if last.days == tests[0].days or last.percent_off is None:
        return ""
    return f"After {numbers.counted(last.days, 'day')}, as many as are complete now: {last.percent_off:.1f}% off."


_UNTESTED = "A month can be tested once 56 days before it are stored."

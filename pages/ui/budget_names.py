"""What budgets' words are called on the page, and a budget's period, scope and thresholds in words."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from finops.model.budgets import Basis, BudgetSource, BudgetStatus, Cadence
from pages.ui import names, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from finops.model.budgets import Budget, BudgetStanding, Crossing, Filters, Threshold
    from finops.model.costs import Filter

Colour = Literal["red", "orange", "green", "gray"]

STATUS_NAMES: Mapping[BudgetStatus, str] = MappingProxyType(
    {
        BudgetStatus.OVER: "Over",
        BudgetStatus.FORECAST_OVER: "Will go over",
        BudgetStatus.WARNING: "Near",
        BudgetStatus.UNKNOWN: "Unknown",
        BudgetStatus.OK: "On track",
    }
)
"""In the order of how bad they are."""
STATUS_ICONS: Mapping[BudgetStatus, str] = MappingProxyType(
    {
        BudgetStatus.OVER: ":material/error:",
        BudgetStatus.FORECAST_OVER: ":material/trending_up:",
        BudgetStatus.WARNING: ":material/warning:",
        BudgetStatus.UNKNOWN: ":material/help:",
        BudgetStatus.OK: ":material/check_circle:",
    }
)
STATUS_COLOURS: Mapping[BudgetStatus, Colour] = MappingProxyType(
    {
        BudgetStatus.OVER: "red",
        BudgetStatus.FORECAST_OVER: "red",
        BudgetStatus.WARNING: "orange",
        BudgetStatus.UNKNOWN: "gray",
        BudgetStatus.OK: "green",
    }
)
CADENCE_NAMES = {Cadence.MONTHLY: "Monthly", Cadence.QUARTERLY: "Quarterly", Cadence.YEARLY: "Yearly"}
SOURCE_NAMES = {BudgetSource.OWN: "Kept here", BudgetSource.AWS: "AWS Budgets"}
BASIS_NAMES = {Basis.ACTUAL: "spent", Basis.FORECAST: "expected"}
MOST_VALUES = 3


def severity(standing: BudgetStanding) -> tuple[int, Decimal | int, str]:
    """Sorts the worst first: by status, then by what is spent in percent."""
    return (list(STATUS_NAMES).index(standing.status), -(standing.percent or 0), standing.budget.name)


def scope_words(budget: Budget, accounts: Mapping[str, str]) -> str:
    """`All costs`; `account prod-core and service EC2, RDS`; a name that people gave it; plain text."""
    scope = budget.scope
    if not scope.groups:
        return "All costs"
    told = " or ".join(_group_words(group, accounts) for group in scope.groups[:MOST_VALUES])
    rest = len(scope.groups) - MOST_VALUES
    told += f" or {rest} more" if rest > 0 else ""
    return f"{scope.name}: {told}" if scope.name else told


def _group_words(group: Filters, accounts: Mapping[str, str]) -> str:
    return " and ".join(_filter_words(each, accounts) for each in group)


def _filter_words(condition: Filter, accounts: Mapping[str, str]) -> str:
    called = names.value_name(condition.dimension, accounts)
    values = [called(value) for value in condition.values[:MOST_VALUES]]
    rest = len(condition.values) - MOST_VALUES
    told = ", ".join(values) + (f" and {rest} more" if rest > 0 else "")
    return f"{names.inside(condition.dimension)} {'other than ' if condition.exclude else ''}{told}"


def threshold_words(threshold: Threshold) -> str:
    """`80% spent`, `100% expected`."""
    return f"{percent(threshold.percent)} {BASIS_NAMES[threshold.basis]}"


def percent(value: Decimal) -> str:
    """`80%`, `87.5%`."""
    return f"{value.normalize():f}%"


def thresholds_words(thresholds: Sequence[Threshold]) -> str:
    """All of them, lowest first."""
    return ", ".join(threshold_words(each) for each in sorted(thresholds, key=lambda one: (one.basis, one.percent)))


def crossing_words(crossing: Crossing, today: date, *, mailed: bool) -> str:
    """`80% spent on 14 Nov: $8,012 of $10,000, mailed 14 Nov, 06:10 UTC`; plain text. `mailed`: to anybody at all."""
    money = [numbers.short_money(amount, crossing.currency) for amount in (crossing.figure, crossing.limit)]
    when = numbers.day(crossing.crossed.date(), year=crossing.crossed.year != today.year)
    told = "its mail waits" if crossing.told is None else f"mailed {numbers.clock(crossing.told)}"
    told = told if mailed else "mailed to nobody"
    fell = f", fell below again {numbers.day(crossing.fell.date())}" if crossing.fell is not None else ""
    return f"{threshold_words(crossing.threshold)} on {when}: {money[0]} of {money[1]}, {told}{fell}"


def period_words(standing: BudgetStanding, today: date) -> str:
    """`November`, `Oct–Dec`, `2026`: the period, and how many of its days are complete."""
    period = standing.period
    until = standing.complete_until
    done = max(0, (min(until, period.end) - period.start).days) if until is not None else 0
    return f"{numbers.days(period, today=today)}, {done} of {period.days} days complete"


def through(standing: BudgetStanding) -> date | None:
    """The last complete day of the period; None before the first."""
    until = standing.complete_until
    if until is None or until <= standing.period.start:
        return None
    return min(until, standing.period.end) - timedelta(days=1)

"""Budget and forecast: what the months to come will cost, how right such forecasts were, and how budgets stand."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN
from typing import TYPE_CHECKING

from finops.model.costs import dimension
from finops.model.errors import InputError
from finops.model.forecasts import MOST_MONTHS, USUAL_MONTHS
from finops.model.people import Right
from finops.model.reports import Chart, ChartKind, Column, Kind, Report, Table
from finops.reports.definition import Definition, Parameter
from finops.reports.parts.budgets import budget_figures, budget_gaps, budget_table, budget_text
from finops.reports.parts.forecasts import (
    forecast,
    forecast_gaps,
    forecast_provenance,
    interval,
    month_end_figure,
)
from finops.reports.parts.spending import CENTS
from finops.reports.spending import PARAMETERS
from finops.reports.words import money

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.model.forecasts import Estimate, Forecast, GroupForecast
    from finops.model.reports import Cell
    from finops.reports.definition import Asked, Sources
    from finops.reports.scope import Scope

_SHARED = frozenset({"account", "service", "region", "metric"})


def make(sources: Sources, asked: Asked) -> Report:
    """The figures of Forecast, and how the budgets of the whole tenant stand."""
    scope = asked.scope
    group_by = dimension(scope.one("group_by") or "service")
    found = forecast(sources, asked, group_by=group_by, months=_months(scope))
    budgets = sources.budgets.list(asked.tenant)
    gaps = forecast_gaps(asked, found) + budget_gaps(budgets)
    headline = _headline(asked, found)
    return Report(
        asked.request,
        REPORT.title,
        f"{headline}; {budget_text(budgets)}" if budgets else headline,
        asked.now,
        None,
        figures=(month_end_figure(asked, found), *budget_figures(budgets)),
        tables=(_by_month(found), _by_group(found), _by_day(found), _tests(found), budget_table(budgets)),
        charts=_charts(found),
        provenance=forecast_provenance(found),
        failures=gaps.failures,
        missing=gaps.missing,
        page="/forecast",
    )


def _months(scope: Scope) -> int:
    text = scope.one("months")
    if text is None:
        return USUAL_MONTHS
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_MONTHS):
        raise InputError("months", f"months must be a whole number from 1 to {MOST_MONTHS}")
    return int(text)


def _headline(asked: Asked, found: Forecast) -> str:
    end = found.total.month_end if found.total else None
    if end is None:
        return f"What {asked.today:%B} will end at is not known"
    return f"{asked.today:%B} is expected to end at {money(end.mean, found.currency)} ({interval(end, found.currency)})"


def _band(currency: str) -> tuple[Column, ...]:
    return (
        Column("mean", "Expected", Kind.MONEY, currency),
        Column("lower", "At least", Kind.MONEY, currency),
        Column("upper", "At most", Kind.MONEY, currency),
    )


def _cells(estimate: Estimate | None) -> tuple[Cell, ...]:
    return (None, None, None) if estimate is None else (estimate.mean, estimate.lower, estimate.upper)


def _by_month(found: Forecast) -> Table:
    """The total, month by month, the running one first."""
    rows = [(each.month, *_cells(each.cost)) for each in (found.total.months if found.total else ())]
    note = "What comes lies between at least and at most four times of five."
    columns = (Column("month", "Month", Kind.DAY), *_band(found.currency))
    return Table("by_month", "By month", columns, lambda: rows, len(rows), note, ("month",))


def _by_group(found: Forecast) -> Table:
    """The running month of each group, largest first; they sum to the total."""
    name = found.question.group_by or "group"
    columns = (
        Column(name, name.capitalize() if name.isalpha() else name),
        Column("to_date", "Complete days so far", Kind.MONEY, found.currency),
        *_band(found.currency),
        Column("learning", "A wide guess", Kind.TRUTH),
        Column("reason", "Why it is not known"),
    )

    def cells(each: GroupForecast) -> tuple[Cell, ...]:
        return each.key, each.to_date, *_cells(each.month_end), each.learning, each.reason

    rows = [cells(each) for each in found.groups]
    return Table("by_group", f"The running month by {name}", columns, lambda: rows, len(rows), about=(columns[0].name,))


def _by_day(found: Forecast) -> Table:
    """The days of the running month."""
    columns = (
        Column("date", "Day", Kind.DAY),
        Column("cost", "Cost", Kind.MONEY, found.currency),
        *_band(found.currency),
    )
    rows = [(each.day, each.actual, *_cells(each.expected)) for each in (found.total.days if found.total else ())]
    note = "Of a day that has come, what was expected before the month began; its cost is empty while it arrives."
    return Table("by_day", "The running month by day", columns, lambda: rows, len(rows), note, ("date",))


def _tests(found: Forecast) -> Table:
    """Forecasts of past months with what was known then, held against what came."""
    columns = (
        Column("month", "Month", Kind.DAY),
        Column("as_of", "As of", Kind.DAY),
        *_band(found.currency),
        Column("actual", "What came", Kind.MONEY, found.currency),
        Column("percent_off", "Off in %", Kind.PERCENT),
        Column("inside", "Inside of the interval", Kind.TRUTH),
    )
    tests = [each for test in (found.total.tests if found.total else ()) for each in test.months]
    rows = [
        (each.month, each.as_of, *_cells(each.forecast), each.actual, _rounded(each.percent_off), each.inside)
        for each in tests
    ]
    return Table("tests", "Tried on the past", columns, lambda: rows, len(rows), about=("month",))


def _rounded(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent.quantize(CENTS, ROUND_HALF_EVEN)


def _charts(found: Forecast) -> tuple[Chart, ...]:
    if found.total is None or not found.total.months:
        return ()
    months = ", ".join(f"{each.month:%B} {money(each.cost.mean, found.currency)}" for each in found.total.months)
    days = len(found.total.days)
    known = sum(each.actual is not None for each in found.total.days)
    return (
        Chart("By month", ChartKind.BARS, "by_month", "month", ("mean",), f"Expected by month: {months}."),
        Chart(
            "By day", ChartKind.LINE, "by_day", "date", ("cost", "mean"),
            f"Cost of {known} of {days} days of the running month, and what is expected of each.",
        ),
    )  # fmt: skip


REPORT = Definition(
    name="budget-forecast",
    title="Budget and forecast",
    help="What the months to come will cost, how right such forecasts were before, and how budgets stand.",
    rights=(Right.VIEW_COSTS, Right.VIEW_BUDGETS),
    parameters=(
        *(parameter for parameter in PARAMETERS if parameter.name in _SHARED),
        Parameter("group_by", "Forecasts by this dimension, as in `account` or `tag:Team`; default `service`."),
        Parameter("months", f"How many months, the running one first: 1 to {MOST_MONTHS}; default {USUAL_MONTHS}."),
    ),
    make=make,
    usual=None,
    usual_text="now",
    filters=True,
)

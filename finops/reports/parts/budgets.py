"""How budgets stand, as figures and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.budgets import BudgetStatus
from finops.model.reports import Column, Figure, Kind, Table, Tone
from finops.reports.gaps import Gaps
from finops.reports.words import counted, sentence_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.budgets import BudgetStanding
    from finops.model.reports import Cell

COLUMNS = (
    Column("budget_id", "Budget id"),
    Column("name", "Budget"),
    Column("status", "Status"),
    Column("cadence", "Period"),
    Column("start", "First day", Kind.DAY),
    Column("end", "Day after the last", Kind.DAY),
    Column("limit", "Budget of the period", Kind.MONEY),
    Column("spent", "Spent", Kind.MONEY),
    Column("percent", "Spent in %", Kind.PERCENT),
    Column("forecast", "Expected at its end", Kind.MONEY),
    Column("forecast_percent", "Expected in %", Kind.PERCENT),
    Column("currency", "Currency"),
    Column("complete_until", "Complete before", Kind.DAY),
    Column("source", "Whose"),
    Column("reasons", "Why it is not known"),
)
_OVER = (BudgetStatus.OVER, BudgetStatus.FORECAST_OVER)


def budget_table(standings: Sequence[BudgetStanding]) -> Table:
    """Every budget of the tenant in its running period, by name."""
    rows = [budget_cells(each) for each in standings]
    note = "Of the whole tenant, whatever the filter." if rows else "No budget is kept."
    return Table("budgets", "Budgets", COLUMNS, lambda: rows, len(rows), note, ("name", "status"))


def budget_cells(standing: BudgetStanding) -> tuple[Cell, ...]:
    """The cells of `COLUMNS`."""
    budget, ahead = standing.budget, standing.forecast
    return (
        *(budget.budget_id, budget.name, str(standing.status), str(budget.cadence)),
        *(standing.period.start, standing.period.end, standing.limit, standing.spent, standing.percent),
        *(ahead.mean if ahead else None, standing.forecast_percent, budget.currency, standing.complete_until),
        *(str(budget.source), " ".join(standing.reasons)),
    )


def budget_figures(standings: Sequence[BudgetStanding]) -> tuple[Figure, ...]:
    """How many budgets are over, and how many will be; none without any."""
    if not standings:
        return ()
    return (
        _counted("Budgets over", standings, BudgetStatus.OVER),
        _counted("Budgets expected over", standings, BudgetStatus.FORECAST_OVER),
    )


def budget_text(standings: Sequence[BudgetStanding]) -> str:
    """`1 of 4 budgets is over or will be: Data platform`."""
    over = tuple(each.budget.name for each in standings if each.status in _OVER)
    unknown = sum(each.status is BudgetStatus.UNKNOWN for each in standings)
    if not over:
        told = f"none of {counted(len(standings), 'budget')} is known to go over"
        return told if unknown else told.replace("known to go", "expected to go")
    be = "is" if len(over) == 1 else "are"
    names = sentence_list(over, 2)
    return f"{len(over)} of {counted(len(standings), 'budget')} {be} over or will be: {names}"


def budget_gaps(standings: Sequence[BudgetStanding]) -> Gaps:
    """Budgets of which something is not known."""
    found = Gaps()
    for each in standings:
        told = f"Budget {each.budget.name} is not known: {' '.join(each.reasons)}"
        found += Gaps(each.failures, (told,) if each.status is BudgetStatus.UNKNOWN else ())
    return found


def _counted(label: str, standings: Sequence[BudgetStanding], status: BudgetStatus) -> Figure:
    number = sum(each.status is status for each in standings)
    unknown = sum(each.status is BudgetStatus.UNKNOWN for each in standings)
    change = f"{unknown:,} not known" if unknown else ""
    return Figure(label, f"{number:,} of {len(standings):,}", change, Tone.WORSE if number else Tone.PLAIN, number)

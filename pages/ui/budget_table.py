"""The table of budgets: which, how it stands, how much of it is spent; then dollars and forecast. Display only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.budgets import BudgetStatus
from finops.model.money import ZERO
from pages.ui import budget_names, numbers
from pages.ui.kpis import Kpi
from pages.ui.pick_table import pick_row
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from finops.model.budgets import BudgetStanding

COLUMNS = ("name", "status", "percent", "spent", "limit", "forecast", "over", "period", "cadence", "whose")
WHOLE = 100.0


def strip(found: Sequence[BudgetStanding]) -> list[Kpi]:
    """How many budgets are over, will be, are near, and are unknown."""
    count = numbers.counted(len(found), "budget")
    by = {status: [one for one in found if one.status is status] for status in BudgetStatus}
    unknown = by[BudgetStatus.UNKNOWN]
    return [
        Kpi("Over", f"{len(by[BudgetStatus.OVER]):,}", base=_over(by[BudgetStatus.OVER]) or f"of {count}"),
        Kpi(
            "Will go over",
            f"{len(by[BudgetStatus.FORECAST_OVER]):,}",
            base=_over(by[BudgetStatus.FORECAST_OVER]) or f"of {count}",
            help="The forecast of the running period ends above the budget.",
        ),
        Kpi(
            "Near",
            f"{len(by[BudgetStatus.WARNING]):,}",
            base=f"of {count}",
            help="A threshold of what is spent is crossed, or it is ahead of the pace and there is no forecast.",
        ),
        Kpi(
            "Unknown",
            f"{len(unknown):,}",
            base="each says why" if unknown else "all can be judged",
            help="Never counted as on track.",
        ),
    ]


def _over(found: Sequence[BudgetStanding]) -> str:
    """`by $1,200 together`; empty where there is nothing, or several currencies."""
    currencies = {one.budget.currency for one in found}
    if len(currencies) != 1:
        return ""
    amount = sum((beyond(one) or ZERO for one in found), ZERO)
    return f"by {numbers.short_money(amount, next(iter(currencies)))}{' together' if len(found) > 1 else ''}"


def beyond(one: BudgetStanding) -> Decimal | None:
    """How much the period is expected to end above (below zero: under) its budget; what is spent where nothing is."""
    end = one.forecast.mean if one.forecast is not None else one.spent
    return None if end is None else end - one.limit


def frame(found: Sequence[BudgetStanding], today: date) -> pd.DataFrame:
    """One line per budget; unknown cells are empty, never zero."""
    mixed = len({one.budget.currency for one in found}) > 1

    def money(one: BudgetStanding, amount: Decimal | None) -> float | str | None:
        if amount is None:
            return None
        return numbers.short_money(amount, one.budget.currency) if mixed else float(amount)

    return pd.DataFrame(
        {
            "name": [plain_line(one.budget.name, limit=80) for one in found],
            "status": [[budget_names.STATUS_NAMES[one.status]] for one in found],
            "percent": [None if one.percent is None else float(one.percent) for one in found],
            "spent": [money(one, one.spent) for one in found],
            "limit": [money(one, one.limit) for one in found],
            "forecast": [money(one, one.forecast.mean if one.forecast else None) for one in found],
            "over": [money(one, beyond(one)) for one in found],
            "period": [numbers.days(one.period, today=today) for one in found],
            "cadence": [budget_names.CADENCE_NAMES[one.budget.cadence] for one in found],
            "whose": [budget_names.SOURCE_NAMES[one.budget.source] for one in found],
        }
    )


def draw(found: Sequence[BudgetStanding], *, today: date, key: str, alt: str, selected: int | None) -> int | None:
    """Draws the budgets and returns the index of the one the reader picked; `selected` is picked at first."""
    return pick_row(frame(found, today), _settings(found), shown=COLUMNS, key=key, alt=alt, selected=selected)


def _settings(found: Sequence[BudgetStanding]) -> dict[str, Any]:
    column = st.column_config
    statuses = list(budget_names.STATUS_NAMES)
    largest = max((float(one.percent) for one in found if one.percent is not None), default=WHOLE)
    return {
        "name": column.TextColumn("Budget", pinned=True, width=112),
        "status": column.MultiselectColumn(
            "Status",
            options=[budget_names.STATUS_NAMES[each] for each in statuses],
            color=[budget_names.STATUS_COLOURS[each] for each in statuses],
            width=98,
        ),
        "percent": column.ProgressColumn("Used", format="%.0f%%", min_value=0, max_value=max(WHOLE, largest), width=92),
        "spent": _money("Spent", found, "%,.0f", "Everything stored, days still arriving too."),
        "limit": _money("Budget", found, "%,.0f", "Of this period."),
        "forecast": _money("Forecast", found, "%,.0f", "What the period is expected to end at."),
        "over": _money("Over (+)", found, "%+,.0f", "What the period is expected to end at, less the budget."),
        "period": column.TextColumn("Period"),
        "cadence": column.TextColumn("Every"),
        "whose": column.TextColumn("Whose"),
    }


def _money(title: str, found: Sequence[BudgetStanding], spell: str, told: str) -> Any:
    """Figures with their unit in the header; text where currencies differ."""
    currencies = {one.budget.currency for one in found}
    if len(currencies) > 1:
        return st.column_config.TextColumn(title, help=told)
    sign = numbers.symbol(next(iter(currencies), "USD")).strip()
    return st.column_config.NumberColumn(f"{title}, {sign}", format=spell, help=told)

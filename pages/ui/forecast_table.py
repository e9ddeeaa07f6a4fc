"""The table of parts: what each has cost, will cost, and how far off such forecasts were. Display only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.money import ZERO, exact_sum
from pages.ui import numbers
from pages.ui.forecast_kpis import test_of
from pages.ui.pick_table import pick_row
from pages.ui.tables import CENTS_BELOW
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from finops.model.forecasts import Forecast, GroupForecast

COLUMNS = ("name", "forecast", "percent", "to_date", "lower", "upper", "last", "off", "inside")
LEARNING = "learning"


@dataclass(frozen=True, slots=True)
class Look:
    """What the parts are called, what they are parts of, and what each cost in the month before, if that is known."""

    name: Callable[[str], str]
    dimension: str
    last_month: Mapping[str, Decimal] | None


def frame(found: Forecast, look: Look) -> pd.DataFrame:
    """One line per part, largest forecast first; unknown cells are empty, never zero."""
    groups = found.groups
    last = [_last(group, look) for group in groups]
    return pd.DataFrame(
        {
            "name": [plain_line(look.name(group.key), limit=80) for group in groups],
            "forecast": [_end(group, "mean") for group in groups],
            "percent": [_percent(group, before) for group, before in zip(groups, last, strict=True)],
            "to_date": [float(group.to_date) for group in groups],
            "lower": [_end(group, "lower") for group in groups],
            "upper": [_end(group, "upper") for group in groups],
            "last": [None if before is None else float(before) for before in last],
            "off": [_off(group) for group in groups],
            "inside": [inside_words(group) for group in groups],
        }
    )


def _end(group: GroupForecast, name: str) -> float | None:
    return None if group.month_end is None else float(getattr(group.month_end, name))


def _last(group: GroupForecast, look: Look) -> Decimal | None:
    return None if look.last_month is None else look.last_month.get(group.key, ZERO)


def _percent(group: GroupForecast, before: Decimal | None) -> float | None:
    if group.month_end is None or not before:
        return None
    return float((group.month_end.mean - before) / abs(before) * 100)


def _off(group: GroupForecast) -> float | None:
    test = test_of(group)
    return None if test is None or test.percent_off is None else float(test.percent_off)


def inside_words(group: GroupForecast) -> str:
    """`5 of 6`; that it is still learnt; or nothing where no month could be tested."""
    if group.learning:
        return LEARNING
    test = test_of(group)
    return "" if test is None else f"{test.inside} of {len(test.months)}"


def sum_words(found: Forecast) -> str:
    """That the parts add up to the total, checked here; plain text."""
    total = found.total
    if total is None or total.month_end is None or not found.groups:
        return ""
    ends = exact_sum(group.month_end.mean for group in found.groups if group.month_end is not None)
    spent = exact_sum(group.to_date for group in found.groups)
    parts = numbers.counted(len(found.groups), "row")
    money = [numbers.exact_money(amount, found.currency) for amount in (ends, spent)]
    if (ends, spent) == (total.month_end.mean, total.to_date):
        return f"{parts} sum to the total: {money[0]} forecast, {money[1]} to date"
    whole = [numbers.exact_money(amount, found.currency) for amount in (total.month_end.mean, total.to_date)]
    return f"{parts} sum to {money[0]} forecast, {money[1]} to date; the total is {whole[0]} and {whole[1]}"


def draw(found: Forecast, look: Look, *, key: str, alt: str, selected: int | None) -> int | None:
    """Draws the parts and returns the index of the one the reader picked; `selected` is picked at first."""
    return pick_row(
        frame(found, look),
        _settings(found, look),
        shown=[name for name in COLUMNS if name != "last" or look.last_month is not None],
        key=key,
        alt=alt,
        selected=selected,
    )


def _settings(found: Forecast, look: Look) -> dict[str, Any]:
    column, unit = st.column_config, numbers.symbol(found.currency).strip()
    money = f"%,.{_digits(found.groups)}f"
    month = f"{found.month.start:%b}" if found.month else "Month"
    return {
        "name": column.TextColumn(look.dimension, pinned=True, width=140),
        "forecast": column.NumberColumn(f"{month} forecast, {unit}", format=money),
        "percent": column.NumberColumn("On last month", format="%+.1f%%"),
        "to_date": column.NumberColumn(f"To date, {unit}", format=money, help="Complete days of the month only."),
        "lower": column.NumberColumn(f"From, {unit}", format=money, help="Lower limit of the 80% interval."),
        "upper": column.NumberColumn(f"To, {unit}", format=money, help="Upper limit of the 80% interval."),
        "last": column.NumberColumn(f"Last month, {unit}", format=money),
        "off": column.NumberColumn(
            "Error", format="%.1f%%", help="How far off mid-month forecasts of the last months were on average."
        ),
        "inside": column.TextColumn("Inside", help="How often what came lay inside the 80% interval."),
    }


def _digits(groups: Sequence[GroupForecast]) -> int:
    largest = max((group.month_end.mean for group in groups if group.month_end is not None), default=ZERO)
    return 0 if largest >= CENTS_BELOW else 2

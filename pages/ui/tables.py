"""Tables of compared groups: identity, cost, change, then the rest, so that a phone shows what matters. Display only.

Amounts become floats here and nowhere earlier: a grid cell shows whole dollars, and exact figures leave through the
download.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.costs import Change, ComparedRow
from finops.model.money import ZERO, exact_sum
from pages.ui import figures, numbers
from pages.ui.series import Buckets, Series, totals
from pages.ui.text import JOINER, plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from finops.model.period import Period
    from pages.ui.bar_charts import Bar

ROW_HEIGHT = 36
MOST_ROWS = 15
CENTS_BELOW = 1000
CHANGE_ORDER = (Change.NEW, Change.GONE, Change.GROWN, Change.SHRUNK, Change.SAME)
_CHANGE_COLOURS = ["orange", "gray", "red", "green", "gray"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a table of compared rows reads: what the groups are called, which days it covers, against which."""

    whole: Decimal
    name: Callable[[str], str]
    dimension: str
    period: Period
    today: date
    currency: str
    compared: bool = True
    base_name: str = "Previous"
    trends: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def titles(self) -> dict[str, str]:
        """Column headers: the unit stands there, not in the cells."""
        unit = numbers.symbol(self.currency).strip()
        length = len(next(iter(self.trends.values()), ()))
        return {
            "name": self.dimension,
            "cost": f"{numbers.days(self.period, today=self.today)}, {unit}",
            "delta": f"Change, {unit}",
            "percent": "Change, %",
            "change": "Kind",
            "share": "Share",
            "previous": f"{self.base_name}, {unit}",
            "daily": f"Per day, {unit}",
            "trend": numbers.counted(length, "day"),
        }


def compared(rows: Sequence[ComparedRow], look: Look, *, shown: Sequence[str], key: str, alt: str) -> None:
    """Draws the rows, largest first as given."""
    st.dataframe(**_grid(rows, look, shown=shown, key=key, alt=alt))


def selectable(
    rows: Sequence[ComparedRow], look: Look, *, shown: Sequence[str], key: str, alt: str, selected: int | None
) -> int | None:
    """Draws the rows and returns the index of the one the reader picked; `selected` is picked at first."""
    if selected is not None and f"table.{key}" not in st.session_state:
        st.session_state[f"table.{key}"] = {"selection": {"rows": [selected], "columns": [], "cells": []}}
    grid = _grid(rows, look, shown=shown, key=key, alt=alt)
    picked = st.dataframe(**grid, on_select="rerun", selection_mode="single-row")["selection"]["rows"]
    return picked[0] if picked and picked[0] < len(rows) else None


def _grid(rows: Sequence[ComparedRow], look: Look, *, shown: Sequence[str], key: str, alt: str) -> dict[str, Any]:
    frame = compared_frame(rows, look)
    empty = [column for column in ("delta", "percent", "change", "previous") if not look.compared]
    visible = [column for column in shown if column not in empty and (column != "trend" or look.trends)]
    return {
        "data": frame,
        "key": f"table.{key}",
        "hide_index": True,
        "row_height": ROW_HEIGHT,
        "height": "content" if len(rows) <= MOST_ROWS else (MOST_ROWS + 1) * ROW_HEIGHT + 2,
        "column_order": visible,
        "column_config": _columns(visible, rows, look, frame),
        "placeholder": numbers.UNKNOWN,
        "alt": plain_line(alt),
    }


def compared_frame(rows: Sequence[ComparedRow], look: Look) -> pd.DataFrame:
    """One line per group; percent and previous are empty where unknown, `trend` holds daily figures."""
    keys = [row.keys[0] if row.keys else "" for row in rows]
    return pd.DataFrame(
        {
            "name": [plain_line(look.name(key), limit=80) for key in keys],
            "cost": [float(row.current) for row in rows],
            "delta": [float(row.delta) for row in rows],
            "percent": [None if row.percent is None else float(row.percent) for row in rows],
            "change": [[row.change.value.capitalize()] for row in rows],
            "share": [_share(row.current, look.whole) for row in rows],
            "previous": [float(row.previous) for row in rows],
            "daily": [float(row.current / look.period.days) for row in rows],
            "trend": [list(look.trends.get(key, ())) for key in keys],
        }
    )


def _share(part: Decimal, whole: Decimal) -> float | None:
    share = numbers.share(part, whole)
    return None if share is None else float(share)


def _columns(shown: Sequence[str], rows: Sequence[ComparedRow], look: Look, frame: pd.DataFrame) -> dict[str, Any]:
    digits, column, titles = _digits(rows), st.column_config, look.titles()
    amount, change = f"%,.{digits}f", f"%+,.{digits}f"
    largest = max((share for share in frame["share"] if share is not None), default=0.0)
    made: dict[str, Callable[[str], Any]] = {
        "name": lambda title: column.TextColumn(title, pinned=True),
        "cost": lambda title: column.NumberColumn(title, format=amount),
        "delta": lambda title: column.NumberColumn(title, format=change),
        "percent": lambda title: column.NumberColumn(title, format="%+.1f%%"),
        "change": lambda title: column.MultiselectColumn(
            title, options=[kind.value.capitalize() for kind in CHANGE_ORDER], color=_CHANGE_COLOURS, width="small"
        ),
        "share": lambda title: column.ProgressColumn(title, format="%.1f%%", min_value=0, max_value=max(largest, 0.1)),
        "previous": lambda title: column.NumberColumn(title, format=amount),
        "daily": lambda title: column.NumberColumn(title, format=amount),
        "trend": column.LineChartColumn,
    }
    return {key: made[key](titles[key]) for key in shown}


def _digits(rows: Sequence[ComparedRow]) -> int:
    """Whole dollars, or cents where the largest figure is small."""
    largest = max((max(abs(row.current), abs(row.previous)) for row in rows), default=ZERO)
    return 0 if largest >= CENTS_BELOW else 2


def split_words(rows: Sequence[ComparedRow], currency: str) -> str:
    """The change by kind, in plain text: `New +$120 (1) · Gone −$40 (2) · Grown +$5,310 (9) · Shrunk −$430 (3)`."""
    words = []
    for kind in CHANGE_ORDER[:4]:
        group = [row for row in rows if row.change is kind]
        if group:
            amount = numbers.signed_money(exact_sum(row.delta for row in group), currency)
            words.append(f"{kind.value.capitalize()} {amount} ({len(group)})")
    return " · ".join(words).replace(numbers.MINUS, f"{numbers.MINUS}{JOINER}") or "No change"


def series_table(series: Sequence[Series], axis: Buckets, *, currency: str, key: str) -> None:
    """The figures behind a chart over time, in a fold that costs nothing while it is closed."""
    fold = st.expander("Show as table", type="compact", on_change="rerun", key=f"fold.{key}")
    if not fold.open:
        return
    names = [figures.bucket_name(start, monthly=axis.monthly) for start in axis.starts]
    frame = pd.DataFrame({"Total": [float(total) for total in totals(series, len(names))]}, index=names)
    for number, one in enumerate(series):
        label = plain_line(one.name, limit=40)
        frame[label if label not in frame else f"{label} {number}"] = [
            None if value is None else float(value) for value in one.values
        ]
    frame.index.name = f"In {currency}"
    settings = {column: st.column_config.NumberColumn(column, format="%,.2f") for column in frame.columns}
    fold.dataframe(frame, column_config=settings, row_height=ROW_HEIGHT, alt="Figures of the chart above")


def bars_table(bars: Sequence[Bar], *, titles: tuple[str, str], key: str, digits: int = 2) -> None:
    """The figures behind horizontal bars, in a fold that costs nothing while it is closed."""
    fold = st.expander("Show as table", type="compact", on_change="rerun", key=f"fold.{key}")
    if fold.open:
        frame = pd.DataFrame(
            {
                titles[0]: [plain_line(bar.name, limit=80) for bar in bars],
                titles[1]: [float(bar.amount) for bar in bars],
            }
        )
        settings = {titles[1]: st.column_config.NumberColumn(titles[1], format=f"%,.{digits}f")}
        fold.dataframe(
            frame, column_config=settings, hide_index=True, row_height=ROW_HEIGHT, alt="Figures of the chart above"
        )

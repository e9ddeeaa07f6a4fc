"""The first rows of a report's tables, and where its figures come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.reports import Kind
from finops.reports.files.wording import period_words, scope_words
from pages.ui import numbers, report_names
from pages.ui.provenance import METRIC_NAMES, SOURCE_NAMES
from pages.ui.report_view import key
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.reports import Cell, Column, Report, Row, Table

MOST_ROWS = 10
_METRICS = {str(metric): name for metric, name in METRIC_NAMES.items()}


def first_rows(report: Report) -> dict[str, tuple[Row, ...]]:
    """The first rows of each table by its name, and one more where there are more."""
    return {table.name: tuple(islice(table.rows(), MOST_ROWS + 1)) for table in report.tables}


def tables(report: Report, rows: Mapping[str, tuple[Row, ...]], zone: str) -> None:
    """One table at a time, as the file has it: every column, its first rows."""
    named = {table.name: table for table in report.tables}
    if not named:
        return
    titles = {name: table.title for name, table in named.items()}
    chosen = st.selectbox("Table", list(named), key=key("shown"), format_func=titles.__getitem__, width=320)
    table = named[chosen or next(iter(named))]
    _draw(table, rows.get(table.name, ()), zone)


def _draw(table: Table, rows: tuple[Row, ...], zone: str) -> None:
    if not rows:
        st.markdown(f":small[:gray[{escaped(table.note or 'Nothing to list.', limit=300)}]]")
        return
    st.dataframe(
        frame(table, rows[:MOST_ROWS]),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        column_config={column.name: _setting(column, zone, first=not at) for at, column in enumerate(table.columns)},
        placeholder=numbers.UNKNOWN,
        key=f"table.made.{table.name}",
        alt=plain_line(f"The first rows of {table.title}"),
    )
    told = f"{_count(table, rows)} {table.note}".strip()
    st.markdown(f":small[:gray[{escaped(told, limit=300)}]]")


def _count(table: Table, rows: tuple[Row, ...]) -> str:
    """`The first 10 of 240 rows; the file has all of them.`."""
    if len(rows) <= MOST_ROWS:
        return f"{numbers.counted(len(rows), 'row')}."
    whole = f" of {table.total:,}" if table.total is not None else ""
    return f"The first {MOST_ROWS}{whole} rows; the file has all of them."


def frame(table: Table, rows: tuple[Row, ...]) -> pd.DataFrame:
    """The rows for display: amounts as floats, objects as JSON, texts on one line."""
    return pd.DataFrame(
        {column.name: [_shown(row[at], column) for row in rows] for at, column in enumerate(table.columns)}
    )


def _shown(cell: Cell, column: Column) -> Any:
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, Mapping):
        return plain_line(json.dumps(cell, ensure_ascii=False, default=str, sort_keys=True), limit=160)
    if isinstance(cell, str):
        return plain_line(cell, limit=160)
    return bool(cell) if column.kind is Kind.TRUTH and cell is not None else cell


def _setting(column: Column, zone: str, *, first: bool) -> Any:
    made, title = st.column_config, plain_line(column.title, limit=60)
    unit = numbers.symbol(column.currency).strip() if column.currency else ""
    settings = {
        Kind.MONEY: lambda: made.NumberColumn(f"{title}, {unit}" if unit else title, format="%,.2f", pinned=first),
        Kind.PERCENT: lambda: made.NumberColumn(title, format="%.1f%%", pinned=first),
        Kind.NUMBER: lambda: made.NumberColumn(title, pinned=first),
        Kind.DAY: lambda: made.DateColumn(title, format="D MMM YYYY", pinned=first),
        Kind.INSTANT: lambda: made.DatetimeColumn(title, format="D MMM YYYY, HH:mm", timezone=zone, pinned=first),
        Kind.TRUTH: lambda: made.CheckboxColumn(title),
    }
    return settings.get(column.kind, lambda: made.TextColumn(title, pinned=first))()


def provenance(report: Report, zone: str) -> None:
    """Metric, source, age and the rest of what a report says of where it comes from."""
    origin = report.provenance
    told = {
        "Period": period_words(report.period),
        "Narrowed to": scope_words(report),
        "Metric": _METRICS.get(origin.metric, origin.metric),
        "Source": SOURCE_NAMES.get(origin.source, origin.source),
        "Currency": origin.currency,
        "Fetched": report_names.at_in(origin.fetched_at, zone) if origin.fetched_at else "",
        "Estimated": "AWS may still change the figures of the latest days." if origin.estimated else "",
        **dict(origin.facts),
        "Made": report_names.at_in(report.made_at, zone),
    }
    st.table({name: escaped(text, limit=400) for name, text in told.items() if text}, border="horizontal")

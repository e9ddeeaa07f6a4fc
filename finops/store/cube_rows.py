"""Rows of cubes: one schema for all of them, texts cast to it exactly, days of a month replaced by fresher ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from finops.model.costs import CubeDraft, Metric
from finops.model.errors import StoreError
from finops.model.money import parse_amount
from finops.store.line_schema import AMOUNT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finops.model.period import Period

DIMENSION_COLUMNS = (
    "account",
    "service",
    "region",
    "usage_type",
    "charge_type",
    "charge_category",
    "provider",
    "resource",
    "tag_value",
    "category_value",
)
AMOUNT_COLUMNS = (*(str(metric) for metric in Metric), "usage_quantity", "normalized_usage")

CUBE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("charge_date", pa.date32(), nullable=False),
        pa.field("currency", pa.string()),
        *(pa.field(name, pa.string()) for name in DIMENSION_COLUMNS),
        *(pa.field(name, AMOUNT) for name in AMOUNT_COLUMNS),
        pa.field("usage_unit", pa.string()),
        pa.field("estimated", pa.bool_()),
        pa.field("lines", pa.int64()),
    ]
)
"""Every cube has all columns; those it does not carry are null. In monthly cubes `charge_date` is the month's first."""

_SORT = [(name, "ascending") for name in (*DIMENSION_COLUMNS, "charge_date")]
_PLAIN_AMOUNT = r"^[+-]?[0-9]{1,20}(\.[0-9]{1,18})?$"
_AMOUNT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE_DIGITS = 20
_FRACTION_DIGITS = 18


def draft_table(draft: CubeDraft) -> pa.Table:
    """A draft's texts as a table of `CUBE_SCHEMA`.

    StoreError for columns of unequal length or unknown name, for a text that is not a date of the draft's period, and
    for an amount that does not fit 20 digits before and 18 after the point: money is never rounded on its way in.
    """
    lengths = {len(values) for values in draft.columns.values()}
    unknown = set(draft.columns) - set(CUBE_SCHEMA.names)
    if len(lengths) > 1 or unknown or "charge_date" not in draft.columns:
        raise StoreError(
            f"rows of cube {draft.cube.name} cannot be stored: columns {sorted(unknown) or 'of unequal length'}"
        )
    table = conformed(pa.table({name: _typed(draft, name) for name in draft.columns}))
    days = table.column("charge_date")
    outside = pc.or_(pc.less(days, draft.period.start), pc.greater_equal(days, draft.period.end))
    if days.null_count or pc.any(outside).as_py():
        raise StoreError(f"rows of cube {draft.cube.name} lie outside {draft.period.start} to {draft.period.end}")
    return table


def _typed(draft: CubeDraft, name: str) -> pa.Array:
    texts = pa.array(draft.columns[name], pa.string())
    wanted = CUBE_SCHEMA.field(name).type
    try:
        if wanted == AMOUNT:
            return amounts(texts)
        if wanted == pa.bool_():
            return pc.equal(texts, "true")
        return texts.cast(wanted)
    except (pa.ArrowException, ValueError):
        raise StoreError(
            f"cube {draft.cube.name}: {name} holds a text that is not a {_WORDS.get(name, 'number')}"
        ) from None


_WORDS = {"charge_date": "date", **dict.fromkeys(AMOUNT_COLUMNS, "decimal of at most 20 and 18 digits")}


def amounts(texts: pa.Array) -> pa.Array:
    """Decimal texts as exact amounts; ValueError for those that are none or do not fit.

    Arrow's own cast takes "1e30" and stores something else without an error, so only plain digits reach it.
    """
    plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN_AMOUNT), fill_value=True)
    if not pc.all(plain).as_py():
        rewritten = [
            text if fine else _plain_digits(text)
            for text, fine in zip(texts.to_pylist(), plain.to_pylist(), strict=True)
        ]
        texts = pa.array(rewritten, pa.string())
    return texts.cast(AMOUNT)


def _plain_digits(text: str) -> str:
    # Python also reads digits of other scripts and underscores, which no bill means.
    if not _AMOUNT.fullmatch(text):
        raise ValueError("not a decimal number")
    digits = format(parse_amount(text).copy_abs(), "f")
    whole, _, fraction = digits.partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if len(whole) > _WHOLE_DIGITS or len(fraction) > _FRACTION_DIGITS:
        raise ValueError("more digits than can be stored")
    return f"{'-' if text[0] == '-' else ''}{whole or '0'}.{fraction or '0'}"


def conformed(table: pa.Table) -> pa.Table:
    """The same rows with exactly the columns of `CUBE_SCHEMA`; absent ones are null."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in CUBE_SCHEMA
    ]
    return pa.table(columns, schema=CUBE_SCHEMA)


def within(table: pa.Table, period: Period) -> pa.Table:
    """The rows of the days in `period`."""
    days = pc.field("charge_date")
    return table.filter((days >= pa.scalar(period.start)) & (days < pa.scalar(period.end)))


def outside(table: pa.Table, period: Period) -> pa.Table:
    """The rows of all other days."""
    days = pc.field("charge_date")
    return table.filter((days < pa.scalar(period.start)) | (days >= pa.scalar(period.end)))


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows, sorted for compression and drill-down."""
    return pa.concat_tables(tables).sort_by(_SORT)


def metrics_of(table: pa.Table) -> tuple[str, ...]:
    """The metrics of which the table has any figure."""
    return tuple(str(metric) for metric in Metric if table.column(str(metric)).null_count < table.num_rows)


def currencies_of(table: pa.Table) -> tuple[str, ...]:
    """The currencies of the rows."""
    return tuple(sorted(pc.unique(pc.fill_null(table.column("currency"), "")).to_pylist()))


def estimated_from(table: pa.Table) -> date | None:
    """The first day with an estimated row."""
    days = table.filter(pc.field("estimated")).column("charge_date")
    first: date | None = pc.min(days).as_py()
    return first

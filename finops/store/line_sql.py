"""The one query that turns a relation of an importer into a part of `cost_lines`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from finops.model.errors import StoreError
from finops.store.line_schema import ASKED_COLUMNS, LINE_TYPES, Scope, tag_column
from finops.store.selecting import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

_DEFAULTS = {
    "charge_date": (
        "charge_period_start",
        "coalesce(CAST({own} AS DATE), CAST({other} AS DATE))",
        "CAST({other} AS DATE)",
    ),
    "charge_type": ("charge_category", "coalesce({own}, {other})", "{other}"),
}
"""Columns with a stand-in: the column that stands in, the expression with both, the one with the stand-in alone."""

_ORDER = ("sub_account_id", "service_name", "usage_type", "charge_date")
"""Compresses a third better than the order of the export, and a question about one service skips most row groups.

A usage type settles unit, price and SKU, so those columns become long runs. Sorting by resource as well saves next to
nothing more and takes a tenth longer, for the long texts it compares.
"""

_WRITTEN = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER false"
"""Level 1 costs a tenth less time than 3 for the same size; rows are sorted, so Bloom filters would save no reading."""


def scope_text(scope: Scope) -> str:
    """The scope as kept in the ledger."""
    return json.dumps([scope.provider, scope.billing_account, scope.billing_period])


def copy_statement(
    connection: duckdb.DuckDBPyConnection, relation: str, promoted_tags: Sequence[str], target: Path
) -> Statement:
    """Writes the relation's rows to `target`, promoted tags beside their map, sorted for drill-down.

    Columns that neither the relation has nor any query names are left out of the file: writing fifty columns of
    nothing takes as long as writing ten of something. StoreError for a column that the schema does not know; its place
    is `extra`.
    """
    kinds = {str(row[0]).lower(): str(row[1]) for row in connection.execute(f"DESCRIBE {relation}").fetchall()}
    given = set(kinds)
    unknown = sorted(given - set(LINE_TYPES))
    if unknown:
        raise StoreError(f"line items have no column {', '.join(unknown)}; unknown columns belong into extra")
    found = {name: text for name in LINE_TYPES if (text := _expression(name, given))}
    if "charge_date" not in found:
        raise StoreError("line items need charge_date or charge_period_start")
    sorted_rows = ", ".join(f'{_cast(text, LINE_TYPES[name], kinds)} AS "{name}"' for name, text in found.items())
    columns = [
        f'"{name}"' if name in found else f'CAST(NULL AS {kind}) AS "{name}"'
        for name, kind in LINE_TYPES.items()
        if name in found or name in ASKED_COLUMNS
    ]
    columns += [f'tags[$tag{number}] AS "{tag_column(key)}"' for number, key in enumerate(promoted_tags)]
    order = ", ".join(f'"{name}"' for name in _ORDER if name in found)
    # Relation and columns are checked names; the path is the store's own, quoted for folders with an apostrophe. What
    # is null or derived joins after the sort, which has less to move then.
    rows = f"SELECT {sorted_rows} FROM {relation} ORDER BY {order}"  # noqa: S608
    path = str(target).replace("'", "''")
    sql = f"COPY (SELECT {', '.join(columns)} FROM ({rows})) TO '{path}' ({_WRITTEN})"  # noqa: S608
    return Statement(sql, {f"tag{number}": key for number, key in enumerate(promoted_tags)})


def _expression(name: str, given: set[str]) -> str:
    other, both, alone = _DEFAULTS.get(name, ("", "", ""))
    if other in given:
        return (both if name in given else alone).format(own=f'"{name}"', other=f'"{other}"')
    return f'"{name}"' if name in given else ""


def _cast(text: str, kind: str, kinds: dict[str, str]) -> str:
    # An enumeration is written as the texts it stands for, and sorts and writes in half the time.
    enumerated = kind == "VARCHAR" and kinds.get(text.strip('"'), "").startswith("ENUM")
    return text if enumerated else f"CAST({text} AS {kind})"

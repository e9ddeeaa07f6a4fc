"""Assets, changes, accounts as tables: few columns for people, all of them for a pipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.api.asset_parameters import TAG_COLUMN
from finops.api.envelope import instant, json_text
from finops.cli.text import Table
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from export import Cell
    from finops.api.envelope import Document

Record = dict[str, Any]
"""One item of a document."""

ASSET_COLUMNS = ("name", "kind", "account", "region", "state", "lifecycle", "created", "cost", "currency", "asset_id")
CHANGE_COLUMNS = ("at", "change", "name", "kind", "account", "region", "field", "before", "after", "asset_id")
ACCOUNT_COLUMNS = ("account", "name", "status", "unit", "email", "role", "external_id", "regions", "last_seen")


def member(document: Document, name: str) -> Record:
    """`data` or `meta` of a document."""
    found = document[name]
    if not isinstance(found, dict):
        raise TypeError(f"{name} of a document is an object")
    return found


def told_failures(document: Document) -> tuple[Failure, ...]:
    """What `meta.failures` of a document tells."""
    return tuple(Failure(**failure) for failure in member(document, "meta")["failures"])


def record_table(items: Iterable[Record], columns: Sequence[str], shown: Sequence[str] = ()) -> Table:
    """A table of some fields of records; a terminal is given those `shown` (none named: all)."""
    rows = tuple(tuple(cell(item, column) for column in columns) for item in items)
    return Table(tuple(columns), rows, shown=tuple(shown))


def detail_table(data: Mapping[str, Any]) -> Table:
    """One asset with all that surrounds it, line by line."""
    found: Record = data["asset"]
    rows: list[tuple[Cell, ...]] = [
        ("asset", name, cell(found, name)) for name in found if name not in {"tags", "details"}
    ]
    rows += [("tag", key, value) for key, value in (found["tags"] or {}).items()]
    rows += [("detail", name, plain(value)) for name, value in found["details"].items()]
    rows += [(each["direction"], each["relation"], _other(each)) for each in data["relationships"]]
    rows += [("history", instant(each["at"]), _event(each)) for each in data["history"]]
    return Table(("part", "name", "value"), tuple(rows))


def cell(item: Mapping[str, Any], column: str) -> Cell:
    """A field of a record, `tag:<Key>` among them, as a cell."""
    if column.startswith(TAG_COLUMN):
        return plain((item["tags"] or {}).get(column.removeprefix(TAG_COLUMN)))
    return plain(item[column])


def plain(value: object) -> Cell:
    """A value as a cell: texts, amounts, instants and objects as they are, lists of texts joined, the rest as JSON."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if value is None or isinstance(value, str | int | Decimal | datetime | Mapping):
        return value
    return json_text(value)


def _other(relationship: Mapping[str, Any]) -> str:
    named = f" ({relationship['name']})" if relationship["name"] else ""
    known = f", asset {relationship['asset_id']}" if relationship["asset_id"] else ", not in the inventory"
    return f"{relationship['kind']} {relationship['target']}{named}{known}"


def _event(change: Mapping[str, Any]) -> str:
    if not change["field"]:
        return str(change["kind"])
    before, after = (json.dumps(change[side], ensure_ascii=False) for side in ("before", "after"))
    return f"{change['field']} {change['kind']}: {before} → {after}"

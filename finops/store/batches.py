"""Statements over many rows, in batches that every database takes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Executable, Row, Select, Table

BATCH = 5_000
"""SQLite allows 32,766 bound values a statement, PostgreSQL 65,535."""


def batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """The values in order, at most `BATCH` at a time."""
    left = iter(values)
    while some := list(islice(left, BATCH)):
        yield some


def rows_among(
    connection: Connection, wanted: Select[Any], key: ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Row[Any]]:
    """What a query finds where `key` is among the values, however many there are."""
    for some in batches(values):
        yield from connection.execute(wanted.where(key.in_(some))).all()


def execute_many(connection: Connection, statement: Executable, rows: Iterable[Mapping[str, Any]]) -> None:
    """Runs a statement once for each row, by the driver's own way for many."""
    for some in batches(rows):
        connection.execute(statement, some)


def update_each(
    connection: Connection, table: Table, key: str, changed: Sequence[tuple[Any, Mapping[str, Any]]]
) -> None:
    """Sets columns of the rows with these keys; every row sets the same columns."""
    if changed:
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changed[0][1] if name != key}
        statement = update(table).where(table.c[key] == bindparam("held_key")).values(columns)
        rows = ({"held_key": held} | {f"new_{name}": row[name] for name in columns} for held, row in changed)
        execute_many(connection, statement, rows)

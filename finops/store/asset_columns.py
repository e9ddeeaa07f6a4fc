"""Assets as files take them: column by column, some hundred at a time, no object for any of them."""

from __future__ import annotations

from array import array
from datetime import UTC
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, String, bindparam, select, type_coerce
from sqlalchemy.types import TypeEngine

from finops.store.schema import asset, asset_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Dialect, Select

    from finops.store.database import Database

Columns = list["Sequence[Any]"]
"""The values of some assets: a sequence for each field asked for, all of the same length."""

_NUMBERS_AT_ONCE = 5_000
INSTANTS = frozenset({"created", "first_seen", "last_seen", "missing_since"})


class _Numbers(TypeEngine[Any]):
    """Whole numbers as a list in the statement itself: binding each of them would take a fifth of an export."""

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:  # noqa: ARG002
        return lambda numbers: f"({','.join(map(str, numbers))})"


_AMONG = bindparam("numbers", type_=_Numbers(), literal_execute=True)


def columns(
    database: Database, numbers: Select[int], fields: Sequence[str], *, rows: int, as_text: bool
) -> Iterator[Columns]:
    """Fields of the assets with these numbers, `rows` assets at a time, in the order they had at the start.

    No transaction stays open between two steps, however slowly they are taken.
    """
    instants = _instant_texts if as_text else _instants
    wanted = (
        select(asset.c.asset_no, *(_column(field, as_text=as_text) for field in fields))
        .join(asset_body, asset_body.c.asset_no == asset.c.asset_no)
        .where(asset.c.asset_no.op("IN")(_AMONG))
    )
    with database.reading() as connection:
        ordered = array("q", chain.from_iterable(connection.execute(numbers).scalars().partitions(_NUMBERS_AT_ONCE)))
    for start in range(0, len(ordered), rows):
        some = ordered[start : start + rows].tolist()
        with database.reading() as connection:
            found = {row[0]: row for row in connection.execute(wanted, {"numbers": some}).all()}
        _, *values = zip(*[found[number] for number in some], strict=True)
        yield [instants(each) if field in INSTANTS else each for field, each in zip(fields, values, strict=True)]


def _column(field: str, *, as_text: bool) -> ColumnElement[Any]:
    """The column of a field. Instants come as the driver gives them: the type of the table tells zones one by one."""
    column: ColumnElement[Any] = asset.c[field] if field in asset.c else asset_body.c[field]
    if field in INSTANTS:
        return type_coerce(column, String() if as_text else DateTime())
    return column


def _instants(values: Sequence[datetime | None]) -> Sequence[datetime | None]:
    aware = {value: value.replace(tzinfo=UTC) for value in set(values) if value is not None}
    return [None if value is None else aware[value] for value in values]


def _instant_texts(values: Sequence[Any]) -> Sequence[str]:
    """`2026-11-20T06:00:00Z`, `""` for none, of what SQLite gives as text and other drivers as `datetime`."""
    told = "\n".join(map(str, values)).replace(" ", "T").replace(".000000", "")
    return f"{told}\n".replace("\n", "Z\n").replace("NoneZ", "")[:-1].split("\n")

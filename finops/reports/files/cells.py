"""What a cell of a file holds, its text, and text that no spreadsheet executes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING

from finops.model.money import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Cell = str | Decimal | int | bool | date | datetime | Mapping[str, object] | None
Record = dict[str, Cell]
Chunk = Sequence[Sequence[Cell]]
"""The cells of some records, column by column."""

CHUNK_RECORDS = 500

_FORMULA_STARTS = frozenset("=+-@＝＋－＠")  # noqa: RUF001 - the full-width forms that Excel reads as operators
_BREAKS = frozenset("\t\r\n")
_SURROGATES = re.compile("[\ud800-\udfff]")


def cell_text(cell: Cell) -> str:
    """One cell as text: numbers and days as they are, instants in UTC, objects as JSON, text made safe, "" for None."""
    if isinstance(cell, str):
        return safe_text(cell)
    make = _AS_TEXT.get(type(cell))
    return make(cell) if make else safe_text(JSON.encode(cell))


def _member(value: object) -> object:
    """A value inside an object, amounts and days as the API writes them; TypeError for what no cell holds."""
    if isinstance(value, Mapping):
        return dict(value)
    make = _AS_TEXT.get(type(value))
    if make is None:
        raise TypeError(f"no cell holds a {type(value).__name__}")
    return make(value)


JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_member)
"""Objects as they stand in a cell."""


def safe_text(text: str) -> str:
    """Text that a spreadsheet shows and never runs: a `'` before anything it would read as a formula.

    Spreadsheets skip blanks and invisible characters before `=`, and take the full-width operators for the plain ones
    (OWASP, "CSV Injection"). Lone surrogates, which UTF-8 cannot carry, become U+FFFD; NUL is dropped.
    """
    text = paired(text).replace("\0", "")
    first = next((char for char in text if not _invisible(char)), "")
    return f"'{text}" if first in _FORMULA_STARTS or text[:1] in _BREAKS else text


def paired(text: str) -> str:
    """The text with U+FFFD for each surrogate that stands alone: UTF-8 and most readers of JSON refuse those."""
    if not has_surrogates(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def has_surrogates(text: str) -> bool:
    """Whether any stands in a text."""
    return not text.isascii() and _SURROGATES.search(text) is not None


def instant_text(moment: datetime) -> str:
    """An instant as ISO 8601 in UTC with `Z`, as the API writes it."""
    told = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{told.isoformat()[:-6]}Z"


def record_chunks(columns: Sequence[str], records: Iterable[Record]) -> Iterator[Chunk]:
    """Records as chunks of some hundred; a field that one lacks is None."""
    rest = iter(records)
    while some := list(islice(rest, CHUNK_RECORDS)):
        yield [[record.get(column) for record in some] for column in columns]


def row_chunks(rows: Iterable[Sequence[Cell]], *, size: int = CHUNK_RECORDS) -> Iterator[Chunk]:
    """Rows as chunks. ValueError for rows of different lengths."""
    rest = iter(rows)
    while some := list(islice(rest, size)):
        yield list(zip(*some, strict=True))


def even_chunks(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """The same cells in chunks of one size, however they came: what is made of them then depends on the cells alone."""
    held: list[list[Cell]] = []
    for chunk in chunks:
        if not held and len(chunk[0]) == CHUNK_RECORDS:
            yield chunk
            continue
        held = [[*before, *cells] for before, cells in zip(held or [[]] * len(chunk), chunk, strict=True)]
        while held and len(held[0]) >= CHUNK_RECORDS:
            yield [cells[:CHUNK_RECORDS] for cells in held]
            held = [cells[CHUNK_RECORDS:] for cells in held] if len(held[0]) > CHUNK_RECORDS else []
    if held and held[0]:
        yield held


def _invisible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf", "Zs", "Zl", "Zp"}


_AS_TEXT: dict[type, Callable[..., str]] = {
    NoneType: lambda _: "",
    bool: lambda cell: "true" if cell else "false",
    Decimal: plain,
    int: str,
    datetime: instant_text,
    date: date.isoformat,
}

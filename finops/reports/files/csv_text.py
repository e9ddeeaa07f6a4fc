"""CSV in pieces: RFC 4180, UTF-8 without BOM, cells that no spreadsheet executes.

Columns of some hundred cells are looked at together, and one by one only where something in them needs care: byte for
byte what `cell_text` and quoting give for each cell, in a fraction of the time.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, cast

from finops.model.money import plain
from finops.reports.files.cells import JSON, cell_text, has_surrogates, instant_text, record_chunks, safe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from finops.reports.files.cells import Cell, Chunk, Record

_ODD_START = re.compile(r"\n[^\w!-*,./:-<>?\[-`{-~\n]")  # a line that begins with neither a word nor harmless ASCII
_WITH_CENTS = re.compile(r"(?:-?\d++\.\d\d++\n)*+", re.ASCII)


def csv_pieces(columns: Sequence[str], records: Iterable[Record]) -> Iterator[str]:
    """CSV text in pieces of some hundred records, so that a large answer never lies in memory as text.

    Objects are compact JSON. The first piece comes after the first records, so an error of theirs comes before it.
    """
    return csv_table(columns, record_chunks(columns, records))


def csv_table(columns: Sequence[str], chunks: Iterable[Chunk]) -> Iterator[str]:
    """CSV text of chunks, a piece for each; otherwise like `csv_pieces`."""
    head = _lines([[_field(safe_text(column))] for column in columns])
    for chunk in chunks:
        yield head + _lines([_column(cells) for cells in chunk])
        head = ""
    if head:
        yield head


def _lines(columns: Sequence[Sequence[str]]) -> str:
    if len(columns) == 1:
        columns = [[field or '""' for field in columns[0]]]  # an empty line would be no record
    return "\r\n".join([*map(",".join, zip(*columns, strict=True)), ""])


def _column(cells: Sequence[Cell]) -> Sequence[str]:
    """The fields of one column. Its cells are looked at together, and one by one only where something needs care."""
    try:
        texts, joined = cast("Sequence[str]", cells), "\n".join(["", *cast("Sequence[str]", cells), ""])
    except TypeError:  # not texts alone
        kinds = set(map(type, cells))
        make = _FIGURES.get(next(iter(kinds - {NoneType}), NoneType)) if len(kinds - {NoneType}) <= 1 else None
        if make is not None:
            return make(cells)
        texts = _column_texts(cells, kinds)
        joined = "\n".join(["", *texts, ""])
    if not texts or not _harmless(joined, len(texts)):
        return [_field(cell_text(cell)) for cell in cells]
    if '"' not in joined and "," not in joined:
        return texts
    return [f'"{text}"' if '"' in text or "," in text else text for text in joined.replace('"', '""')[1:-1].split("\n")]


def _column_texts(cells: Sequence[Cell], kinds: set[type]) -> Sequence[str]:
    """The cells of a column of texts, or of objects as JSON, `""` for None; nothing where others are among them."""
    some = kinds - {NoneType}
    if some == {dict}:
        objects = iter(_json_texts([cell for cell in cells if cell is not None]))
        return ["" if cell is None else next(objects) for cell in cells]
    if all(issubclass(kind, str) for kind in some):
        return [text or "" for text in cast("Sequence[str | None]", cells)]
    return ()


def _json_texts(objects: list[Cell]) -> Iterable[str]:
    """Objects as compact JSON: encoded together and taken apart at `},{`; one by one where one holds that itself."""
    bodies = JSON.encode(objects)[2:-2].split("},{")
    return [f"{{{body}}}" for body in bodies] if len(bodies) == len(objects) else map(JSON.encode, objects)


def _harmless(joined: str, lines: int) -> bool:
    """Whether between line breaks stand as many texts as `lines`, each one that `safe_text` leaves as it is."""
    return (
        joined.count("\n") == lines + 1
        and "\0" not in joined
        and "\r" not in joined
        and not _ODD_START.search(joined)
        and not has_surrogates(joined)
    )


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in '",\r\n') else text


def _amounts(cells: Sequence[Decimal | None]) -> Sequence[str]:
    """Amounts as `plain` writes them, which is mostly how Python does."""
    texts = list(map(str, cells))
    joined = "\n".join([*texts, ""])
    if "-0.00" in joined or not _WITH_CENTS.fullmatch(joined):
        return ["" if cell is None else plain(cell) for cell in cells]
    if "0\n" not in joined:
        return texts
    whole = zip(texts, cast("Sequence[Decimal]", cells), strict=True)
    return [text if text[-1] != "0" or text[-3] == "." else plain(cell) for text, cell in whole]


def _repeated(make: Callable[..., str]) -> Callable[[Sequence[Cell]], Sequence[str]]:
    """Texts of a column whose values are few: each is made once."""

    def texts(cells: Sequence[Cell]) -> Sequence[str]:
        made = {cell: "" if cell is None else make(cell) for cell in set(cells)}
        return [made[cell] for cell in cells]

    return texts


_FIGURES: dict[type, Callable[..., Sequence[str]]] = {
    Decimal: _amounts,
    datetime: _repeated(instant_text),
    date: _repeated(date.isoformat),
    bool: _repeated(cell_text),
    int: lambda cells: ["" if cell is None else str(cell) for cell in cells],
    NoneType: lambda cells: [""] * len(cells),
}
"""The only type in a column, None aside → its fields: none of them can be mistaken for a formula's text."""

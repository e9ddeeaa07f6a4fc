"""Values as the XML of Excel's cells, column by column. Excel runs what stands in `<f>`, and none is ever written."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from string import ascii_uppercase
from typing import TYPE_CHECKING, cast

from finops.reports.files import excel_parts as parts
from finops.reports.files.cells import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finops.reports.files.cells import Cell, Chunk

TEXT_LIMIT = 32_767
"""UTF-16 units in the text of one cell; Excel calls a file damaged that has more."""

_CUT = " … (cut)"
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_TRUE_DAY = 61  # Excel has a 29 February 1900: numbers before it mean other days than elsewhere
_EXACT = 10**15  # Excel keeps fifteen digits
_MARKUP = ("&", "<", ">", "_x")
_AT_AN_END = ("\n\n", "\n ", " \n")
_CARE = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads `_x0041_` as A


@dataclass(frozen=True, slots=True)
class Look:
    """How a column looks: the styles of its texts, whole numbers and amounts. `percent`: amounts are percent points."""

    text: int = parts.TEXT
    whole: int = parts.GENERAL
    amount: int = parts.AMOUNT
    percent: bool = False


PLAIN, HEADER, NOTE = Look(), Look(parts.HEADER), Look(parts.NOTE)


class Cells:
    """Writes rows and counts in `cut` the texts that were too long for a cell."""

    def __init__(self) -> None:
        self.cut = 0

    def rows(self, first: int, chunk: Chunk, looks: Sequence[Look]) -> bytes:
        """The rows of a chunk, numbered from `first`, each column in its look. Nothing is written for empty cells."""
        numbers = range(first, first + len(chunk[0]))
        columns = [
            self._column(letters(place), numbers, cells, look)
            for place, (cells, look) in enumerate(zip(chunk, looks, strict=True), 1)
        ]
        rows = zip(numbers, map("".join, zip(*columns, strict=True)), strict=True)
        return "".join([f'<row r="{number}">{cells}</row>' for number, cells in rows]).encode()

    def _column(self, letter: str, numbers: range, cells: Sequence[Cell], look: Look) -> Sequence[str]:
        kinds = set(map(type, cells))
        start = f'<c r="{letter}'
        if kinds == {str} and _simple(cast("Sequence[str]", cells)):
            middle = f'" s="{look.text}" t="inlineStr"><is><t>'
            texts = zip(numbers, cast("Sequence[str]", cells), strict=True)
            return [f"{start}{number}{middle}{text}</t></is></c>" for number, text in texts]
        if len(kinds) == 1 and kinds <= {datetime, date}:
            made = {cell: self._cell(cell, look) for cell in set(cells)}
            return [f'{start}{number}"{made[cell]}' for number, cell in zip(numbers, cells, strict=True)]
        if kinds == {Decimal} and not look.percent and all(map(Decimal.is_finite, cast("Sequence[Decimal]", cells))):
            middle = f'" s="{look.amount}"><v>'
            amounts = zip(numbers, cast("Sequence[Decimal]", cells), strict=True)
            return [f"{start}{number}{middle}{amount!s}</v></c>" for number, amount in amounts]
        return [
            "" if cell is None or cell == "" else f'{start}{number}"{self._cell(cell, look)}'
            for number, cell in zip(numbers, cells, strict=True)
        ]

    def _cell(self, value: Cell, look: Look) -> str:
        """What follows the place of a cell."""
        if not isinstance(value, str):
            typed = _typed(value, look)
            if typed:
                return f" {typed[0]}><v>{typed[1]}</v></c>"
        text = self._text(JSON.encode(value) if isinstance(value, Mapping) else str(value))
        space = ' xml:space="preserve"' if text != text.strip() else ""
        return f' s="{look.text}" t="inlineStr"><is><t{space}>{text}</t></is></c>'

    def _text(self, text: str) -> str:
        if len(text) > TEXT_LIMIT // 2:
            units = text.encode("utf-16-le", "surrogatepass")
            if len(units) > 2 * TEXT_LIMIT:
                self.cut += 1
                text = units[: 2 * (TEXT_LIMIT - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
        return xml_text(text)


def xml_text(text: str) -> str:
    """Text between two tags: what XML 1.0 cannot carry becomes U+FFFD, CR becomes LF."""
    if not _CARE.search(text):
        return text
    text = _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LIKE_ESCAPE.sub("_x005F_", html.escape(text, quote=False))


def letters(number: int) -> str:
    """The name of a column: A for 1, AA for 27."""
    name = ""
    while number:
        number, place = divmod(number - 1, 26)
        name = ascii_uppercase[place] + name
    return name


def columns_of(rows: Iterable[Sequence[Cell]], width: int) -> Chunk:
    """Rows of any length as a chunk of `width` columns."""
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    return list(zip(*padded, strict=True))


def _simple(texts: Sequence[str]) -> bool:
    """Whether all can stand in XML as they are, none empty, too long, or with blanks around it."""
    joined = "\n".join(["", *texts, ""])
    return (
        joined.count("\n") == len(texts) + 1
        and joined.replace("\n", "").isprintable()
        and not any(mark in joined for mark in _MARKUP)
        and not any(mark in joined for mark in _AT_AN_END)
        and (len(joined) <= TEXT_LIMIT // 2 or max(map(len, texts)) <= TEXT_LIMIT // 2)
    )


def _typed(value: Cell, look: Look) -> tuple[str, str] | None:
    """Attributes and content of a cell with a type; None for what is better told as text."""
    if isinstance(value, bool):
        return 't="b"', f"{value:d}"
    if isinstance(value, int):
        return _whole(value, look)
    if isinstance(value, Decimal):
        told = value.scaleb(-2) if look.percent and value.is_finite() else value
        return (f's="{look.amount}"', str(told)) if value.is_finite() else None
    return _dated(value) if isinstance(value, date) else None


def _whole(value: int, look: Look) -> tuple[str, str] | None:
    if abs(value) >= _EXACT:
        return None
    return (f's="{look.amount}"', str(Decimal(value).scaleb(-2))) if look.percent else (f's="{look.whole}"', str(value))


def _dated(value: date) -> tuple[str, str] | None:
    """Days since Excel's epoch, the time of an instant as their fraction."""
    if isinstance(value, datetime):
        serial, style = (value - _EPOCH) / timedelta(days=1), parts.INSTANT
    else:
        serial, style = float((value - _EPOCH.date()).days), parts.DAY
    return (f's="{style}"', str(serial)) if serial >= _FIRST_TRUE_DAY else None

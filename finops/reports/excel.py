"""Excel files in pieces: rows written as they come into a ZIP that never lies anywhere as a whole.

docs/decisions/0008-excel-writer.md tells why no library writes them.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from string import ascii_uppercase
from typing import TYPE_CHECKING

from finops.reports import excel_parts as parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from _typeshed import ReadableBuffer

Value = str | Decimal | int | date | None
"""What a cell holds: a text, an amount, a number or truth value, a day or an instant, or nothing."""

TEXT_LIMIT = 32_767
"""UTF-16 units in the text of one cell; Excel calls a file damaged that has more."""

_CUT = " … (cut)"
_BATCH = 500
_COMPRESSION = 4  # an eighth larger than with the usual 6, compressed in two thirds of the time
_WIDEST, _INSTANT_WIDTH, _NOTE_WIDTH = 60, 23, 120
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_TRUE_DAY = 61  # Excel has a 29 February 1900: numbers before it mean other days than elsewhere
_EXACT = 10**15  # Excel keeps fifteen digits

_SHEET_NAME = re.compile(r"(?!about\b|history$)\w[\w .-]{0,24}", re.IGNORECASE)
_CARE = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads `_x0041_` as A


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """When a sheet is full: with Excel's rows, header included, or so much XML that the ZIP would need 64-bit sizes."""

    rows: int = 1_048_576
    xml_bytes: int = 1_800_000_000


def workbook_pieces(
    columns: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    sheet: str,
    notes: Sequence[str] = (),
    limits: SheetLimits | None = None,
) -> Iterator[bytes]:
    """An .xlsx file, some hundred rows a piece. Row 1 holds `columns`: bold, frozen, with filters.

    Text is text whatever it says; what XML cannot carry becomes U+FFFD. Numbers, days and instants (aware, shown in
    UTC) have types; integers beyond fifteen digits and days before March 1900 are text. A full sheet goes on as
    `<sheet> 2`. The last sheet, "About", holds `notes`, one a row, and says how many texts were cut. Equal input gives
    equal bytes. The first piece comes after the first rows, so an error of theirs comes before it. ValueError for a
    sheet name that Excel would refuse, and without columns.
    """
    if not _SHEET_NAME.fullmatch(sheet) or not columns:
        raise ValueError(f"a sheet needs a name that Excel takes, and a column: {sheet!r}")
    return _Book(columns, sheet, limits or SheetLimits()).pieces(rows, notes)


class _Outlet(io.RawIOBase):
    """Where the ZIP is written: bytes until they are taken. It cannot tell or seek; the ZIP does without."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def write(self, data: ReadableBuffer) -> int:
        self._held += data
        return memoryview(data).nbytes

    def taken(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held


class _Book:
    """One file as it grows: `ends` are the last rows of its sheets, `cells` knows how many texts were cut."""

    def __init__(self, columns: Sequence[str], sheet: str, limits: SheetLimits) -> None:
        self.columns = columns
        self.sheet = sheet
        self.limits = limits
        self.cells = _Cells(len(columns))
        self.ends: list[int] = []

    def pieces(self, rows: Iterable[Sequence[Value]], notes: Sequence[str]) -> Iterator[bytes]:
        batches = _batches(rows, min(_BATCH, self.limits.rows - 1))
        batch = next(batches, [])
        widths = [_width(name, [row[place] for row in batch]) for place, name in enumerate(self.columns)]
        outlet = _Outlet()
        with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as book:
            while batch or not self.ends:
                with book.open(parts.sheet_part(len(self.ends) + 1), "w") as sheet:
                    size, end = sheet.write(self._start(widths)), 1
                    while batch and end + len(batch) <= self.limits.rows and size < self.limits.xml_bytes:
                        size += sheet.write(self.cells.rows(end + 1, batch))
                        end += len(batch)
                        yield outlet.taken()
                        batch = next(batches, [])
                    sheet.write(parts.filtered_end(self.cells.area(end)).encode())
                self.ends.append(end)
            for path, content in self._closing(notes):
                with book.open(path, "w") as part:
                    part.write(content)
        yield outlet.taken()

    def _start(self, widths: Sequence[int]) -> bytes:
        start = parts.sheet_start(widths, frozen=True, selected=not self.ends)
        return start.encode() + self.cells.rows(1, [self.columns], parts.HEADER)

    def _closing(self, notes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        names = [self.sheet, *(f"{self.sheet} {number}" for number in range(2, len(self.ends) + 1))]
        yield parts.sheet_part(len(names) + 1), self._about(notes)
        areas = [self.cells.area(end) for end in self.ends]
        for path, content in parts.closing_parts(list(zip(names, areas, strict=True))):
            yield path, content.encode()

    def _about(self, notes: Sequence[str]) -> bytes:
        rows = self.cells.rows(1, [(note,) for note in notes], parts.NOTE)
        if self.cells.cut:
            told = (
                f"Texts cut, because Excel holds no more than {TEXT_LIMIT:,} characters in a cell: {self.cells.cut:,}"
            )
            rows += self.cells.rows(len(notes) + 1, [(told,)], parts.NOTE)
        start = parts.sheet_start([_NOTE_WIDTH], frozen=False, selected=False)
        return start.encode() + rows + parts.SHEET_END.encode()


class _Cells:
    """Values as the XML of their cells. Excel runs what stands in `<f>`, and none is ever written."""

    def __init__(self, columns: int) -> None:
        self.cut = 0
        self._letters = [_letters(number) for number in range(1, columns + 1)]

    def area(self, end: int) -> str:
        """The cells of a sheet from its header to row `end`."""
        return f"A1:{self._letters[-1]}{end}"

    def rows(self, first: int, rows: Iterable[Sequence[Value]], style: int = parts.TEXT) -> bytes:
        """Rows numbered from `first`, their texts in `style`. Nothing is written for what is empty."""
        xml = []
        for number, row in enumerate(rows, first):
            cells = [
                self._cell(f"{letter}{number}", value, style)
                for letter, value in zip(self._letters, row, strict=False)
                if value is not None and value != ""
            ]
            xml.append(f'<row r="{number}">{"".join(cells)}</row>')
        return "".join(xml).encode()

    def _cell(self, place: str, value: Value, style: int) -> str:
        if not isinstance(value, str):
            typed = _typed(value)
            if typed:
                return f'<c r="{place}" {typed[0]}><v>{typed[1]}</v></c>'
        text = self._text(str(value))
        space = ' xml:space="preserve"' if text != text.strip() else ""
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'

    def _text(self, text: str) -> str:
        if len(text) > TEXT_LIMIT // 2:
            units = text.encode("utf-16-le", "surrogatepass")
            if len(units) > 2 * TEXT_LIMIT:
                self.cut += 1
                text = units[: 2 * (TEXT_LIMIT - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
        if not _CARE.search(text):
            return text
        text = _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
        return _LIKE_ESCAPE.sub("_x005F_", html.escape(text, quote=False))


def _typed(value: Value) -> tuple[str, str] | None:
    """Attributes and content of a cell with a type; None for what is better told as text."""
    if isinstance(value, bool):
        return 't="b"', f"{value:d}"
    if isinstance(value, int):
        return (f's="{parts.GENERAL}"', str(value)) if abs(value) < _EXACT else None
    if isinstance(value, Decimal):
        return (f's="{parts.AMOUNT}"', str(value)) if value.is_finite() else None
    return _dated(value) if isinstance(value, date) else None


def _dated(value: date) -> tuple[str, str] | None:
    """Days since Excel's epoch, the time of an instant as their fraction."""
    if isinstance(value, datetime):
        serial, style = (value - _EPOCH) / timedelta(days=1), parts.INSTANT
    else:
        serial, style = float((value - _EPOCH.date()).days), parts.DAY
    return (f's="{style}"', str(serial)) if serial >= _FIRST_TRUE_DAY else None


def _batches(rows: Iterable[Sequence[Value]], size: int) -> Iterator[list[Sequence[Value]]]:
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


def _width(name: str, values: Sequence[Value]) -> int:
    """Characters that show a header beside its filter button, and the first values, up to a limit."""
    shown = [_INSTANT_WIDTH if isinstance(value, datetime) else len(str(value or "")) for value in values]
    return min(max(len(name) + 3, *shown, 6) + 2, _WIDEST)


def _letters(number: int) -> str:
    """The name of a column: A for 1, AA for 27."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = ascii_uppercase[place] + letters
    return letters

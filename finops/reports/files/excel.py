"""Excel files in pieces: rows written as they come into a ZIP that never lies anywhere as a whole.

    with Book(names) as book:
        yield from book.table("Costs", ["Service", "Cost"], chunks, written=written)
        yield from book.close(["Costs"])

docs/decisions/0008-excel-writer.md and 0013-report-files.md tell why no library writes them.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from finops.reports.files import excel_parts as parts
from finops.reports.files.cells import even_chunks, row_chunks
from finops.reports.files.excel_cells import HEADER, NOTE, PLAIN, TEXT_LIMIT, Cells, Look, columns_of, letters
from finops.reports.files.sheet_names import SheetNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from _typeshed import ReadableBuffer

    from finops.reports.files.cells import Cell, Chunk

__all__ = ["TEXT_LIMIT", "Book", "Drawing", "Page", "Part", "SheetLimits", "sheet_pieces", "workbook_pieces"]

_COMPRESSION = 4  # an eighth larger than with the usual 6, compressed in two thirds of the time
_WIDEST, _INSTANT_WIDTH, _NOTE_WIDTH = 60, 23, 120


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """When a sheet is full: with Excel's rows, header included, or so much XML that the ZIP would need 64-bit sizes."""

    rows: int = 1_048_576
    xml_bytes: int = 1_800_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet of a table as it was written: its name, and how many rows of the table it holds."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What lies over a sheet: the XML of the drawing, and of the charts that it names rId1, rId2 and so on."""

    xml: str
    charts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet that is laid out rather than listed: rows of cells with the look of each row's cells."""

    rows: Sequence[tuple[Sequence[Cell], Sequence[Look]]]
    widths: Sequence[int]
    drawing: Drawing | None = None


def workbook_pieces(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    sheet: str,
    notes: Sequence[str] = (),
    limits: SheetLimits | None = None,
) -> Iterator[bytes]:
    """An .xlsx file of one table, some hundred rows a piece. Row 1 holds `columns`: bold, frozen, with filters.

    Text is text whatever it says; what XML cannot carry becomes U+FFFD. Numbers, days and instants (aware, shown in
    UTC) have types; integers beyond fifteen digits and days before March 1900 are text; objects are compact JSON. A
    full sheet goes on as `<sheet> 2`. The last sheet, "About", holds `notes`, one a row, and says how many texts were
    cut. Equal input gives equal bytes. The first piece comes after the first rows, so an error of theirs comes before
    it. ValueError for a sheet name that Excel would refuse, and without columns.
    """
    return sheet_pieces(columns, row_chunks(rows), sheet=sheet, notes=notes, limits=limits)


def sheet_pieces(
    columns: Sequence[str],
    chunks: Iterable[Chunk],
    *,
    sheet: str,
    notes: Sequence[str] = (),
    limits: SheetLimits | None = None,
) -> Iterator[bytes]:
    """The same of chunks."""
    names = SheetNames((parts.ABOUT,))
    if names.taken(sheet) != sheet or not columns:
        raise ValueError(f"a sheet needs a name that Excel takes, and a column: {sheet!r}")
    return _one_table(Book(names, limits), sheet, columns, chunks, notes)


def _one_table(
    book: Book, sheet: str, columns: Sequence[str], chunks: Iterable[Chunk], notes: Sequence[str]
) -> Iterator[bytes]:
    written: list[Part] = []
    with book:
        yield from book.table(sheet, columns, chunks, written=written)
        told = [*notes, *book.cut_note()]
        book.page(parts.ABOUT, Page([((note,), (NOTE,)) for note in told], [_NOTE_WIDTH]))
        yield from book.close([*(part.name for part in written), parts.ABOUT])


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


class Book:
    """One file as it grows. Sheets are written in any order and shown in that of `close`, the first one in front."""

    def __init__(self, names: SheetNames, limits: SheetLimits | None = None) -> None:
        self.styles = parts.Styles()
        self._names = names
        self._limits = limits or SheetLimits()
        self._cells = Cells()
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(self._outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._sheets: dict[str, parts.SheetPart] = {}
        self._charts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Lets go of the ZIP of a file that is whole, or was left half-way."""
        self._zip.close()

    def table(
        self,
        name: str,
        header: Sequence[str],
        chunks: Iterable[Chunk],
        *,
        looks: Sequence[Look] = (),
        written: list[Part],
    ) -> Iterator[bytes]:
        """Writes a table, over several sheets where one is full; `written` is told of each. At least one is."""
        looks = looks or [PLAIN] * len(header)
        rest = _Rest(chunks)
        chunk = rest.next()
        widths = [_width(title, chunk[place] if chunk else ()) for place, title in enumerate(header)]
        while chunk is not None or not written:
            sheet_name = name if not written else self._names.following(name, len(written) + 1)
            first, end = not self._sheets, 1
            with self._zip.open(parts.sheet_path(len(self._sheets) + 1), "w") as sheet:
                size = sheet.write(parts.sheet_start(widths, frozen=True, selected=first).encode())
                size += sheet.write(self._cells.rows(1, columns_of([header], len(header)), [HEADER] * len(header)))
                while chunk is not None and end < self._limits.rows and size < self._limits.xml_bytes:
                    chunk = rest.cut(chunk, self._limits.rows - end)
                    size += sheet.write(self._cells.rows(end + 1, chunk, looks))
                    end += len(chunk[0])
                    yield self._outlet.taken()
                    chunk = rest.next()
                area = f"A1:{letters(len(header))}{end}"
                sheet.write(parts.filtered_end(area).encode())
            self._sheets[sheet_name] = parts.SheetPart(len(self._sheets) + 1, area)
            written.append(Part(sheet_name, end - 1))

    def page(self, name: str, page: Page) -> None:
        """Writes a sheet that is laid out."""
        number = len(self._sheets) + 1
        cells = [
            self._cells.rows(place, columns_of([row], len(row)), looks) if row else b""
            for place, (row, looks) in enumerate(page.rows, 1)
        ]
        start = parts.sheet_start(page.widths, frozen=False, selected=not self._sheets)
        end = parts.sheet_end(drawn=page.drawing is not None)
        self._write(parts.sheet_path(number), start.encode() + b"".join(cells) + end.encode())
        if page.drawing is not None:
            self._draw(number, page.drawing)
        self._sheets[name] = parts.SheetPart(number, drawing=page.drawing is not None)

    def _draw(self, number: int, drawing: Drawing) -> None:
        charts = [self._charts + place for place in range(1, len(drawing.charts) + 1)]
        self._charts += len(charts)
        self._write(parts.drawing_path(number), drawing.xml.encode())
        for chart, xml in zip(charts, drawing.charts, strict=True):
            self._write(parts.chart_path(chart), xml.encode())
        for path, content in parts.drawing_links(number, charts):
            self._write(path, content.encode())

    def cut_note(self) -> tuple[str, ...]:
        """What "About" says of texts that were too long so far."""
        told = "Texts cut, because Excel holds no more than"
        return (f"{told} {TEXT_LIMIT:,} characters in a cell: {self._cells.cut:,}",) if self._cells.cut else ()

    def close(self, order: Sequence[str]) -> Iterator[bytes]:
        """Writes what holds the sheets together, `order` being all their names, and gives what is left."""
        sheets = [(name, self._sheets[name]) for name in order]
        for path, content in parts.closing_parts(sheets, self.styles, charts=self._charts):
            self._write(path, content.encode())
        self._zip.close()
        yield self._outlet.taken()

    def _write(self, path: str, content: bytes) -> None:
        with self._zip.open(path, "w") as part:
            part.write(content)


class _Rest:
    """Chunks as they are read, and what did not fit on a sheet before the others."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._chunks = even_chunks(chunks)
        self._left: Chunk | None = None

    def next(self) -> Chunk | None:
        left, self._left = self._left, None
        return left or next(self._chunks, None)

    def cut(self, chunk: Chunk, most: int) -> Chunk:
        """The first rows of a chunk; the others come next."""
        if len(chunk[0]) <= most:
            return chunk
        self._left = [cells[most:] for cells in chunk]
        return [cells[:most] for cells in chunk]


def _width(name: str, values: Sequence[Cell]) -> int:
    """Characters that show a header beside its filter button, and the first values, up to a limit."""
    shown = [_INSTANT_WIDTH if isinstance(value, datetime) else len(str(value or "")) for value in values]
    return min(max(len(name) + 3, *shown, 6) + 2, _WIDEST)

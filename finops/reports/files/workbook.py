"""A report as an Excel workbook: "Summary" with charts, a sheet for each table, "About" with where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.reports import Kind
from finops.reports.files import excel_parts as parts
from finops.reports.files.cells import instant_text, row_chunks
from finops.reports.files.excel import Book, Drawing, Page, Part, SheetLimits
from finops.reports.files.excel_cells import HEADER, NOTE, PLAIN, Look, letters
from finops.reports.files.excel_charts import Drawn, Place, Series, chart_xml, drawing_xml
from finops.reports.files.sheet_names import SheetNames
from finops.reports.files.wording import failure_words, missing_words, note_words, period_words, scope_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from finops.model.reports import Chart, Column, Report, Table
    from finops.reports.files.cells import Cell, Chunk

    Line = tuple[Sequence[Cell], Sequence[Look]]

SUMMARY = "Summary"
PERCENT_FORMAT = "0.0%"
WHOLE_FORMAT = "#,##0"
_DOLLARS = "[$$-409]#,##0.00;[$$-409]\\-#,##0.00"
_CURRENCY = re.compile("[A-Z]{3}")
_TITLE, _ALARM = Look(parts.TITLE), Look(parts.ALARM)
_SUMMARY_WIDTHS, _ABOUT_WIDTHS = (34, 22, 22, 44), (24, 100)
_CHART_WIDTH, _CHART_HEIGHT, _CHART_ROWS = 550, 300, 16
_CHART_COLUMNS = (0, 3)  # two beside each other: the first three columns are as wide as a chart


@dataclass(slots=True)
class _Written:
    """A table as it went into the book: its sheets, and its first rows for the charts."""

    table: Table
    looks: Sequence[Look]
    sheets: list[Part] = field(default_factory=list)
    first: Chunk = ()

    @property
    def rows(self) -> int:
        return sum(sheet.rows for sheet in self.sheets)


def report_workbook(report: Report, *, limits: SheetLimits | None = None) -> Iterator[bytes]:
    """The file in pieces, the tables first. Names of sheets are the tables' titles as far as Excel takes them."""
    names = SheetNames((SUMMARY, parts.ABOUT))
    titles = [names.taken(table.title) for table in report.tables]
    book = Book(names, limits)
    tables = [_Written(table, _looks(table, book)) for table in report.tables]
    with book:
        for name, each in zip(titles, tables, strict=True):
            header = [column.title for column in each.table.columns]
            chunks = _remembered(row_chunks(each.table.rows()), each)
            yield from book.table(name, header, chunks, looks=each.looks, written=each.sheets)
        book.page(SUMMARY, _summary(report, tables, book))
        book.page(parts.ABOUT, _about(report, book))
        yield from book.close([SUMMARY, *(sheet.name for each in tables for sheet in each.sheets), parts.ABOUT])


def money_format(currency: str) -> str:
    """The number format of amounts in a currency: with `$`, else its code before them; grouped, without one."""
    if currency == "USD":
        return _DOLLARS
    return f"[${currency}]\\ #,##0.00" if _CURRENCY.fullmatch(currency) else "#,##0.00"


def _looks(table: Table, book: Book) -> list[Look]:
    return [_look(column, book) for column in table.columns]


def _look(column: Column, book: Book) -> Look:
    if column.kind is Kind.MONEY:
        style = book.styles.of(money_format(column.currency))
        return Look(whole=style, amount=style)
    if column.kind is Kind.PERCENT:
        style = book.styles.of(PERCENT_FORMAT)
        return Look(whole=style, amount=style, percent=True)
    return Look(whole=book.styles.of(WHOLE_FORMAT)) if column.kind is Kind.NUMBER else PLAIN


def _remembered(chunks: Iterable[Chunk], each: _Written) -> Iterator[Chunk]:
    """The chunks, the first of them kept: no chart draws more rows."""
    for chunk in chunks:
        each.first = each.first or chunk
        yield chunk


def _summary(report: Report, tables: Sequence[_Written], book: Book) -> Page:
    lines: list[Line] = [((report.title,), (_TITLE,)), ((report.headline,), (HEADER,)), ((), ())]
    lines += [_pair(label, text) for label, text in _about_lines(report)]
    missing = missing_words(report)
    if missing:
        lines += [((), ()), (("NOT COMPLETE. What is missing:",), (_ALARM,))]
        lines += [((text,), (PLAIN,)) for text in missing]
    if report.figures:
        lines += [((), ()), (("Figure", "Value", "In full", "Change"), (HEADER,) * 4)]
        lines += [((each.label, each.value, each.exact, each.change), (PLAIN,) * 4) for each in report.figures]
    charts = [drawn for chart in report.charts for drawn in _drawn(chart, tables)]
    placed = [(drawn, _place(number, len(lines) + 1)) for number, drawn in enumerate(charts)]
    rows_of_charts = (len(charts) + 1) // len(_CHART_COLUMNS)
    lines += [((), ())] * (rows_of_charts * _CHART_ROWS + 1)
    lines += [(("Sheet", "Rows", "", "Note"), (HEADER,) * 4)]
    lines += [_contents(each, book) for each in tables]
    drawing = Drawing(drawing_xml(placed), tuple(chart_xml(drawn) for drawn, _ in placed)) if placed else None
    return Page(lines, _SUMMARY_WIDTHS, drawing)


def _about_lines(report: Report) -> Iterator[tuple[str, str]]:
    yield "Period", period_words(report.period)
    yield "Tenant", report.request.tenant
    yield "Scope", scope_words(report)
    yield "Made", instant_text(report.made_at)


def _pair(label: str, text: Cell, look: Look = PLAIN) -> Line:
    return (label, text), (HEADER, look)


def _contents(each: _Written, book: Book) -> Line:
    """One table in the list of sheets: how many rows, and over which sheets a full one went on."""
    names = [sheet.name for sheet in each.sheets]
    notes = [each.table.note] if each.table.note else []
    if not each.rows:
        notes.insert(0, "No rows.")
    if len(names) > 1:
        notes.insert(0, f"Too long for one sheet; goes on in {', '.join(names[1:])}.")
    counted = Look(whole=book.styles.of(WHOLE_FORMAT))
    return (names[0], each.rows, "", " ".join(notes)), (PLAIN, counted, PLAIN, PLAIN)


def _place(number: int, row: int) -> Place:
    down, across = divmod(number, len(_CHART_COLUMNS))
    return Place(_CHART_COLUMNS[across], row + down * _CHART_ROWS, _CHART_WIDTH, _CHART_HEIGHT)


def _drawn(chart: Chart, tables: Sequence[_Written]) -> Iterator[Drawn]:
    """The chart over its table's cells; nothing for one whose table has no rows."""
    each = {written.table.name: written for written in tables}[chart.table]
    if not each.rows:
        return
    rows = min(chart.most, each.sheets[0].rows, len(each.first[0]))
    labels = _named(each, chart.labels)
    series = tuple(_series(each, _named(each, name), rows) for name in chart.values)
    cells = each.first[labels][:rows]
    yield Drawn(chart.title, chart.alt, chart.kind, _area(each, labels, 2, rows + 1), cells, series)


def _named(each: _Written, name: str) -> int:
    """The place of a column, counted from 0. ValueError for one that the table has not."""
    return [column.name for column in each.table.columns].index(name)


def _area(each: _Written, column: int, first: int, last: int) -> str:
    letter = letters(column + 1)
    cells = f"{letter}{first}:{letter}{last}" if last > first else f"{letter}{first}"
    return parts.area_of(each.sheets[0].name, cells)


def _series(each: _Written, place: int, rows: int) -> Series:
    """A column as a series. Percent points are drawn as the shares that stand in the cells."""
    column, cells = each.table.columns[place], each.first[place][:rows]
    if column.kind is Kind.PERCENT:
        cells = [cell.scaleb(-2) if isinstance(cell, Decimal) and cell.is_finite() else cell for cell in cells]
    return Series(
        title=column.title,
        title_area=_area(each, place, 1, 1),
        area=_area(each, place, 2, rows + 1),
        values=cells,
        number_format=_axis_format(column),
    )


def _axis_format(column: Column) -> str:
    """Whole units are enough beside an axis."""
    if column.kind is Kind.PERCENT:
        return "0%"
    return money_format(column.currency).replace(".00", "") if column.kind is Kind.MONEY else "General"


def _about(report: Report, book: Book) -> Page:
    origin = report.provenance
    told: list[tuple[str, str]] = [("Report", report.title), ("Name", report.request.report), *_about_lines(report)]
    told += [("Asked by", report.request.principal)]
    told += [(label, text) for label, text in (("Metric", origin.metric), ("Source", origin.source)) if text]
    told += [("Currency", origin.currency)] if origin.currency else []
    told += [("Fetched", instant_text(origin.fetched_at) if origin.fetched_at else "never")]
    told += [("Estimated", "yes, the last days are incomplete" if origin.estimated else "no")]
    told += origin.facts
    told += [("Page", report.page)] if report.page else []
    told += _labelled("Missing", report.missing)
    told += _labelled("Failed", [failure_words(failure) for failure in report.failures])
    told += _labelled("Notes", note_words(report))
    told += _labelled("Texts", book.cut_note())
    return Page([_pair(label, text, NOTE) for label, text in told], _ABOUT_WIDTHS)


def _labelled(label: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    return [("" if place else label, text) for place, text in enumerate(texts)]

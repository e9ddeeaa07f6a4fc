"""A report as a file: CSV of one table, JSON of everything, or an Excel workbook. Each comes in pieces.

for piece in report_pieces(report, Format.XLSX):
file.write(piece)
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.reports import Format
from finops.reports.files.cells import row_chunks
from finops.reports.files.csv_text import csv_table
from finops.reports.files.json_text import json_pieces
from finops.reports.files.wording import partial_words
from finops.reports.files.workbook import report_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.model.reports import Report, Row, Table

_MOST_NAME = 140


def report_pieces(report: Report, file_format: Format, *, table: str = "") -> Iterator[bytes]:
    """The bytes of the file, piece by piece; equal reports give equal bytes.

    `table` names the table of a CSV, the report's first otherwise; the other formats hold all of them. A CSV that is
    not complete says so in the heading of one more, empty column. InputError, before anything is read, for a table
    that the report has not. The first piece comes after the first rows, so an error of theirs comes before it.
    """
    if file_format is not Format.CSV:
        if table:
            raise InputError("table", f"only csv holds one table; {file_format} holds all of them")
        return json_pieces(report) if file_format is Format.JSON else report_workbook(report)
    return _csv(report, _named(report, table))


def report_file_name(report: Report, file_format: Format) -> str:
    """A file name of plain ASCII that says what is inside: `savings_demo_2026-11-01_2026-11-20_partial.xlsx`.

    The days are the first and the last one; a report without a period has the day on which it was made.
    """
    period = report.period
    days = (report.made_at.date(),) if period is None else (period.start, period.last_day)
    parts = [report.request.report, report.request.tenant, *map(str, days)]
    return plain_name(parts, partial=report.partial, extension=file_format.value)


def with_counts(report: Report) -> tuple[Report, dict[str, int]]:
    """The report, and how many rows each of its tables had, once they were read: to be looked at afterwards."""
    counts: dict[str, int] = {}

    def counted(table: Table) -> Table:
        def rows() -> Iterator[Row]:
            number = 0
            for number, row in enumerate(table.rows(), 1):  # noqa: B007 - the last number counts
                yield row
            counts[table.name] = number

        return replace(table, rows=rows)

    return replace(report, tables=tuple(map(counted, report.tables))), counts


def plain_name(parts: Sequence[str], *, partial: bool, extension: str) -> str:
    """Parts as one file name of letters, digits, dots and dashes, none at an end of a part."""
    name = "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-.") for part in parts)
    return f"{name[:_MOST_NAME]}{'_partial' if partial else ''}.{extension}"


def _named(report: Report, name: str) -> Table:
    if not report.tables:
        raise InputError("format", f"{report.request.report} has no tables, so there is no csv of it")
    found = {table.name: table for table in report.tables}
    if name and name not in found:
        raise InputError("table", f"{report.request.report} has no table {name!r}; it has {', '.join(found)}")
    return found[name] if name else report.tables[0]


def _csv(report: Report, table: Table) -> Iterator[bytes]:
    names = [column.name for column in table.columns]
    chunks = row_chunks(table.rows())
    if report.partial:
        names.append(partial_words(report))
        chunks = ([*chunk, [""] * len(chunk[0])] for chunk in chunks)
    return (piece.encode() for piece in csv_table(names, chunks))

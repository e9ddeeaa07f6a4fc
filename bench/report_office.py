"""Every report's workbook opened by LibreOffice and compared cell by cell with the CSV of the same report.

The demo's costs, assets, findings, tags, anomalies and budgets stand behind it. Nothing where LibreOffice is missing.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from contextlib import closing
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from bench.figures import Figure
from config import DEMO_TENANT, load_settings
from finops.facade import open_finops
from finops.model.reports import Format, Kind, ReportRequest
from finops.reports.catalogue import definitions
from finops.reports.files import report_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops
    from finops.model.reports import Column, Report, Table

AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
"""Every sheet as CSV in UTF-8, cells as they are rather than as they are shown."""
MOST_TITLE = 31
TO_THE_SECOND = len("2026-11-20T06:30:00")
DIGITS = Decimal("1e-14")


def run(folder: Path) -> list[Figure]:
    """How many cells LibreOffice shows otherwise than the CSV has them."""
    office = shutil.which("soffice")
    if office is None:
        return []
    settings = load_settings(data_dir=folder / "data", now="2026-11-20T09:00:00Z", findings_hours=0)
    with closing(open_finops(settings)) as finops:
        _fill(finops)
        books = folder / "books"
        books.mkdir()
        cells = other = 0
        for report in _converted(finops, office, books):
            for table in report.tables:
                pairs = list(_pairs(report, table, books))
                cells += len(pairs)
                other += sum(not _same(*pair) for pair in pairs)
    what = f"cells of {len(definitions())} reports that LibreOffice shows otherwise, of {cells:,}"
    return [Figure(what, other, "cells", "0", other == 0)]


def _fill(finops: Finops) -> None:
    finops.costs.refresh(DEMO_TENANT)
    finops.inventory.discover(DEMO_TENANT)
    finops.waste.run(DEMO_TENANT)
    finops.tagging.evaluate(DEMO_TENANT)
    finops.anomalies.detect(DEMO_TENANT)
    finops.budgets.evaluate(DEMO_TENANT)


def _converted(finops: Finops, office: str, books: Path) -> list[Report]:
    """The reports, with a CSV of each sheet of each in `books`."""
    made = [finops.reports.make(ReportRequest(name, DEMO_TENANT, "persona:analyst")) for name in definitions()]
    for report in made:
        pieces = report_pieces(report, Format.XLSX)
        (books / f"{report.request.report}.xlsx").write_bytes(b"".join(pieces))
    profile = f"-env:UserInstallation=file://{books.parent}/profile"
    command = [office, "--headless", profile, "--convert-to", AS_CSV, "--outdir", str(books)]
    subprocess.run([*command, *map(str, sorted(books.glob("*.xlsx")))], check=True, capture_output=True)
    return made


def _pairs(report: Report, table: Table, books: Path) -> Iterator[tuple[Column, str, str]]:
    """Each cell as LibreOffice shows it and as the CSV has it; ValueError for rows or cells too many or too few."""
    shown = _rows((books / f"{report.request.report}-{table.title[:MOST_TITLE]}.csv").read_text("utf-8"))
    wanted = _rows(b"".join(report_pieces(report, Format.CSV, table=table.name)).decode())
    for one, two in zip(shown[1:], wanted[1:], strict=True):
        width = len(table.columns)  # the CSV of a partial report has one more, which says so
        yield from zip(table.columns, one[:width], two[:width], strict=True)


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def _same(column: Column, shown: str, wanted: str) -> bool:
    """Whether both are one value: LibreOffice writes `12.5%`, no fractions of a second, and TRUE in capitals."""
    if shown == wanted:
        return True
    if column.kind is Kind.TRUTH:
        return shown.lower() == wanted
    if column.kind is Kind.INSTANT:
        return shown.replace(" ", "T") == wanted[:TO_THE_SECOND]
    try:
        left, right = Decimal(shown.removesuffix("%")), Decimal(wanted)
    except InvalidOperation:
        return False
    return abs(left - right) <= DIGITS * abs(right)

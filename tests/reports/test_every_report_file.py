"""Every report in every format over demo data, opened again and compared cell by cell with its JSON."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from finops.facade import open_finops
from finops.model.reports import Format, ReportRequest
from finops.reports.catalogue import definitions
from finops.reports.files.cells import safe_text
from tests import stocked
from tests.reports import kit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.facade import Finops
    from finops.model.reports import Report


@pytest.fixture(scope="module")
def house() -> Iterator[Finops]:
    opened = open_finops(stocked.settings(stocked.folder()))
    yield opened
    opened.close()


def made(house: Finops, name: str) -> Report:
    return house.reports.make(ReportRequest(name, "demo", "persona:analyst"))


def csv_cell(value: Any, kind: str) -> str:
    """What a CSV shows for a value of the JSON."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, dict):
        return safe_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return safe_text(value) if kind == "text" and isinstance(value, str) else str(value)


READ: dict[str, Any] = {
    "money": lambda value: pytest.approx(float(value), rel=1e-14),
    "number": lambda value: pytest.approx(float(value), rel=1e-14),
    "percent": lambda value: pytest.approx(float(value) / 100, rel=1e-14),
    "day": lambda value: datetime.combine(date.fromisoformat(value), datetime.min.time()),
    "instant": lambda value: pytest.approx(datetime.fromisoformat(value).timestamp(), abs=0.001),
    "object": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
}
"""What openpyxl reads for each kind of column."""


def excel_cell(value: Any, kind: str) -> Any:
    """What openpyxl reads for a value of the JSON."""
    if value is None or value == "":
        return None
    read = READ.get(kind)
    return read(value) if read else value


def excel_value(cell: Any, kind: str) -> Any:
    return cell.timestamp() if kind == "instant" and isinstance(cell, datetime) else cell


@pytest.mark.parametrize("name", definitions())
def test_every_file_of_a_report_holds_the_cells_of_its_json(house, name):
    report = made(house, name)
    found = kit.document(report)["data"]
    assert found["tables"]
    book = openpyxl.load_workbook(io.BytesIO(kit.file_of(report, Format.XLSX)))
    assert len(book.sheetnames) == len(report.tables) + 2
    for table, sheet in zip(report.tables, book.worksheets[1:-1], strict=True):
        kinds = [column["kind"] for column in found["columns"][table.name]]
        records = found["tables"][table.name]
        text = kit.file_of(report, Format.CSV, table=table.name).decode()
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        assert header[: len(kinds)] == [column.name for column in table.columns]
        assert [row[: len(kinds)] for row in rows] == [
            [csv_cell(value, kind) for value, kind in zip(record.values(), kinds, strict=True)] for record in records
        ]
        assert [cell.value for cell in sheet[1]] == [column.title for column in table.columns]
        shown = sheet.iter_rows(min_row=2, max_row=len(records) + 1, values_only=True) if records else ()
        for row, record in zip(shown, records, strict=True):
            expected = [excel_cell(value, kind) for value, kind in zip(record.values(), kinds, strict=True)]
            assert [excel_value(cell, kind) for cell, kind in zip(row, kinds, strict=True)] == expected


@pytest.mark.parametrize("name", definitions())
@pytest.mark.parametrize("file_format", list(Format))
def test_a_report_made_again_at_the_same_moment_has_the_same_bytes(house, name, file_format, monkeypatch):
    space = shutil.disk_usage("/")  # health tells it, and other programs write meanwhile
    monkeypatch.setattr(shutil, "disk_usage", lambda _: space)
    assert kit.file_of(made(house, name), file_format) == kit.file_of(made(house, name), file_format)

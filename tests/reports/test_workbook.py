"""A report as a workbook: what a manager finds in it, with openpyxl as the reader."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.model.reports import Column, Format, Kind, Table
from finops.reports.files.excel import SheetLimits
from finops.reports.files.excel_cells import TEXT_LIMIT
from finops.reports.files.excel_charts import COLOURS
from finops.reports.files.workbook import report_workbook
from tests.reports import kit
from tests.reports.test_report_files import CELLS

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return kit.workbook(kit.report())


def lines(sheet: Any) -> list[tuple[Any, ...]]:
    return [tuple(cell for cell in row if cell is not None) for row in sheet.iter_rows(values_only=True)]


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        return {name: book.read(name) for name in book.namelist()}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_summary_comes_first_then_the_tables_then_where_it_comes_from(book):
    assert book.sheetnames == ["Summary", "Cost by service", "Cost by day", "Resolved", "About"]
    assert book.active.title == "Summary"


def test_the_summary_tells_the_news_the_figures_and_what_is_missing(book):
    told = lines(book["Summary"])
    assert told[0] == ("Cost by service",)
    assert told[1] == ("$17,345.78 to date, +4.7 % on 1–19 Oct",)
    assert ("Period", "2026-11-01 to 2026-11-19 (19 days)") in told
    assert ("Scope", "account 111111111111") in told
    at = told.index(("NOT COMPLETE. What is missing:",))
    assert told[at + 1] == (kit.MISSING,)
    assert "ce:GetCostAndUsage" in told[at + 2][0]
    assert ("Cost to date", "$17.3K", 17345.778899, "+$2,710 vs 1–19 Oct") in told
    assert ("Services", "3", 3) in told


def test_the_summary_lists_the_sheets_with_their_rows(book):
    told = lines(book["Summary"])
    assert ("Cost by service", 3, "The three dearest.") in told
    assert ("Cost by day", 19) in told
    assert ("Resolved", 0, "No rows.") in told


def test_a_whole_report_does_not_speak_of_what_is_missing():
    told = lines(kit.workbook(kit.report(failures=(), missing=()))["Summary"])
    assert not [line for line in told if "NOT COMPLETE" in str(line)]


def test_a_table_has_titles_types_and_formats(book):
    sheet = book["Cost by service"]
    assert [cell.value for cell in sheet[1]] == ["Service", "Cost, $", "Change", "Resources", "Estimated", "Details"]
    assert all(cell.font.b for cell in sheet[1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:F4")
    assert [cell.value for cell in sheet[2]] == ["AmazonEC2", 12345.6789, -0.0425, 120, True, '{"note":"=1+1"}']
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "b", "s"]
    assert [cell.number_format for cell in sheet[2]][1:4] == ["[$$-409]#,##0.00;[$$-409]\\-#,##0.00", "0.0%", "#,##0"]
    assert [cell.value for cell in sheet[3]][:3] == ['Amazon "S3", <b>&</b>', 5000.1, None]
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["B4"].value == -0.000001


def test_days_and_instants_are_dates_and_other_currencies_say_their_code(book):
    sheet = book["Cost by day"]
    assert [cell.value for cell in sheet[2]] == [day("2026-11-01"), 300, 100, day("2026-11-20T09:00:00")]
    assert sheet["A2"].is_date
    assert sheet["B2"].number_format == "[$EUR]\\ #,##0.00"
    assert "UTC" in sheet["D2"].number_format


def test_a_table_without_rows_keeps_its_header(book):
    assert lines(book["Resolved"]) == [("Finding", "Day")]


def test_about_tells_where_every_figure_comes_from(book):
    told = dict(line for line in lines(book["About"]) if len(line) == 2)
    assert told["Asked by"] == "persona:analyst"
    assert told["Metric"] == "unblended"
    assert told["Source"] == "cost_explorer"
    assert told["Fetched"] == told["Made"] == "2026-11-20T09:00:00Z"
    assert told["Estimated"].startswith("yes")
    assert told["Command"] == "aws ce get-cost-and-usage"
    assert told["Missing"] == kit.MISSING
    assert "ce:GetCostAndUsage" in told["Failed"]
    assert told["Notes"] == "Cost by service: The three dearest."


def test_charts_are_native_and_stand_over_the_cells_of_their_table(book):
    charts = book["Summary"]._charts  # noqa: SLF001 - openpyxl has no other way to ask
    assert [type(chart).__name__ for chart in charts] == ["BarChart", "BarChart", "LineChart", "BarChart"]
    bars, columns, line, change = charts
    assert (bars.barDir, bars.grouping) == ("bar", "clustered")
    assert bars.y_axis.numFmt.formatCode == "[$$-409]#,##0;[$$-409]\\-#,##0"
    assert (columns.barDir, columns.grouping, columns.overlap) == ("col", "stacked", 100)
    assert bars.series[0].val.numRef.f == "'Cost by service'!$B$2:$B$4"
    assert bars.series[0].cat.strRef.f == "'Cost by service'!$A$2:$A$4"
    assert [each.val.numRef.f for each in columns.series] == [
        "'Cost by day'!$B$2:$B$20",
        "'Cost by day'!$C$2:$C$20",
    ]
    assert [each.tx.strRef.f for each in columns.series] == ["'Cost by day'!$B$1", "'Cost by day'!$C$1"]
    assert line.series[0].val.numRef.f == "'Cost by day'!$B$2:$B$11"
    assert columns.series[0].cat.numRef.f == "'Cost by day'!$A$2:$A$20"
    assert change.y_axis.numFmt.formatCode == "0%"


def test_the_figures_that_a_chart_remembers_are_those_of_its_cells():
    data = kit.file_of(kit.report(), Format.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(data))
    drawn = {name: xml for name, xml in parts(data).items() if name.startswith("xl/charts/")}
    assert len(drawn) == 4
    for xml in drawn.values():
        for reference in (*ET.fromstring(xml).iter(f"{CHART}numRef"), *ET.fromstring(xml).iter(f"{CHART}strRef")):  # noqa: S314 - our own
            sheet, _, area = (reference.findtext(f"{CHART}f") or "").rpartition("!")
            found = book[sheet.strip("'")][area.replace("$", "")]
            cells = [row[0].value for row in found] if isinstance(found, tuple) else [found.value]
            points = {int(point.get("idx", "")): point.findtext(f"{CHART}v") for point in reference.iter(f"{CHART}pt")}
            assert len(points) == sum(cell is not None for cell in cells)
            for place, text in points.items():
                assert shown(cells[place]) == text or float(text or "nan") == cells[place]


def shown(cell: Any) -> str:
    return str((cell.date() - date(1899, 12, 30)).days) if isinstance(cell, datetime) else str(cell)


def test_series_take_the_colours_of_the_pages():
    found = parts(kit.file_of(kit.report(), Format.XLSX))
    assert re.findall(rb'<c:spPr><a:solidFill><a:srgbClr val="(\w+)"', found["xl/charts/chart2.xml"])[:2] == [
        COLOURS[0].encode(),
        COLOURS[1].encode(),
    ]


def test_a_chart_says_in_words_what_it_shows():
    drawing = parts(kit.file_of(kit.report(), Format.XLSX))["xl/drawings/drawing4.xml"].decode()
    assert 'descr="EC2 is 71 % of &quot;all&quot;"' in drawing


def test_every_part_is_named_and_well_formed():
    found = parts(kit.file_of(kit.report(), Format.XLSX))
    types = found["[Content_Types].xml"].decode()
    for name, xml in found.items():
        ET.fromstring(xml)  # noqa: S314 - our own
        if not name.endswith(".rels") and name != "[Content_Types].xml":
            assert f'PartName="/{name}"' in types
    assert not [name for name, xml in found.items() if b"<f>" in xml and name.startswith("xl/worksheets")]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", '=HYPERLINK("https://x.example")', "{=1}"],  # noqa: RUF001
)
def test_what_looks_like_a_formula_is_text_on_every_sheet(text):
    table = Table(text, text, (Column("a", text, Kind.MONEY, "USD"),), lambda: iter([(text,)]), note=text)
    made = kit.report(title=text, headline=text, tables=(table,), charts=(), missing=(text,))
    data = kit.file_of(made, Format.XLSX)
    assert not [name for name, xml in parts(data).items() if b"<f>" in xml or b"<f " in xml]
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row if isinstance(cell.value, str)} <= {"s"}
    assert book.worksheets[1]["A2"].value == text.replace("\r", "\n")


@pytest.mark.parametrize("currency", ["", "usd", 'X"]', "[Red]"])
def test_what_is_no_code_of_a_currency_becomes_no_format(currency):
    made = kit.of_rows([Column("a", "A", Kind.MONEY, currency)], [(Decimal(1),)])
    assert kit.workbook(made)["Rows"]["A2"].number_format == "#,##0.00"


def test_a_percentage_is_a_true_one_whole_numbers_too():
    made = kit.of_rows([Column("a", "A", Kind.PERCENT)], [(Decimal("12.5"),), (50,), (None,), (Decimal("NaN"),)])
    assert [cell.value for cell in kit.workbook(made)["Rows"]["A"]] == ["A", 0.125, 0.5, None, "NaN"]


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
@settings(max_examples=60)
def test_every_cell_is_that_of_the_csv_whatever_it_is(rows):
    made = kit.of_rows([Column("a", "A"), Column("b", "B")], rows)
    found = list(kit.workbook(made)["Rows"].iter_rows(min_row=2, max_row=len(rows) + 1, values_only=True))
    for row, shown_row in zip(rows, found, strict=False):
        for cell, value in zip(row, shown_row, strict=True):
            if isinstance(cell, bool) or cell is None or cell == "":
                assert value == (cell if cell != "" else None)
            elif isinstance(cell, Decimal):
                assert value == pytest.approx(float(cell), rel=1e-15)
            elif isinstance(cell, int):
                assert value in {cell, str(cell)}
            elif isinstance(cell, datetime) and cell.year > 1900:
                assert abs((value - cell.replace(tzinfo=None)).total_seconds()) < 0.001
            elif isinstance(cell, str) and cell.isprintable() and "_x" not in cell:
                assert value == cell


def test_a_table_longer_than_a_sheet_goes_on_and_the_summary_says_so():
    made = kit.of_rows([Column("n", "N", Kind.NUMBER)], [(number,) for number in range(2_500)], title="Costs")
    data = b"".join(report_workbook(made, limits=SheetLimits(rows=1_001)))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Summary", "Costs", "Costs 2", "Costs 3", "About"]
    kept = [row[0] for name in book.sheetnames[1:4] for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert kept == list(range(2_500))
    assert ("Costs", 2500, "Too long for one sheet; goes on in Costs 2, Costs 3.") in lines(book["Summary"])


def test_a_text_too_long_for_a_cell_is_cut_and_about_says_so():
    made = kit.of_rows([Column("a", "A")], [("y" * (TEXT_LIMIT + 1),), ("short",)])
    book = kit.workbook(made)
    assert book["Rows"]["A2"].value.endswith(" … (cut)")
    assert any("characters in a cell: 1" in str(line) for line in lines(book["About"]))


def test_a_chart_over_a_quoted_sheet_and_one_row():
    table = Table(
        "t", "It's mine", (Column("a", "A"), Column("b", "B", Kind.MONEY, "USD")), lambda: iter([("x", Decimal(1))])
    )
    chart = kit.CHARTS[0].__class__("C", kit.CHARTS[0].kind, "t", "a", ("b",), "alt")
    book = kit.workbook(kit.report(tables=(table,), charts=(chart,)))
    assert book["Summary"]._charts[0].series[0].val.numRef.f == "'It''s mine'!$B$2"  # noqa: SLF001

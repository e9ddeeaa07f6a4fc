"""A report as CSV and JSON: the same cells in each, named tables, nothing executed, missing data named, equal bytes."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import report_file_name, report_pieces
from finops.model.errors import InputError
from finops.model.reports import Column, Format, Kind, Table
from finops.reports.files import with_counts
from finops.reports.files.cells import cell_text, safe_text
from tests.reports import kit

TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["=1+1", "+1", "-1", "@a", "\t=1", "\r", " =1", "＝1", "\u200b=1", "a,b", 'q"q', "l\nl", "\ud800", "\0=1", ""]  # noqa: RUF001
)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=8)
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
CELLS = st.one_of(
    *(st.none(), TEXTS, AMOUNTS, st.integers(-(10**20), 10**20), st.booleans(), st.dates(), INSTANTS),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)


def test_a_csv_is_the_first_table_under_the_names_of_its_columns():
    rows = kit.csv_rows(kit.report(failures=(), missing=()))
    assert rows == [
        ["service", "cost", "change_percent", "resources", "estimated", "details"],
        ["AmazonEC2", "12345.6789", "-4.25", "120", "true", '{"note":"=1+1"}'],
        ['Amazon "S3", <b>&</b>', "5000.10", "", "7", "false", "{}"],
        ["'=HYPERLINK(1)", "-0.000001", "120.00", "0", "", ""],
    ]


def test_a_csv_has_no_bom_and_ends_its_lines_as_rfc_4180_does():
    data = kit.file_of(kit.report(), Format.CSV)
    assert data.startswith(b"service,")
    assert data.count(b"\r\n") == len(kit.SERVICES) + 1
    assert data.endswith(b"\r\n")


def test_another_table_is_had_by_its_name():
    rows = kit.csv_rows(kit.report(missing=(), failures=()), table="by_day")
    assert rows[0] == ["day", "ec2", "s3", "seen"]
    assert rows[1] == ["2026-11-01", "300.00", "100.00", "2026-11-20T09:00:00Z"]
    assert len(rows) == len(kit.DAYS) + 1


def test_a_table_that_there_is_not_names_those_there_are():
    with pytest.raises(InputError, match="by_service, by_day, resolved") as caught:
        report_pieces(kit.report(), Format.CSV, table="by_month")
    assert caught.value.field == "table"


@pytest.mark.parametrize("file_format", [Format.JSON, Format.XLSX])
def test_files_with_every_table_take_no_name_of_one(file_format):
    with pytest.raises(InputError, match="only csv"):
        report_pieces(kit.report(), file_format, table="by_day")


def test_a_csv_without_rows_still_has_its_header():
    assert kit.csv_rows(kit.report(missing=(), failures=()), table="resolved") == [["finding", "day"]]


def test_a_csv_that_is_not_complete_says_so_in_one_more_heading():
    header, *rows = kit.csv_rows(kit.report())
    assert header[-1].startswith("PARTIAL: Costs of 20 November are not in yet.; 111111111111 us-east-1 ce")
    assert "ce:GetCostAndUsage" in header[-1]
    assert {row[-1] for row in rows} == {""}


def test_the_longest_list_of_what_is_missing_is_cut():
    header = kit.csv_rows(kit.report(missing=("x" * 3_000,)))[0]
    assert len(header[-1]) < 1_100
    assert header[-1].endswith("as JSON)")


def test_json_is_the_envelope_with_every_table_as_records():
    found = kit.document(kit.report())
    data, meta = found["data"], found["meta"]
    assert list(found) == ["data", "meta"]
    assert data["title"] == "Cost by service"
    assert data["headline"] == "$17,345.78 to date, +4.7 % on 1–19 Oct"
    assert data["period"] == {"start": "2026-11-01", "end": "2026-11-20"}
    assert data["figures"][0]["exact"] == "17345.778899"
    assert list(data["tables"]) == ["by_service", "by_day", "resolved"]
    assert data["tables"]["by_service"][2] == {
        "service": "=HYPERLINK(1)",
        "cost": "-0.000001",
        "change_percent": "120.00",
        "resources": 0,
        "estimated": None,
        "details": None,
    }
    assert data["tables"]["resolved"] == []
    assert meta["partial"] is True
    assert meta["failures"][0]["missing_action"] == "ce:GetCostAndUsage"
    assert meta["missing"][0] == kit.MISSING
    assert (meta["as_of"], meta["made_at"], meta["estimated"]) == ("2026-11-20T09:00:00Z",) * 2 + (True,)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1500])
def test_json_of_any_length_is_one_document(count):
    made = kit.of_rows([Column("n", "N", Kind.NUMBER)], [(number,) for number in range(count)])
    assert [row["n"] for row in kit.document(made)["data"]["tables"]["rows"]] == list(range(count))


def test_a_report_without_tables_is_json_and_no_csv():
    bare = kit.report(tables=(), charts=())
    assert kit.document(bare)["data"]["tables"] == {}
    with pytest.raises(InputError, match="no tables"):
        report_pieces(bare, Format.CSV)


@given(st.lists(st.tuples(CELLS, CELLS, TEXTS), max_size=5))
def test_csv_and_json_hold_the_same_cells_whatever_they_are(rows):
    made = kit.of_rows([Column("a", "A"), Column("b", "B"), Column("c", "C")], rows)
    found = kit.csv_rows(made)
    assert found[0] == ["a", "b", "c"]
    assert found[1:] == [[cell_text(cell) for cell in row] for row in rows]
    for row, record in zip(rows, kit.document(made)["data"]["tables"]["rows"], strict=True):
        for cell, value in zip(row, record.values(), strict=True):
            if isinstance(cell, str):
                assert safe_text(value) == cell_text(cell)
            elif cell is None or isinstance(cell, bool | int):
                assert value == cell
            elif isinstance(cell, Decimal | date):
                assert value == cell_text(cell)


@given(st.lists(AMOUNTS | st.decimals(allow_nan=False, allow_infinity=False, places=2) | st.none(), max_size=30))
def test_a_column_of_amounts_is_what_each_of_them_is(amounts):
    made = kit.of_rows([Column("a", "A", Kind.MONEY), Column("n", "N")], [(amount, "x") for amount in amounts])
    assert [row[0] for row in kit.csv_rows(made)[1:]] == [cell_text(amount) for amount in amounts]


@pytest.mark.parametrize(
    "text", ["-0.00", "-0.000", "0.100", "5.10", "5.1", "5", "1E+3", "1E-7", "-12.340000", "100.00", "0.0000001"]
)
def test_an_amount_is_written_plainly(text):
    made = kit.of_rows([Column("a", "A", Kind.MONEY), Column("n", "N")], [(Decimal(text), "x"), (Decimal("2.50"), "y")])
    assert [row[0] for row in kit.csv_rows(made)[1:]] == [cell_text(Decimal(text)), "2.50"]


@given(TEXTS)
def test_no_cell_of_a_csv_begins_like_a_formula(text):
    made = kit.of_rows([Column("a", "A"), Column("b", "B")], [(text, "x")])
    shown = kit.csv_rows(made)[1][0]
    visible = shown.lstrip().lstrip("\u200b\ufeff\u2060")
    assert visible[:1] not in set("=+-@＝＋－＠")  # noqa: RUF001


@pytest.mark.parametrize("file_format", list(Format))
def test_the_same_report_makes_the_same_bytes(file_format):
    assert kit.file_of(kit.report(), file_format) == kit.file_of(kit.report(), file_format)


@pytest.mark.parametrize("file_format", list(Format))
def test_an_error_of_the_first_rows_comes_before_any_byte(file_format):
    def rows():
        yield from ()
        raise LookupError

    table = Table("rows", "Rows", (Column("n", "N"),), rows)
    with pytest.raises(LookupError):
        next(report_pieces(kit.report(tables=(table,), charts=()), file_format))


@pytest.mark.parametrize("file_format", list(Format))
def test_a_row_of_another_length_is_an_error_and_no_shifted_row(file_format):
    table = Table("rows", "Rows", (Column("n", "N"), Column("m", "M")), lambda: iter([(1, 2), (3,)]))
    with pytest.raises(ValueError, match="argument"):
        kit.file_of(kit.report(tables=(table,), charts=()), file_format)


@pytest.mark.parametrize("file_format", list(Format))
def test_a_long_table_never_lies_in_memory(file_format):
    def rows():
        return (
            (f"resource {number * 7919 % 104729}", Decimal(number), NOW_DAY + timedelta(number % 30))
            for number in range(30_000)
        )

    columns = (Column("a", "A"), Column("b", "B", Kind.MONEY, "USD"), Column("c", "C", Kind.DAY))
    made = kit.report(tables=(Table("rows", "Rows", columns, rows),), charts=())
    tracemalloc.start()
    try:
        size = sum(map(len, report_pieces(made, file_format)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 200_000
    assert peak < 3_000_000


NOW_DAY = date(2026, 10, 1)


def test_rows_are_counted_as_they_are_read():
    counted, counts = with_counts(kit.report())
    assert counts == {}
    json.loads(kit.file_of(counted, Format.JSON))
    assert counts == {"by_service": 3, "by_day": 19, "resolved": 0}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "cost-by-service_demo_2026-11-01_2026-11-19_partial.csv"),
        ({"failures": (), "missing": ()}, "cost-by-service_demo_2026-11-01_2026-11-19.csv"),
        ({"period": None, "failures": (), "missing": ()}, "cost-by-service_demo_2026-11-20.csv"),
    ],
)
def test_a_file_name_says_report_tenant_days_and_what_is_missing(changes, name):
    assert report_file_name(kit.report(**changes), Format.CSV) == name


@given(st.text(st.characters(), max_size=200))
def test_no_file_name_leaves_its_folder(text):
    made = kit.report()
    request = type(made.request)(text, "demo", "x")
    name = report_file_name(kit.report(request=request), Format.XLSX)
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>|\r\n\0')
    assert not name.startswith(".")
    assert len(name) <= 160

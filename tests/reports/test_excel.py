"""Excel files: what a reader finds in them, whatever the rows say, and that they come in pieces."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.reports.files.excel import TEXT_LIMIT, SheetLimits, workbook_pieces

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def file_of(columns, rows, *, sheet="Assets", **more) -> bytes:
    return b"".join(workbook_pieces(columns, rows, sheet=sheet, **more))


def opened(columns, rows, **more) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(file_of(columns, rows, **more)))


def values(sheet) -> list[tuple]:
    return list(sheet.iter_rows(values_only=True))


def only_cell(value):
    return opened(("value", "end"), [(value, "end")])["Assets"]["A2"]


def xml_parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        assert book.infolist()[0].header_offset == 0  # nothing is sent twice
        return {name: book.read(name).decode() for name in book.namelist()}


def test_numbers_dates_and_truth_have_types_and_instants_say_that_they_are_utc():
    row = ("web", Decimal("-12.5"), 7, True, NOW, date(2026, 10, 1))
    sheet = opened(("name", "cost", "count", "estimated", "seen", "day"), [row])["Assets"]
    cells = sheet[2]
    assert [cell.value for cell in cells] == ["web", -12.5, 7, True, NOW.replace(tzinfo=None), datetime(2026, 10, 1)]  # noqa: DTZ001 - as Excel has days
    assert [cell.data_type for cell in cells] == ["s", "n", "n", "b", "d", "d"]
    assert "UTC" in cells[4].number_format
    assert cells[1].number_format == "#,##0.00####"


def test_an_instant_of_another_zone_is_the_same_moment_in_utc():
    zone = timezone(timedelta(hours=-5))
    assert only_cell(datetime(2026, 11, 19, 22, tzinfo=zone)).value == datetime(2026, 11, 20, 3)  # noqa: DTZ001 - UTC


def test_an_instant_without_a_zone_is_refused_rather_than_guessed():
    with pytest.raises(TypeError):
        file_of(("seen",), [(NOW.replace(tzinfo=None),)])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10**15, "1000000000000000"),
        (-(10**20), "-100000000000000000000"),
        (Decimal("NaN"), "NaN"),
        (date(1900, 2, 28), "1900-02-28"),
        (datetime(1850, 1, 1, tzinfo=UTC), "1850-01-01 00:00:00+00:00"),
    ],
)
def test_what_excel_would_show_wrong_is_text(value, text):
    cell = only_cell(value)
    assert (cell.value, cell.data_type) == (text, "s")


def test_the_first_day_that_excel_counts_right_is_a_date():
    assert only_cell(date(1900, 3, 1)).value == datetime(1900, 3, 1)  # noqa: DTZ001 - as Excel has days


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "   =1", "\u00a0=1", "\u200b=1", "\ufeff=1"),
        *("＝1", "＋1", "－1", "＠x"),  # noqa: RUF001 - what is tested
        *('=HYPERLINK("https://x.example","y")', "=cmd|' /C calc'!A0", "{=1}", "'=1", "#REF!", "TRUE", "1e5"),
        *("012345678901", "2026-11-20", "https://x.example/y", "<f>1+1</f>", "&lt;f&gt;", "]]>", "  led", "trails \n"),
        *("two\nlines", "a\tb", "Ünïcode ✓ 😀", "\u202eabc", "x" * TEXT_LIMIT, "😀" * (TEXT_LIMIT // 2)),
    ],
)
def test_text_is_text_and_stays_as_it_is(text):
    data = file_of(("value",), [(text,)])
    assert not [name for name, xml in xml_parts(data).items() if "<f>" in xml or "<f " in xml or "<hyperlink" in xml]
    cell = openpyxl.load_workbook(io.BytesIO(data))["Assets"]["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")  # `@`: editing it keeps it text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x00=1", "\ufffd=1"),
        ("bell\x07", "bell\ufffd"),
        ("\ud800 lone", "\ufffd lone"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_what_xml_cannot_carry_is_replaced(text, shown):
    assert only_cell(text).value == shown


def test_text_that_looks_like_excels_escape_is_escaped():
    # Excel and LibreOffice read `_x005F_` as `_`; openpyxl leaves both as they are.
    assert only_cell("_x0041_ _x12_").value == "_x005F_x0041_ _x12_"


@pytest.mark.parametrize("text", ["y" * (TEXT_LIMIT + 1), "😀" * TEXT_LIMIT, "a" + "😀" * TEXT_LIMIT])
def test_text_too_long_for_a_cell_is_cut_and_the_file_says_so(text):
    book = opened(("value",), [(text,), ("short",)], notes=["Tenant: demo"])
    shown = book["Assets"]["A2"].value
    assert shown.endswith(" … (cut)")
    assert text.startswith(shown.removesuffix(" … (cut)"))
    assert TEXT_LIMIT - 1 <= len(shown.encode("utf-16-le")) // 2 <= TEXT_LIMIT
    assert values(book["About"]) == [
        ("Tenant: demo",),
        ("Texts cut, because Excel holds no more than 32,767 characters in a cell: 1",),
    ]


@given(st.lists(st.tuples(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30)), max_size=6))
def test_no_text_breaks_the_file_or_moves_to_another_cell(rows):
    numbered = [(number, *row, "end") for number, row in enumerate(rows)]
    found = values(
        opened(("n", "first", "second", "end"), numbered, notes=[text for row in rows for text in row])["Assets"]
    )
    assert found[0] == ("n", "first", "second", "end")
    assert [(row[0], row[3]) for row in found[1:]] == [(number, "end") for number in range(len(rows))]
    for row, shown in zip(rows, found[1:], strict=True):
        for text, value in zip(row, shown[1:3], strict=True):
            assert (value is None) == (text == "")
            if text.isascii() and text.isprintable() and "_x" not in text:
                assert (value or "") == text


def test_the_header_is_bold_frozen_and_has_filters():
    book = opened(("name", "tag:=1+1"), [("a", "b"), ("c", "d")])
    sheet = book["Assets"]
    assert [(cell.value, cell.font.b, cell.data_type) for cell in sheet[1]] == [
        ("name", True, "s"),
        ("tag:=1+1", True, "s"),
    ]
    assert not sheet["A2"].font.b
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert book.active.title == "Assets"


def test_the_first_sheet_is_the_one_in_front():
    parts = xml_parts(file_of(("n",), ((n,) for n in range(1500)), limits=SheetLimits(rows=1001)))
    assert [name for name, xml in parts.items() if 'tabSelected="1"' in xml] == ["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize("text", [" led", "trails ", "\tled", "trails\n"])
def test_blanks_around_a_text_are_marked_as_meant(text):
    assert f'<t xml:space="preserve">{text}</t>' in xml_parts(file_of(("a",), [(text,)]))["xl/worksheets/sheet1.xml"]


def test_columns_are_as_wide_as_what_they_show_within_limits():
    sheet = opened(("id", "long", "seen"), [("i-1", "x" * 500, NOW)])["Assets"]
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] < 12
    assert widths[1] == 60
    assert widths[2] >= len("2026-11-20 06:30:00 UTC")


@pytest.mark.parametrize("rows", [[], [("only",)]])
def test_few_rows_or_none_make_a_whole_file(rows):
    book = opened(("name",), rows, notes=["=nothing here"])
    assert values(book["Assets"]) == [("name",), *rows]
    assert book["Assets"].auto_filter.ref == f"A1:A{len(rows) + 1}"
    assert book.sheetnames == ["Assets", "About"]
    assert (book["About"]["A1"].value, book["About"]["A1"].data_type) == ("=nothing here", "s")


def test_a_row_of_nothing_keeps_its_place():
    assert values(opened(("a", "b"), [(None, ""), ("x", None)])["Assets"]) == [("a", "b"), (None, None), ("x", None)]


def test_many_columns_are_named_as_excel_names_them():
    columns = [f"c{number}" for number in range(1, 704)]
    sheet = opened(columns, [columns])["Assets"]
    assert [sheet[place].value for place in ("Z2", "AA2", "ZZ2", "AAA2")] == ["c26", "c27", "c702", "c703"]


@pytest.mark.parametrize(
    ("limits", "sheets"),
    [
        (SheetLimits(rows=1001), 3),
        (SheetLimits(rows=1200), 3),
        (SheetLimits(rows=1000), 3),
        (SheetLimits(rows=301), 9),
        (SheetLimits(xml_bytes=60_000), 3),
    ],
)
def test_a_full_sheet_goes_on_in_the_next_one(limits, sheets):
    book = opened(("n", "name"), ((n, f"asset {n}") for n in range(2600)), notes=["about"], limits=limits)
    names = ["Assets", *(f"Assets {number}" for number in range(2, sheets + 1))]
    assert book.sheetnames == [*names, "About"]
    assert all(book[name].max_row <= limits.rows for name in names)
    assert all(values(book[name])[0] == ("n", "name") for name in names)
    assert all(book[name].auto_filter.ref == f"A1:B{book[name].max_row}" for name in names)
    assert [row for name in names for row in values(book[name])[1:]] == [(n, f"asset {n}") for n in range(2600)]


def test_a_sheet_that_is_just_full_has_no_empty_follower():
    book = opened(("n",), ((n,) for n in range(1000)), limits=SheetLimits(rows=1001))
    assert book.sheetnames == ["Assets", "About"]


def test_the_file_comes_in_pieces_while_rows_are_still_being_read():
    read = []

    def rows():
        for number in range(5000):
            read.append(number)
            yield (f"asset {number * 7919 % 104729}", number)

    pieces = workbook_pieces(("name", "n"), rows(), sheet="Assets")
    assert not read
    assert next(pieces).startswith(b"PK")
    assert len(read) <= 500
    assert len(list(pieces)) >= 9


def test_an_error_of_the_first_rows_comes_before_any_byte():
    def rows():
        yield ("a",)
        raise LookupError

    with pytest.raises(LookupError):
        next(workbook_pieces(("name",), rows(), sheet="Assets"))


def test_an_error_further_on_ends_the_file_short_of_whole():
    def rows():
        yield from ((n,) for n in range(1000))
        raise LookupError

    pieces = workbook_pieces(("n",), rows(), sheet="Assets")
    got = []
    with pytest.raises(LookupError):
        got.extend(pieces)
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(got)))


def test_a_reader_who_leaves_early_lets_go_of_the_rows():
    left = []

    def rows():
        try:
            yield from ((n,) for n in range(5000))
        finally:
            left.append(True)

    pieces = workbook_pieces(("n",), rows(), sheet="Assets")
    next(pieces)
    pieces.close()
    del pieces
    assert left


def test_the_same_rows_make_the_same_bytes():
    rows = [(f"asset {number}", NOW, Decimal(number)) for number in range(700)]
    assert file_of(("a", "b", "c"), rows) == file_of(("a", "b", "c"), iter(rows))


def test_the_parts_agree_on_what_there_is():
    parts = xml_parts(file_of(("n",), ((n,) for n in range(1500)), limits=SheetLimits(rows=1001)))
    sheets = [f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3)]
    named = {"xl/workbook.xml", "xl/styles.xml", *sheets}
    assert set(parts) == {*named, "xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml"}
    assert all(f'PartName="/{name}"' in parts["[Content_Types].xml"] for name in named)
    assert all(
        f'Target="{name.removeprefix("xl/")}"' in parts["xl/_rels/workbook.xml.rels"]
        for name in named - {"xl/workbook.xml"}
    )


@pytest.mark.parametrize("sheet", ["", "a/b", "a:b", "[a]", "'a", "a ", "x" * 32, "about", "History", "a\x00b"])
def test_a_name_that_excel_refuses_is_refused_here(sheet):
    with pytest.raises(ValueError, match="name"):
        workbook_pieces(("a",), [], sheet=sheet)


def test_a_file_without_columns_is_refused():
    with pytest.raises(ValueError, match="column"):
        workbook_pieces((), [], sheet="Assets")

"""Names of sheets: whatever a table is called, Excel takes the name, and no two sheets have the same."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.reports import Column, Format, Table
from finops.reports.files.sheet_names import SheetNames
from tests.reports import kit

FORBIDDEN = "[]:*?/\\"


def units(name: str) -> int:
    return len(name.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Cost by service", "Cost by service"),
        ("Cost / day: [all]?*\\", "Cost day all"),
        ("'quoted'", "quoted"),
        ("it's", "it's"),
        ("", "Sheet"),
        ("///", "Sheet"),
        ("History", "History (2)"),
        ("SUMMARY", "SUMMARY (2)"),
        ("x" * 40, "x" * 31),
        ("😀" * 20, "😀" * 15),
        ("two\nlines\x00\ud800", "two lines"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_a_name_is_as_near_as_excel_takes_it(wanted, name):
    assert SheetNames(["Summary"]).taken(wanted) == name


def test_the_same_name_in_other_letters_gets_a_number():
    names = SheetNames()
    assert [names.taken(text) for text in ("Costs", "costs", "COSTS", "x" * 31, "X" * 35)] == [
        *("Costs", "costs (2)", "COSTS (3)"),
        *("x" * 31, "X" * 27 + " (2)"),
    ]


def test_a_sheet_that_goes_on_never_takes_the_name_of_another_table():
    names = SheetNames()
    names.taken("Costs")
    assert names.taken("Costs 2") == "Costs 2"
    assert names.following("Costs", 2) == "Costs 2 (2)"
    assert names.following("x" * 31, 12) == "x" * 28 + " 12"


@given(st.lists(st.text(st.characters(), max_size=40), min_size=1, max_size=8))
def test_whatever_tables_are_called_excel_takes_every_name(titles):
    names = SheetNames(["Summary", "About"])
    given_names = [names.taken(title) for title in titles] + [names.following(titles[0], 2)]
    for name in given_names:
        assert 1 <= units(name) <= 31
        assert not set(name) & set(FORBIDDEN)
        assert name[0] != "'" != name[-1]
        assert name.lower() not in {"history", "summary", "about"}
    assert len({name.casefold() for name in given_names}) == len(given_names)


@given(st.lists(st.text(st.characters(), max_size=40), min_size=1, max_size=4))
def test_a_workbook_with_tables_of_any_title_opens(titles):
    tables = tuple(
        Table(f"t{number}", title, (Column("n", "N"),), lambda number=number: iter([(number,)]))
        for number, title in enumerate(titles)
    )
    book = openpyxl.load_workbook(io.BytesIO(kit.file_of(kit.report(tables=tables, charts=()), Format.XLSX)))
    assert [book[name]["A2"].value for name in book.sheetnames[1:-1]] == list(range(len(titles)))

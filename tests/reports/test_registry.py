"""What holds for every report at once: declared, documented, whole or said to be partial, charts of what is there."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from finops.model.errors import InputError
from finops.model.people import Right
from finops.model.period import Period
from finops.model.preferences import REPORTS
from finops.model.reports import Kind, ReportRequest
from finops.reports.catalogue import definitions
from finops.reports.mails.texts import shown
from tests.reports.made import HOUSES, NAMES, READER, every, made, opened, tenant_of

ROOT = Path(__file__).parents[2]
DEFINITIONS = definitions()
NAMED = {
    *("executive-summary", "cost-by-service", "cost-by-account", "cost-by-tag", "cost-detail", "savings"),
    *("tag-compliance", "anomalies", "inventory", "budget-forecast", "showback", "health", "digest"),
}
TYPES = {
    Kind.TEXT: (str,),
    Kind.MONEY: (Decimal,),
    Kind.PERCENT: (Decimal,),
    Kind.NUMBER: (int, Decimal),
    Kind.DAY: (date,),
    Kind.INSTANT: (datetime,),
    Kind.TRUTH: (bool,),
    Kind.OBJECT: (dict,),
}
CASES = list(every())
DRIFTS = {"health": "stores"}
"""Tables that tell of this very moment: free disk space."""


def test_there_are_the_reports_that_were_promised():
    assert set(NAMES) == NAMED


def test_people_choose_among_the_reports_that_there_are():
    assert tuple(sorted(REPORTS)) == NAMES


@pytest.mark.parametrize(("house", "name"), CASES)
def test_every_table_names_what_its_rows_are_about(house, name):
    """A mail shows four columns of a table: those that say what a row is about are always among them."""
    for table in made(house, name).tables:
        columns = [column.name for column in table.columns]
        assert 1 <= len(table.about) <= 2, table.name
        assert set(table.about) <= set(columns), table.name
        told = shown(table, ZoneInfo("UTC"), "")
        heads = [table.columns[columns.index(each)].title for each in table.about]
        assert list(told.heads[: len(heads)]) == heads, table.name
        assert told.hidden == -1 or told.hidden >= len(heads)


@pytest.mark.parametrize("name", NAMES)
def test_every_report_is_declared_whole(name):
    found = DEFINITIONS[name]
    assert found.title
    assert found.help.endswith(".")
    assert found.rights
    assert set(found.rights) <= set(Right)
    assert Right.EXPORT not in found.rights
    assert len(set(found.known)) == len(found.known)
    assert all(parameter.help for parameter in found.parameters)
    assert bool(found.usual) == (found.usual_text != "now")


def test_every_report_is_documented_with_its_parameters_and_no_other():
    page = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
    parts = re.split(r"^### `([^`]+)`$", page, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(sections) == set(NAMES)
    for name, section in sections.items():
        named = set(re.findall(r"^\| `([a-z_]+)`", section, flags=re.MULTILINE))
        assert named == set(DEFINITIONS[name].known), name
        assert DEFINITIONS[name].usual_text in section, name
        assert all(f"`{right}`" in section for right in DEFINITIONS[name].rights), name


@pytest.mark.parametrize(("house", "name"), CASES)
def test_every_report_says_what_it_is_of(house, name):
    report = made(house, name)
    assert report.title
    assert report.headline
    assert "\n" not in report.headline
    assert len(report.headline) < 160
    assert 1 <= len(report.figures) <= 6
    assert report.tables
    assert len(report.charts) <= 3
    assert report.made_at == opened(house).now()
    assert (report.period is None) == (DEFINITIONS[name].usual is None)
    assert report.page.startswith("/")
    assert all(text for _, text in report.provenance.facts)


@pytest.mark.parametrize(("house", "name"), CASES)
def test_every_cell_is_of_its_column_and_every_chart_of_a_table(house, name):
    report = made(house, name)
    names = [table.name for table in report.tables]
    assert len(set(names)) == len(names)
    for table in report.tables:
        columns = [column.name for column in table.columns]
        assert len(set(columns)) == len(columns)
        rows = [tuple(row) for row in table.rows()]
        assert table.total in {None, len(rows)}
        assert all(len(row) == len(columns) for row in rows)
        for column, cells in zip(table.columns, zip(*rows, strict=True), strict=False):
            wrong = [cell for cell in cells if cell is not None and not _fits(cell, column.kind)]
            assert not wrong, (table.name, column, wrong[:3])
    for chart in report.charts:
        columns_of = {column.name: column.kind for table in report.tables if table.name == chart.table
                      for column in table.columns}  # fmt: skip
        assert chart.labels in columns_of
        assert all(columns_of[value] in {Kind.MONEY, Kind.NUMBER, Kind.PERCENT} for value in chart.values)
        assert re.search(r"\d", chart.alt), "says its figures"
        assert any(True for table in report.tables if table.name == chart.table for _ in table.rows())


def _fits(cell: object, kind: Kind) -> bool:
    fits = isinstance(cell, TYPES[kind])
    if kind is Kind.NUMBER:
        return fits and not isinstance(cell, bool)
    if kind is Kind.INSTANT:
        return fits and cell.tzinfo is not None
    return fits and not (kind is Kind.DAY and isinstance(cell, datetime))


@pytest.mark.parametrize(("house", "name"), CASES)
def test_a_report_made_twice_is_the_same(house, name):
    made(house, name)  # health asks whose the credentials are, once
    one, other = made(house, name), made(house, name)
    assert one.headline == other.headline
    assert one.figures == other.figures
    assert one.charts == other.charts
    assert one.provenance == other.provenance
    for table, again in zip(one.tables, other.tables, strict=True):
        if DRIFTS.get(name) != table.name:
            assert [tuple(row) for row in table.rows()] == [tuple(row) for row in again.rows()]
            assert [tuple(row) for row in table.rows()] == [tuple(row) for row in table.rows()]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_stored_is_never_good_news(name):
    """No report of an empty house tells a zero, and each says that something is missing."""
    report = made("empty", name)
    assert report.partial
    assert report.failures or report.missing
    amounts = [figure for figure in report.figures if figure.label != "Spent on requests"]
    assert not [figure for figure in amounts if figure.value.lstrip("$") in {"0", "0.00", "0 %", "0.0 %"}], name
    assert "$0" not in report.headline
    assert re.search(r"not known|No costs are stored", report.headline), report.headline
    assert not report.charts


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_parameter_is_named(name):
    request = ReportRequest(name, "demo", READER, scope={"colour": ("red",)})
    with pytest.raises(InputError) as told:
        opened("bill").reports.make(request)
    assert told.value.field == "colour"
    assert "colour" in told.value.message


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_now_refuses_a_period_and_others_take_it(name):
    days = Period(date(2026, 11, 1), date(2026, 11, 8))
    request = ReportRequest(name, tenant_of("bill"), READER, days)
    if DEFINITIONS[name].usual is None:
        with pytest.raises(InputError, match="is of now") as told:
            opened("bill").reports.make(request)
        assert told.value.field == "start"
    else:
        assert opened("bill").reports.make(request).period == days


@pytest.mark.parametrize("name", NAMES)
def test_parameters_with_choices_refuse_others_by_name(name):
    for parameter in DEFINITIONS[name].parameters:
        if parameter.choices:
            request = ReportRequest(name, "demo", READER, scope={parameter.name: ("mauve",)})
            with pytest.raises(InputError) as told:
                opened("bill").reports.make(request)
            assert told.value.field == parameter.name
            assert all(choice in told.value.message for choice in parameter.choices)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_value_is_refused_by_name(name):
    for parameter in DEFINITIONS[name].parameters:
        if DEFINITIONS[name].filters and parameter.name in {"account", "service", "region"}:
            continue  # the empty value is cost without one
        request = ReportRequest(name, "demo", READER, scope={parameter.name: ("",)})
        with pytest.raises(InputError) as told:
            opened("bill").reports.make(request)
        assert told.value.field == parameter.name


def test_an_unknown_report_is_told_with_those_there_are():
    with pytest.raises(InputError, match="cost-by-service") as told:
        opened("empty").reports.make(ReportRequest("nonsense", "demo", READER))
    assert told.value.field == "report"


def test_reports_send_no_paid_request():
    before = opened("bill").store.meter.spent("2026-11")
    for house in HOUSES:
        for name in NAMES:
            made(house, name)
    assert opened("bill").store.meter.spent("2026-11") == before

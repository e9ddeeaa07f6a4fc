"""CSV and Excel files: the same figures and fields as everywhere, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import (
    asset_columns,
    asset_file_name,
    asset_records,
    cell_text,
    comparison_records,
    cost_columns,
    cost_records,
    costs_csv,
    csv_pieces,
    file_name,
    safe_text,
    xlsx_pieces,
)
from finops.model.assets import Asset, Lifecycle
from finops.model.costs import (
    Change,
    ComparedRow,
    Comparison,
    CostAnswer,
    CostQuestion,
    CostRow,
    Granularity,
    Metric,
    Provenance,
)
from finops.model.errors import InputError
from finops.model.period import Period

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
ORIGIN = Provenance("cost_explorer", "account_service", Metric.UNBLENDED, fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
NAMES = {"111111111111": "prod-core"}
FIRST, LAST = datetime(2026, 9, 1, 4, tzinfo=UTC), datetime(2026, 11, 20, 6, 0, 0, 250_000, tzinfo=UTC)


def answer(*rows: CostRow, group_by=("service",), granularity=Granularity.TOTAL) -> CostAnswer:
    question = CostQuestion("demo", OCTOBER, granularity, group_by=group_by)
    totals = {row.currency: row.amount for row in rows}
    return CostAnswer(question, rows, totals, totals, ORIGIN)


def asset(number: int = 1, **changes) -> Asset:
    known = {
        "asset_id": f"a{number}",
        "tenant": "demo",
        "kind": "ec2:instance",
        "service": "ec2",
        "account": "111111111111",
        "region": "eu-central-1",
        "resource_id": f"i-{number:017x}",
        "name": f"web-{number}",
        "arn": f"arn:aws:ec2:eu-central-1:111111111111:instance/i-{number:017x}",
        "state": "running",
        "lifecycle": Lifecycle.ACTIVE,
        "created": datetime(2026, 8, 30, 22, 15, tzinfo=UTC),
        "first_seen": FIRST,
        "last_seen": LAST,
        "tags": {"Owner": "anna@example.com", "Über": "größe"},
        "details": {"instance_type": "m6i.large", "size_gib": 100, "encrypted": True, "groups": ["sg-1", "sg-2"]},
        "cost": Decimal("12.3456"),
        "currency": "USD",
    }
    return Asset(**(known | changes))


def assets_csv(assets, columns=None) -> list[dict[str, str]]:
    columns = columns or asset_columns()
    return parsed(csv_pieces(columns, asset_records(assets, account_names=NAMES, columns=columns)))


def assets_sheet(assets, columns=None, notes=()):
    columns = columns or asset_columns()
    records = asset_records(assets, account_names=NAMES, columns=columns)
    data = b"".join(xlsx_pieces(columns, records, sheet="Assets", notes=notes))
    return openpyxl.load_workbook(io.BytesIO(data))


def parsed(pieces) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(pieces), newline="")))


def test_a_csv_has_a_header_and_one_line_per_figure():
    shown = answer(
        CostRow(
            ("AmazonEC2", "111111111111"), date(2026, 10, 1), Decimal("12.3456789012345678"), "USD", estimated=True
        ),
        CostRow(("", "999999999999"), date(2026, 10, 1), Decimal("-2.5"), "EUR"),
        group_by=("service", "account"),
        granularity=Granularity.DAILY,
    )
    text = "".join(costs_csv(shown, account_names=NAMES))
    assert text == (
        "date,service,account,account_name,cost,currency,estimated\r\n"
        "2026-10-01,AmazonEC2,111111111111,prod-core,12.3456789012345678,USD,true\r\n"
        "2026-10-01,,999999999999,,-2.50,EUR,false\r\n"
    )


def test_an_answer_without_figures_still_has_its_header():
    assert "".join(costs_csv(answer(group_by=("tag:Owner",)))) == "tag:Owner,cost,currency,estimated\r\n"


def test_a_comparison_tells_both_periods_and_the_kind_of_change():
    comparison = Comparison(
        answer(),
        answer(),
        (
            ComparedRow(("AWS Lambda",), "USD", Decimal(3), Decimal(9), Change.SHRUNK),
            ComparedRow(("Amazon Bedrock",), "USD", Decimal(5), Decimal(0), Change.NEW),
        ),
    )
    assert parsed(costs_csv(comparison)) == [
        {
            "service": "AWS Lambda",
            "cost": "3.00",
            "previous_cost": "9.00",
            "delta": "-6.00",
            "percent": "-66.67",
            "change": "shrunk",
            "currency": "USD",
        },
        {
            "service": "Amazon Bedrock",
            "cost": "5.00",
            "previous_cost": "0.00",
            "delta": "5.00",
            "percent": "",
            "change": "new",
            "currency": "USD",
        },
    ]
    assert [record["percent"] for record in comparison_records(comparison)] == [Decimal("-66.67"), None]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "   =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1",  # noqa: RUF001 - what is tested
        "＋1",  # noqa: RUF001
        "－1",  # noqa: RUF001
        "＠x",  # noqa: RUF001
        "\x00=1",
        "\tplain",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_prefixed(text):
    assert safe_text(text).startswith("'")


@pytest.mark.parametrize("text", ["", "AmazonEC2", "EC2 - Other", "a=b", "'=quoted", "012345678901", "Ünïcode ✓"])
def test_other_text_stays_as_it_is(text):
    assert safe_text(text) == text


def test_numbers_stay_numbers_even_when_negative():
    assert cell_text(Decimal("-1.5")) == "-1.50"
    assert cell_text(-3) == "-3"
    assert cell_text(Decimal("1E-7")) == "0.0000001"


@given(st.text(st.characters(), max_size=40))
def test_no_text_ever_starts_a_formula(text):
    safe = safe_text(text)
    assert safe.encode().decode() == safe  # every text can be written as UTF-8, lone surrogates too
    visible = safe.strip().strip("\ufeff\u200b\u00a0")
    assert not visible.startswith(("=", "+", "-", "@"))
    assert safe[:1] not in {"\t", "\r", "\n"}


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**12), max_value=10**12),
        ),
        max_size=30,
    )
)
def test_reading_the_csv_back_gives_the_same_values(rows):
    records = [{"service": name, "cost": amount} for name, amount in rows]
    back = parsed(csv_pieces(("service", "cost"), records))
    assert [(row["service"], Decimal(row["cost"])) for row in back] == [
        (safe_text(name), amount) for name, amount in rows
    ]


def test_a_large_answer_comes_in_pieces():
    rows = tuple(CostRow((f"service {number}",), None, Decimal(number), "USD") for number in range(1700))
    pieces = list(costs_csv(answer(*rows)))
    assert len(pieces) > 3
    assert len(parsed(pieces)) == 1700


def test_records_carry_exact_amounts_and_python_types():
    record = next(cost_records(answer(CostRow(("AmazonS3",), None, Decimal("0.1234567890"), "USD"))))
    assert record == {"service": "AmazonS3", "cost": Decimal("0.1234567890"), "currency": "USD", "estimated": False}


@given(st.text(st.characters(), max_size=300))
def test_file_names_are_plain_whatever_the_tag_key(key):
    name = file_name(CostQuestion("demo", OCTOBER, group_by=(f"tag:{key}",)), partial=True, extension="csv")
    assert name.startswith("costs_demo_2026-10-01_2026-11-01_tag")
    assert name.endswith(".csv")
    assert len(name) <= 160
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def test_long_file_names_still_say_that_they_are_partial():
    question = CostQuestion("demo", OCTOBER, group_by=(f"tag:{'k' * 120}", f"tag:{'l' * 120}"))
    name = file_name(question, partial=True, extension="csv")
    assert name.endswith("_partial.csv")
    assert len(name) <= 160


def test_names_of_asset_files_say_whose_when_and_whether_something_is_missing():
    day = date(2026, 11, 20)
    assert asset_file_name("demo", day, partial=True, extension="csv") == "assets_demo_2026-11-20_partial.csv"
    assert asset_file_name("demo", day, partial=False, extension="xlsx") == "assets_demo_2026-11-20.xlsx"
    assert asset_file_name('x"/../\r\n', day, partial=False, extension="csv") == "assets_x_2026-11-20.csv"


def test_an_asset_has_the_same_fields_everywhere():
    promised = (
        *("asset_id", "arn", "resource_id", "name", "kind", "service", "account", "region", "state", "lifecycle"),
        *("created", "first_seen", "last_seen", "tags", "details", "cost", "currency"),
    )
    record = next(asset_records([asset()], account_names=NAMES))
    assert tuple(record) == asset_columns()
    assert set(promised) <= set(record)
    assert assets_csv([asset()]) == [
        {
            "asset_id": "a1",
            "arn": "arn:aws:ec2:eu-central-1:111111111111:instance/i-00000000000000001",
            "resource_id": "i-00000000000000001",
            "name": "web-1",
            "kind": "ec2:instance",
            "service": "ec2",
            "account": "111111111111",
            "account_name": "prod-core",
            "region": "eu-central-1",
            "state": "running",
            "lifecycle": "active",
            "created": "2026-08-30T22:15:00Z",
            "first_seen": "2026-09-01T04:00:00Z",
            "last_seen": "2026-11-20T06:00:00.250000Z",
            "missing_since": "",
            "tags": '{"Owner":"anna@example.com","Über":"größe"}',
            "details": '{"instance_type":"m6i.large","size_gib":100,"encrypted":true,"groups":["sg-1","sg-2"]}',
            "cost": "12.3456",
            "currency": "USD",
        }
    ]


def test_records_keep_objects_and_python_types():
    one = asset()
    record = next(asset_records([one]))
    assert record["tags"] == {"Owner": "anna@example.com", "Über": "größe"}
    assert record["details"] == one.details
    assert (record["cost"], record["created"], record["account_name"]) == (Decimal("12.3456"), one.created, "")


def test_unknown_tags_are_empty_and_known_none_are_an_empty_object():
    assets = [asset(tags=None), asset(tags={}), asset(tags={"Owner": ""}), asset(tags={"Owner": "ben"})]
    columns = ("tags", "tag:Owner")
    assert [tuple(row.values()) for row in assets_csv(assets, columns)] == [
        ("", ""),
        ("{}", ""),
        ('{"Owner":""}', ""),
        ('{"Owner":"ben"}', "ben"),
    ]
    assert [record["tag:Owner"] for record in asset_records(assets, columns=columns)] == [None, "", "", "ben"]
    assert list(assets_sheet(assets, columns)["Assets"].iter_rows(min_row=2, values_only=True)) == [
        (None, None),
        ("{}", None),
        ('{"Owner":""}', None),
        ('{"Owner":"ben"}', "ben"),
    ]


def test_columns_are_those_chosen_in_the_order_chosen():
    columns = ("region", "tag:Owner", "name", "tag:a:b", "tag:=x")
    rows = assets_csv([asset(tags={"Owner": "anna", "a:b": "c", "=x": "=1"})], columns)
    assert rows == [{"region": "eu-central-1", "tag:Owner": "anna", "name": "web-1", "tag:a:b": "c", "tag:=x": "'=1"}]
    assert asset_columns(["Owner"])[-1] == "tag:Owner"


@pytest.mark.parametrize("column", ["tenant", "", "tag:", "Name", "tags:Owner", "__class__"])
def test_a_column_that_assets_lack_is_refused_before_anything_is_read(column):
    def assets():
        raise AssertionError
        yield

    with pytest.raises(InputError, match="no column") as caught:
        asset_records(assets(), columns=("name", column))
    assert caught.value.field == "columns"


@pytest.mark.parametrize("empty", [(), ("name",)])
def test_no_assets_make_a_file_with_a_header(empty):
    columns = empty or asset_columns()
    assert "".join(csv_pieces(columns, asset_records([]))) == ",".join(columns) + "\r\n"
    assert list(assets_sheet([], columns)["Assets"].iter_rows(values_only=True)) == [columns]


def test_a_column_of_nothing_but_empty_cells_keeps_its_lines():
    assert "".join(csv_pieces(("tag:Owner",), [{"tag:Owner": ""}, {}, {"tag:Owner": None}])) == (
        'tag:Owner\r\n""\r\n""\r\n""\r\n'
    )


def test_excel_has_the_values_of_the_csv_with_types():
    book = assets_sheet([asset(), asset(2, cost=None, created=None)], notes=["Tenant: demo", "3 of 50 accounts failed"])
    header, first, second = book["Assets"].iter_rows(values_only=True)
    assert header == asset_columns()
    row, later = dict(zip(header, first, strict=True)), dict(zip(header, second, strict=True))
    assert row["account"] == "111111111111"
    assert row["cost"] == 12.3456
    assert row["first_seen"].replace(tzinfo=UTC) == FIRST
    assert row["last_seen"].replace(tzinfo=UTC) == LAST
    assert json.loads(row["details"]) == asset().details
    assert row["lifecycle"] == "active"
    assert (later["name"], later["cost"], later["created"]) == ("web-2", None, None)
    assert [cell.value for cell in book["About"]["A"]] == ["Tenant: demo", "3 of 50 accounts failed"]


def test_costs_too_can_be_an_excel_file():
    shown = answer(
        CostRow(("=AmazonEC2",), date(2026, 10, 1), Decimal("12.5"), "USD", estimated=True),
        granularity=Granularity.DAILY,
    )
    data = b"".join(xlsx_pieces(cost_columns(shown.question), cost_records(shown), sheet="Costs"))
    rows = list(openpyxl.load_workbook(io.BytesIO(data))["Costs"].iter_rows(values_only=True))
    assert rows == [
        ("date", "service", "cost", "currency", "estimated"),
        (datetime(2026, 10, 1), "=AmazonEC2", 12.5, "USD", True),  # noqa: DTZ001 - as Excel has days
    ]


def test_hostile_tags_stay_in_their_cells():
    hostile = {"=1": "=2", "},{": '"},{"', "nul": "\0", "lone": "\ud800", "lines": "a\r\nb", "quotes": '""'}
    assets = [asset(tags=hostile), asset(2, tags={"a": "b"}), asset(3, tags=None, name='=1,"\n'), asset(4, tags={})]
    rows = assets_csv(assets, ("name", "tags", "details"))
    told = hostile | {"lone": "\ufffd"}
    assert [json.loads(row["tags"] or "null") for row in rows] == [told, {"a": "b"}, None, {}]
    assert [row["name"] for row in rows] == ["web-1", "web-2", "'=1,\"\n", "web-4"]
    sheet = list(assets_sheet(assets, ("name", "tags"))["Assets"].iter_rows(min_row=2, values_only=True))
    assert [json.loads(tags or "null") for _, tags in sheet] == [told, {"a": "b"}, None, {}]


@pytest.mark.parametrize("text", ["},{", '"},{"', "}},{{", '},{"a":"b"},{'])
def test_a_tag_that_looks_like_json_of_two_assets_is_one_tag(text):
    tags = [{"a": text}, {text: "b"}, {}, {"plain": "c"}]
    rows = assets_csv([asset(tags=each) for each in tags], ("tags", "name"))
    assert [json.loads(row["tags"]) for row in rows] == tags


def test_one_odd_name_changes_nothing_for_the_others():
    names = [
        "plain",
        "with, comma",
        'a "quote"',
        "=odd",
        "\tled",
        "two\nlines",
        "cr\rhere",
        "Ünï",
        "\u200b-x",
        "",
        "\0n",
        "n\0n",
    ]
    for odd in names:
        rows = assets_csv(
            [asset(name=name) for name in ("first", odd, "last, too", "/aws/lambda/x")], ("name", "state")
        )
        assert [row["name"] for row in rows] == ["first", safe_text(odd), "last, too", "/aws/lambda/x"]


cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=6),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.sampled_from(list(Lifecycle)),
    st.dictionaries(st.text(st.characters(), max_size=5), st.text(st.characters(), max_size=9), max_size=3),
    st.text(st.sampled_from('a,"\n\r\t=+- {}\0é\ud800＝'), max_size=6),  # noqa: RUF001
    st.text(st.characters(), max_size=12),
)
column_kinds = st.sampled_from(["mixed", "texts", "objects", "moments"])


@given(st.data(), column_kinds, st.integers(1, 12))
def test_cells_are_the_same_whoever_is_in_their_column(data, kind, height):
    """A column is looked at as a whole where that is faster: the outcome is that of each cell by itself."""
    kinds = {
        "mixed": cells,
        "texts": st.one_of(st.none(), st.text(st.characters(), max_size=12)),
        "objects": st.one_of(st.none(), st.dictionaries(st.text(max_size=4), st.text('},{"', max_size=6), max_size=3)),
        "moments": st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    }
    column = data.draw(st.lists(kinds[kind], min_size=height, max_size=height))
    wanted = io.StringIO(newline="")
    csv.writer(wanted, lineterminator="\r\n").writerows([["x", "n"], *([cell_text(cell), "0"] for cell in column)])
    assert "".join(csv_pieces(("x", "n"), [{"x": cell, "n": 0} for cell in column])) == wanted.getvalue()


def test_objects_of_any_kind_are_json():
    assert cell_text(MappingProxyType({"a": 1})) == '{"a":1}'
    assert (
        "".join(csv_pieces(("t", "n"), [{"t": MappingProxyType({"a": "b"}), "n": 1}])) == 't,n\r\n"{""a"":""b""}",1\r\n'
    )


def test_instants_are_told_in_utc():
    moment = datetime(2026, 11, 19, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert cell_text(moment) == "2026-11-20T03:00:00Z"
    assert assets_csv([asset(created=moment), asset(2)], ("created", "name"))[0]["created"] == "2026-11-20T03:00:00Z"


def test_the_first_piece_of_a_file_needs_only_the_first_records():
    read = []

    def assets():
        for number in range(4000):
            read.append(number)
            yield asset(number)

    for make in (csv_pieces, lambda columns, records: xlsx_pieces(columns, records, sheet="Assets")):
        read.clear()
        pieces = make(asset_columns(), asset_records(assets()))
        assert next(pieces)
        assert len(read) <= 1000
        assert len(list(pieces)) >= 4
        assert len(read) == 4000

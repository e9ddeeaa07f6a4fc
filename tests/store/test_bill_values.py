"""What the values of a bill mean: amounts, instants, currencies, tags, in text and in Parquet's types."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.costs.sources.focus import FOCUS
from finops.store import LINE_TYPES
from finops.store.bill_columns import Kind
from finops.store.bill_sql import MACROS
from tests.store.bills import LINE, Imported, csv_file, lines, stored

if TYPE_CHECKING:
    from pathlib import Path

    from finops.store import Store


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    for macro in MACROS:
        connection.execute(macro)
    return connection


def evaluated(
    connection: duckdb.DuckDBPyConnection, expression: str, values: list[Any], kind: pa.DataType
) -> list[Any]:
    """An expression over v, for every value."""
    given_values = pa.table({"v": pa.array(values, type=kind)})
    connection.register("given_values", given_values)
    return [
        row["x"] for row in connection.sql(f"SELECT {expression} AS x FROM given_values").to_arrow_table().to_pylist()
    ]


AMOUNTS = st.decimals(-(10**19), 10**19, allow_nan=False, places=18) | st.decimals(-1000, 1000, allow_nan=False)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(AMOUNTS, min_size=1, max_size=20), form=st.sampled_from(["{}", "{:f}", "{:E}", " {} ", "+{:f}"])
)
def test_any_way_to_write_a_number_is_that_number(
    macros: duckdb.DuckDBPyConnection, amounts: list[Decimal], form: str
) -> None:
    texts = [form.format(abs(amount) if form[0] == "+" else amount) for amount in amounts]
    meant = [Decimal(text.strip()) for text in texts]
    assert evaluated(macros, "amount_of_text(v)", texts, pa.string()) == [stored(amount) for amount in meant]
    assert evaluated(macros, "rounded_text(v)", texts, pa.string()) == [stored(amount) != amount for amount in meant]


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1_000",
        "1,5",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1e",
        "0x10",
        "1 2",
        "--1",
        "$1",
        "1e30",
        "1" * 21,
        "\u0661",
        ".",
    ],
)
def test_garbage_is_no_number(macros: duckdb.DuckDBPyConnection, text: str) -> None:
    assert evaluated(macros, "amount_of_text(v)", [text], pa.string()) == [None]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.floats(-9e19, 9e19, allow_nan=False)
        | st.decimals(-(10**6), 10**6, places=10, allow_nan=False).map(float)
        | st.integers(-(10**9), 10**9).map(lambda cents: cents / 100),
        min_size=1,
        max_size=30,
    )
)
def test_a_double_is_what_a_csv_would_print(macros: duckdb.DuckDBPyConnection, values: list[float]) -> None:
    meant = [Decimal(repr(value)) for value in values]
    assert evaluated(macros, "amount_of_double(v)", values, pa.float64()) == [stored(amount) for amount in meant]
    assert evaluated(macros, "rounded_double(v)", values, pa.float64()) == [
        stored(amount) != amount for amount in meant
    ]


INSTANTS = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30))  # noqa: DTZ001 - the zone is added in the test
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=INSTANTS, zone=ZONES)
def test_any_way_to_write_an_instant_is_that_instant(
    macros: duckdb.DuckDBPyConnection, moment: datetime, zone: timezone
) -> None:
    naive = moment.replace(microsecond=0)
    zoned = moment.replace(tzinfo=zone)
    texts = [
        str(naive), naive.isoformat(), naive.isoformat() + "Z", f"{naive} UTC", str(naive.date()),
        naive.strftime("%Y-%m-%d %H:%M"),
        zoned.isoformat(), zoned.strftime("%Y-%m-%dT%H:%M:%S.%f%z"), moment.isoformat(" ") + "+00:00",
    ]  # fmt: skip
    utc = zoned.astimezone(UTC).replace(tzinfo=None)
    midnight = datetime.combine(naive.date(), datetime.min.time())
    meant = [naive, naive, naive, naive, midnight, naive.replace(second=0), utc, utc, moment]
    assert evaluated(macros, "instant_of_text(v)", texts, pa.string()) == meant


@pytest.mark.parametrize(
    "text",
    ["yesterday", "infinity", "epoch", "now", "2024-02-30", "2024-13-01", "09/18/2024", "20240918", "0001-01-01",
     "9999-12-31",
     "2024-09-18 25:00:00", "2024-09-18 22:00:00 Europe/Berlin", "2024-09-18 22", "1726696800"],
)  # fmt: skip
def test_other_texts_are_no_instant(macros: duckdb.DuckDBPyConnection, text: str) -> None:
    assert evaluated(macros, "instant_of_text(v)", [text], pa.string()) == [None]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"BilledCost": "abc"}, 'BilledCost "abc" is not a decimal number'),
        ({"BilledCost": ""}, "BilledCost is missing"),
        ({"EffectiveCost": "NULL"}, "EffectiveCost is missing"),
        ({"EffectiveCost": "NaN"}, 'EffectiveCost "NaN" is not'),
        ({"ListCost": "garbage"}, 'ListCost "garbage" is not'),
        ({"ListCost": "1e15"}, "is not a decimal number with at most 15 digits"),
        ({"ContractedCost": "inf"}, 'ContractedCost "inf" is not'),
        ({"BillingCurrency": "null"}, "BillingCurrency is missing"),
        ({"BillingCurrency": "US$"}, 'BillingCurrency "US$" is not a currency code'),
        ({"BillingCurrency": "DOLLAR"}, "is not a currency code of three letters"),
        ({"ChargePeriodStart": "soon"}, 'ChargePeriodStart "soon" is not a date and time'),
        ({"ChargePeriodEnd": "later"}, 'ChargePeriodEnd "later" is not'),
        ({"BillingPeriodStart": ""}, "BillingPeriodStart is missing"),
        ({"BillingPeriodEnd": "2024-13-01"}, 'BillingPeriodEnd "2024-13-01" is not'),
    ],
)
def test_money_currency_and_period_reject_a_line(
    tmp_path: Path, store: Store, change: dict[str, str], said: str
) -> None:
    imported = Imported(store, csv_file(tmp_path / "bill.csv", lines({}, change, {"BilledCost": "2"})))
    assert [line for line, _ in imported.reasons] == [3]
    assert said in imported.reasons[0][1]
    assert imported.total() == Decimal("3.25")
    assert imported.written + imported.bill.judgement.rejected == imported.bill.judgement.lines == 3


def test_several_reasons_are_all_named(tmp_path: Path, store: Store) -> None:
    imported = Imported(store, csv_file(tmp_path / "bill.csv", lines({"BilledCost": "x", "BillingCurrency": ""})))
    assert imported.reasons[0][1].endswith("before the point; BillingCurrency is missing")
    assert imported.commit.imported == 0


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"Tags": "{bad"}, "tags", None),
        ({"Tags": '{"a": "1", "a": "2"}'}, "tags", None),
        ({"Tags": "[1]"}, "tags", None),
        ({"PricingQuantity": "many"}, "pricing_quantity", None),
        ({"BilledCost": "1.2500000000000000000001"}, "billed_cost", Decimal("1.25")),
    ],
)
def test_details_never_cost_a_line_its_money(
    tmp_path: Path, store: Store, change: dict[str, str], column: str, value: object
) -> None:
    imported = Imported(store, csv_file(tmp_path / "bill.csv", lines({}, change)))
    assert (imported.written, imported.bill.judgement.rejected, imported.bill.judgement.warned) == (2, 0, 1)
    assert [loss.lines for loss in imported.bill.judgement.losses] == [1]
    assert imported.bill.judgement.losses[0].examples == ((3, next(iter(change.values()))),)
    assert value in [row[column] for row in imported.stored]
    assert imported.total() == Decimal("2.50")


def test_null_words_are_nulls_and_other_words_are_not(tmp_path: Path, store: Store) -> None:
    words = ["NULL", "null", "", "Null", "None", " "]
    imported = Imported(
        store, csv_file(tmp_path / "bill.csv", lines(*({"RegionId": word, "ContractedCost": ""} for word in words)))
    )
    found = [row["region_id"] for row in imported.stored]
    assert sorted(found, key=str) == sorted([None, None, None, "Null", "None", " "], key=str)
    assert "contracted" not in imported.commit.totals
    assert imported.bill.judgement.warned == 0


def test_tags_keep_nested_values_as_json_and_valueless_keys(tmp_path: Path, store: Store) -> None:
    tags = '{"n": 1, "deep": {"a": [1, 2]}, "key": null, "": "empty", "Ünï": "✓"}'
    imported = Imported(store, csv_file(tmp_path / "bill.csv", lines({"Tags": tags})))
    found = dict(imported.stored[0]["tags"])
    assert found == {"n": "1", "deep": '{"a":[1,2]}', "key": None, "": "empty", "Ünï": "✓"}


def test_charge_day_is_the_utc_day(tmp_path: Path, store: Store) -> None:
    rows = lines(
        {"ChargePeriodStart": "2024-09-18T23:30:00-02:00"}, {"ChargePeriodStart": "2024-09-18T00:30:00+01:00"}, {}
    )
    imported = Imported(store, csv_file(tmp_path / "bill.csv", rows))
    assert sorted(row["charge_date"] for row in imported.stored) == [
        date(2024, 9, 17),
        date(2024, 9, 18),
        date(2024, 9, 19),
    ]


def test_every_column_of_focus_lands_where_it_belongs(tmp_path: Path, store: Store) -> None:
    made_up = {
        Kind.TEXT: lambda name: f"{name} é",
        Kind.AMOUNT: lambda name: f"{len(name)}.5",
        Kind.INSTANT: lambda _: "2024-09-02T00:00:00Z",
        Kind.CURRENCY: lambda _: "eur",
        Kind.PAIRS: lambda name: json.dumps({name: "x"}),
    }
    row = {column.name: made_up[column.kind](column.name) for column in FOCUS.columns} | {
        "x_ServiceCode": "AmazonEC2",
        "Stray": 'a"b',
    }
    imported = Imported(store, csv_file(tmp_path / "bill.csv", [row]))
    (line,) = imported.stored
    for column in FOCUS.columns:
        expected = {
            Kind.TEXT: row[column.name],
            Kind.AMOUNT: Decimal(len(column.name)) + Decimal("0.5"),
            Kind.INSTANT: datetime(2024, 9, 2),  # noqa: DTZ001 - stored without a zone
            Kind.CURRENCY: "EUR",
            Kind.PAIRS: [(column.name, "x")],
        }[column.kind]
        assert line[column.target] == expected, column.name
    assert json.loads(line["extra"]) == {"x_ServiceCode": "AmazonEC2", "Stray": 'a"b'}
    assert set(imported.bill.unknown_columns) == {"x_ServiceCode", "Stray"}
    filled = {column.target for column in FOCUS.columns} | {"extra", "charge_date", "charge_type"}
    assert filled == set(LINE_TYPES)


def test_older_and_newer_spellings_stand_in(tmp_path: Path, store: Store) -> None:
    row = {"UsageQuantity" if name == "PricingQuantity" else name: value for name, value in LINE.items()}
    row = {"ServiceProviderName" if name == "ProviderName" else name: value for name, value in row.items()} | {
        "UsageUnit": "Hrs"
    }
    (line,) = Imported(store, csv_file(tmp_path / "bill.csv", [row])).stored
    assert (line["consumed_quantity"], line["consumed_unit"], line["provider_name"]) == (Decimal(2), "Hrs", "AWS")

"""Parquet bills: every type a writer may choose, hostile names, many lines."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.store.bills import LINE, Imported, csv_file, lines, parquet_file, stored

if TYPE_CHECKING:
    from pathlib import Path

    from finops.store import Store

DOUBLES = {
    name: pa.float64() for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity")
}
FLOATS = dict.fromkeys(DOUBLES, 1.1)


def test_doubles_without_binary_noise(tmp_path: Path, store: Store) -> None:
    values = [0.1, 0.2, 1e-7, 123.456, 1234567.891, 1.6059900000000003e-05, -0.0, 1e-25]
    rows = lines(*(FLOATS | {"BilledCost": value} for value in values))
    imported = Imported(store, parquet_file(tmp_path / "bill.parquet", rows, **DOUBLES))
    assert imported.total() == sum((stored(Decimal(repr(value))) for value in values), Decimal(0))
    assert [(loss.column, loss.lines, loss.rounded, loss.noise) for loss in imported.bill.judgement.losses] == [
        ("BilledCost", 2, True, True)
    ]
    assert imported.bill.judgement.warned == 0


def test_doubles_that_are_no_amounts_are_rejected_by_row(tmp_path: Path, store: Store) -> None:
    values = [1.0, float("nan"), float("inf"), 1e15, None, 2.0]
    rows = lines(*(FLOATS | {"BilledCost": value} for value in values))
    imported = Imported(store, parquet_file(tmp_path / "bill.parquet", rows, **DOUBLES))
    assert [line for line, _ in imported.reasons] == [2, 3, 4, 5]
    assert imported.total() == Decimal(3)
    assert json.loads(imported.rejects[2][1])["ServiceName"] == LINE["ServiceName"]


@pytest.mark.parametrize(
    ("kind", "value", "meant"),
    [
        (pa.decimal128(20, 11), Decimal("0.00000080001"), Decimal("0.00000080001")),
        (
            pa.decimal128(38, 18),
            Decimal("123456789012345.123456789012345678"),
            Decimal("123456789012345.123456789012345678"),
        ),
        (pa.decimal128(38, 20), Decimal("1.00000000000000000049"), Decimal("1")),
        (pa.int64(), 7, Decimal(7)),
        (pa.float32(), 0.1, Decimal("0.1")),
        (pa.string(), "1e-3", Decimal("0.001")),
        (pa.dictionary(pa.int32(), pa.string()), "2.5", Decimal("2.5")),
    ],
)
def test_amounts_of_every_type(tmp_path: Path, store: Store, kind: pa.DataType, value: object, meant: Decimal) -> None:
    imported = Imported(store, parquet_file(tmp_path / "bill.parquet", lines({"BilledCost": value}), BilledCost=kind))
    assert imported.total() == meant
    assert bool(imported.bill.judgement.losses) == (isinstance(value, Decimal) and value != meant)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+02:00"])
def test_instants_of_every_type(tmp_path: Path, store: Store, unit: str, zone: str | None) -> None:
    moment = datetime(2024, 9, 30, 23, 30, tzinfo=UTC)
    value = moment if zone else moment.replace(tzinfo=None)
    path = parquet_file(
        tmp_path / "bill.parquet", lines({"ChargePeriodStart": value}), ChargePeriodStart=pa.timestamp(unit, zone)
    )
    (line,) = Imported(store, path).stored
    assert (line["charge_period_start"], line["charge_date"]) == (moment.replace(tzinfo=None), date(2024, 9, 30))


PAIR = pa.struct([("key", pa.string()), ("value", pa.string())])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.map_(pa.string(), pa.string()), [("Environment", "prod"), ("a'b", "x")]),
        (
            pa.struct([("Environment", pa.string()), ("a'b", pa.string()), ("absent", pa.string())]),
            {"Environment": "prod", "a'b": "x"},
        ),
        (pa.list_(PAIR), [{"key": "Environment", "value": "prod"}, {"key": "a'b", "value": "x"}]),
        (pa.string(), '{"Environment": "prod", "a\'b": "x"}'),
    ],
)
def test_tags_of_every_shape(tmp_path: Path, store: Store, kind: pa.DataType, value: object) -> None:
    path = parquet_file(tmp_path / "bill.parquet", lines({"Tags": value}, {"Tags": None}), Tags=kind)
    imported = Imported(store, path)
    found = sorted((sorted(row["tags"]) if row["tags"] is not None else None for row in imported.stored), key=str)
    assert found in ([None, [("Environment", "prod"), ("a'b", "x")]], [[("Environment", "prod"), ("a'b", "x")], None])
    assert imported.bill.judgement.warned == 0


def test_doubled_keys_in_a_list_of_pairs_lose_only_the_tags(tmp_path: Path, store: Store) -> None:
    twice = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    imported = Imported(
        store, parquet_file(tmp_path / "bill.parquet", lines({"Tags": twice}, {"Tags": []}), Tags=pa.list_(PAIR))
    )
    assert (imported.written, imported.bill.judgement.warned) == (2, 1)


def test_ids_that_went_through_floating_numbers_keep_their_spelling(tmp_path: Path, store: Store) -> None:
    rows = lines({"SubAccountId": 123456789012.0, "ResourceType": 7})
    (line,) = Imported(
        store, parquet_file(tmp_path / "b.parquet", rows, SubAccountId=pa.float64(), ResourceType=pa.int32())
    ).stored
    assert (line["sub_account_id"], line["resource_type"]) == ("123456789012", "7")


@pytest.mark.parametrize(
    "name", ["a'; drop table x; --.parquet", "star*[1]?.parquet", "BILLING_PERIOD=2024-09.parquet", 'quote".parquet']
)
def test_hostile_file_and_column_names(tmp_path: Path, store: Store, name: str) -> None:
    folder = tmp_path / "tenant=x'y"
    folder.mkdir()
    rows = lines({'x"; DROP TABLE y; --': "kept", "it's": "too"})
    (line,) = Imported(store, parquet_file(folder / name, rows)).stored
    assert json.loads(line["extra"]) == {'x"; DROP TABLE y; --': "kept", "it's": "too"}


def test_many_lines_in_several_scopes_and_slabs(tmp_path: Path, store: Store) -> None:
    count = 300_000
    columns = {name: pa.array([value]).take(pa.array([0] * count)).dictionary_encode() for name, value in LINE.items()}
    columns["BilledCost"] = pa.array([f"{number}.001" if number % 100_000 else "bad" for number in range(count)])
    columns["ProviderName"] = pa.array([("AWS", "Microsoft", None)[number % 3] for number in range(count)])
    columns["ResourceId"] = pa.array([f"resource-{number}" for number in range(count)])
    pq.write_table(pa.table(columns), tmp_path / "many.parquet", row_group_size=50_000)
    imported = Imported(store, tmp_path / "many.parquet")
    good = [number for number in range(count) if number % 100_000]
    assert imported.total() == sum(good) + Decimal("0.001") * len(good)
    assert [line for line, _ in imported.reasons] == [1, 100_001, 200_001]
    assert imported.written == len(good)
    by_provider = {
        provider: sum(row["provider_name"] == provider for row in imported.stored)
        for provider in ("AWS", "Microsoft", None)
    }
    assert by_provider == {"AWS": 99_999, "Microsoft": 99_999, None: 99_999}


@pytest.mark.parametrize("name", ["bill.parquet", "bill.csv"])
def test_repeated_texts_mean_the_same_in_every_spelling(tmp_path: Path, store: Store, name: str) -> None:
    regions = ["us-west-2", "NULL", "", "null", " us-west-2 ", "us-west-2"] * 40
    currencies = ["USD", "usd", " USD ", "EUR", "NULL", "dollars"] * 40
    rows = lines(
        *({"RegionId": region, "BillingCurrency": money} for region, money in zip(regions, currencies, strict=True))
    )
    write = parquet_file if name.endswith("parquet") else csv_file
    imported = Imported(store, write(tmp_path / name, rows))
    assert imported.written == 160
    assert len(imported.rejects) == 80
    found = Counter((row["region_id"], row["billing_currency"]) for row in imported.stored)
    assert found == {("us-west-2", "USD"): 40, (None, "USD"): 80, (None, "EUR"): 40}

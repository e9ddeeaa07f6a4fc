"""CSV bills: splitting, quoting, packing, and the line numbers people are shown."""

from __future__ import annotations

import csv
import gzip
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.model.errors import InputError
from finops.store.bill_csv import LONGEST_LINE, csv_shape, records, spread
from finops.store.bill_sniff import Packing
from tests.store.bills import SAMPLE, Imported, csv_file, csv_text, lines

if TYPE_CHECKING:
    from pathlib import Path

    from finops.store import Store


def test_the_real_sample_sums_as_python_sums_it(store: Store) -> None:
    with SAMPLE.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    sums = {
        metric: sum(Decimal(row[column]) for row in rows if row[column] != "NULL")
        for metric, column in {
            "billed": "BilledCost",
            "effective": "EffectiveCost",
            "list": "ListCost",
            "contracted": "ContractedCost",
        }.items()
    }
    imported = Imported(store, SAMPLE)
    assert (imported.written, imported.bill.judgement.rejected, imported.bill.judgement.warned) == (1000, 0, 0)
    assert imported.commit.totals == {metric: {"USD": amount} for metric, amount in sums.items()}
    assert imported.total("billed") == Decimal("20.52022672899")
    assert imported.total("contracted") == Decimal("14.97626039326")
    assert imported.bill.unknown_columns == ("Id",)
    providers = {scope.provider: 0 for scope in imported.bill.judgement.scopes}
    for row in imported.stored:
        providers[row["provider_name"]] += 1
    assert providers == {"AWS": 942, "Microsoft": 51, "Oracle": 7}
    assert sum(row["tags"] is not None for row in imported.stored) == sum(row["Tags"] != "NULL" for row in rows) == 711
    assert {row["extra"] for row in imported.stored} == {f'{{"Id":"{row["Id"]}"}}' for row in rows}


def test_quotes_newlines_and_the_line_an_editor_shows(tmp_path: Path, store: Store) -> None:
    rows = lines(
        {"ChargeDescription": 'two\nlines, "quoted"'},
        {"ChargeDescription": "three\r\nmore\nlines", "BilledCost": "n/a"},
        {"ChargeDescription": "plain", "BillingCurrency": ""},
    )
    imported = Imported(store, csv_file(tmp_path / "bill.csv", rows))
    assert [row["charge_description"] for row in imported.stored] == ['two\nlines, "quoted"']
    assert imported.reasons == [
        (4, 'BilledCost "n/a" is not a decimal number with at most 15 digits before the point'),
        (7, "BillingCurrency is missing"),
    ]
    assert "three\r\nmore\nlines" in imported.rejects[0][1]


def test_a_line_with_too_few_fields_is_rejected_alone(tmp_path: Path, store: Store) -> None:
    header, first, second, third = csv_text(lines({}, {}, {"BilledCost": "7"})).splitlines()
    path = tmp_path / "bill.csv"
    path.write_text("\n".join([header, first, second.rsplit(",", 1)[0], "", third]) + "\n")
    imported = Imported(store, path)
    assert imported.reasons == [(3, "the line has 16 fields, the header 17")]
    assert imported.rejects[0][1] == second.rsplit(",", 1)[0]
    assert imported.total() == Decimal("8.25")
    assert imported.bill.judgement.lines == 3


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_line_ends(tmp_path: Path, store: Store, newline: str, delimiter: str) -> None:
    path = csv_file(tmp_path / "bill.csv", lines({}, {"BilledCost": "2"}), delimiter=delimiter, lineterminator=newline)
    assert Imported(store, path).total() == Decimal("3.25")


def test_a_byte_order_mark_and_any_case_of_the_header(tmp_path: Path, store: Store) -> None:
    header, *rest = csv_text(lines({})).splitlines(keepends=True)
    path = tmp_path / "bill.csv"
    path.write_text("\ufeff" + header.upper() + "".join(rest), encoding="utf-8")
    assert Imported(store, path).total() == Decimal("1.25")


def test_gzip_in_several_members(tmp_path: Path, store: Store) -> None:
    text = csv_text(lines({}, {"BilledCost": "2"})).encode()
    path = tmp_path / "bill.csv.gz"
    path.write_bytes(gzip.compress(text[:100]) + gzip.compress(text[100:]))
    assert Imported(store, path).total() == Decimal("3.25")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bill.csv", b"", "is empty"),
        ("bill.csv", b"PK\x03\x04rest of a zip", "ZIP"),
        ("bill.csv", "BilledCost,x\n1,ü\n".encode("utf-16"), "UTF-16"),
        ("bill.csv", b"BilledCost,x\n1,\xff\xfe\n", "not UTF-8"),
        ("bill.csv", b"name,age\nada,36\n", "is not a FOCUS bill"),
        ("bill.csv", b"\x00\x01\x02\x03" * 100, "is not a FOCUS bill"),
        (
            "bill.csv",
            b"BilledCost,EffectiveCost,BillingCurrency\n1,1,USD\n",
            "lacks the column ChargePeriodStart, BillingPeriodStart",
        ),
        ("bill.csv", b"identity/LineItemId,lineItem/UnblendedCost\n1,2\n", "legacy Cost and Usage Report"),
        ("bill.csv", b"line_item_unblended_cost,resource_tags,bill_payer_account_id\n1,2,3\n", "CUR 2.0"),
        ("bill.csv.gz", gzip.compress(csv_text(lines({}, {})).encode())[:-12], "gzip"),
        ("bill.parquet", b"PAR1 and then nothing useful", "Parquet"),
        ("bill.csv", csv_text(lines({})).encode().replace(b"us-west-2", b"us-west-\xe9"), "not UTF-8"),
        (
            "bill.csv",
            csv_text(lines({"BilledCost": ""})).replace("ListCost", "BilledCost").encode(),
            "more than one column BilledCost",
        ),
    ],
)
def test_what_is_no_bill_is_named(tmp_path: Path, store: Store, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=name) as caught:
        Imported(store, path)
    assert said in caught.value.message


def test_a_long_line_is_read_and_an_endless_one_is_refused(tmp_path: Path, store: Store) -> None:
    path = csv_file(
        tmp_path / "long.csv",
        lines({"ChargeDescription": "x" * 3_000_000}, {"BilledCost": "2", "ChargeDescription": ""}),
    )
    assert Imported(store, path).total() == Decimal("3.25")
    path = csv_file(tmp_path / "endless.csv", lines({"ChargeDescription": "x" * (2 * LONGEST_LINE + 1)}))
    with pytest.raises(InputError, match="longer than 16 MiB"):
        Imported(store, path)


def test_nul_bytes_stay_in_texts_and_reject_amounts(tmp_path: Path, store: Store) -> None:
    rows = lines({"ResourceId": "a\0b", "ProviderName": "A\0WS"}, {"ResourceId": "", "BilledCost": "1\0"})
    imported = Imported(store, csv_file(tmp_path / "bill.csv", rows))
    assert [(row["resource_id"], row["provider_name"]) for row in imported.stored] == [("a\0b", "A\0WS")]
    assert [line for line, _ in imported.reasons] == [3]


FIELDS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"', '""', "\n", "\r\n", ",", '","', "\0", " ", 'a"b', ""]
)


@settings(max_examples=150)
@given(
    rows=st.lists(st.lists(FIELDS, min_size=1, max_size=4), min_size=1, max_size=8),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_arrow_and_python_split_written_rows_alike(
    rows: list[list[str]], newline: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerow(["h1", "h2", "h3"])
    writer.writerows(rows)
    _split_alike(out.getvalue(), tmp_path_factory)


@settings(max_examples=150)
@given(body=st.text(st.sampled_from(['"', "\n", "\r", ",", "a", " "]), max_size=40))
def test_arrow_and_python_split_any_text_alike(body: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    _split_alike("h1,h2\n" + body, tmp_path_factory)


def _split_alike(text: str, factory: pytest.TempPathFactory) -> None:
    folder = factory.mktemp("split")
    path = folder / "bill.csv"
    path.write_bytes(text.encode())
    shape = csv_shape(path, Packing.CSV, "bill.csv")
    found = spread(path, shape, folder / "raw.parquet", "bill.csv")
    kept = [tuple(row.values()) for row in pq.read_table(folder / "raw.parquet").to_pylist()]
    seen = list(records(path, shape))
    even = [record for record in seen if record.place is not None]
    assert (len(kept), found.uneven) == (len(even), len(seen) - len(even))
    assert found.lines == len(kept)
    assert [record.place for record in even] == list(range(len(kept)))
    for record, fields in zip(even, kept, strict=True):
        split = next(csv.reader(io.StringIO(record.text, newline="")))
        # The text shown ends before its line break, also where a quote never ends and the break is part of the field.
        assert [field.rstrip("\r\n") for field in split] == [field.rstrip("\r\n") for field in fields]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.decimals(-(10**6), 10**6, places=11, allow_nan=False),
            FIELDS,
            st.dictionaries(FIELDS, FIELDS, max_size=3),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_random_lines_sum_exactly_and_keep_their_texts(
    tmp_path: Path, store: Store, rows: list[tuple[Decimal, str, dict[str, str]]]
) -> None:
    bill = lines(
        *({"BilledCost": str(amount), "ResourceName": text, "Tags": json.dumps(tags)} for amount, text, tags in rows)
    )
    imported = Imported(store, csv_file(tmp_path / "bill.csv", bill, quoting=csv.QUOTE_ALL))
    assert imported.total() == sum(amount for amount, _, _ in rows)
    expected = sorted((text or None, sorted(tags.items())) for _, text, tags in rows if text) + [
        (None, sorted(tags.items())) for _, text, tags in rows if not text
    ]
    key = repr
    assert sorted(((row["resource_name"], sorted(row["tags"])) for row in imported.stored), key=key) == sorted(
        expected, key=key
    )

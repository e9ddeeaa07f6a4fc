"""Columns of assets, read for files, hold what the assets hold, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from export import asset_chunks, asset_columns, asset_records, csv_pieces, csv_table, xlsx_pieces, xlsx_table
from finops.model.assets import AssetQuestion
from finops.model.errors import InputError
from finops.store import AssetStore
from tests.store.estates import EVERY_LIFE, HOME, NOW, day, every, listed, put, seen

if TYPE_CHECKING:
    from finops.store.database import Database

QUESTION = AssetQuestion("default", EVERY_LIFE)
NAMES = {HOME.account: "=Data, “prod”"}
HOSTILE = (
    *("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1", "'=1", " =1", "\u200b=1", "\t=1", "\r\n=1"),  # noqa: RUF001
    *('a"b', "a,b", "a\nb", "a\rb", "a\x01b", "a\x7fb", "a\0b", "\ud800", "emoji 🚀", "שלום", "\u2028", "_x0041_"),
    *("},{", '{"a":"b"}', "<&>", "\\", "None", "2026-11-20 06:00:00.000000", "NoneZ", "x" * 40_000),
)
ALL = asset_columns(("Owner", "Odd", "no such key"))
SOME = ("name", "tag:Odd", "account_name", "cost")


@pytest.fixture
def hostile(estate: Database) -> AssetStore:
    store = AssetStore(estate, lambda: NOW)
    items = [
        seen(
            f"i-{number}",
            name=text,
            arn=f"arn:aws:ec2:::{number}",
            state=text[:20],
            created=datetime(1970 + number, 1, 1, 3, 4, 5, number % 3, tzinfo=UTC) if number % 4 else None,
            tags={"Owner": "z", "Odd": text, text: "a", "A": ""},
            details={"z": [text], text: None, "a": 1.5, "tiny": 1e-9, "large": 10**30, "no": False},
        )
        for number, text in enumerate(HOSTILE)
    ]
    odd = [seen("unknown", tags=None), seen("untagged", tags={}, details={}), seen("", tags={"Owner": ""})]
    put(store, listed(*items, *odd))
    put(store, listed(*items[3:], *odd), at=day(1) + timedelta(microseconds=7))
    costs = ("0", "0.000001", "-12.345678", "1234567890.120000")
    store.price("default", {f"arn:aws:ec2:::{number}": (Decimal(cost), "USD") for number, cost in enumerate(costs)})
    return store


@pytest.mark.parametrize("columns", [ALL, SOME, ("tags",), ("account_name",), ("name", "name")])
@pytest.mark.parametrize("descending", [False, True])
def test_files_read_by_column_are_those_of_the_assets(
    hostile: AssetStore, columns: tuple[str, ...], *, descending: bool
) -> None:
    question = replace(QUESTION, sort="created", descending=descending)
    assets = hostile.page(replace(question, limit=1_000)).items
    assert len(assets) == len(HOSTILE) + 3

    def records():
        return asset_records(assets, account_names=NAMES, columns=columns)

    def chunks(*, as_text: bool):
        read = partial(hostile.columns, question, as_text=as_text, rows=7)
        return asset_chunks(read, columns, account_names=NAMES)

    assert "".join(csv_table(columns, chunks(as_text=True))) == "".join(csv_pieces(columns, records()))
    assert "".join(csv_table(columns, chunks(as_text=False))) == "".join(csv_pieces(columns, records()))
    assert b"".join(xlsx_table(columns, chunks(as_text=False), sheet="Assets")) == b"".join(
        xlsx_pieces(columns, records(), sheet="Assets")
    )


def test_instants_are_moments_or_their_texts(hostile: AssetStore) -> None:
    told = {asset.asset_id: asset for asset in every(hostile)}
    fields = ("asset_id", "created", "last_seen", "missing_since")
    ((keys, *moments),) = hostile.columns(QUESTION, fields)
    assert list(zip(*moments, strict=True)) == [
        (told[key].created, told[key].last_seen, told[key].missing_since) for key in keys
    ]
    assert {moment.tzinfo for column in moments for moment in column if moment} == {UTC}
    ((_, created, last_seen, _),) = hostile.columns(QUESTION, fields, as_text=True)
    assert "1975-01-01T03:04:05.000002Z" in created
    assert {"", "1971-01-01T03:04:05.000001Z", "1973-01-01T03:04:05Z"} <= set(created)
    assert set(last_seen) == {"2026-11-20T09:00:00Z", "2026-11-21T09:00:00.000007Z"}


def test_a_column_that_assets_lack_is_refused_before_anything_is_read(hostile: AssetStore) -> None:
    with pytest.raises(InputError, match="no column 'search'"):
        asset_chunks(partial(hostile.columns, QUESTION), ("name", "search"))
    with pytest.raises(InputError, match="sorted by"):
        asset_chunks(partial(hostile.columns, replace(QUESTION, sort="tags")), ("name",))


def test_no_assets_make_a_file_with_a_header(hostile: AssetStore) -> None:
    none = asset_chunks(partial(hostile.columns, AssetQuestion("nobody")), ("name", "tags"))
    assert "".join(csv_table(("name", "tags"), none)) == "name,tags\r\n"

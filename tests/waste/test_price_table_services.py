"""The list prices of databases, caches, storage and the rest: named as the checks ask for them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import finops.waste
from finops.waste.databases import smaller_class
from finops.waste.prices import shipped_prices

TABLE = json.loads((Path(finops.waste.__file__).parent / "price_table_services.json").read_text(encoding="utf-8"))


def test_it_is_dated_and_every_price_is_an_amount() -> None:
    assert date.fromisoformat(TABLE["as_of"]) <= date(2026, 11, 20)
    assert "https://aws.amazon.com/rds/" in TABLE["source"]
    assert all(Decimal(price) > 0 for price in TABLE["items"].values())


def test_factors_and_regions_belong_to_items() -> None:
    groups = {item.partition(":")[0] for item in TABLE["items"]}

    assert set(TABLE["factors"]) <= groups
    assert set(TABLE["regional"]) <= set(TABLE["items"])
    assert all(Decimal(price) > 0 for regions in TABLE["regional"].values() for price in regions.values())


@pytest.mark.parametrize("engine", ["mysql", "postgres", "aurora"])
def test_a_smaller_class_is_cheaper(engine: str) -> None:
    prefix = f"rds.instance:{engine}:"
    prices = {
        item.removeprefix(prefix): Decimal(price) for item, price in TABLE["items"].items() if item.startswith(prefix)
    }

    pairs = [(prices[name], prices[less]) for name in prices if (less := smaller_class(name)) in prices]

    assert len(pairs) > 10
    assert all(less * Decimal("1.3") < price for price, less in pairs)


@pytest.mark.parametrize(
    ("item", "region", "price"),
    [
        ("rds.extended-support:vcpu-year-3", "us-east-1", "0.20"),
        ("rds.extended-support:vcpu-year-1", "eu-central-1", "0.122"),
        ("logs.gib:month", "us-west-2", "0.03"),
        ("secretsmanager.secret:month", "ap-southeast-1", "0.40"),
        ("redshift.node:ra3.4xlarge", "eu-central-1", None),
        ("rds.instance:oracle-ee:db.m5.large", "us-east-1", None),
    ],
)
def test_what_is_not_known_is_none(item: str, region: str, price: str | None) -> None:
    assert shipped_prices().of(item, region) == (None if price is None else Decimal(price))

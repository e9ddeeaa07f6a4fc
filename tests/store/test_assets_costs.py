"""What assets cost: by ARN or id, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import (
    Place,
)
from finops.model.errors import InputError
from finops.store import AssetStore
from tests.store.estates import HOME, NOW, day, every, everything, listed, put, seen

if TYPE_CHECKING:
    from finops.store.database import Database


def test_costs_are_set_by_arn_or_id_and_all_others_become_unknown(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed("a", "b", "c"))
    arn = everything(store)["b"].arn
    assert (
        store.price(
            "default", {"a": (Decimal("1.23"), "USD"), arn: (Decimal("0.0000005"), "EUR"), "zz": (Decimal(1), "USD")}
        )
        == 2
    )
    version = store.version("default")
    assert {key: (asset.cost, asset.currency) for key, asset in everything(store).items()} == {
        "a": (Decimal("1.23"), "USD"),
        "b": (Decimal(0), "EUR"),
        "c": (None, ""),
    }
    assert store.price("default", {"a": (Decimal("1.230"), "USD"), arn: (Decimal(0), "EUR")}) == 2
    assert store.version("default") == version  # nothing changed
    assert store.price("default", {"c": (Decimal("-5.5"), "USD")}) == 1
    assert store.version("default") > version
    assert {key: asset.cost for key, asset in everything(store).items()} == {"a": None, "b": None, "c": Decimal("-5.5")}
    put(store, listed(seen("c", state="stopped")), at=day(1))
    assert everything(store)["c"].cost == Decimal("-5.5")  # a discovery leaves costs alone


def test_an_arn_says_more_than_an_id(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed("a"))
    arn = everything(store)["a"].arn
    assert store.price("default", {"a": (Decimal(1), "USD"), arn: (Decimal(2), "USD")}) == 1
    assert everything(store)["a"].cost == 2


def test_a_cost_is_never_counted_twice(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    places = {kind: Place(HOME.account, HOME.region, kind) for kind in ("s3:bucket", "lambda:function", "sqs:queue")}
    put(store, *(listed("checkout", place=place) for place in places.values()))
    put(store, *(listed("jobs", place=places[kind]) for kind in ("lambda:function", "sqs:queue")), at=NOW)
    assert store.price("default", {"checkout": (Decimal(5), "USD"), "jobs": (Decimal(7), "USD")}) == 1
    costs = {(asset.resource_id, asset.kind): asset.cost for asset in every(store)}
    assert [key for key, cost in costs.items() if cost is not None] == [("checkout", "s3:bucket")]


def test_an_id_that_lives_on_elsewhere_is_not_the_one_that_is_gone(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    elsewhere = replace(HOME, region="us-east-1")
    put(store, listed("i-1"), listed("i-1", place=elsewhere))
    put(store, listed(), listed("i-1", place=elsewhere), at=day(1), gone_after=timedelta())
    assert store.price("default", {"i-1": (Decimal(3), "USD")}) == 1
    costs = {each.region: each.cost for each in every(store)}
    assert costs == {HOME.region: None, elsewhere.region: Decimal(3)}


@pytest.mark.parametrize("amount", ["NaN", "-Infinity"])
def test_a_cost_that_is_no_number_is_refused_and_changes_nothing(estate: Database, amount: str) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed("a", "b"))
    store.price("default", {"a": (Decimal(1), "USD")})
    with pytest.raises(InputError):
        store.price("default", {"b": (Decimal(1), "USD"), "a": (Decimal(amount), "USD")})
    assert {key: asset.cost for key, asset in everything(store).items()} == {"a": 1, "b": None}


def test_amounts_beyond_reason_are_kept_as_the_largest_there_is(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed("a"))
    store.price("default", {"a": (Decimal(10) ** 40, "USD" * 10)})
    assert everything(store)["a"].cost == Decimal(9_000_000_000_000)

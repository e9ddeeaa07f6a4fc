"""Pages, streams, history and tags of inventories that change meanwhile, on every database."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import (
    AssetFilter,
    AssetPage,
    AssetQuestion,
    Lifecycle,
    TagTerm,
)
from finops.model.errors import InputError
from finops.store import AssetStore
from tests.store.estates import HOME, NOW, day, everything, listed, put, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.store.database import Database


def test_deep_pages_are_pages_like_any_other(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    names = [f"i-{number:04}" for number in range(2_600)]
    put(store, listed(*names))
    for offset in (0, 999, 2_399, 2_400, 2_401, 2_499, 2_500, 2_501, 2_599, 2_600, 10_000):
        page = store.page(AssetQuestion("default", offset=offset, limit=100))
        assert [asset.name for asset in page.items] == names[offset : offset + 100]
        assert page.total == 2_600
    put(store, listed(*names[100:]), at=day(1))
    for search, total in (("i-2599", 1), ("i-25", 100), ("i-", 2_600), ("nothing", 0)):
        page = store.page(AssetQuestion("default", AssetFilter(search=search), limit=3))
        assert (page.total, len(page.items)) == (total, min(total, 3))
    active = AssetFilter(lifecycles=(Lifecycle.ACTIVE,))
    assert store.page(AssetQuestion("default", active, limit=3)).total == 2_500


def test_a_file_survives_a_discovery_in_the_middle(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed(*(f"i-{number:02}" for number in range(30))))
    taken = store.columns(AssetQuestion("default"), ("name",), rows=4)
    names = [*next(taken)[0], *next(taken)[0]]
    put(store, listed(*(f"i-{number:02}" for number in range(10, 30)), "i-00x"), at=day(1))
    names += [name for (some,) in taken for name in some]
    assert names == [f"i-{number:02}" for number in range(30)]


def test_history_is_newest_first_and_may_be_cut(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    for number in range(5):
        put(store, listed(seen("a", details={"n": number})), at=day(number))
    key = everything(store)["a"].asset_id
    assert [change.after for change in store.history("default", key)] == [{"n": n} for n in (4, 3, 2, 1)] + [None]
    assert len(store.history("default", key, 2)) == 2


def test_unknown_tags_are_neither_there_nor_absent(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed(seen("unknown", tags=None), seen("untagged", tags={}), seen("tagged", tags={"Team": "a"})))

    def found(*values: str, exclude: bool = False) -> list[str]:
        term = TagTerm("Team", values, exclude)
        return [each.name for each in store.page(AssetQuestion("default", AssetFilter(tags=(term,)))).items]

    assert (found(), found(exclude=True)) == (["tagged"], ["untagged"])
    assert (found("a"), found("a", exclude=True)) == (["tagged"], ["untagged"])
    assert (found(""), found("", exclude=True)) == (["untagged"], ["tagged"])
    assert (found("", "a"), found("", "a", exclude=True)) == (["tagged", "untagged"], [])


def test_assets_are_counted_by_whether_they_have_a_value_of_a_tag(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    items = {"unknown": None, "untagged": {}, "empty": {"Team": ""}, "other": {"team": "a"}, "tagged": {"Team": "a"}}
    put(store, listed(*(seen(name, tags=tags, state=name[:1]) for name, tags in items.items())))
    there = replace(HOME, region="r")
    put(store, listed(*(seen(f"{name}2", there, tags=tags) for name, tags in items.items()), place=there))

    def counted(wanted: AssetFilter, *facets: str) -> dict[str, dict[str, int]]:
        return store.counts("default", wanted, facets)

    assert counted(AssetFilter(), "tag:Team") == {"tag:Team": {"untagged": 6, "tagged": 2, "unknown": 2}}
    assert counted(AssetFilter(search="tagged"), "state", "tag:Team", "tag:it's", "region") == {
        "state": {"running": 2, "t": 1, "u": 1},
        "tag:Team": {"tagged": 2, "untagged": 2},
        "tag:it's": {"untagged": 4},
        "region": {HOME.region: 2, "r": 2},
    }
    lacking = AssetFilter(tags=(TagTerm("Team", ("",)),))
    assert counted(lacking, "tag:Team", "tag:team") == {
        "tag:Team": {"untagged": 6},
        "tag:team": {"untagged": 4, "tagged": 2},
    }
    for facet in ("tag:", "tags", "tagged", "Team"):
        with pytest.raises(InputError, match="can be counted by"):
            counted(AssetFilter(), facet)


def test_changed_tags_are_found_by_what_they_are_now(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)

    def found(key: str, *values: str) -> int:
        return store.page(AssetQuestion("default", AssetFilter(tags=(TagTerm(key, values),)))).total

    put(store, listed(seen("a", tags={"Team": "a", "Env": "prod", "Old": "x"})))
    put(store, listed(seen("a", tags={"Team": "b", "Env": "prod", "New": "y"})), at=day(1))
    assert (found("Team", "a"), found("Team", "b"), found("Env", "prod"), found("Old"), found("New")) == (0, 1, 1, 0, 1)
    assert store.page(AssetQuestion("default", AssetFilter(search="new=y"))).total == 1
    assert store.page(AssetQuestion("default", AssetFilter(search="old=x"))).total == 0
    assert store.tag_keys("default") == ("Env", "New", "Team")


ASKS: list[Callable[[AssetStore], object]] = [
    lambda store: store.page(AssetQuestion("nobody")),
    lambda store: list(store.columns(AssetQuestion("nobody"), ("name",))),
    lambda store: store.tag_keys("nobody"),
    lambda store: store.places("nobody"),
    lambda store: store.tenants(),
]


def test_an_empty_inventory_answers_everything(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    assert [ask(store) for ask in ASKS] == [AssetPage((), 0), [], (), (), ()]
    assert store.price("nobody", {"a": (Decimal(1), "USD")}) == 0
    assert store.tenants() == ()

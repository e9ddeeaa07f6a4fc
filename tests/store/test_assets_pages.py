"""Pages, streams, history and tags of inventories that change meanwhile, on every database."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.assets import (
    AssetFilter,
    AssetPage,
    AssetQuestion,
    TagTerm,
)
from finops.store import AssetStore
from tests.store.estates import NOW, day, everything, listed, put, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.model.assets import Asset
    from finops.store.database import Database


def test_deep_pages_are_pages_like_any_other(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed(*(f"i-{number:04}" for number in range(1_200))))
    names = [f"i-{number:04}" for number in range(1_200)]
    for offset in (0, 999, 1_000, 1_001, 1_150, 1_199, 1_200, 10_000):
        page = store.page(AssetQuestion("default", offset=offset, limit=100))
        assert [asset.name for asset in page.items] == names[offset : offset + 100]
        assert page.total == 1_200


def test_a_stream_survives_a_discovery_in_the_middle(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed(*(f"i-{number:02}" for number in range(30))))
    taken: Iterator[Asset] = store.stream(AssetQuestion("default"), rows=4)
    names = [next(taken).name for _ in range(5)]
    put(store, listed(*(f"i-{number:02}" for number in range(10, 30)), "i-00x"), at=day(1))
    names += [asset.name for asset in taken]
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
    lambda store: list(store.stream(AssetQuestion("nobody"))),
    lambda store: store.tag_keys("nobody"),
    lambda store: store.places("nobody"),
    lambda store: store.tenants(),
]


def test_an_empty_inventory_answers_everything(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    assert [ask(store) for ask in ASKS] == [AssetPage((), 0), [], (), (), ()]
    assert store.price("nobody", {"a": (Decimal(1), "USD")}) == 0
    assert store.tenants() == ()

"""The life of assets against a model of it in a page of Python, and what must hold for assets listed in many places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.model.assets import Lifecycle, Listed, Place, Seen, StoredCounts
from finops.store import AssetStore
from tests.store.estates import DENIED, HOME, NOW, empty_estate, everything, put, seen

if TYPE_CHECKING:
    from finops.store.database import Database

GRACE = timedelta(hours=3)
PLACES = (HOME, replace(HOME, region="us-east-1"))
IDS = ("a", "b", "c", "d")
SETTINGS = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def assets(estate: Database) -> AssetStore:
    return AssetStore(estate, lambda: NOW)


# The model: one place per asset


@dataclass
class Known:
    place: Place
    life: str
    first: datetime
    last: datetime
    missing: datetime | None
    state: str
    tags: dict[str, str] | None
    story: list[str] = field(default_factory=list)


@dataclass
class Model:
    known: dict[str, Known] = field(default_factory=dict)
    complete: dict[Place, datetime] = field(default_factory=dict)

    def store(self, listed: Listed, at: datetime) -> None:
        if listed.place in self.complete and at < self.complete[listed.place]:
            return
        items = {item.resource_id: item for item in listed.items}
        for key, item in items.items():
            self.see(key, item, listed.place, at)
        if listed.failure is not None:
            return
        self.complete[listed.place] = at
        for key, asset in self.known.items():
            if asset.place != listed.place or key in items:
                continue
            if asset.life == "active" and asset.last <= at:
                asset.life, asset.missing = "missing", at
                asset.story.append("missing")
            if asset.life == "missing" and asset.missing is not None and at - asset.missing >= GRACE:
                asset.life = "gone"
                asset.story.append("gone")

    def see(self, key: str, item: Seen, place: Place, at: datetime) -> None:
        tags = None if item.tags is None else dict(item.tags)
        life = "gone" if item.ended else "active"
        asset = self.known.get(key)
        if asset is None:
            first = "appeared" if place in self.complete else "found"
            asset = Known(place, "active", at, at, None, item.state, tags, [first])
            self.known[key] = asset
            if item.ended and first == "found":
                asset.life, asset.missing = "gone", at
        elif at < asset.last:
            return
        if asset.state != item.state:
            asset.story.append("changed:state")
        if asset.tags is not None and tags is not None and asset.tags != tags:
            asset.story.append("changed:tags")
        asset.state, asset.last = item.state, at
        asset.tags = asset.tags if tags is None else tags
        if asset.life != life:
            asset.story.append("gone" if item.ended else "back")
            asset.missing = (asset.missing or at) if item.ended else None
        asset.life = life


def items(place: Place) -> st.SearchStrategy[tuple[Seen, ...]]:
    one = st.builds(
        lambda key, state, tags, ended: seen(f"{key} {place.region}", place, state=state, tags=tags, ended=ended),
        st.sampled_from(IDS),
        st.sampled_from(["running", "stopped"]),
        st.sampled_from([None, {}, {"Team": "a"}, {"Team": "b", "Env": "x"}]),
        st.sampled_from([False, False, False, True]),
    )
    return st.lists(one, max_size=5).map(tuple)


def listings(place: Place) -> st.SearchStrategy[Listed]:
    return st.builds(Listed, st.just(place), items(place), st.sampled_from([None, None, DENIED]))


def steps() -> st.SearchStrategy[list[tuple[int, tuple[Listed, ...]]]]:
    hours = st.integers(0, 9)
    sweep = st.one_of(
        st.tuples(listings(PLACES[0])),
        st.tuples(listings(PLACES[1])),
        st.tuples(listings(PLACES[0]), listings(PLACES[1])),
    )
    return st.lists(st.tuples(hours, sweep), min_size=1, max_size=10)


@SETTINGS
@given(steps=steps())
def test_lives_go_as_the_model_says(
    assets: AssetStore, estate: Database, steps: list[tuple[int, tuple[Listed, ...]]]
) -> None:
    empty_estate(estate)
    model, met = Model(), StoredCounts()
    for hour, sweep in steps:
        at = NOW + timedelta(hours=hour)
        for listed in sweep:
            model.store(listed, at)
        counts = put(assets, *sweep, at=at, gone_after=GRACE)
        met = replace(
            met,
            **{
                name: getattr(met, name) + getattr(counts, name)
                for name in ("found", "appeared", "missing", "gone", "back")
            },
        )
    told = {
        key: (str(asset.lifecycle), asset.first_seen, asset.last_seen, asset.missing_since, asset.state, asset.tags)
        for key, asset in everything(assets).items()
    }
    expected = {
        key: (asset.life, asset.first, asset.last, asset.missing, asset.state, asset.tags)
        for key, asset in model.known.items()
    }
    assert told == expected
    # The history lists what was found last first; two events of one call have no order that matters.
    stories = {
        key: sorted(
            f"{change.kind}:{change.field}" if change.field else str(change.kind)
            for change in assets.history("default", asset.asset_id)
        )
        for key, asset in everything(assets).items()
    }
    assert stories == {key: sorted(asset.story) for key, asset in model.known.items()}
    summary = {str(kind): number for kind, number in assets.changes_summary("default", NOW).items()}
    assert {name: summary[name] for name in ("found", "appeared", "missing", "gone", "back")} == {
        name: getattr(met, name) for name in ("found", "appeared", "missing", "gone", "back")
    }
    assert {state.place: state.complete for state in assets.places("default") if state.complete} == model.complete


# Assets that several places list

SHARED = (*PLACES, replace(HOME, account="222222222222"))
ROUNDS = st.lists(
    st.tuples(
        st.permutations(range(3)),  # in which order places are stored
        st.tuples(*(st.sampled_from(["with", "with", "without", "failed"]) for _ in SHARED)),
        st.booleans(),  # one call for all
    ),
    min_size=1,
    max_size=6,
)


Round = tuple[list[int], tuple[str, ...], bool]


def round_of(how: tuple[str, ...], *, home: str) -> list[Listed]:
    arn = f"arn:aws:ec2:x:{home}:thing/shared"
    found = []
    for place, kind in zip(SHARED, how, strict=True):
        item = seen("shared", place, arn=arn, state=f"as {place.account} {place.region} sees it")
        found.append(Listed(place, () if kind != "with" else (item,), DENIED if kind == "failed" else None))
    return found


def store_round(
    assets: AssetStore, number: int, entry: tuple[list[int], tuple[str, ...], bool], home: str
) -> StoredCounts:
    order, how, at_once = entry
    found = round_of(how, home=home)
    calls = [[found[index] for index in order]] if at_once else [[found[index]] for index in order]
    counts = [put(assets, *call, at=NOW + timedelta(hours=number), gone_after=timedelta(hours=50)) for call in calls]
    return StoredCounts(*(sum(getattr(each, name) for each in counts) for name in StoredCounts.__slots__))


@SETTINGS
@given(rounds=ROUNDS, home=st.sampled_from(["", "111111111111", "222222222222"]))
def test_a_shared_asset_is_there_while_any_place_lists_it_and_settles(
    assets: AssetStore, estate: Database, rounds: list[Round], home: str
) -> None:
    empty_estate(estate)
    listed_by: set[int] = set()
    for number, entry in enumerate(rounds):
        store_round(assets, number, entry, home)
        _, how, _ = entry
        listed_by = {
            index for index in range(3) if how[index] == "with" or (how[index] == "failed" and index in listed_by)
        }
        if "shared" not in everything(assets):
            assert not listed_by
        elif "failed" not in how:
            assert (everything(assets)["shared"].lifecycle is Lifecycle.ACTIVE) == bool(listed_by)
    # The same round again and again, in whatever order: after the first one nothing changes any more.
    steady = [entry for entry in rounds if "with" in entry[1] and "failed" not in entry[1]]
    if steady:
        how = steady[0][1]
        store_round(assets, 20, ([0, 1, 2], how, False), home)
        store_round(assets, 21, ([2, 1, 0], how, False), home)
        settled = everything(assets)["shared"]
        for number, order in enumerate(([0, 1, 2], [2, 0, 1], [1, 2, 0])):
            counts = store_round(assets, 22 + number, (order, how, number == 1), home)
            assert replace(counts, seen=0) == StoredCounts()
            now = everything(assets)["shared"]
            assert replace(now, last_seen=settled.last_seen) == settled
            assert now.last_seen == NOW + timedelta(hours=22 + number)

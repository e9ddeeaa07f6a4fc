"""Filtering, sorting, paging and counting in SQL against the same in Python, with texts that databases stumble over."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.model.assets import (
    FACETS,
    SORTS,
    AssetFilter,
    AssetPage,
    AssetQuestion,
    ChangeKind,
    Lifecycle,
    Place,
    TagTerm,
)
from finops.model.errors import InputError
from finops.store import AssetStore
from tests.store.estates import EVERY_LIFE, NOW, day, empty_estate, everything, listed, put, seen

if TYPE_CHECKING:
    from finops.model.assets import Asset
    from finops.store.database import Database

ACCOUNTS = ("111111111111", "222222222222")
REGIONS = ("eu-central-1", "us-east-1", "us-east-1 ")
KINDS = ("ec2:instance", "rds:db", "EC2:instance")
STATES = ("running", "Running", "running ", "")
NAMES = (
    "Zebra",
    "apple",
    "Äpfel",
    "apple ",
    "100%",
    "a_b",
    "aXb",
    "it's",
    'quo"te',
    "back\\slash",
    "🚀 rocket",
    "שלום",
    "",
)
TAG_KEYS = ("Team", "team", "Team ", "Env", "🏷")
TAG_VALUES = ("", "prod", "Prod", "prod ", "50%", "p_d", "été", "🚀")
LATER = day(2)


def estate_items() -> list[Any]:
    """Sixty assets in which every value meets every other sooner or later; the same every time."""
    found = []
    for number in range(60):
        place = Place(ACCOUNTS[number % 2], REGIONS[number % 3], KINDS[number % 5 % 3])
        tags = {TAG_KEYS[(number + step) % 5]: TAG_VALUES[(number * 3 + step * 5) % 8] for step in range(number % 4)}
        item = seen(
            f"r{number}",
            place,
            name=NAMES[number % 13],
            arn="" if number % 7 == 0 else f"arn:aws:x:{place.region}:{place.account}:thing/r{number}",
            state=STATES[number % 11 % 4],
            created=None if number % 5 == 0 else day(-number % 17),
            tags=None if number % 9 == 8 else tags,
        )
        found.append((place, item))
    return found


def stocked(database: Database) -> AssetStore:
    """The estate, some of it missing, some gone, half of it with a cost."""
    empty_estate(database)
    store = AssetStore(database, lambda: LATER)
    items = estate_items()
    places = sorted({place for place, _ in items}, key=repr)
    for at, kept in ((NOW, items), (day(1), items[8:]), (day(2), items[4:5] + items[12:])):
        listings = [listed(*(item for place, item in kept if place == here), place=here) for here in places]
        put(store, *listings, at=at, gone_after=timedelta(days=1))
    costs = {item.resource_id: (Decimal(number % 7) - 1, "USD") for number, (_, item) in enumerate(items) if number % 2}
    assert store.price("default", costs) == 30
    return store


@pytest.fixture(scope="module")
def assets(shared_database: Database) -> AssetStore:
    return stocked(shared_database)


@pytest.fixture(scope="module")
def all_assets(assets: AssetStore) -> list[Asset]:
    return list(everything(assets).values())


def matches(asset: Asset, wanted: AssetFilter) -> bool:
    tags = [f"{key}={value}" for key, value in (asset.tags or {}).items()]
    text = "\n".join((asset.name, asset.resource_id, asset.arn, *tags)).casefold()
    born = asset.created or asset.first_seen
    return (
        all(word in text for word in wanted.search.casefold().split())
        and all(
            not values or value in values
            for value, values in (
                (asset.account, wanted.accounts),
                (asset.region, wanted.regions),
                (asset.service, wanted.services),
                (asset.kind, wanted.kinds),
                (asset.state, wanted.states),
                (asset.lifecycle, wanted.lifecycles),
            )
        )
        and all(tagged(asset, term) for term in wanted.tags)
        and (wanted.older_than_days is None or born <= LATER - timedelta(days=wanted.older_than_days))
        and (wanted.newer_than_days is None or born > LATER - timedelta(days=wanted.newer_than_days))
        and (wanted.min_cost is None or (asset.cost is not None and asset.cost >= wanted.min_cost))
        and (wanted.max_cost is None or (asset.cost is not None and asset.cost <= wanted.max_cost))
    )


def tagged(asset: Asset, term: TagTerm) -> bool:
    value = (asset.tags or {}).get(term.key)
    found = value is not None if not term.values else (value or "") in term.values
    if asset.tags is None:  # neither tagged nor untagged
        return False
    return found != term.exclude


def sorted_by(assets: list[Asset], sort: str, *, descending: bool) -> list[str]:
    def key(asset: Asset) -> Any:
        return asset.name.casefold() if sort == "name" else getattr(asset, sort)

    ordered = sorted(assets, key=lambda asset: asset.asset_id)
    known = [asset for asset in ordered if key(asset) not in {None, ""}]
    unknown = [asset for asset in ordered if key(asset) in {None, ""}]
    known.sort(key=key, reverse=descending)  # stable both ways: ties stay in the order of ids
    return [asset.asset_id for asset in (*known, *unknown)]


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([*values, "no such"]), max_size=2).map(tuple)


TERMS = st.builds(TagTerm, st.sampled_from([*TAG_KEYS, "no such"]), some(TAG_VALUES), st.booleans())
WORDS = st.lists(
    st.sampled_from(
        ["apple", "ÄPFEL", "100%", "%", "_", "a_b", "it's", '"', "\\", "🚀", "שלום", "R1", "prod", "team=", "x:", "=é"]
    ),
    max_size=2,
).map(" ".join)
FILTERS = st.builds(
    AssetFilter,
    search=st.one_of(st.just(""), WORDS),
    accounts=some(ACCOUNTS),
    regions=some(REGIONS),
    services=some(("ec2", "rds", "EC2")),
    kinds=some(KINDS),
    states=some(STATES),
    lifecycles=st.lists(st.sampled_from(list(Lifecycle)), max_size=3, unique=True).map(tuple),
    tags=st.lists(TERMS, max_size=2).map(tuple),
    older_than_days=st.none() | st.integers(0, 16),
    newer_than_days=st.none() | st.integers(0, 16),
    min_cost=st.none() | st.sampled_from([Decimal(-1), Decimal(0), Decimal("2.0000001"), Decimal(3)]),
    max_cost=st.none() | st.sampled_from([Decimal("-0.5"), Decimal("2.9999999"), Decimal(4)]),
)
# Most filters of many parts let nothing through: let most of them have few.
FEW = st.one_of(
    FILTERS,
    *(
        st.builds(lambda one, name: replace(EVERY_LIFE, **{name: getattr(one, name)}), FILTERS, st.just(name))
        for name in ("search", "tags", "states", "older_than_days", "min_cost", "lifecycles")
    ),
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=FEW, sort=st.sampled_from(SORTS), descending=st.booleans(), offset=st.integers(0, 70))
def test_pages_columns_and_counts_are_what_python_says(
    assets: AssetStore, all_assets: list[Asset], wanted: AssetFilter, sort: str, *, descending: bool, offset: int
) -> None:
    expected = [asset for asset in all_assets if matches(asset, wanted)]
    order = sorted_by(expected, sort, descending=descending)
    question = AssetQuestion("default", wanted, sort, descending, 10, offset)
    page = assets.page(question)
    assert page.total == len(expected)
    assert [asset.asset_id for asset in page.items] == order[offset : offset + 10]
    chunks = list(assets.columns(question, ("asset_id", "name", "last_seen"), rows=7))
    told = [row for chunk in chunks for row in zip(*chunk, strict=True)]
    assert [row[0] for row in told] == order
    assert set(told) == {(asset.asset_id, asset.name, asset.last_seen) for asset in expected}
    assert assets.counts("default", wanted) == {
        facet: dict(Counter(str(getattr(asset, facet)) for asset in expected)) for facet in FACETS
    }


def test_the_estate_of_these_tests_has_something_of_everything(all_assets: list[Asset]) -> None:
    assert Counter(str(asset.lifecycle) for asset in all_assets) == {"active": 49, "gone": 7, "missing": 4}
    assert {asset.cost for asset in all_assets} == {None, *(Decimal(number) for number in range(-1, 6))}
    assert any(asset.tags is None for asset in all_assets)


def test_an_empty_page_still_counts(assets: AssetStore, all_assets: list[Asset]) -> None:
    question = AssetQuestion("default", EVERY_LIFE, limit=0)
    assert assets.page(question) == AssetPage((), len(all_assets))


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (AssetQuestion("default", sort="tags"), "sort"),
        (AssetQuestion("default", sort="name; DROP TABLE asset"), "sort"),
        (AssetQuestion("default", limit=-1), "limit"),
        (AssetQuestion("default", offset=-1), "offset"),
        (AssetQuestion("default", AssetFilter(min_cost=Decimal("NaN"))), "min_cost"),
        (AssetQuestion("default", AssetFilter(max_cost=Decimal("Infinity"))), "max_cost"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_field(assets: AssetStore, question: AssetQuestion, field: str) -> None:
    with pytest.raises(InputError) as caught:
        assets.page(question)
    assert caught.value.field == field


def test_counting_by_what_is_no_facet_is_refused(assets: AssetStore) -> None:
    with pytest.raises(InputError, match="service, kind"):
        assets.counts("default", AssetFilter(), ("service", "name"))
    assert assets.counts("default", AssetFilter(), ()) == {}


def test_counts_come_most_first(assets: AssetStore) -> None:
    for values in assets.counts("default", EVERY_LIFE).values():
        assert list(values.values()) == sorted(values.values(), reverse=True)


@pytest.mark.parametrize(
    "wanted",
    [
        AssetFilter(older_than_days=10**9),
        AssetFilter(newer_than_days=-(10**9)),
        AssetFilter(min_cost=Decimal(10) ** 30),
        AssetFilter(max_cost=-(Decimal(10) ** 30)),
        AssetFilter(search="\0"),
        AssetFilter(search="\ud800"),
        AssetFilter(accounts=("\0",), states=("\udfff",), tags=(TagTerm("\0", ("\ud83d",)),)),
        AssetFilter(kinds=("x" * 10_000,), tags=(TagTerm("k" * 10_000, ("v" * 10_000,)),)),
        AssetFilter(search="' OR 1=1 --"),
    ],
)
def test_absurd_questions_find_nothing(assets: AssetStore, wanted: AssetFilter) -> None:
    assert assets.page(AssetQuestion("default", wanted)) == AssetPage((), 0)
    assert assets.counts("default", wanted, ("kind",)) == {"kind": {}}
    assert list(assets.columns(AssetQuestion("default", wanted), ("name",))) == []


@pytest.mark.parametrize(
    "wanted", [AssetFilter(newer_than_days=10**9), AssetFilter(older_than_days=-(10**9)), AssetFilter(search=" \n\t ")]
)
def test_absurd_questions_that_exclude_nothing(assets: AssetStore, wanted: AssetFilter) -> None:
    everyone = assets.page(AssetQuestion("default")).total
    assert assets.page(AssetQuestion("default", wanted)).total == everyone


def test_an_asset_is_found_by_its_id_and_only_by_it(assets: AssetStore, all_assets: list[Asset]) -> None:
    for asset in all_assets[:5]:
        assert assets.asset("default", asset.asset_id) == asset
        for other in (asset.asset_id.upper(), asset.asset_id + " ", "", "\0", "%"):
            assert assets.asset("default", other) is None
            assert assets.history("default", other) == ()
            assert assets.neighbours("default", other) == ()


def test_changes_are_told_newest_first_within_their_bounds(assets: AssetStore) -> None:
    told = assets.changes("default", since=NOW, kinds=tuple(ChangeKind))
    assert [change.at for change, _ in told] == sorted((change.at for change, _ in told), reverse=True)
    assert all(change.asset_id == asset.asset_id for change, asset in told)
    kinds = Counter(change.kind for change, _ in told)
    assert kinds == {ChangeKind.FOUND: 60, ChangeKind.MISSING: 12, ChangeKind.GONE: 7, ChangeKind.BACK: 1}
    assert assets.changes_summary("default", NOW) == {kind: kinds.get(kind, 0) for kind in ChangeKind}
    assert assets.changes_summary("default", day(2))[ChangeKind.FOUND] == 0
    since_day_1 = assets.changes("default", since=day(1))
    assert {change.at for change, _ in since_day_1} == {day(1), day(2)}
    until_day_2 = assets.changes("default", since=day(1), until=day(2))
    assert {change.at for change, _ in until_day_2} == {day(1)}
    assert assets.changes("default", since=NOW, kinds=tuple(ChangeKind), limit=3) == told[:3]
    assert ChangeKind.FOUND not in {change.kind for change, _ in assets.changes("default", since=NOW)}
    assert assets.changes("nobody", since=NOW) == ()


def test_changes_may_be_of_some_kinds_and_of_some_assets(assets: AssetStore) -> None:
    kinds = (ChangeKind.MISSING, ChangeKind.BACK)
    assert {change.kind for change, _ in assets.changes("default", since=NOW, kinds=kinds)} == set(kinds)
    # Of the assets wanted, also those that are gone: they are what disappeared.
    wanted = AssetFilter(accounts=ACCOUNTS[:1])
    found = assets.changes("default", since=NOW, kinds=(ChangeKind.GONE,), filter=wanted)
    assert found
    assert {(asset.account, asset.lifecycle) for _, asset in found} == {(ACCOUNTS[0], Lifecycle.GONE)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=FEW, kinds=st.lists(st.sampled_from(list(ChangeKind)), max_size=3, unique=True))
def test_changes_are_those_of_the_assets_wanted_and_counted_by_asset(
    assets: AssetStore, all_assets: list[Asset], wanted: AssetFilter, kinds: list[ChangeKind]
) -> None:
    any_life = replace(wanted, lifecycles=tuple(Lifecycle))
    expected = {asset.asset_id for asset in all_assets if matches(asset, any_life)}
    every_one = assets.changes("default", since=NOW, kinds=kinds)
    found = assets.changes("default", since=NOW, kinds=kinds, filter=wanted)
    assert found == tuple(each for each in every_one if each[1].asset_id in expected)
    had: dict[str, set[ChangeKind]] = {}
    for change, asset in found:
        had.setdefault(asset.asset_id, set()).add(change.kind)
    counted = assets.assets_changed("default", since=NOW, kinds=kinds, filter=wanted)
    assert counted == Counter(map(frozenset, had.values()))


def test_tag_keys_and_values_come_most_used_first(assets: AssetStore, all_assets: list[Asset]) -> None:
    used = Counter(key for asset in all_assets for key in asset.tags or {})
    assert assets.tag_keys("default") == tuple(sorted(used, key=lambda key: (-used[key], key)))
    for key in (*TAG_KEYS, "no such", "\0"):
        values = Counter(
            asset.tags[key] for asset in all_assets if key in (asset.tags or {}) and asset.tags is not None
        )
        expected = tuple(sorted(values, key=lambda value: (-values[value], value)))
        assert assets.tag_values("default", key) == expected
        assert assets.tag_values("default", key, 2) == expected[:2]

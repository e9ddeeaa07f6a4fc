"""The life of assets, as a person reads it afterwards: on every database, through the store alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import GLOBAL, ChangeKind, Lifecycle, Listed, Place, StoredCounts
from finops.model.errors import InputError
from finops.model.outcome import Failure
from finops.store import AssetStore
from tests.store.estates import DENIED, HOME, NOW, day, empty_estate, everything, listed, lives, put, seen, story

if TYPE_CHECKING:
    from finops.store.database import Database

OTHER_REGION = replace(HOME, region="us-east-1")


@pytest.fixture
def assets(estate: Database) -> AssetStore:
    return AssetStore(estate, lambda: NOW)


# Coming and going


def test_what_is_seen_first_is_found_and_what_is_seen_again_only_ages(assets: AssetStore) -> None:
    assert put(assets, listed("a", "b")) == StoredCounts(seen=2, found=2)
    assert put(assets, listed("a", "b"), at=day(1)) == StoredCounts(seen=2)
    found = everything(assets)["a"]
    assert (found.lifecycle, found.first_seen, found.last_seen) == (Lifecycle.ACTIVE, NOW, day(1))
    assert story(assets, "a") == ["found"]


def test_what_a_later_listing_shows_first_has_appeared(assets: AssetStore) -> None:
    put(assets, listed("a", failure=DENIED))
    assert put(assets, listed("a", "b"), at=day(1)) == StoredCounts(seen=2, found=1)
    assert put(assets, listed("a", "b", "c"), at=day(2)) == StoredCounts(seen=3, appeared=1)
    assert put(assets, listed("d", failure=DENIED), at=day(3)) == StoredCounts(seen=1, appeared=1)
    assert [story(assets, key) for key in "abcd"] == [["found"], ["found"], ["appeared"], ["appeared"]]
    assert {change.kind for change, _ in assets.changes("default", since=NOW)} == {ChangeKind.APPEARED}
    assert assets.changes_summary("default", NOW)[ChangeKind.FOUND] == 2


def test_gauges_are_kept_and_are_no_news(assets: AssetStore) -> None:
    def told(**details: int) -> Listed:
        return replace(listed(seen("a", details=details)), gauges=frozenset({"stored_bytes"}))

    put(assets, told(stored_bytes=1, retention_days=7))
    version = assets.version("default")
    assert put(assets, told(stored_bytes=2, retention_days=7), at=day(1)) == StoredCounts(seen=1)
    assert everything(assets)["a"].details == {"stored_bytes": 2, "retention_days": 7}
    assert assets.version("default") > version
    assert put(assets, told(stored_bytes=3, retention_days=30), at=day(2)) == StoredCounts(seen=1, changed=1)
    [changed, _] = assets.history("default", everything(assets)["a"].asset_id)
    assert (changed.before, changed.after) == ({"retention_days": 7}, {"retention_days": 30})


def test_what_a_complete_listing_lacks_is_missing_then_gone_and_may_come_back(assets: AssetStore) -> None:
    put(assets, listed("a", "b"))
    assert put(assets, listed("b"), at=day(1)) == StoredCounts(seen=1, missing=1)
    missing = everything(assets)["a"]
    assert (missing.lifecycle, missing.missing_since, missing.last_seen) == (Lifecycle.MISSING, day(1), NOW)
    assert put(assets, listed("b"), at=day(7)) == StoredCounts(seen=1)
    assert put(assets, listed("b"), at=day(8)) == StoredCounts(seen=1, gone=1)
    assert everything(assets)["a"].lifecycle is Lifecycle.GONE
    assert put(assets, listed("b"), at=day(9)) == StoredCounts(seen=1)
    assert put(assets, listed("a", "b"), at=day(10)) == StoredCounts(seen=2, back=1)
    back = everything(assets)["a"]
    assert (back.lifecycle, back.missing_since, back.first_seen, back.last_seen) == (
        Lifecycle.ACTIVE,
        None,
        NOW,
        day(10),
    )
    assert story(assets, "a") == ["found", "missing", "gone", "back"]


def test_without_a_grace_period_what_is_missing_is_gone(assets: AssetStore) -> None:
    put(assets, listed("a"))
    assert put(assets, listed(), at=day(1), gone_after=timedelta()) == StoredCounts(missing=1, gone=1)
    assert story(assets, "a") == ["found", "missing", "gone"]


def test_a_failed_listing_changes_nothing_that_it_did_not_see(assets: AssetStore) -> None:
    put(assets, listed("a", "b"))
    put(assets, listed("b"), at=day(1))
    counts = put(assets, listed("c", failure=DENIED), at=day(30))
    assert counts == StoredCounts(seen=1, appeared=1)
    assert lives(assets) == {"a": "missing", "b": "active", "c": "active"}
    assert everything(assets)["b"].last_seen == day(1)


def test_what_a_failed_listing_did_see_is_kept_and_may_bring_back(assets: AssetStore) -> None:
    put(assets, listed("a", "b"))
    put(assets, listed("b"), at=day(1))
    partial = listed(seen("a", state="stopped"), failure=DENIED)
    assert put(assets, partial, at=day(2)) == StoredCounts(seen=1, changed=1, back=1)
    assert everything(assets)["a"].state == "stopped"


def test_only_the_place_that_was_listed_loses_anything(assets: AssetStore) -> None:
    other_kind = replace(HOME, kind="ec2:volume")
    other_account = replace(HOME, account="222222222222")
    others = (OTHER_REGION, other_kind, other_account)
    put(assets, listed("here"), *(listed(f"in {place}", place=place) for place in others))
    put(assets, listed(), at=day(1))
    assert lives(assets) == {"here": "missing"} | {f"in {place}": "active" for place in others}


def test_another_tenant_is_another_world(assets: AssetStore) -> None:
    put(assets, listed("a"))
    put(assets, listed("a"), tenant="other")
    put(assets, listed(), tenant="other", at=day(1))
    assert lives(assets) == {"a": "active"}
    (mine,), (theirs,) = everything(assets).values(), everything(assets, "other").values()
    assert mine.asset_id != theirs.asset_id
    assert assets.asset("default", theirs.asset_id) is None
    assert assets.tenants() == ("default", "other")


def test_a_tenant_without_a_proper_name_is_refused(assets: AssetStore) -> None:
    with pytest.raises(InputError, match="tenant must match"):
        put(assets, listed("a"), tenant="../x")


def test_what_aws_calls_over_is_gone_at_once_with_its_state(assets: AssetStore) -> None:
    put(assets, listed("a", "b"))
    ended = listed(seen("a", state="terminated", ended=True), "b")
    assert put(assets, ended, at=day(1)) == StoredCounts(seen=2, changed=1, gone=1)
    assert put(assets, ended, at=day(2)) == StoredCounts(seen=2)
    found = everything(assets)["a"]
    assert (found.lifecycle, found.state, found.missing_since) == (Lifecycle.GONE, "terminated", day(1))
    assert found.last_seen == day(2)
    assert put(assets, listed("b"), at=day(3)) == StoredCounts(seen=1)
    assert story(assets, "a") == ["found", "changed:state", "gone"]


def test_what_is_over_when_first_seen_is_found_and_gone(assets: AssetStore) -> None:
    assert put(assets, listed(seen("a", ended=True))) == StoredCounts(seen=1, found=1)
    assert lives(assets) == {"a": "gone"}


# Late results


def test_an_older_listing_changes_nothing_in_its_place(assets: AssetStore) -> None:
    put(assets, listed(seen("a", state="stopped"), "b"), at=day(2))
    version = assets.version("default")
    for late in (listed("c"), listed("b", "a"), listed("b", "a", failure=DENIED)):
        assert put(assets, late, at=day(1)) == StoredCounts()
    assert everything(assets)["a"].state == "stopped"
    assert lives(assets) == {"a": "active", "b": "active"}
    assert [(state.complete, state.tried, state.failure) for state in assets.places("default")] == [
        (day(2), day(2), None)
    ]
    assert assets.version("default") == version


def test_an_item_seen_later_is_not_turned_back_and_not_missed(assets: AssetStore) -> None:
    put(assets, listed("a", "b"))
    put(assets, listed(seen("a", state="stopped"), "c", failure=DENIED), at=day(3))
    assert put(assets, listed(seen("a", state="running"), "b"), at=day(2)) == StoredCounts(seen=2)
    assert everything(assets)["a"].state == "stopped"
    assert everything(assets)["a"].last_seen == day(3)
    assert lives(assets) == {"a": "active", "b": "active", "c": "active"}
    (state,) = assets.places("default")
    assert (state.complete, state.tried, state.failure) == (day(2), day(3), DENIED)


def test_a_late_sight_elsewhere_does_not_bring_back_what_went_missing_since(assets: AssetStore) -> None:
    put(assets, listed("a"))
    put(assets, listed(), at=day(3))
    elsewhere = listed(seen("a"), place=OTHER_REGION)
    assert put(assets, elsewhere, at=day(2)) == StoredCounts(seen=1)
    assert lives(assets) == {"a": "missing"}


def test_the_same_listing_may_be_stored_twice(assets: AssetStore) -> None:
    put(assets, listed("a", "b"))
    for _ in range(2):
        put(assets, listed(seen("a", state="stopped")), at=day(1))
    assert story(assets, "a") == ["found", "changed:state"]
    assert story(assets, "b") == ["found", "missing"]


# Identity


def test_identity_is_the_arn_else_the_id_else_the_name(assets: AssetStore) -> None:
    first = [
        seen("x", arn="arn:aws:s3:::one", name="n"),
        seen("y", arn="", name="n"),
        seen("", arn="", name="n"),
    ]
    put(assets, listed(*first))
    again = [
        seen("x2", arn="arn:aws:s3:::one", name="m"),
        seen("y", arn="", name="m"),
        seen("", arn="", name="n", state="stopped"),
    ]
    assert put(assets, listed(*again), at=day(1)) == StoredCounts(seen=3, changed=3)


def test_an_id_counts_in_its_account_and_region_a_name_in_its_service(assets: AssetStore) -> None:
    places = (HOME, OTHER_REGION, replace(HOME, account="222222222222"))
    counts = put(assets, *(listed(seen("x", place, arn=""), place=place) for place in places))
    assert counts.found == 3
    named = [seen("", arn="", name="n", service=service) for service in ("one", "two")]
    assert put(assets, listed(*named, place=replace(HOME, kind="k"))).found == 2


def test_the_identity_is_the_same_on_every_database_and_in_every_run(assets: AssetStore) -> None:
    put(assets, listed(seen("x", arn="arn:aws:s3:::bücket"), seen("y", arn=""), seen("", arn="", name="z")))
    found = {key: asset.asset_id for key, asset in everything(assets).items()}
    assert found == {
        "x": "c690cf190eb77843807cdb8a4ff36650",
        "y": "0fa19308cf6a7f4b07af5fdf89e3cb6f",
        "": "f716cafef03975a3794692eda2d502cc",
    }


def test_of_two_items_with_one_identity_the_later_one_counts(assets: AssetStore) -> None:
    assert put(assets, listed(seen("a", state="one"), seen("a", state="two"))) == StoredCounts(seen=1, found=1)
    assert everything(assets)["a"].state == "two"
    assert assets.places("default")[0].items == 1


# Listed in two places


def test_a_bucket_keeps_its_place_while_its_region_changes(assets: AssetStore) -> None:
    place = Place(HOME.account, GLOBAL, "s3:bucket")
    put(assets, listed(seen("b", place, region="eu-west-1"), place=place))
    put(assets, listed(seen("b", place, region="us-east-1"), place=place), at=day(1))
    assert everything(assets)["b"].region == "us-east-1"
    put(assets, listed(place=place), at=day(2))
    assert lives(assets) == {"b": "missing"}


@pytest.mark.parametrize("backwards", [False, True])
def test_what_moves_to_another_place_is_never_missing(assets: AssetStore, *, backwards: bool) -> None:
    one, two = (OTHER_REGION, HOME) if backwards else (HOME, OTHER_REGION)
    item = seen("a", arn="arn:aws:x:::a")
    put(assets, listed(item, place=one), listed(place=two))
    for number in range(1, 4):
        put(assets, listed(replace(item, region=two.region), place=two), at=day(number))
        put(assets, listed(place=one), at=day(number))
        assert lives(assets) == {"a": "active"}
    assert everything(assets)["a"].region == two.region
    assert story(assets, "a") == ["found"]
    put(assets, listed(place=two), at=day(4))
    assert lives(assets) == {"a": "missing"}


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("owner", ["111111111111", "222222222222", "333333333333"])
def test_what_many_accounts_list_belongs_to_the_one_its_arn_names(
    assets: AssetStore, owner: str, *, backwards: bool
) -> None:
    accounts = ("222222222222", "111111111111", "333333333333")
    places = [Place(account, "eu-central-1", "ec2:subnet") for account in accounts]
    shared = f"arn:aws:ec2:eu-central-1:{owner}:subnet/subnet-1"
    order = places[::-1] if backwards else places
    for number in range(3):
        for place in order:
            item = seen("subnet-1", place, arn=shared, state=f"as {place.account} sees it")
            put(assets, listed(item, place=place), at=day(number))
    found = everything(assets)["subnet-1"]
    assert (found.account, found.state, found.last_seen) == (owner, f"as {owner} sees it", day(2))
    changes = assets.changes("default", since=day(1))
    assert changes == ()  # it settled in the first round
    for number in range(3, 6):
        for place in order:
            put(assets, listed(place=place), at=day(number))
        assert lives(assets) == {"subnet-1": "missing"}


def test_who_answers_for_it_does_not_depend_on_the_order(assets: AssetStore, estate: Database) -> None:
    kinds = [replace(HOME, kind=kind) for kind in ("rds:cluster", "docdb:cluster", "neptune:cluster")]
    answers = set()
    for order in (kinds, kinds[::-1], kinds[1:] + kinds[:1]):
        empty_estate(estate)
        for number in range(3):
            for place in order:
                put(assets, listed(seen("c", place, arn="arn:aws:rds:::c"), place=place), at=day(number))
            answers.add(everything(assets)["c"].kind)
    assert len(answers) == 1


def test_what_is_over_in_two_places_does_not_go_back_and_forth(assets: AssetStore) -> None:
    answers = []
    for number in range(4):
        for place in (HOME, OTHER_REGION):
            item = seen("a", place, arn="arn:aws:x:::a", ended=number > 0)
            put(assets, listed(item, place=place), at=day(number))
            answers.append(everything(assets)["a"].region)
    assert len(set(answers[2:])) == 1
    assert story(assets, "a")[1:] == ["gone"]


def in_two_places(assets: AssetStore) -> tuple[Place, Place]:
    """Lists an asset in two places; returns the one that answers for it, and the other."""
    for place in (HOME, OTHER_REGION):
        put(assets, listed(seen("a", place, arn="arn:aws:x:::a"), place=place))
    places = (HOME, OTHER_REGION)
    return places if everything(assets)["a"].region == HOME.region else places[::-1]


def test_a_place_that_lists_it_no_more_cannot_take_over(assets: AssetStore) -> None:
    owner, other = in_two_places(assets)
    put(assets, listed(place=other), at=day(1))
    assert lives(assets) == {"a": "active"}
    put(assets, listed(place=owner), at=day(1))
    assert lives(assets) == {"a": "missing"}


def test_a_place_that_was_not_listed_for_the_grace_period_cannot_take_over(assets: AssetStore) -> None:
    owner, _ = in_two_places(assets)
    put(assets, listed(place=owner), at=day(8))
    assert lives(assets) == {"a": "missing"}


def test_a_place_that_was_not_listed_since_takes_over(assets: AssetStore) -> None:
    owner, other = in_two_places(assets)
    put(assets, listed(place=owner), at=day(6))
    assert lives(assets) == {"a": "active"}
    put(assets, listed(place=other), at=day(7))
    assert lives(assets) == {"a": "missing"}


def test_a_place_that_is_never_listed_again_hands_over_after_the_grace_period(assets: AssetStore) -> None:
    item = seen("a", arn="arn:aws:x:::a")
    places = (HOME, OTHER_REGION)
    for place in places:
        put(assets, listed(replace(item, region=place.region), place=place))
    owner = everything(assets)["a"].region
    (other,) = (place for place in places if place.region != owner)
    for number in (1, 6):
        put(assets, listed(replace(item, region=other.region), place=other), at=day(number))
        assert everything(assets)["a"].region == owner
    put(assets, listed(replace(item, region=other.region), place=other), at=day(7))
    assert everything(assets)["a"].region == other.region


# Tags, details, history


def test_unknown_tags_leave_those_known_and_a_new_asset_has_none_known(assets: AssetStore) -> None:
    put(assets, listed(seen("known", tags={"Team": "a"}), seen("unknown", tags=None), seen("untagged", tags={})))
    put(assets, listed(*(seen(key, tags=None) for key in ("known", "unknown", "untagged"))), at=day(1))
    found = everything(assets)
    assert {key: asset.tags for key, asset in found.items()} == {
        "known": {"Team": "a"},
        "unknown": None,
        "untagged": {},
    }
    # Becoming known is no change of the asset.
    assert put(assets, listed("known", seen("unknown", tags={"Team": "b"}), "untagged"), at=day(2)).changed == 1
    assert story(assets, "unknown") == ["found"]
    assert everything(assets)["unknown"].tags == {"Team": "b"}


def test_a_name_taken_from_a_tag_is_not_lost_with_the_tags(assets: AssetStore) -> None:
    put(assets, listed(seen("i-1", name="web", tags={"Name": "web"})))
    assert put(assets, listed(seen("i-1", name="i-1", tags=None)), at=day(1)) == StoredCounts(seen=1)
    assert everything(assets)["i-1"].name == "web"
    assert put(assets, listed(seen("i-1", name="i-1", tags={})), at=day(2)).changed == 1
    assert everything(assets)["i-1"].name == "i-1"


def test_every_recorded_change_says_what_was_and_what_is(assets: AssetStore) -> None:
    old = seen("a", name="old", tags={"Team": "a"}, details={"size_gib": 8, "zones": ["a", "b"], "spot": None})
    new = seen("a", name="new", state="stopped", tags={"Team": "b"}, details={"size_gib": 9, "zones": ["a"]})
    put(assets, listed(old))
    assert put(assets, listed(new), at=day(1)).changed == 1
    told = assets.history("default", everything(assets)["a"].asset_id)
    changes = {change.field: (change.before, change.after) for change in told if change.field}
    assert changes == {
        "name": ("old", "new"),
        "state": ("running", "stopped"),
        "tags": ({"Team": "a"}, {"Team": "b"}),
        "details": ({"size_gib": 8, "zones": ["a", "b"], "spot": None}, {"size_gib": 9, "zones": ["a"]}),
    }
    assert [change.at for change in told] == [day(1)] * 4 + [NOW]


def test_the_order_of_tags_and_details_is_no_change(assets: AssetStore) -> None:
    put(assets, listed(seen("a", tags={"x": "1", "y": "2"}, details={"p": 1, "q": 2})))
    again = seen("a", tags={"y": "2", "x": "1"}, details={"q": 2, "p": 1})
    assert put(assets, listed(again), at=day(1)) == StoredCounts(seen=1)


def test_created_stays_known(assets: AssetStore) -> None:
    put(assets, listed(seen("a", created=day(-9))))
    put(assets, listed(seen("a", created=None)), at=day(1))
    assert everything(assets)["a"].created == day(-9)


# Places and versions


def test_places_tell_when_they_were_listed_and_why_not(assets: AssetStore) -> None:
    tags = Failure("throttled", "slow down")
    put(assets, Listed(HOME, (seen("a"), seen("b")), tags_failure=tags), listed(place=OTHER_REGION, failure=DENIED))
    mine, other = assets.places("default")
    assert (mine.place, mine.complete, mine.tried, mine.items) == (HOME, NOW, NOW, 2)
    assert (mine.failure, mine.tags_failure) == (None, tags)
    assert (other.place, other.complete, other.failure) == (OTHER_REGION, None, DENIED)
    put(assets, listed("a", failure=DENIED), listed(place=OTHER_REGION), at=day(1))
    mine, other = assets.places("default")
    assert (mine.complete, mine.tried, mine.items, mine.failure) == (NOW, day(1), 2, DENIED)
    assert mine.tags_failure is None
    assert (other.complete, other.failure) == (day(1), None)


def test_the_version_moves_with_what_is_stored(assets: AssetStore) -> None:
    assert assets.version("default") == 0
    put(assets)
    assert assets.version("default") == 0
    versions = [assets.version("default")]
    for number in range(2):
        put(assets, listed("a"), at=day(number))
        versions.append(assets.version("default"))
    assert versions == sorted(set(versions))
    assert assets.version("other") == 0


def test_a_call_that_fails_stores_nothing(assets: AssetStore) -> None:
    put(assets, listed("a"))
    broken = replace(seen("b"), created=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match=r"time zone|did not answer"):
        put(assets, listed("c", broken), at=day(1))
    assert lives(assets) == {"a": "active"}
    assert assets.places("default")[0].complete == NOW


def test_a_place_larger_than_a_batch_is_one_place(assets: AssetStore) -> None:
    many = [f"i-{number}" for number in range(5_201)]
    assert put(assets, listed(*many)).found == 5_201
    assert put(assets, listed(*many[:-1]), at=day(1)) == StoredCounts(seen=5_200, missing=1)
    assert sum(life == "active" for life in lives(assets).values()) == 5_200


def test_a_second_store_over_the_same_database_goes_on(assets: AssetStore, estate: Database) -> None:
    put(assets, listed("a"))
    assert put(AssetStore(estate, lambda: NOW), listed(), at=day(1)) == StoredCounts(missing=1)

"""Names, tags and details that databases stumble over, kept or made harmless alike on all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import (
    AssetFilter,
    AssetQuestion,
    Link,
    Place,
    TagTerm,
)
from finops.store import AssetStore
from tests.store.estates import DENIED, NOW, day, every, everything, listed, put, seen

if TYPE_CHECKING:
    from finops.store.database import Database

HOSTILE = {
    "emoji": "🚀👩‍👩‍👧‍👦",
    "right to left": "שלום \u202eevil",
    "nul": "a\0b",
    "lone surrogate": "a\ud800b\udfff",
    "four bytes": "\U0001d49c\U0001d4b7",
    "quotes": "';\"--\\%_",
    "lines": "a\nb\r\nc\td",
    "control": "".join(chr(code) for code in range(1, 32)),
    "edges": " spaces ",
    "noncharacter": "\uffff\ufdd0",
    "bom": "\ufeffx",
    "long": "n" * 5_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_survive_or_become_harmless_the_same_way(estate: Database, text: str) -> None:
    store = AssetStore(estate, lambda: NOW)
    place = Place(text, text, text)
    item = seen(
        text,
        place,
        name=text,
        arn=f"arn:aws:x:::{text}",
        state=text,
        service=text,
        tags={text: text, "k": text},
        details={text: text, "list": [text], "half": float("nan")},
        links=(Link(text, text, text),),
    )
    failure = replace(DENIED, message=text, account=text)
    put(store, listed(item, place=place))
    put(store, listed(replace(item, state=text + "2"), place=place, failure=failure), at=day(1))
    (found,) = every(store)
    clean = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd").replace("\udfff", "\ufffd")
    assert (found.name, found.resource_id, found.arn) == (clean, clean, f"arn:aws:x:::{clean}")
    assert found.tags == {clean: clean, "k": clean}
    assert found.details == {clean: clean, "list": [clean], "half": None}
    if len(text) < 60:
        assert (found.state, found.region, found.kind, found.service) == (f"{clean}2", clean, clean, clean)
    (state,) = store.places("default")
    assert state.failure is not None
    assert state.failure.message == clean
    # Asked for by the same text, it is found.
    for wanted in (
        AssetFilter(accounts=(text,), regions=(text,), kinds=(text,), services=(text,), states=(f"{text}2",)),
        AssetFilter(tags=(TagTerm(text, (text,)), TagTerm("k", (text,)))),
        AssetFilter(search=text),
    ):
        assert store.page(AssetQuestion("default", wanted)).total == 1
    assert len(store.tag_values("default", text)) == 1
    assert put(store, listed(replace(item, state=text + "2"), place=place), at=day(2)).changed == 0
    both_ways = store.neighbours("default", found.asset_id)  # it points to itself
    assert [(other.outgoing, other.asset and other.asset.name) for other in both_ways] == [
        (True, clean),
        (False, clean),
    ]


def test_the_longest_arn_and_tags_that_aws_allows_are_kept_whole(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    arn = "arn:aws:x:eu-central-1:111111111111:" + "é" * (2_048 - 36)
    tags = {f"{number:03}" + "k" * 125: f"{number:03}" + "🚀" * 253 for number in range(50)}
    put(store, listed(seen("x" * 2_048, arn=arn, name="n" * 1_011, tags=tags)))
    (found,) = everything(store).values()
    assert (found.arn, found.tags, found.name, found.resource_id) == (arn, tags, "n" * 1_011, "x" * 2_048)
    for key, value in tags.items():
        assert store.page(AssetQuestion("default", AssetFilter(tags=(TagTerm(key, (value,)),)))).total == 1
    assert store.page(AssetQuestion("default", AssetFilter(search=arn))).total == 1


def test_texts_that_differ_only_at_their_far_end_stay_two(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed(*(seen(f"i{end}", state="s" * 500 + end, tags={"k": "v" * 900 + end}) for end in "ab")))
    assert len(store.counts("default", AssetFilter(), ("state",))["state"]) == 2
    for end in "ab":
        wanted = AssetFilter(states=("s" * 500 + end,), tags=(TagTerm("k", ("v" * 900 + end,)),))
        assert [asset.name for asset in store.page(AssetQuestion("default", wanted)).items] == [f"i{end}"]


def test_instants_of_any_zone_come_back_as_utc(estate: Database) -> None:
    store = AssetStore(estate, lambda: NOW)
    written = datetime.fromisoformat("2026-03-29T02:30:00.123456+02:00")
    put(store, listed(seen("a", created=written)))
    created = everything(store)["a"].created
    assert created == written
    assert created is not None
    assert created.tzinfo is UTC

"""Tag policies, scores and billed keys on every database: versions race for one number, texts come back unchanged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.assets import AssetFilter, Listed, Place, Seen
from finops.model.errors import InputError
from finops.model.period import Period
from finops.model.tagging import Activation, BilledKey, DayScore, UntaggedCharge
from finops.store import AssetStore, TagAssets, TagPolicies, TagScores
from finops.store.schema import tag_bill, tag_policy, tag_score
from tests.store.estates import empty_estate

if TYPE_CHECKING:
    from finops.store.database import Database

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
HOSTILE = "ключ 🦆 \u202eRTL '\" %s ; DROP TABLE tag_policy --"


@pytest.fixture
def fresh(shared_database: Database) -> Database:
    with shared_database.writing() as connection:
        for table in (tag_policy, tag_score, tag_bill):
            connection.execute(table.delete())
    return shared_database


def test_versions_follow_each_other_and_none_is_changed(fresh):
    policies = TagPolicies(fresh)
    assert policies.latest("acme") is None
    assert policies.number("acme") == 0
    for number in range(3):
        document = {"rules": [{"key": f"{HOSTILE}{number}"}]}
        kept = policies.save("acme", document, over=number, by=f"ann {HOSTILE}", at=NOW, note=HOSTILE)
        assert policies.latest("acme") == kept
        assert (kept.version, kept.document, kept.note) == (number + 1, document, HOSTILE)
    assert [kept.version for kept in policies.versions("acme")] == [3, 2, 1]
    first = policies.of_version("acme", 1)
    assert first is not None
    assert first.document == {"rules": [{"key": f"{HOSTILE}0"}]}
    assert policies.of_version("acme", 4) is None
    assert policies.number("other") == 0


def test_of_many_savers_over_one_version_one_wins(fresh):
    policies = TagPolicies(fresh)

    def save(number: int) -> bool:
        try:
            policies.save("acme", {"rules": [], "children": [str(number)]}, over=0, by="x", at=NOW)
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(16))) == 1
    assert policies.number("acme") == 1


def score(day: date, key: str, compliant: int) -> DayScore:
    money = Decimal("12345678901.123456")
    return DayScore(day, key, 1, 10, compliant, 1, 2, 3, "USD", money, money, Decimal(0), NOW)


def test_the_scores_of_a_day_replace_those_it_had(fresh):
    scores = TagScores(fresh)
    yesterday = TODAY - timedelta(days=1)
    scores.keep("acme", yesterday, [score(yesterday, "", 5), score(yesterday, HOSTILE, 5)])
    scores.keep("acme", TODAY, [score(TODAY, "", 6), score(TODAY, HOSTILE, 6), score(TODAY, "costcenter", 6)])
    scores.keep("acme", TODAY, [score(TODAY, "", 7), score(TODAY, "CostCenter", 7)])
    assert scores.scores("acme", since=yesterday, key="") == (score(yesterday, "", 5), score(TODAY, "", 7))
    assert scores.scores("acme", since=TODAY) == (score(TODAY, "", 7), score(TODAY, "CostCenter", 7))
    assert scores.scores("acme", since=TODAY, key="costcenter") == ()
    assert scores.scores("other", since=yesterday) == ()


def test_what_was_billed_comes_back_to_the_last_digit(fresh):
    scores = TagScores(fresh)
    charges = (
        UntaggedCharge("arn:aws:x", "Usage", Decimal("-0.0000000001"), "1", HOSTILE),
        UntaggedCharge("", "Tax", Decimal(7)),
    )
    billed = BilledKey(
        "Owner", Activation.INACTIVE, NOW, Period(date(2026, 11, 6), TODAY), "USD", charges, Decimal("6.9999999999")
    )
    scores.keep_billed("acme", [billed, BilledKey(HOSTILE, Activation.UNLISTED, NOW)])
    scores.keep_billed("acme", [replace(billed, activation=Activation.ACTIVE)])
    assert scores.billed("acme") == {
        "Owner": replace(billed, activation=Activation.ACTIVE),
        HOSTILE: BilledKey(HOSTILE, Activation.UNLISTED, NOW),
    }
    assert scores.billed("other") == {}


def test_assets_are_read_in_order_with_all_their_tags(estate):
    tags = {HOSTILE: HOSTILE, "k": ""}
    items = tuple(Seen("ec2:volume", "ec2", "1", "r", f"v-{n}", tags=None if n == 2 else tags) for n in range(5))
    listed = [Listed(Place("1", "r", "ec2:volume"), items)]
    AssetStore(estate, lambda: NOW).store("acme", listed, at=NOW, gone_after=timedelta(days=7))
    changed = [Listed(Place("1", "r", "ec2:volume"), (replace(items[0], tags={}), *items[1:4]))]
    AssetStore(estate, lambda: NOW).store("acme", changed, at=NOW + timedelta(hours=1), gone_after=timedelta(days=7))
    reader = TagAssets(estate, lambda: NOW)
    rows = [row for part in reader.rows("acme") for row in part]
    numbers = [row[0] for row in rows]
    assert numbers == sorted(numbers)
    assert [bool(row[5]) for row in rows] == [True, True, False, True, True]
    shown = reader.shown(numbers[::-1])
    assert [asset.resource_id for asset in shown] == ["v-4", "v-3", "v-2", "v-1", "v-0"]
    assert (shown[3].tags, shown[2].tags, shown[4].tags) == (tags, None, {})
    assert reader.shown([max(numbers) + 1]) == ()
    assert set(reader.numbers("acme", AssetFilter(search="v-1"))) == {numbers[1]}
    (change,) = reader.changes("acme", since=NOW)
    assert (change.asset_no, change.before, change.after) == (numbers[0], tags, {})
    assert change.at == NOW + timedelta(hours=1)
    assert [row[1] for part in reader.ties("acme") for row in part] == [f"v-{n}" for n in range(5)]
    assert list(reader.rows("other")) == []
    empty_estate(estate)

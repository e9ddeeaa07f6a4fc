"""Drift and fixes, from what discoveries saw of tags."""

from __future__ import annotations

from datetime import timedelta

from finops.model.tagging import Rule
from tests.tagging.kit import NOW, TENANT, keep, opened, seen

OWNER = Rule("Owner", values=("a", "b"))


def days(number: float):
    return NOW - timedelta(days=number)


def test_who_was_ok_and_is_not_has_drifted(tmp_path):
    with opened(tmp_path, [], OWNER) as finops:
        keep(finops, [seen(1, {"Owner": "a"}), seen(2, {"Owner": "a"}), seen(3, {}), seen(4, {"Owner": "a"})], days(40))
        keep(finops, [seen(1, {}), seen(2, {"Owner": "b"}), seen(3, {"Owner": "x"}), seen(4, {})], days(10))
        keep(finops, [seen(1, {"Owner": "c"}), seen(2, {"Owner": "b"}), seen(3, {}), seen(4, {"Owner": "a"})], days(5))
        (drift,) = finops.tagging.movement(TENANT).drift
    assert (drift.key, drift.was, drift.verdict, drift.since) == ("Owner", "ok", "bad_value", days(5))


def test_fixes_count_from_the_beginning_of_the_violation(tmp_path):
    with opened(tmp_path, [], OWNER) as finops:
        keep(finops, [seen(1, {}), seen(2, {"Owner": "a"}), seen(3, {})], days(20).replace(hour=0))
        keep(finops, [seen(1, {"Owner": "x"}), seen(2, {}), seen(3, {})], days(12))
        keep(finops, [seen(1, {"Owner": "a"}), seen(2, {"Owner": "b"}), seen(3, {})], days(2))
        found = finops.tagging.movement(TENANT)
    assert found.fixed == 2
    assert found.median_days == round((18.375 + 10) / 2, 2)
    assert found.drift == ()


def test_unknown_tags_are_neither_drift_nor_fixed(tmp_path):
    with opened(tmp_path, [], OWNER) as finops:
        keep(finops, [seen(1, {"Owner": "a"})], days(10))
        keep(finops, [seen(1, None)], days(5))
        found = finops.tagging.movement(TENANT)
    assert (found.drift, found.fixed, found.median_days) == ((), 0, None)

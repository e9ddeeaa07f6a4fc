"""Silence and use: several series, days without data, and several resources as one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finops.aws.cloudwatch import Window
from finops.model.findings import Observation, Verdict
from finops.waste.activity import absent_is_zero, day_by_day, use
from finops.waste.context import Measured
from finops.waste.leftovers import by_day, older
from tests.waste.kit import NOW, OWN, REGION, asset

WINDOW = Window.of_days(NOW, 10)


def observed(**series: tuple[float | None, ...]) -> Observation:
    return Observation("aws.x.y", OWN, REGION, "x:y", "r", series=series)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((0.0,) * 10, (0.0,) * 10, None),
        ((0.0,) * 10, (None,) * 9 + (7.0,), Verdict.OK),
        ((0.0,) * 10, (None,) * 2 + (0.0,) * 8, Verdict.UNDETERMINED),
        ((), (0.0,) * 10, Verdict.UNDETERMINED),
    ],
)
def test_use_is_certain_and_silence_needs_its_days(
    first: tuple[float | None, ...], second: tuple[float | None, ...], verdict: Verdict | None
) -> None:
    found = use(observed(a=first, b=second), {"a": "reads", "b": "writes"}, 10)

    assert (found and found.verdict) is verdict


@pytest.mark.parametrize(
    ("value", "words"), [(132_911_000.0, "132,911,000"), (1.0, "1"), (0.125, "0.12"), (12.7, "13")]
)
def test_numbers_are_readable(value: float, words: str) -> None:
    found = use(observed(a=(value,) * 10), {"a": "reads"}, 10)

    assert found is not None
    assert found.message == f"It had up to {words} reads in the last 10 days."


def test_a_day_that_one_does_not_know_is_not_known() -> None:
    assert day_by_day([(1.0, None, 3.0), (1.0, 2.0, 3.0)], sum) == (2.0, None, 6.0)


def test_no_data_is_zero_from_the_first_whole_day_on() -> None:
    old, new = asset("lambda:function", "old"), asset("lambda:function", "new", age_days=3)
    dark, unknown = asset("lambda:function", "dark"), asset("lambda:function", "unknown", created=None)
    bare: tuple[float | None, ...] = (None,) * 9 + (5.0,)
    held = {one.asset_id: {"invocations": bare} for one in (old, new, unknown)}

    found = absent_is_zero(Measured(WINDOW, held), (old, new, dark, unknown), lambda one: one.created)

    assert found.of(old)["invocations"] == (0.0,) * 9 + (5.0,)
    assert found.of(new)["invocations"] == (None,) * 8 + (0.0, 5.0)
    assert found.of(unknown)["invocations"] == bare
    assert found.of(dark) == {}


def test_amounts_count_on_the_day_they_began_and_the_first_day_holds_what_is_older() -> None:
    days = (0, 1, 1, 3, 9, 10, 11, 400)
    series = by_day(((NOW - timedelta(days=each), 1) for each in days), WINDOW)

    assert series == (3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 2.0)
    assert [older(observed(left=series), "left", each) for each in (1, 2, 3, 4, 9, 10)] == [7, 5, 5, 4, 4, 3]
    assert older(observed(), "left", 1) is None

"""The detection: what is flagged, what is not, and that a day's verdict never changes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.series import labelled
from finops.anomalies.detector import CHARGE, LEAK, NEW, detect
from tests.anomalies.series import DAYS, FIRST, panel, steady, with_added

NAMES = ("expected", "lower", "upper", "score", "up", "learning")


@pytest.fixture(scope="module")
def house():
    return labelled(41, 48)


@pytest.mark.parametrize("cut", [57, 90, 133, 200, 287, 399])
def test_then_and_now_agree_to_the_last_bit(house, cut):
    now, then = detect(house.panel), detect(house.panel.until(cut))
    for name in NAMES:
        whole, part = getattr(now, name)[:, :cut], getattr(then, name)
        assert np.array_equal(whole, part, equal_nan=whole.dtype.kind == "f"), name
    assert np.array_equal((now.flagged & now.up)[:, :cut], then.flagged & then.up)
    assert np.array_equal(now.flagged[:, : cut - 2], then.flagged[:, : cut - 2])


@settings(max_examples=15, deadline=None)
@given(cut=st.integers(1, 399), incomplete=st.integers(0, 3))
def test_any_day_agrees(house, cut, incomplete):
    some = house.panel.until(400)
    now, then = detect(some, incomplete_days=0), detect(some.until(cut), incomplete_days=incomplete)
    assert np.array_equal(now.score[:, :cut], then.score)
    settled = max(0, cut - incomplete)
    assert np.array_equal(now.flagged[:, :settled], then.flagged[:, :settled])


def test_what_comes_later_changes_nothing_and_neither_do_the_neighbours(house):
    whole = detect(house.panel)
    alone = detect(type(house.panel)(house.panel.names[7:8], house.panel.first, house.panel.values[7:8]))
    assert np.array_equal(whole.score[7:8], alone.score)


def test_yesterday_is_no_part_of_todays_limit():
    cost = steady()
    partly = cost.copy()
    partly[148] *= 0.2
    then, now = detect(panel(partly)), detect(panel(cost))
    assert (then.upper[0, 149], then.expected[0, 149]) == (now.upper[0, 149], now.expected[0, 149])


def test_a_spike_is_flagged_on_its_day_alone():
    scores = detect(panel(with_added(steady(), 150, 151, 60)))
    assert list(np.flatnonzero(scores.flagged[0])) == [150]
    assert scores.up[0, 150]
    assert scores.expected[0, 150] == pytest.approx(100, rel=0.05)


def test_a_flagged_day_lies_outside_of_its_band_and_no_band_is_unknown(house):
    scores, cost = detect(house.panel), house.panel.values
    assert (cost > scores.upper)[scores.flagged & scores.up].all()
    assert (cost < scores.lower)[scores.flagged & ~scores.up].all()
    for name in ("expected", "lower", "upper", "score"):
        assert np.isfinite(getattr(scores, name)).all()
    assert (scores.lower <= scores.expected).all()
    assert (scores.expected <= scores.upper).all()


def test_a_step_is_flagged_until_it_is_what_the_series_costs_and_its_end_is_no_drop():
    scores = detect(panel(with_added(steady(), 100, 150, 60)))
    flagged = np.flatnonzero(scores.flagged[0])
    assert flagged[0] == 100
    assert len(flagged) >= 10
    assert flagged[-1] < 125
    assert scores.up[0, flagged].all()


def test_a_small_step_is_flagged_once_some_days_tell_it():
    scores = detect(panel(with_added(steady(noise=0.08), 120, 200, 30)))
    assert 120 <= np.flatnonzero(scores.flagged[0])[0] <= 130


def test_a_slow_leak_is_flagged_and_slow_growth_is_not():
    days = np.arange(DAYS)
    leaking = steady() + np.where(days >= 110, (days - 110) * 1.0, 0)
    growing = steady(seed=2) * 1.8 ** (days / 365)
    scores = detect(panel(leaking, growing))
    assert LEAK in set(scores.why[0])
    assert not scores.flagged[1].any()


def test_a_drop_is_flagged_from_its_second_day_on():
    cost = steady()
    cost[150:170] *= 0.3
    flagged = np.flatnonzero(detect(panel(cost)).flagged[0])
    assert flagged[0] == 151
    assert flagged[-1] < 170


def test_the_last_two_days_are_never_too_low_but_may_be_too_high():
    low, high = steady(), steady(seed=2)
    low[-2:] *= (0.5, 0.1)
    high[-1] = 190
    scores = detect(panel(low, high))
    assert not scores.flagged[0].any()
    assert list(np.flatnonzero(scores.flagged[1])) == [DAYS - 1]


def test_credits_and_refunds_are_no_drops():
    cost = steady()
    cost[[120, 140, 141]] = (-300, -20, 15)
    scores = detect(panel(cost))
    assert not scores.flagged[0].any()


def test_fewer_than_eight_weeks_are_learning():
    scores = detect(panel(with_added(steady(days=60), 40, 41, 900)))
    assert scores.learning[0, :56].all()
    assert not scores.learning[0, 56:].any()
    assert not scores.flagged[0].any()


def test_days_of_the_month_are_learnt_even_where_a_fee_is_a_day_late():
    cost = steady(days=300)
    for place in range(300):
        day = FIRST + timedelta(days=place)
        if day.day == (2 if day.month in {3, 6} else 1):
            cost[place] += 400
    scores = detect(panel(cost))
    assert not scores.flagged[0].any()
    first = next(place for place in range(250, 300) if (FIRST + timedelta(days=place)).day == 1)
    assert scores.expected[0, first] > 300


def test_weekends_are_no_surprise_but_a_weekday_like_cost_on_one_is():
    week = np.where(np.arange(DAYS) % 7 >= 5, 0.3, 1.0)
    cost = steady() * week
    busy = cost.copy()
    busy[152] = 100  # a Saturday
    scores = detect(panel(cost, busy))
    assert not scores.flagged[0].any()
    assert list(np.flatnonzero(scores.flagged[1])) == [152]


def test_a_service_that_was_not_there_before_is_new_and_then_learnt():
    cost = steady()
    cost[:90] = 0
    scores = detect(panel(cost))
    flagged = np.flatnonzero(scores.flagged[0])
    assert list(flagged) == list(range(90, 104))
    assert set(scores.why[0, flagged]) == {NEW}
    assert scores.learning[0, 104:140].all()


def test_a_service_that_comes_back_after_months_is_new_again():
    cost = steady(days=300)
    cost[100:200] = 0
    scores = detect(panel(cost))
    back = [place for place in np.flatnonzero(scores.flagged[0]) if place >= 200]
    assert back[0] == 203  # three days make sure that it stays
    assert set(scores.why[0, back]) == {NEW}


def test_unknown_days_are_no_zeros():
    cost = steady()
    cost[100:160] = np.nan
    scores = detect(panel(cost))
    assert not scores.flagged[0].any()


def test_sparse_charges_are_expected_and_a_far_larger_one_is_not():
    random = np.random.default_rng(3)
    cost = np.where(random.random(300) < 0.15, 20 * np.exp(random.normal(0, 0.2, 300)), 0.0)
    cost[5] = 20
    scores = detect(panel(cost, with_added(cost, 250, 251, 300)))
    assert not scores.flagged[0].any()
    assert list(np.flatnonzero(scores.flagged[1])) == [250]
    assert scores.why[1, 250] == CHARGE


@pytest.mark.parametrize("days", [1, 2, 6, 30])
def test_short_panels_are_scored(days):
    scores = detect(panel(steady(days=days)))
    assert scores.score.shape == (1, days)
    assert scores.learning.all()


def test_nothing_at_all_is_scored():
    empty = panel(steady(days=1))
    assert detect(type(empty)((), FIRST, np.empty((0, 20)))).flagged.shape == (0, 20)

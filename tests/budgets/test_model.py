"""Intervals: they hold what they promise, know only the past, and widen."""

from __future__ import annotations

import numpy as np
import pytest

from finops.budgets.model import Series
from tests.budgets.series import DAYS, panel, steady


def many(count: int = 60, noise: float = 0.1):
    return panel(*(steady(noise=noise, seed=seed) for seed in range(count)))


def test_an_interval_holds_about_four_of_five():
    whole = many()
    known = DAYS - 60
    inside = []
    for start in range(known, DAYS - 14, 7):
        bands = Series.of(whole, 14).windows(start, [(1, 14)])
        came = whole.values[:, start : start + 14].sum(axis=1)
        inside.append((bands.lower[:, 0] <= came) & (came <= bands.upper[:, 0]))
    assert 0.72 <= np.mean(inside) <= 0.9


def test_days_hold_about_four_of_five():
    whole = many()
    known = DAYS - 28
    bands = Series.of(whole.until(known), 28).days(known, 28)
    came = whole.values[:, known:]
    assert 0.72 <= ((bands.lower <= came) & (came <= bands.upper)).mean() <= 0.9


def test_a_past_forecast_is_the_same_whatever_came_after():
    whole = many(8)
    changed = many(8)
    changed.values[:, 250:] *= 3
    now, then = (Series.of(each, 31).windows(250, [(1, 20)]) for each in (whole, changed))
    assert np.array_equal(now.mean, then.mean)
    assert np.array_equal(now.upper, then.upper)


def test_the_sum_is_surer_than_its_parts():
    series = Series.of(many(), 31)
    parts, whole = series.windows(DAYS, [(1, 30)]), series.summed().windows(DAYS, [(1, 30)])
    assert whole.mean[0, 0] == pytest.approx(parts.mean.sum())
    assert (whole.upper - whole.lower)[0, 0] < (parts.upper - parts.lower).sum() / 3


def test_no_cost_below_zero_is_expected_of_what_never_was():
    random = np.random.default_rng(5)
    sparse = np.where(random.random(DAYS) < 0.1, 100.0, 0.0)
    bands = Series.of(panel(sparse), 31).windows(DAYS, [(1, 10)])
    assert bands.lower[0, 0] == 0
    assert bands.upper[0, 0] > bands.mean[0, 0]


def test_little_is_known_of_a_young_series_and_its_interval_is_wide():
    short = panel(*(steady(days=40, seed=seed) for seed in range(3)))
    bands = Series.of(short, 31).windows(40, [(1, 20)])
    assert (bands.upper - bands.lower > bands.mean).all()


def test_farther_than_can_be_tried_is_less_sure():
    series = Series.of(many(10), 365)
    bands = series.windows(DAYS, [(1, 30), (331, 360)])
    width = bands.upper - bands.lower
    assert (width[:, 1] > width[:, 0]).all()


def test_a_refund_to_come_lowers_no_floor_of_a_past_forecast():
    random = np.random.default_rng(5)
    values = np.where(random.random(DAYS) < 0.1, 100.0, 0.0)
    refunded = values.copy()
    refunded[-1] = -50
    for each in (values, refunded):
        assert Series.of(panel(each), 31).windows(250, [(1, 10)]).lower[0, 0] == 0

"""What the days ahead are expected to cost: the calendar is kept, a step is learnt, a spike is not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from finops.budgets.outlook import begun, outlook, outlooks
from tests.budgets.series import DAYS, FIRST, days_of, panel, steady

AHEAD = 30


def expected(values, days: int = AHEAD):
    return outlook(begun(panel(values)), days).mean[0]


def dates_ahead(known: int = DAYS, days: int = AHEAD):
    return [FIRST + timedelta(days=known + place) for place in range(days)]


def test_a_steady_cost_goes_on():
    assert expected(steady()) == pytest.approx(np.full(AHEAD, 100.0), rel=0.03)


def test_a_series_without_noise_is_continued_exactly():
    assert expected(np.full(DAYS, 12.5)) == pytest.approx(np.full(AHEAD, 12.5), abs=1e-9)


def test_weekends_stay_quiet():
    quiet = np.array([0.3 if day.weekday() >= 5 else 1.0 for day in days_of()])
    found = expected(steady() * quiet)
    ahead = dates_ahead()
    weekend = [mean for mean, day in zip(found, ahead, strict=True) if day.weekday() >= 5]
    workday = [mean for mean, day in zip(found, ahead, strict=True) if day.weekday() < 5]
    assert np.mean(weekend) == pytest.approx(30, rel=0.05)
    assert np.mean(workday) == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("number", [1, 3, 15, 28])
def test_a_charge_of_the_month_is_expected_once_on_its_day(number):
    fee = np.array([500.0 if day.day == number else 0.0 for day in days_of()])
    ahead = dates_ahead(days=61)
    found = expected(steady() + fee, 61)
    charged = [day for day, mean in zip(ahead, found, strict=True) if mean > 300]
    assert charged == [day for day in ahead if day.day == number]
    assert max(found) == pytest.approx(600, rel=0.05)


def test_a_charge_on_the_last_day_of_months_is_expected_once_a_month():
    fee = np.array([500.0 if (day + timedelta(days=1)).day == 1 else 0.0 for day in days_of()])
    ahead = dates_ahead(days=115)
    found = expected(steady(noise=0.01) + fee, 115) - 100
    by_month = {
        month: sum(mean for day, mean in zip(ahead, found, strict=True) if day.month == month) for month in (11, 12, 1)
    }
    assert all(extra == pytest.approx(500, rel=0.15) for extra in by_month.values()), by_month


def test_a_charge_that_is_sometimes_a_day_late_is_expected_once():
    late = {2, 5, 8}
    fee = np.array([500.0 if day.day == (11 if day.month in late else 10) else 0.0 for day in days_of()])
    found = expected(steady() + fee)
    assert (found > 300).sum() == 1


def test_fees_alone_are_no_daily_cost():
    fee = np.array([200.0 if day.day == 1 else 0.0 for day in days_of()])
    found = expected(fee)
    assert found.sum() == pytest.approx(200, rel=0.01)


def test_a_new_level_of_five_days_is_learnt():
    values = steady()
    values[-5:] *= 2
    assert expected(values)[:14].mean() == pytest.approx(200, rel=0.08)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_spike_is_no_new_level(length):
    values = steady()
    values[-length:] *= 5
    assert expected(values).mean() == pytest.approx(100, rel=0.08)


def test_growth_goes_on_and_fades():
    values = steady() * 1.01 ** (np.arange(DAYS) / 7 * 2)
    found = expected(values, 365)
    now = values[-7:].mean()
    assert found[:30].mean() > now
    assert now * 1.3 < found[-30:].mean() < now * 1.02**52


def test_what_has_stopped_is_not_expected_to_go_on():
    values = steady()
    values[-20:] = 0
    assert expected(values).sum() < 1


def test_what_began_two_days_ago_goes_on():
    values = np.zeros(DAYS)
    values[-2:] = 50
    assert expected(values).mean() == pytest.approx(50, rel=0.05)


def test_few_charges_are_expected_at_their_rate():
    random = np.random.default_rng(3)
    values = np.where(random.random(DAYS) < 0.15, 100.0, 0.0)
    assert expected(values).mean() == pytest.approx(15, rel=0.35)


def test_days_that_nobody_knows_are_not_free():
    values = steady()
    values[-40:-20] = np.nan
    assert expected(values).mean() == pytest.approx(100, rel=0.05)


def test_what_had_not_begun_is_learning():
    young, old = np.zeros(DAYS), steady()
    young[-30:] = 10
    assert outlook(begun(panel(young, old)), 7).learning.tolist() == [True, False]


def test_a_series_alone_is_forecast_as_among_others():
    rows = [steady(seed=seed) for seed in range(4)]
    together = outlook(begun(panel(*rows)), AHEAD).mean
    assert together[2] == pytest.approx(outlook(begun(panel(rows[2])), AHEAD).mean[0])


def _varied():
    """A series of every kind, and one that gives money back."""
    fee = np.array([500.0 if day.day == 1 else 0.0 for day in days_of()])
    late = np.array([80.0 if (day + timedelta(days=1)).day == 1 else 0.0 for day in days_of()])
    young = np.where(np.arange(DAYS) < 200, 0.0, steady(seed=3))
    gaps = steady(seed=4)
    gaps[100:120] = np.nan
    return panel(steady() + fee, steady(seed=2) + late, young, gaps, -steady(seed=5), fee)


def test_forecasts_made_together_are_those_that_each_day_alone_would_have_made():
    whole = begun(_varied())
    ends = [7, 30, 57, 150, 196, 201, 263, 304, DAYS]
    for end, made in zip(ends, outlooks(whole, ends * 400, AHEAD), strict=False):
        alone = outlook(whole.until(end), AHEAD)
        assert np.array_equal(made.mean, alone.mean)
        assert np.array_equal(made.scale, alone.scale)
        assert np.array_equal(made.learning, alone.learning)


def test_how_far_a_forecast_looks_changes_nothing_of_the_days_before():
    whole = begun(_varied())
    far = outlook(whole, 400).mean
    for days in (1, 24, 25, 26, 55, 56):  # the last days of November and December among them
        assert np.array_equal(outlook(whole, days).mean, far[:, :days])

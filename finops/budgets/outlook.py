"""What the days to come are expected to cost, as of one day: weekdays, level, growth, charges of the month.

Everything is fitted on the days up to that day, for all series at once; the same function forecasts from today and
from any day of the past, so what is said of its errors is said of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.budgets.medians import median, spread
from finops.budgets.recurring import DAYS_BACK, Days, Recurring, recurring
from finops.costs.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.costs.panel import Flags, Floats, Ints

LEARNING_DAYS = 56
WEEKS = 18
"""Weeks of days that a fit looks at: 126 days, enough for three of every day of the month."""
FLOOR = 0.02
_FACTOR_WEEKS, _LEAST_WEEKS = 12, 3
_SMALLEST_FACTOR = 0.1
"""Days of a weekday that costs less than this share of its week tell nothing of the level."""
_LEAST_SHARE = 0.02
_SURE = 4.0
"""So many robust deviations beyond the usual a day's cost is a charge of its own, or an accident."""
_LEVEL_DAYS = 35
_HALF_LIFE = 9.0
_BEGUN = (2, 3)
"""So few days are enough where there was nothing before."""
_STEPS = (4, 5, 6, 7, 9, 11, 14, 18, 22)
_BEFORE = 21
_STEP_SCORE = 6.0
_STEP_SHARE = 0.08
_CLEARLY, _MOSTLY = 0.85, 0.8
"""So many of the days after a step, and before it, lie on their side of it."""
_SPARSE = 0.5
_SPARSE_DAYS = 91
_ENDED = 0.01
_MOST_GROWTH = 0.15
_DENSE = 0.75
_ROWS = 2_000
"""So many fits are made together: each step of numpy's has a price of its own, and more than fit a cache cost more."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """`mean[i, h]` is expected of series i, h + 1 days after the day it is as of; `scale` the size errors go with.

    `learning`: fewer than 56 days were known.
    """

    mean: Floats
    scale: Floats
    learning: Flags

    @property
    def days(self) -> int:
        """How many days ahead there are."""
        return int(self.mean.shape[1])

    def until(self, days: int) -> Outlook:
        """The first `days` days of it."""
        return Outlook(self.mean[:, :days], self.scale[:, :days], self.learning)

    def summed(self) -> Outlook:
        """That of all series together."""
        return Outlook(self.mean.sum(axis=0)[None], self.scale.sum(axis=0)[None], np.array([self.learning.all()]))


@dataclass(frozen=True, slots=True)
class _Fit:
    factor: Floats  # n × 7, by place in the week that ends on the last day
    level: Floats
    growth: Floats  # per week, of the logarithm, as in the last weeks
    yearly: Floats  # the same as in the last year
    charges: Recurring


def begun(panel: Panel) -> Panel:
    """The panel with the zeros before a series' first cost unknown: what had not begun teaches nothing."""
    started = np.logical_or.accumulate(np.nan_to_num(panel.values) != 0, axis=1)
    return Panel(panel.names, panel.first, np.where(started, panel.values, np.nan))


def outlook(panel: Panel, horizon: int) -> Outlook:
    """What the `horizon` days after the panel's last day are expected to cost."""
    return outlooks(panel, [panel.days], horizon)[0]


def outlooks(panel: Panel, ends: Sequence[int], horizon: int) -> list[Outlook]:
    """What the `horizon` days after the panel's first so many days are expected to cost, from those days alone."""
    at_once = max(1, _ROWS // max(1, len(panel.values)))
    parts = [np.array(ends[first : first + at_once]) for first in range(0, len(ends), at_once)]
    return [each for part in parts for each in _together(panel, part, horizon)]


def _together(panel: Panel, ends: Ints, horizon: int) -> list[Outlook]:
    """The outlooks as of several days: rows are all series as of the first of them, then as of the next."""
    recent, year = _before(panel, ends, WEEKS * 7), _before(panel, ends, _YEAR_WEEKS * 7)
    # What mostly gives money back (credits, discounts told apart) is forecast like a cost, with its sign turned.
    sign = np.where(np.nan_to_num(recent).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    lasts = np.datetime64(panel.first) + ends[:, None] - 1
    rows = len(panel.values)
    fit = _fit(recent * sign, lasts, _yearly(year * sign, np.repeat(ends // 7, rows)))
    ahead = np.arange(1, horizon + 1)
    usual = np.maximum(fit.level, 0.0)[:, None] * fit.factor[:, (ahead - 1) % 7] * _grown(fit, ahead / 7)
    charged = fit.charges.on(lasts + ahead)
    scale = np.maximum(usual + np.abs(charged) * _CHARGE_SCALE, FLOOR)
    mean = (usual + charged) * sign
    counts = (~np.isnan(panel.values)).cumsum(axis=1)
    return [
        Outlook(mean[part], scale[part], counts[:, end - 1] < LEARNING_DAYS)
        for end, part in zip(ends, (slice(first * rows, (first + 1) * rows) for first in range(len(ends))), strict=True)
    ]


def _before(panel: Panel, ends: Ints, days: int) -> Floats:
    """The `days` days before each end, NaN before the panel's first."""
    padded = np.concatenate([np.full((len(panel.values), days), np.nan), panel.values], axis=1)
    return np.concatenate([padded[:, end : end + days] for end in ends])


_CHARGE_SCALE = 0.2
_YEAR_WEEKS, _LATE_WEEKS, _APART = 56, 10, 4
_DAMPING, _YEARLY_DAMPING = 0.85, 0.995


def _grown(fit: _Fit, weeks: Floats) -> Floats:
    """Growth after so many weeks: that of the last weeks fades quickly into that of the year, which fades slowly.

    Damped trends: Gardner and McKenzie, Management Science 31 (1985).
    """
    late = (fit.growth - fit.yearly)[:, None] * _damped(_DAMPING, weeks)
    return np.asarray(np.exp(late + fit.yearly[:, None] * _damped(_YEARLY_DAMPING, weeks)), dtype=np.float64)


def _damped(each: float, weeks: Floats) -> Floats:
    return np.asarray(each * (1 - each**weeks) / (1 - each), dtype=np.float64)


def _yearly(values: Floats, weeks: Ints) -> Floats:
    """Growth a week over the last year, 0 with less than half of one; `weeks` are those that each row has."""
    weeks = np.minimum(weeks, _YEAR_WEEKS)
    weekly = median(values.reshape(len(values), _YEAR_WEEKS, 7))
    there = np.arange(_YEAR_WEEKS) >= _YEAR_WEEKS - weeks[:, None]
    growth = _growth(np.where(there, weekly, np.nan), np.full(len(values), _LEAST_SHARE), weeks - _APART)
    return np.where(weeks < _YEAR_WEEKS // 2, 0.0, growth)


def _fit(recent: Floats, lasts: Days, yearly: Floats) -> _Fit:
    blocks = recent.reshape(len(recent), WEEKS, 7)
    factor = _weekdays(blocks)
    flat = blocks / np.maximum(factor, _SMALLEST_FACTOR)[:, None, :]
    flat = np.where(factor[:, None, :] < _SMALLEST_FACTOR, np.nan, flat)
    weekly = median(flat)
    local = _smoothed(weekly)
    usual = (local[:, :, None] * factor[:, None, :]).reshape(recent.shape)
    floor = np.maximum(FLOOR, np.nan_to_num(usual) * _LEAST_SHARE)
    rest = recent - usual
    share = rest / np.maximum(np.abs(usual), FLOOR)
    sigma = np.fmax(spread(share[:, -84:], np.zeros(len(share))), _LEAST_SHARE)
    sure = np.abs(rest) > np.maximum(_SURE * sigma[:, None] * usual, floor)
    excess = np.where(np.isnan(rest), np.nan, np.where(sure, rest, 0.0))
    dates = lasts - np.arange(recent.shape[1])[::-1]
    charges = recurring(excess[:, -DAYS_BACK:], dates[:, -DAYS_BACK:])
    charged = charges.on(dates)
    plain = np.where((charged != 0) & (excess != 0), np.nan, recent)
    flat_days = plain / np.tile(np.maximum(factor, _SMALLEST_FACTOR), (1, WEEKS))
    window = _since_step(flat_days, sigma)
    level = _level(flat_days, sigma, window)
    growth = _growth(weekly[:, -_LATE_WEEKS - _APART :], sigma, np.array(_LATE_WEEKS))
    level = level * np.exp(growth * 1.3)
    return _for_sparse(_Fit(factor, level, growth, yearly, charges), plain, window)


def _smoothed(weekly: Floats) -> Floats:
    """Each week's median among its neighbours'."""
    wide = np.concatenate([weekly[:, 1:2], weekly, weekly[:, -2:-1]], axis=1)
    return median(np.stack([wide[:, :-2], wide[:, 1:-1], wide[:, 2:]], axis=-1))


def _weekdays(blocks: Floats) -> Floats:
    """How each weekday stands against its week, nearer to 1 where weeks disagree; 1 on average."""
    week = median(blocks)[:, -_FACTOR_WEEKS:, None]
    ratio = np.where(week > FLOOR, blocks[:, -_FACTOR_WEEKS:] / np.maximum(week, FLOOR), np.nan)
    by_day = np.swapaxes(ratio, 1, 2)
    middle = median(by_day)
    known = (~np.isnan(by_day)).sum(axis=-1)
    middle = (
        middle
        / np.maximum(np.where(known.min(axis=1) > 0, np.nan_to_num(middle, nan=1.0).mean(axis=1), 1.0), 0.1)[:, None]
    )
    error = 1.25 * spread(by_day, middle) / np.sqrt(np.maximum(known, 1))
    away = middle - 1.0
    trust = away**2 / np.maximum(away**2 + error**2, 1e-12)
    factor = np.where(known >= _LEAST_WEEKS, 1.0 + away * trust, 1.0)
    factor = np.maximum(np.nan_to_num(factor, nan=1.0), 0.0)
    return np.asarray(factor / np.maximum(factor.mean(axis=1), 0.1)[:, None], dtype=np.float64)


def _level(flat: Floats, sigma: Floats, window: Floats) -> Floats:
    """The level of now: of the days since the last step, accidents cut off, later days counting more."""
    recent = flat[:, -_LEVEL_DAYS:]
    ages = np.arange(_LEVEL_DAYS)[::-1]
    kept = np.where(ages[None, :] < window[:, None], recent, np.nan)
    middle = median(kept)
    reach = (2.5 * sigma * np.abs(middle))[:, None]
    cut = np.clip(kept, middle[:, None] - reach, middle[:, None] + reach)
    weight = np.where(np.isnan(cut), 0.0, 0.5 ** (ages / _HALF_LIFE)[None, :])
    total = weight.sum(axis=1)
    return np.where(total > 0, (np.nan_to_num(cut) * weight).sum(axis=1) / np.maximum(total, 1e-12), 0.0)


def _since_step(flat: Floats, sigma: Floats) -> Floats:
    """How many days the present level is old, `_LEVEL_DAYS` at most. A spike of three days is no new level."""
    best = np.full(len(flat), float(_LEVEL_DAYS))
    top = np.full(len(flat), _STEP_SCORE)
    for days in (*_BEGUN, *_STEPS):
        after, before = flat[:, -days:], flat[:, -days - _BEFORE : -days]
        new, old = median(after), median(before)
        away = np.abs(new - old)
        size = np.fmax(np.abs(old), np.abs(new)) * 0.5 + np.fmin(np.abs(old), np.abs(new)) * 0.5
        score = away / np.maximum(sigma * size * np.sqrt(1 / days + 1 / _BEFORE), 1e-9)
        half = (new + old) / 2
        side = np.sign(new - old)[:, None]
        here = _share((after - half[:, None]) * side > 0, after)
        there = _share((before - half[:, None]) * side < 0, before)
        fresh = (np.nan_to_num(np.abs(before)).max(axis=1) <= FLOOR) | (days >= _STEPS[0])
        fits = fresh & (score > top) & (away > _STEP_SHARE * size) & (here > _CLEARLY) & (there > _MOSTLY)
        best, top = np.where(fits, days, best), np.where(fits, score, top)
    return best


def _share(held: Flags, of: Floats) -> Floats:
    known = ~np.isnan(of)
    return np.asarray((held & known).sum(axis=1) / np.maximum(known.sum(axis=1), 1), dtype=np.float64)


def _growth(weekly: Floats, sigma: Floats, count: Ints) -> Floats:
    """Growth a week: the median of four-week changes, so that one step is none; nearer to 0 where weeks disagree.

    `count` is how many changes there are to look at.
    """
    logs = np.log(np.where(weekly > FLOOR, weekly, np.nan))
    change = (logs[:, _APART:] - logs[:, :-_APART]) / _APART
    middle = median(change)
    error = np.fmax(spread(change, middle) / np.sqrt(np.maximum(count / _APART, 1)), sigma * 0.2)
    trust = middle**2 / np.maximum(middle**2 + error**2, 1e-12)
    return np.asarray(np.nan_to_num(np.clip(middle * trust, -_MOST_GROWTH, _MOST_GROWTH)), dtype=np.float64)


def _for_sparse(fit: _Fit, plain: Floats, window: Floats) -> _Fit:
    """Series that cost something on less than half of the days: the mean of a quarter, every day alike.

    One that has just begun or ended is none: every one of its last days had a charge, or far more had none than by
    chance.
    """
    recent = plain[:, -_SPARSE_DAYS:]
    known = ~np.isnan(recent)
    count = np.maximum(known.sum(axis=1), 1)
    hit = (np.abs(np.nan_to_num(recent)) > FLOOR) & known
    share = hit.sum(axis=1) / count
    began = (hit[:, -_BEGUN[0] :].all(axis=1) & (window < _LEVEL_DAYS)) | (hit[:, -_BEFORE:].mean(axis=1) > _DENSE)
    idle = np.where(hit.any(axis=1), np.argmax(hit[:, ::-1], axis=1), recent.shape[1])
    before = hit.sum(axis=1) / np.maximum(count - idle, 1)
    ended = (1 - before) ** idle < _ENDED
    mean = np.where(ended, 0.0, np.nan_to_num(recent).sum(axis=1) / count)
    sparse = (share < _SPARSE) & ~began
    return _Fit(
        np.where(sparse[:, None], 1.0, fit.factor),
        np.where(sparse, mean, fit.level),
        np.where(sparse, 0.0, fit.growth),
        np.where(sparse, 0.0, fit.yearly),
        fit.charges,
    )

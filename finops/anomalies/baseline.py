"""What a day is expected to cost, from earlier days alone: level, weekday, slow growth, days of the month, scale.

A day's baseline ends two days before it (`LAG`): on the day itself and the one before, figures are still arriving, so
that a baseline is the same whether it was made then or is made now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies import rolling
from finops.anomalies.month_days import NONE, same_days

if TYPE_CHECKING:
    from finops.costs.panel import Floats, Ints, Panel

LAG = 2
"""Days that still arrive: the day itself and the one before it."""
LEVEL_DAYS, NOW_DAYS, SCALE_DAYS = 28, 14, 56
WEEKS = 8
"""So many weeks tell how a weekday stands against its week."""
FLOOR = 0.02
"""Amounts below a hundredth or two are dust: no scale is finer."""
LEAST_SCALE = 0.03
"""And none is finer than this share of the level."""
MAD = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""
_NINETIETH = 1.645
_FAR = 5.0
_LEAST_WEEKS = 3
_MOST_GROWTH = 0.08
_SMALLEST_FACTOR = 0.1
_MONTHS = (1, 2, 3)
_RECURS = 3.0
_BACK = (28, 56, 84)


@dataclass(frozen=True, slots=True)
class Baseline:
    """For each series and day: `factor` of the weekday, robust `level` without it, and what follows.

    `usual` = level × factor × growth; `ceiling` is higher where a fall of late came from a higher level: going back
    there is no rise. `scale` is one robust standard deviation around it. `monthly` is what the same day of earlier
    months cost on top (0 on most days), `allowed` how much of that is let pass. `z` is how many scales a day lies off
    without it. `now` is the level of the last two weeks.
    """

    factor: Floats
    level: Floats
    now: Floats
    usual: Floats
    ceiling: Floats
    scale: Floats
    monthly: Floats
    allowed: Floats
    z: Floats


def baseline(panel: Panel, use: Floats) -> Baseline:
    """The baseline of every day of `use`: the panel's values without what is no use (credits), NaN for unknown."""
    factor = weekday_factors(use)
    flat = np.where(factor >= _SMALLEST_FACTOR, use / np.maximum(factor, _SMALLEST_FACTOR), np.nan)
    level = rolling.median(flat, LEVEL_DAYS, lag=LAG, least=7)
    now = rolling.median(flat, NOW_DAYS, lag=LAG, least=5)
    plain = level * factor
    floor = np.maximum(FLOOR, LEAST_SCALE * level)
    off = (use - plain) / np.maximum(plain, floor)
    growth = rolling.median(off, SCALE_DAYS, lag=LAG, least=28)
    grown = factor * (1 + np.clip(np.nan_to_num(growth), -_MOST_GROWTH, _MOST_GROWTH))
    usual = level * grown
    ceiling = np.fmax(usual, _back(level) * grown)
    share = _share(use, usual, floor)
    scale = np.asarray(np.fmax(share * np.maximum(ceiling, floor), floor), dtype=np.float64)
    monthly, allowed = _recurring(panel, use - usual, scale)
    rest = np.fmin(use - usual, np.fmax(use - ceiling - allowed, 0.0))
    return Baseline(factor, level, now, usual, ceiling, scale, monthly, allowed, rest / scale)


def _back(level: Floats) -> Floats:
    """The level that at least two of the last three months had."""
    months = np.sort(np.stack([np.nan_to_num(rolling.shifted(level, days)) for days in _BACK], axis=-1), axis=-1)
    return np.asarray(months[..., 1], dtype=np.float64)


def weekday_factors(use: Floats) -> Floats:
    """How each day's weekday stands against its week: the median of eight weeks, nearer to 1 where weeks disagree."""
    week = rolling.total(use, 7, lag=-3) / np.maximum(rolling.count(use, 7, lag=-3), 1.0)
    ratio = np.where(week > FLOOR, use / np.maximum(week, FLOOR), np.nan)
    earlier = np.stack([rolling.shifted(ratio, 7 * weeks) for weeks in range(1, WEEKS + 1)], axis=-1)
    ordered = np.sort(earlier, axis=-1)
    known = WEEKS - np.isnan(ordered).sum(axis=-1)
    middle = _middle(ordered, known)
    spread = MAD * _middle(np.sort(np.abs(earlier - middle[..., None]), axis=-1), known)
    error = 1.25 * spread / np.sqrt(np.maximum(known, 1))
    away = middle - 1.0
    weight = away**2 / np.maximum(away**2 + error**2, 1e-12)
    return np.where(known >= _LEAST_WEEKS, np.maximum(1.0 + away * weight, 0.0), 1.0)


def _middle(ordered: Floats, known: Ints) -> Floats:
    low = np.maximum(known - 1, 0) // 2
    high = np.maximum(known, 1) // 2
    pick = np.take_along_axis(ordered, np.stack([low, high], axis=-1), axis=-1)
    return np.asarray(pick.mean(axis=-1), dtype=np.float64)


def _share(use: Floats, usual: Floats, floor: Floats) -> Floats:
    """One robust standard deviation as a share of the level, from eight weeks, with a look at the outer tenth."""
    size = np.abs(use - usual) / np.maximum(usual, floor)
    spread = MAD * rolling.median(size, SCALE_DAYS, lag=LAG, least=21)
    ordinary = np.where(size <= _FAR * np.maximum(spread, LEAST_SCALE), size, np.nan)
    outer = rolling.quantiles(ordinary, SCALE_DAYS, lag=LAG, levels=(0.9,), least=21)[0] / _NINETIETH
    return np.asarray(np.fmax(np.fmax(spread, outer), LEAST_SCALE), dtype=np.float64)


def _recurring(panel: Panel, rest: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """What the same day of earlier months cost on top of its usual cost: expected, and allowed.

    Two of the last three months must have had it, within a day of the same number (or of the month's end); while one
    month alone is known, that one suffices. Expected is only what came on the very day.
    """
    excess = np.where(rest > _RECURS * scale, rest, np.where(np.isnan(rest), np.nan, 0.0))
    expected = np.zeros_like(rest)
    allowed = np.zeros_like(rest)
    for from_end in (False, True):
        for after in (0, 1):
            places = [same_days(panel.dates, months, from_end=from_end, after=after) for months in _MONTHS]
            expected = np.maximum(expected, _second([_at(excess, each) for each in places]))
            allowed = np.maximum(allowed, _second([_at(_widened(excess), each) for each in places]))
    return expected, 1.35 * np.maximum(allowed, expected)


def _widened(excess: Floats) -> Floats:
    """The largest of a day and its neighbours."""
    return np.fmax(excess, np.fmax(rolling.shifted(excess, 1), rolling.shifted(excess, -1)))


def _at(excess: Floats, places: Ints) -> Floats:
    return np.where(places[None, :] == NONE, np.nan, excess[:, np.maximum(places, 0)])


def _second(months: list[Floats]) -> Floats:
    """The second largest of the months known; the only one where one alone is known; nothing where none is."""
    ordered = np.sort(np.stack(months, axis=-1), axis=-1)
    known = len(months) - np.isnan(ordered).sum(axis=-1)
    place = np.maximum(known - 2, 0)
    picked = np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0]
    return np.where(known > 0, np.nan_to_num(picked), 0.0)

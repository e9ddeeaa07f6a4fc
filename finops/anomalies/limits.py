"""The tests: how much a day may cost before one of them speaks up, as limits in money.

Each test of some days together is solved for the day at hand, so that every limit is a line in the same chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies import rolling
from finops.anomalies.baseline import LAG, LEVEL_DAYS, NOW_DAYS, Baseline

if TYPE_CHECKING:
    from finops.costs.panel import Flags, Floats

ONE_DAY = 6.5
"""So many robust standard deviations in a day are a spike. Costs have heavier tails than a normal distribution."""
SEVERAL_DAYS: tuple[tuple[int, float], ...] = ((3, 5.5), (7, 5.5), (14, 6.0))
"""Days looked at together, and the limit of their sum in deviations of such a sum."""
_CLIP = 3.5
_TODAY = 1.0
_WANDER_DAYS = 84
_LEAK_LEAST, _LEAK_TREND, _LEAK_WIDTH = 0.12, 0.05, 4.0
_LEAK_ERROR = 0.41  # of a difference of two medians, of 14 and 28 days, in deviations of a day
_DROP_SHARE, _LOW_SHARE, _LOW_WIDTH = 0.7, 0.75, 3.5
_ROSE = 0.8
_WEEK, _WEEK_WIDTH, _WEEK_SHARE = 7, 6.0, 0.85
_MEMORY = (28, 56, 84, 112, 140, 168)


@dataclass(frozen=True, slots=True)
class Leak:
    """A slow climb: where there is one, the cost expected without it, and how much a day may cost."""

    climbing: Flags
    expected: Floats
    upper: Floats


def rise_limits(base: Baseline) -> tuple[Floats, Floats]:
    """The limit of one day alone, and that of the last days together (infinite where today could not decide).

    Yesterday is left out of the days together: its cost is still arriving when today is judged.
    """
    usual = base.ceiling + base.allowed
    single = usual + ONE_DAY * base.scale
    clipped = np.clip(np.nan_to_num(base.z), -_CLIP, _CLIP)
    several = np.full_like(single, np.inf)
    for days, width in SEVERAL_DAYS:
        others = rolling.total(clipped, days - 1, lag=LAG)
        need = width * np.sqrt(days) * _wander(clipped + others, days) - others
        reachable = np.where(need <= _CLIP, usual + base.scale * np.fmax(need, _TODAY), np.inf)
        several = np.fmin(several, reachable)
    return single, several


def _wander(sums: Floats, days: int) -> Floats:
    """How much wider sums of days spread than those of independent days: costs wander. At least 1."""
    spread = rolling.median(np.abs(sums), _WANDER_DAYS, lag=LAG, least=28) * 1.4826 / np.sqrt(days)
    return np.asarray(np.fmax(spread, 1.0), dtype=np.float64)


def leak_limits(base: Baseline) -> Leak:
    """A climb over eight weeks that is steep for the series and goes on: three levels, each above the one before."""
    between = rolling.shifted(base.now, NOW_DAYS)
    before, older, earlier = (rolling.shifted(base.level, months * LEVEL_DAYS) for months in (1, 2, 3))
    before = np.where(np.isnan(before), before, np.fmax(before, np.minimum(older, earlier)))  # after a fall: no climb
    ground = np.maximum(before, 1e-9)
    rise = base.now / ground - 1
    trend = np.clip(np.nan_to_num(before / np.maximum(earlier, 1e-9) - 1), 0.0, 0.5)
    share = base.scale / np.maximum(base.ceiling, 1e-9)
    noise = np.fmin(share, rolling.shifted(share, 2 * LEVEL_DAYS))  # a climb widens the scale that it is measured by
    least = _LEAK_LEAST + _LEAK_TREND + trend + _LEAK_WIDTH * _LEAK_ERROR * noise
    goes_on = (base.now - between >= 0.25 * (base.now - before)) & (between - before >= 0.15 * (base.now - before))
    climbing = (rise > least) & goes_on
    expected = before * base.factor
    upper = expected * (1 + rise / 2) + base.allowed
    return Leak(climbing, expected, upper)


def drop_limits(base: Baseline, use: Floats, rests: Flags) -> Floats:
    """Costing less than this is a drop; minus infinity where the day before was not low already.

    One low day alone is a holiday, a credit or an outage of the bill; three in a row need not be as low as two. Where
    the level rose within the last months, coming back to where it was is no drop.
    """
    hard = np.fmin(base.usual - ONE_DAY * base.scale, _DROP_SHARE * base.usual)
    soft = np.fmin(base.usual - _LOW_WIDTH * base.scale, _LOW_SHARE * base.usual)
    lowest = base.level.copy()
    for days in _MEMORY:
        lowest = np.fmin(lowest, rolling.shifted(base.level, days))
    rose = lowest < _ROSE * base.level
    known = np.fmin(0.85 * lowest, lowest - 2 * base.scale) * base.factor
    hard, soft = (np.where(rose, np.fmin(limit, known), limit) for limit in (hard, soft))
    first, second = (rolling.shifted(use - soft, days) < 0 for days in (1, 2))
    started = rolling.shifted(base.z, 1) < -_TODAY
    limit = np.where(first & second, soft, np.where(first, hard, -np.inf))
    week = np.fmin(_low_week(base, rests), np.where(rose, known, np.inf))
    return np.fmax(limit, np.where(started, week, -np.inf))


def _low_week(base: Baseline, rests: Flags) -> Floats:
    """The limit of the last seven days together; days on which work rests do not count."""
    clipped = np.clip(np.nan_to_num(base.z), -_CLIP, _CLIP)
    clipped[:, rests] = np.maximum(clipped[:, rests], 0.0)
    others = rolling.total(clipped, _WEEK - 1, lag=1)
    need = _WEEK_WIDTH * np.sqrt(_WEEK) * _wander(clipped + others, _WEEK) + others
    return np.where(
        need <= _CLIP, np.fmin(base.usual - base.scale * np.fmax(need, _TODAY), _WEEK_SHARE * base.usual), -np.inf
    )

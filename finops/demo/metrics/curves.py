"""Series that follow from a key and a day alone: days of many series at once, hours as shares of a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finops.demo.noise import unit_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finops.demo.population.life import Life

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOURS = 24
_SATURDAY = 5
_MONDAY_ORDINAL = 1  # the first of January of year 1
_HOURLY_NOISE = 0.1
_DAY_BITS = 32
_WEEK = 7


def _profile(hours: Sequence[float]) -> Floats:
    weights = np.array(hours)
    return np.asarray(weights / weights.mean(), dtype=np.float64)


EVEN, OFFICE_HOURS = 0, 1
_PROFILES = np.stack(
    [
        _profile([0.85, 0.82, 0.8, 0.8, 0.82, 0.86, 0.92, 0.98, 1.05, 1.1, 1.14, 1.16] * 2),
        _profile([0.06] * 8 + [1.0] * 11 + [0.06] * 5),
    ]
)
"""How a day's work is spread over its hours: nearly evenly, or from eight to seven in the evening."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where the days of a series lie: between `low` and `high`, on Saturdays and Sundays times `weekend`.

    What lies below zero is zero, what lies above `cap` is `cap`. `whole` numbers are counted, `silent` series have no
    point where there is nothing to count. `missing` is 7 where one day in seven has no point, 14 for one in fourteen.
    """

    low: float
    high: float
    weekend: float = 1.0
    whole: bool = False
    silent: bool = False
    cap: float = inf
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """A band with the noise of `key`, for the days that a resource lives and works.

    `spans` are those days (None: all of its life), on weekdays only where it `rests`. `profile` is how a day's hours
    differ.
    """

    key: int
    band: Band
    life: Life
    spans: tuple[tuple[date, date | None], ...] | None = None
    rests: bool = False
    profile: int = EVEN


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days by their ordinals, from `first` on."""

    first: int
    count: int
    ordinals: NDArray[np.int64] = field(init=False)
    weekend: Flags = field(init=False)

    def __post_init__(self) -> None:
        ordinals = np.arange(self.first, self.first + self.count, dtype=np.int64)
        object.__setattr__(self, "ordinals", ordinals)
        object.__setattr__(self, "weekend", (ordinals - _MONDAY_ORDINAL) % _WEEK >= _SATURDAY)


def daily(curves: Sequence[Curve], days: Days) -> tuple[Floats, Flags]:
    """Values of days and whether there is one: matrices of shape (curves, days)."""
    bands = [curve.band for curve in curves]
    low, high, weekend, cap = (
        np.array([getattr(band, name) for band in bands])[:, None] for name in ("low", "high", "weekend", "cap")
    )
    values = low + (high - low) * unit_matrix(_keys(curves), days.ordinals)
    values = np.where(days.weekend, values * weekend, values)
    values = np.clip(values, 0.0, cap)
    whole = np.array([band.whole for band in bands])[:, None]
    values = np.where(whole, np.round(values), np.round(values, 4))
    there = np.ones(values.shape, dtype=np.bool_)
    for row, curve in enumerate(curves):
        _thin(there[row], curve, days)
    silent = np.array([band.silent for band in bands])[:, None]
    return values, there & ~(silent & (values == 0))


def hourly(curves: Sequence[Curve], days: Days, statistic: str) -> tuple[Floats, Flags]:
    """Values of hours and whether there is one: matrices of shape (curves, days times 24).

    Sums add up to the day's, averages have its average, and the greatest maximum is the day's.
    """
    values, there = daily(curves, days)
    hours = np.arange(days.first * HOURS, (days.first + days.count) * HOURS, dtype=np.int64)
    noise = unit_matrix(_keys(curves) ^ np.uint64(1 << _DAY_BITS), hours)
    shape = (len(curves), days.count, HOURS)
    weights = (1 + _HOURLY_NOISE * (2 * noise.reshape(shape) - 1)) * _PROFILES[[one.profile for one in curves]][:, None]
    if statistic == "Maximum":
        weights /= weights.max(axis=2, keepdims=True)
    else:
        weights /= weights.sum(axis=2, keepdims=True) / (1 if statistic == "Sum" else HOURS)
    spread = (values[:, :, None] * weights).reshape(len(curves), -1)
    silent = np.array([curve.band.silent for curve in curves])[:, None]
    return spread, np.repeat(there, HOURS, axis=1) & ~(silent & (spread == 0))


def _keys(curves: Sequence[Curve]) -> NDArray[np.uint64]:
    return np.array([curve.key for curve in curves], dtype=np.uint64)


def _thin(there: Flags, curve: Curve, days: Days) -> None:
    """Strikes out the days on which nothing was measured."""
    born, ends = curve.life.born.toordinal(), curve.life.ends
    there[: max(0, born - days.first)] = False
    if ends is not None:
        there[max(0, ends.toordinal() - days.first) :] = False
    if curve.spans is not None:
        there &= _within(curve.spans, days)
    if curve.rests:
        there &= ~days.weekend
    if curve.band.missing:
        there &= days.ordinals % curve.band.missing != curve.key % curve.band.missing


def _within(spans: tuple[tuple[date, date | None], ...], days: Days) -> Flags:
    found = np.zeros(days.count, dtype=np.bool_)
    for since, until in spans:
        last = days.count if until is None else max(0, until.toordinal() - days.first)
        found[max(0, since.toordinal() - days.first) : last] = True
    return found

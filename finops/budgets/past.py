"""What would have been forecast on past days, and how far off it was: the errors that intervals are made of.

Split conformal prediction: nothing is fitted to these errors, so the share of them that an interval holds is the share
it will hold as long as a series behaves as it did. https://arxiv.org/abs/0708.3555 (A tutorial on conformal prediction)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.budgets.outlook import LEARNING_DAYS, begun, outlooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.costs.panel import Floats, Panel

EVERY, MOST = 7, 52
"""A past forecast a week, a year of them at most."""
HELD = 0.8
"""The share of errors that an interval holds."""
_COMMON = 8
"""How many errors of its own outweigh what all series have in common."""
UNKNOWN = 0.6
"""The relative error taken for granted while not one error is known."""
_LEAST_TRIED = 4
"""Errors of fewer forecasts than these say nothing."""
_WIDENS = 0.6
"""The power of the horizon with which errors grow where it is longer than any that could be tried."""


@dataclass(frozen=True, slots=True)
class PastOutlook:
    """The forecast made on the day `origin` (a column): `mean` and `scale` of the days after it."""

    origin: int
    mean: Floats
    scale: Floats


@dataclass(frozen=True, slots=True)
class Past:
    """The costs that came, and what had been forecast of them, oldest first."""

    values: Floats
    outlooks: tuple[PastOutlook, ...]

    def summed(self, groups: Sequence[Sequence[int]]) -> Past:
        """The same of groups of series: the forecast of a sum is the sum of forecasts."""
        rows = [list(group) for group in groups]

        def added(values: Floats) -> Floats:
            return np.stack([_sum(values[group]) for group in rows])

        each = tuple(PastOutlook(one.origin, added(one.mean), added(one.scale)) for one in self.outlooks)
        return Past(added(self.values), each)

    def until(self, days: int) -> Past:
        """What was known when only the first `days` days were."""
        return Past(self.values[:, :days], tuple(each for each in self.outlooks if each.origin < days))


def past_outlooks(panel: Panel, horizon: int) -> Past:
    """A forecast for every seventh day of the last year, as far ahead as is known what came."""
    panel = begun(panel)
    last = panel.days - 1
    origins = range(last - 1, LEARNING_DAYS - 2, -EVERY)[:MOST][::-1]
    made = outlooks(panel, [origin + 1 for origin in origins], min(horizon, last - origins[0])) if origins else ()
    # A view of the days that came would keep all the others.
    found = (
        PastOutlook(origin, *(part[:, : last - origin].copy() for part in (each.mean, each.scale)))
        for origin, each in zip(origins, made, strict=True)
    )
    return Past(panel.values, tuple(found))


def _sum(values: Floats) -> Floats:
    """Sums of columns; a series that had not begun adds nothing, a day that nobody knows stays unknown."""
    return np.where(np.isnan(values).all(axis=0), np.nan, np.nan_to_num(values).sum(axis=0))


def window_errors(past: Past, start: int, end: int) -> Floats:
    """The relative errors of the sum of days `start` to `end` (from 1, inclusive) ahead, one column for each forecast.

    NaN where a day of it is unknown.
    """
    columns = []
    for each in past.outlooks:
        if each.origin + end < past.values.shape[1] and end <= each.mean.shape[1]:
            came = past.values[:, each.origin + start : each.origin + end + 1].sum(axis=1)
            part = slice(start - 1, end)
            columns.append((came - each.mean[:, part].sum(axis=1)) / each.scale[:, part].sum(axis=1))
    return np.stack(columns, axis=1) if columns else np.empty((len(past.values), 0))


def day_errors(past: Past, start: int, end: int) -> Floats:
    """The relative errors of single days `start` to `end` ahead, as many columns as forecasts and days."""
    columns = []
    for each in past.outlooks:
        stop = min(end, past.values.shape[1] - 1 - each.origin, each.mean.shape[1])
        if stop >= start:
            came = past.values[:, each.origin + start : each.origin + stop + 1]
            part = slice(start - 1, stop)
            columns.append((came - each.mean[:, part]) / each.scale[:, part])
    return np.concatenate(columns, axis=1) if columns else np.empty((len(past.values), 0))


def usual_error(errors: Floats) -> Floats:
    """The size that four of five of the known relative errors keep within, by split conformal prediction.

    Series with few errors borrow from all: eight drawn evenly from the errors of all series count among their own.
    """
    rows = len(errors)
    size = np.abs(errors)
    everything = size[~np.isnan(size)]
    if not everything.size:
        return np.full(rows, UNKNOWN)
    shared = np.quantile(everything, (np.arange(_COMMON) + 0.5) / _COMMON)
    pooled = np.sort(np.concatenate([size, np.tile(shared, (rows, 1))], axis=1), axis=1)
    known = pooled.shape[1] - np.isnan(pooled).sum(axis=1)
    place = np.minimum(np.ceil(HELD * (known + 1)).astype(np.int64), known) - 1
    return np.asarray(np.take_along_axis(pooled, place[:, None], axis=1)[:, 0], dtype=np.float64)


def window_error(past: Past, start: int, end: int) -> Floats:
    """The usual error of a window; of one farther ahead than could be tried, that of the farthest, widened."""
    errors = window_errors(past, start, end)
    if errors.shape[1] >= _LEAST_TRIED:
        return usual_error(errors)
    reach = _reach(past)
    tried = max(1, min(end, reach))
    errors = window_errors(past, max(1, tried - (end - start)), tried)
    wider = float(end / tried if reach else 1.0) ** _WIDENS
    return np.asarray(usual_error(errors) * wider, dtype=np.float64)


def day_error(past: Past, start: int, end: int) -> Floats:
    """The usual error of single days so far ahead; farther than could be tried, that of the farthest week, widened."""
    reach = _reach(past)
    if reach >= start:
        return usual_error(day_errors(past, start, end))
    errors = day_errors(past, max(1, reach - EVERY), max(1, reach))
    wider = float(start / reach if reach else 1.0) ** _WIDENS
    return np.asarray(usual_error(errors) * wider, dtype=np.float64)


def _reach(past: Past) -> int:
    """How many days ahead at least `_LEAST_TRIED` forecasts could be tried."""
    if len(past.outlooks) < _LEAST_TRIED:
        return 0
    return int(past.values.shape[1]) - 1 - past.outlooks[_LEAST_TRIED - 1].origin

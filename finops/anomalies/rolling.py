"""Rolling figures over the days before a day, for all series at once.

Everything here looks back only, and gives the same to the last bit however many days follow: sums are added shift by
shift, quantiles are picked from sorted windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from finops.costs.panel import Floats

_CELLS = 4_000_000
"""Numbers sorted at a time: a window of 56 days over many series would not fit into memory."""


def shifted(values: Floats, days: int, fill: float = np.nan) -> Floats:
    """The values `days` days earlier (later, for a negative number): column t holds what stood in t - days."""
    moved = np.full_like(values, fill)
    if days >= values.shape[1] or -days >= values.shape[1]:
        return moved
    if days > 0:
        moved[:, days:] = values[:, :-days]
    elif days < 0:
        moved[:, :days] = values[:, -days:]
    else:
        moved[:] = values
    return moved


def quantiles(
    values: Floats, window: int, *, lag: int, levels: tuple[float, ...], least: int = 1
) -> tuple[Floats, ...]:
    """Quantiles of the `window` days that end `lag` days before each day, NaN with fewer than `least` known ones."""
    rows, days = values.shape
    padded = np.full((rows, days + window + lag - 1), np.nan)
    padded[:, window + lag - 1 :] = values
    found = tuple(np.full((rows, days), np.nan) for _ in levels)
    step = max(1, _CELLS // max(1, days * window))
    for start in range(0, rows, step):
        part = slice(start, start + step)
        windows = sliding_window_view(padded[part, : days + window - 1], window, axis=1)
        _pick(np.sort(windows, axis=-1), levels, least, tuple(each[part] for each in found))
    return found


def _pick(ordered: Floats, levels: tuple[float, ...], least: int, found: tuple[Floats, ...]) -> None:
    count = ordered.shape[-1] - np.isnan(ordered).sum(axis=-1)
    enough = count >= max(1, least)
    for level, target in zip(levels, found, strict=True):
        place = np.maximum(count - 1, 0) * level
        low = np.take_along_axis(ordered, np.floor(place).astype(np.int64)[..., None], axis=-1)[..., 0]
        high = np.take_along_axis(ordered, np.ceil(place).astype(np.int64)[..., None], axis=-1)[..., 0]
        target[enough] = ((low + high) / 2)[enough]


def median(values: Floats, window: int, *, lag: int, least: int = 1) -> Floats:
    """The rolling median."""
    return quantiles(values, window, lag=lag, levels=(0.5,), least=least)[0]


def total(values: Floats, window: int, *, lag: int) -> Floats:
    """The sum of the known ones of the `window` days that end `lag` days before each day."""
    known = np.where(np.isnan(values), 0.0, values)
    summed = np.zeros_like(values)
    for back in range(lag, lag + window):
        summed += shifted(known, back, 0.0)
    return summed


def count(values: Floats, window: int, *, lag: int) -> Floats:
    """How many of those days are known."""
    return whole_total(np.where(np.isnan(values), 0.0, 1.0), window, lag=lag)


def whole_total(numbers: Floats, window: int, *, lag: int) -> Floats:
    """The same sum for whole numbers without unknown ones, whose running total is exact: one pass for any window."""
    ends = np.cumsum(numbers, axis=1)
    if lag < 0:
        last = np.repeat(ends[:, -1:], min(-lag, ends.shape[1]), axis=1)
        upto = np.concatenate([ends[:, -lag:], last], axis=1)
    else:
        upto = shifted(ends, lag, 0.0)
    return upto - shifted(ends, lag + window, 0.0)

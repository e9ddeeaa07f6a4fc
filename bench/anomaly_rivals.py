"""What the detector is compared with, in the same run and by the same rules: two methods that everybody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies import rolling

if TYPE_CHECKING:
    from finops.costs.panel import Flags, Floats

WINDOW, DEVIATIONS = 30, 3.0
FENCE = 1.5


def rolling_z(values: Floats) -> tuple[Flags, Flags]:
    """Days more than three standard deviations off the mean of the thirty days before: flags, and whether up."""
    count = np.maximum(rolling.count(values, WINDOW, lag=1), 1.0)
    mean = rolling.total(values, WINDOW, lag=1) / count
    square = rolling.total(values**2, WINDOW, lag=1) / count
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    off = values - mean
    ready = count >= WINDOW
    return ready & (np.abs(off) > DEVIATIONS * np.maximum(deviation, 0.01)), off > 0


def decomposition(values: Floats) -> tuple[Flags, Flags]:
    """Residuals of a weekly decomposition outside of Tukey's fences, over the whole series (it may look ahead)."""
    trend = rolling.total(values, 7, lag=-3) / np.maximum(rolling.count(values, 7, lag=-3), 1.0)
    rest = values - trend
    for weekday in range(7):
        rest[:, weekday::7] -= rest[:, weekday::7].mean(axis=1, keepdims=True)
    low, high = np.quantile(rest, (0.25, 0.75), axis=1, keepdims=True)
    width = FENCE * (high - low)
    return (rest > high + width) | (rest < low - width), rest > 0

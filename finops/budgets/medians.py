"""Medians that leave unknown days out, quick over many short rows: numpy's own walks row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from finops.costs.panel import Floats

MAD = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""


def median(values: Floats) -> Floats:
    """The median along the last axis, NaN where nothing is known."""
    ordered = np.sort(values, axis=-1)
    known = ordered.shape[-1] - np.isnan(ordered).sum(axis=-1)
    low, high = np.maximum(known - 1, 0) // 2, np.maximum(known, 1) // 2
    pick = np.take_along_axis(ordered, np.stack([low, high], axis=-1), axis=-1)
    return np.asarray(pick.mean(axis=-1), dtype=np.float64)


def spread(values: Floats, middle: Floats) -> Floats:
    """A robust standard deviation around `middle` along the last axis."""
    return MAD * median(np.abs(values - middle[..., None]))

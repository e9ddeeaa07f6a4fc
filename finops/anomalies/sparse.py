"""Series that cost something on few days only: how large a charge may be, and how much may come together in a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies import rolling
from finops.anomalies.baseline import FLOOR, LAG, MAD, SCALE_DAYS

if TYPE_CHECKING:
    from finops.costs.panel import Flags, Floats

PAST_DAYS = 168
_MOST_CHARGED = 0.5
_FEW = 3
_FACTOR_OF_FEW, _LEAST_FACTOR = 4.0, 3.0
_WIDTH = 5.0
_WEEK = 7
_RATE_WIDTH = 6.0


def is_sparse(use: Floats) -> Flags:
    """Whether fewer than half of the last eight weeks' days cost anything."""
    charged = rolling.whole_total((use > FLOOR).astype(np.float64), SCALE_DAYS, lag=LAG)
    return np.asarray(charged < _MOST_CHARGED * rolling.count(use, SCALE_DAYS, lag=LAG))


def sparse_limits(use: Floats) -> tuple[Floats, Floats]:
    """The mean cost of a day, and the limit for one day: by size, and by how much the week's days come to.

    Sizes are compared on a logarithmic scale. The week's limit is that of a compound Poisson process: mean plus six
    deviations, with the rate and the mean square of the last 24 weeks.
    """
    amounts = np.where(use > FLOOR, use, np.nan)
    logs = np.log(amounts)
    count = rolling.count(amounts, PAST_DAYS, lag=LAG)
    middle, high, top = rolling.quantiles(logs, PAST_DAYS, lag=LAG, levels=(0.5, 0.95, 1.0))
    spread = MAD * rolling.median(np.abs(logs - middle), PAST_DAYS, lag=LAG, least=_FEW)
    width = np.fmax(_WIDTH * spread, np.log(_LEAST_FACTOR))
    many = np.fmax(np.exp(middle + width), 1.2 * np.exp(high))
    by_size = np.where(count >= _FEW, many, np.exp(top) * _FACTOR_OF_FEW)
    days = np.maximum(rolling.count(use, PAST_DAYS, lag=LAG), 1.0)
    rate = rolling.total(use, PAST_DAYS, lag=LAG) / days
    square = rolling.total(use**2, PAST_DAYS, lag=LAG) / days
    week = rolling.total(np.fmin(use, by_size), _WEEK - 1, lag=LAG)  # what was flagged is not flagged again
    by_week = _WEEK * rate + _RATE_WIDTH * np.sqrt(_WEEK * square) - week
    limit = np.fmin(by_size, np.fmax(by_week, np.exp(middle)))
    return rate, np.asarray(limit, dtype=np.float64)

"""How long a series has been going: what is still learnt, what is new, what has been silent so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies import rolling
from finops.anomalies.baseline import FLOOR

if TYPE_CHECKING:
    from finops.costs.panel import Flags, Floats, Ints

LEARNING_DAYS = 56
"""Fewer known days than this say too little."""
NEW_DAYS = 14
"""So long a service that was not there before is told as new; afterwards it is learnt."""
WORTH_A_WORD = 1.0
"""A service that starts with less a day is no news."""
_SURE = 3
_NEVER = -(10**6)


@dataclass(frozen=True, slots=True)
class Ages:
    """For each series and day: it is new (known to have cost nothing for long), still learnt, or silent till then."""

    new: Flags
    learning: Flags
    silent: Flags


def ages(use: Floats) -> Ages:
    """The ages of all series on all days. NaN is unknown, and no proof of silence."""
    days = np.arange(use.shape[1])[None, :]
    known = np.cumsum(~np.isnan(use), axis=1)
    start = np.maximum(_first(use), _restarted(use))
    begun = (start >= 0) & (start <= days)
    before = np.where(begun, np.take_along_axis(known, np.maximum(start - 1, 0), axis=1) * (start > 0), known)
    lasted = known - before
    was_silent = before >= LEARNING_DAYS
    restarted = begun & (start == _restarted(use)) & (start > _first(use))
    new = begun & (was_silent | restarted) & (days - start < NEW_DAYS)
    silent = ~begun & (known > LEARNING_DAYS)
    learning = np.where(begun, lasted <= LEARNING_DAYS, ~silent)
    return Ages(new, learning & ~silent, silent)


def _first(use: Floats) -> Ints:
    """On each day, where the series began as seen by then: its first charge, or its first one worth a word.

    The latter when it came within eight weeks of the former: trying a service for pennies is not yet using it.
    """
    days = np.arange(use.shape[1])[None, :]
    any_at, worth_at = (_place(use > least) for least in (FLOOR, WORTH_A_WORD))
    later = (worth_at - any_at < LEARNING_DAYS) & (worth_at <= days)
    start = np.where(later, worth_at, any_at)
    return np.where(start <= days, start, _NEVER)


def _place(charged: Flags) -> Ints:
    """The first true column of each row, far beyond the end where there is none."""
    return np.where(charged.any(axis=1), charged.argmax(axis=1), 10**6)[:, None]


def _restarted(use: Floats) -> Ints:
    """On each day, where the series last came back after eight weeks of nothing, and stayed for some days."""
    charged = (use > FLOOR).astype(np.float64)
    silence = rolling.whole_total(charged, LEARNING_DAYS, lag=_SURE + 1)
    was_silent = (silence == 0) & (rolling.count(use, LEARNING_DAYS, lag=_SURE + 1) == LEARNING_DAYS)
    since = charged + rolling.shifted(charged, 2, 0.0) + rolling.shifted(charged, _SURE, 0.0)
    ever = rolling.shifted(np.cumsum(charged, axis=1), LEARNING_DAYS, 0.0) > 0
    trigger = was_silent & (since == _SURE) & ever
    place = np.where(trigger, np.arange(use.shape[1])[None, :] - _SURE, _NEVER)
    return np.asarray(np.maximum.accumulate(place, axis=1), dtype=np.int64)

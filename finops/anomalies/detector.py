"""One detection for all: which days of which series cost more or less than anything before them explains.

    scores = detect(panel)

Every figure of a day comes from that day and from days at least two before it, so what was flagged as of a day stays
the same. People's thresholds are not asked here; they choose among what is found.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from finops.anomalies.ages import WORTH_A_WORD, Ages, ages
from finops.anomalies.baseline import FLOOR, Baseline, baseline
from finops.anomalies.limits import ONE_DAY, drop_limits, leak_limits, rise_limits
from finops.anomalies.month_days import closed
from finops.anomalies.sparse import is_sparse, sparse_limits
from finops.costs.panel import Flags, Floats, Panel, chunks

INCOMPLETE_DAYS = 2
"""The last days of a bill are still arriving."""
NOTHING, SPIKE, SHIFT, LEAK, NEW, DROP, CHARGE = range(7)
"""Which test a day's limit is of; `CHARGE` is that of series that cost something on few days only."""
MOST_SCORE = 999.0
_ROWS = 500
_CLOSED_SHARE = 0.3

Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Scores:
    """For each series and day. A flagged day lies outside of `lower` to `upper`, on the side that `up` tells.

    `score` is the distance from `expected` in robust standard deviations, measured so that the limit of whatever test
    it is lies at `ONE_DAY`; 0 while a series is learnt. `why` is the test that flagged. `usual` and `scale` are
    expectation and deviation before any test, `factor` is that of the weekday, `monthly` what the day of the month
    costs on top.
    """

    expected: Floats
    lower: Floats
    upper: Floats
    score: Floats
    up: Flags
    flagged: Flags
    learning: Flags
    why: Codes
    usual: Floats
    scale: Floats
    factor: Floats
    monthly: Floats


@dataclass(frozen=True, slots=True)
class _Upper:
    limit: Floats
    expected: Floats
    why: Codes


def detect(panel: Panel, *, incomplete_days: int = INCOMPLETE_DAYS) -> Scores:
    """Scores every day of every series. The last `incomplete_days` are never flagged for costing too little."""
    parts = [_detected(part, incomplete_days) for part in chunks(panel, _ROWS)] or [_detected(panel, incomplete_days)]
    return Scores(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Scores)))


def _detected(panel: Panel, incomplete_days: int) -> Scores:
    use = np.where(panel.values < 0, np.nan, panel.values)  # below zero: credits, which tell nothing about use
    age = ages(use)
    base = baseline(panel, use)
    above = _sparse(use, base, _dense(base))
    above = _new(age, above)
    thin = is_sparse(use) | age.new
    rests = closed(panel.dates)
    below = np.where(thin | age.learning, -np.inf, drop_limits(base, use, rests))
    below[:, rests] = np.fmin(below, _CLOSED_SHARE * base.usual)[:, rests]
    scores = _judged(use, base, above, below, age.learning & ~age.new)
    return _without_drops(scores, incomplete_days) if incomplete_days else scores


def _dense(base: Baseline) -> _Upper:
    """The tightest of the limits for series that cost something every day."""
    single, several = rise_limits(base)
    leak = leak_limits(base)
    limit, why = np.fmin(single, several), np.where(several < single, SHIFT, SPIKE)
    expected = base.usual + base.monthly
    leaking = leak.climbing & (leak.upper < limit)
    limit, why = np.where(leaking, leak.upper, limit), np.where(leaking, LEAK, why)
    return _Upper(limit, np.where(leaking, leak.expected + base.monthly, expected), why.astype(np.int8))


def _sparse(use: Floats, base: Baseline, dense: _Upper) -> _Upper:
    """The limits of series with few charges instead, where that is what a series is."""
    rows = np.flatnonzero((thin := is_sparse(use)).any(axis=1))
    limit, expected, why = dense.limit.copy(), dense.expected.copy(), dense.why.copy()
    if rows.size:
        at = thin[rows]
        rate, most = sparse_limits(use[rows])
        most = np.fmax(np.fmax(most, base.allowed[rows]), (base.ceiling + ONE_DAY * base.scale)[rows])
        limit[rows] = np.where(at, most, limit[rows])
        expected[rows] = np.where(at, np.fmax(rate, base.monthly[rows]), expected[rows])
        why[rows] = np.where(at, CHARGE, why[rows])
    return _Upper(limit, expected, why)


def _new(age: Ages, above: _Upper) -> _Upper:
    """Where nothing was charged before, anything worth a word is new."""
    silent = age.new | age.silent
    limit = np.where(silent, WORTH_A_WORD, above.limit)
    why = np.where(silent, NEW, above.why).astype(np.int8)
    return _Upper(limit, np.where(silent, 0.0, above.expected), why)


def _judged(use: Floats, base: Baseline, above: _Upper, below: Floats, learning: Flags) -> Scores:
    so_far = _so_far(use)
    expected = np.where(np.isnan(above.expected), so_far, above.expected)
    scale = np.where(np.isnan(base.scale), np.fmax(0.5 * expected, FLOOR), base.scale)
    upper = np.where(np.isfinite(above.limit), above.limit, expected + ONE_DAY * scale)
    upper = np.fmax(upper, expected + FLOOR)
    shown = np.where(np.isfinite(below), below, np.fmin(expected - ONE_DAY * scale, 0.7 * expected))
    lower = np.fmin(np.fmax(shown, 0.0), expected)
    over, under = (use > upper) & ~learning, (use < below) & ~learning
    span = np.where(use >= expected, upper - expected, np.fmax(expected - lower, FLOOR))
    score = np.fmin(ONE_DAY * np.abs(use - expected) / span, MOST_SCORE)
    return Scores(
        expected=expected,
        lower=lower,
        upper=upper,
        score=np.where(learning, 0.0, np.nan_to_num(score)),
        up=np.nan_to_num(use, nan=-1.0) >= expected,
        flagged=over | under,
        learning=learning,
        why=np.where(over, above.why, np.where(under, DROP, NOTHING)).astype(np.int8),
        usual=np.where(np.isnan(base.usual), expected, base.usual),
        scale=scale,
        factor=base.factor,
        monthly=base.monthly,
    )


def _without_drops(scores: Scores, days: int) -> Scores:
    """The scores with nothing flagged for costing too little on the last days: what is missing may still arrive."""
    dropped = scores.flagged & ~scores.up
    dropped[:, :-days] = False
    return replace(
        scores,
        flagged=scores.flagged & ~dropped,
        why=np.where(dropped, NOTHING, scores.why).astype(np.int8),
    )


def _so_far(use: Floats) -> Floats:
    """The mean of the days up to and with this one: all that can be said at the beginning."""
    known = np.cumsum(~np.isnan(use), axis=1)
    return np.asarray(np.cumsum(np.nan_to_num(use), axis=1) / np.maximum(known, 1), dtype=np.float64)

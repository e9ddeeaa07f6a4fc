"""Flagged days become episodes: where one began, whether it still goes on, and what shape it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies.detector import DROP, LEAK, NEW, SHIFT, Scores
from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction

if TYPE_CHECKING:
    from finops.costs.panel import Flags, Floats, Panel

GAP_DAYS = 3
"""So many days without a flag do not end an episode."""
STAYING_GAP_DAYS = 35
"""Nor do so many on which the cost stayed where it went."""
FOLLOWED_DAYS = 90
"""A cost that stays is followed for so long; then it is what the service costs."""
ONGOING_DAYS = 7
SPIKE_DAYS = 4
_BACK_DAYS = {SHIFT: 14, NEW: 4, DROP: 3}
_LEVEL_DAYS = 28
_DENSE, _STAYED = 0.5, 0.8
_RAMP_DAYS, _RAMP = 14, 1.6
_LONGEST_CLIMB, _CLIMBS = 98, 0.99


@dataclass(frozen=True, slots=True)
class Episode:
    """Places of days: `start` the first one that cost other than usual, `first` and `flagged_last` as flagged.

    `last` is the last day that differs, `peak` the one that differs most; `usual[i]` is what the day `start + i` would
    have cost without it.
    """

    series: int
    kind: AnomalyKind
    direction: Direction
    status: AnomalyStatus
    start: int
    first: int
    flagged_last: int
    last: int
    peak: int
    usual: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One series with its scores."""

    cost: Floats
    expected: Floats
    usual: Floats
    factor: Floats
    scale: Floats
    monthly: Floats
    why: Floats
    complete: int

    def ground(self, first: int) -> Floats:
        """What every day would cost if the level from before the flagged day had stayed."""
        why = self.why[first]
        if why == NEW:
            return np.zeros_like(self.cost)
        if why not in {SHIFT, LEAK, DROP} and not self._dense(first):
            return self.expected
        level = self._level_before(self.climb(first)) if why == LEAK else self._level_at(first)
        return np.asarray(level * self.factor + self.monthly, dtype=np.float64)

    def climb(self, first: int) -> int:
        """Where a slow climb that was flagged at last began: back over weeks, each lower than the next."""
        start, upper = first, float(np.median(self._flat[max(0, first - 6) : first + 1]))
        while start - 7 >= _LEVEL_DAYS and start > first - _LONGEST_CLIMB:
            lower = float(np.median(self._flat[start - 13 : start - 6]))
            if lower > _CLIMBS * upper:
                break
            start, upper = start - 7, lower
        return start

    @property
    def _flat(self) -> Floats:
        return np.asarray(self.cost / np.maximum(self.factor, 0.1), dtype=np.float64)

    def _level_before(self, place: int) -> float:
        """The lower of the level of four weeks and that of the last one: a climb may follow another one's end."""
        weeks = (self._flat[max(0, place - days) : max(1, place)] for days in (_LEVEL_DAYS, 7))
        return min(float(np.median(week)) for week in weeks)

    def _level_at(self, place: int) -> float:
        return float(self.usual[place]) / max(float(self.factor[place]), 0.1)

    def _dense(self, first: int) -> bool:
        return bool(np.mean(self.cost[max(0, first - _LEVEL_DAYS) : first] > 0) > _DENSE)


def episodes(panel: Panel, scores: Scores, *, incomplete: int) -> list[Episode]:
    """Every episode of every series, by series and first day."""
    found: list[Episode] = []
    complete = panel.days - incomplete
    for series in np.flatnonzero(scores.flagged.any(axis=1)):
        row = _Row(
            *(np.nan_to_num(panel.values[series]), scores.expected[series], scores.usual[series]),
            *(scores.factor[series], scores.scale[series], scores.monthly[series], scores.why[series]),
            complete=complete,
        )
        for up in (True, False):
            flagged = scores.flagged[series] & (scores.up[series] == up)
            found += [_episode(int(series), row, group, up=up) for group in _groups(row, flagged, up=up)]
    return sorted(found, key=lambda each: (each.series, each.first, each.direction))


def _groups(row: _Row, flagged: Flags, *, up: bool) -> list[list[int]]:
    """Flagged days that belong together: few days apart, or with the cost staying away from its level between them."""
    groups: list[list[int]] = []
    for place in map(int, np.flatnonzero(flagged)):
        if groups and _together(row, groups[-1], place, up=up):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _together(row: _Row, group: list[int], place: int, *, up: bool) -> bool:
    gap = place - group[-1] - 1
    if gap <= GAP_DAYS:
        return True
    if gap > STAYING_GAP_DAYS:
        return False
    return bool(np.mean(_away(row, group[0], up=up)[group[-1] + 1 : place]) >= _STAYED)


def _away(row: _Row, first: int, *, up: bool) -> Flags:
    """Days on which the cost is away from the ground it left, by two deviations at least."""
    ground = row.ground(first)
    least = np.maximum(2 * float(row.scale[first]), 0.05 * ground)
    return np.asarray(row.cost - ground > least if up else ground - row.cost > least)


def _episode(series: int, row: _Row, group: list[int], *, up: bool) -> Episode:
    first, flagged_last = group[0], group[-1]
    ground = row.ground(first)
    away = _away(row, first, up=up)
    start = row.climb(first) if row.why[first] == LEAK else _start(away, first, int(row.why[first]))
    last, stays = _last(row, away, group)
    excess = (row.cost - ground) * (1 if up else -1)
    if row.complete - 1 - flagged_last < ONGOING_DAYS and stays:
        status = AnomalyStatus.ONGOING
    else:
        status = AnomalyStatus.SETTLED if stays else AnomalyStatus.OVER
    peak = group[int(np.argmax(excess[group]))]
    kind = _kind(row, group, excess[start : last + 1], up=up)
    direction = Direction.UP if up else Direction.DOWN
    usual = tuple(float(value) for value in ground[start : last + 1])
    return Episode(series, kind, direction, status, start, first, flagged_last, last, peak, usual)


def _start(away: Flags, first: int, why: int) -> int:
    """Back over days that were away already, one miss in a row forgiven."""
    start, misses = first, 0
    for place in range(first - 1, max(-1, first - 1 - _BACK_DAYS.get(why, 0)), -1):
        if away[place]:
            start, misses = place, 0
        else:
            misses += 1
            if misses > 1:
                break
    return start


def _last(row: _Row, away: Flags, group: list[int]) -> tuple[int, bool]:
    """The last day that is away, and whether the cost stays there until the last complete day."""
    last, misses = group[-1], 0
    for place in range(group[-1] + 1, min(row.complete, group[0] + FOLLOWED_DAYS)):
        if away[place]:
            last, misses = place, 0
        else:
            misses += 1
            if misses > GAP_DAYS or len(group) < SPIKE_DAYS:
                return last, False
    return last, len(group) >= SPIKE_DAYS or last >= row.complete - 1


def _kind(row: _Row, group: list[int], excess: Floats, *, up: bool) -> AnomalyKind:
    if not up:
        return AnomalyKind.DROP
    if row.why[group[0]] == NEW:
        return AnomalyKind.NEW
    third = len(excess) // 3
    if len(excess) >= _RAMP_DAYS and np.median(excess[-third:]) > _RAMP * max(float(np.median(excess[:third])), 0.0):
        return AnomalyKind.LEAK
    if row.why[group[0]] == LEAK:
        return AnomalyKind.LEAK
    return AnomalyKind.SPIKE if len(excess) <= SPIKE_DAYS else AnomalyKind.STEP

"""Root causes, as pure functions: what each part of a cost changed by, and the smallest set that explains the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from statistics import fmean, median
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.model.period import Period

LEAST, MOST = 0.80, 1.25
"""The share of a change that a cause must explain."""
WEEKS = 8
"""A day is held against the median of the same weekday of so many weeks before the episode."""
LONGEST = 28
"""Of a long episode its last days tell the cause: a leak is largest at its end."""
_CANDIDATES, _LARGEST_SET = 12, 4
_DUST = 0.02
_LONG = 8
_ROUNDING = 1e-9

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Window:
    """The days of an episode, the days that are known, and how many weeks before it tell what was usual."""

    episode: Period
    known: Period
    weeks: int = WEEKS

    @property
    def days(self) -> tuple[date, ...]:
        """The days that are looked at."""
        return tuple(self.episode.dates())[-LONGEST:]


def change(amounts: Mapping[date, float], window: Window) -> float:
    """What a part costs more (less: below zero) on a day of the episode than on the same weekdays before it.

    The mean of a short episode's days, the median of a longer one's: a spike inside a leak is none of its causes.
    """
    more = [amounts.get(day, 0.0) - _before(amounts, day, window) for day in window.days]
    return fmean(more) if len(more) < _LONG else median(more)


def _before(amounts: Mapping[date, float], day: date, window: Window) -> float:
    weeks = (day - window.episode.start).days // 7 + 1
    earlier = [day - timedelta(days=7 * (weeks + back)) for back in range(window.weeks)]
    found = [amounts.get(each, 0.0) for each in earlier if each >= window.known.start]
    return median(found) if found else 0.0


def smallest_set(changes: Mapping[Part, float], whole: float) -> tuple[Part, ...]:
    """The fewest parts whose changes make 80 to 125 % of the whole change, nearest to all of it; empty: there are none.

    Among the twelve that changed most in the whole's direction, sets of up to four are tried; after that the largest
    are taken one by one.
    """
    if not whole:
        return ()
    shares = {part: value / whole for part, value in changes.items() if value / whole > _DUST}
    ranked = sorted(shares, key=lambda part: (-shares[part], repr(part)))
    for size in range(1, _LARGEST_SET + 1):
        sets = [
            found for found in combinations(ranked[:_CANDIDATES], size) if explains(sum(shares[part] for part in found))
        ]
        if sets:
            return min(sets, key=lambda found: (abs(1 - sum(shares[part] for part in found)), repr(found)))
    return _largest_first(ranked, shares)


def _largest_first(ranked: Sequence[Part], shares: Mapping[Part, float]) -> tuple[Part, ...]:
    total = 0.0
    for number, part in enumerate(ranked, start=1):
        total += shares[part]
        if explains(total):
            return tuple(ranked[:number])
    return ()


def explains(share: float) -> bool:
    """Whether a share of a change is enough, and not too much, to be its cause."""
    return LEAST - _ROUNDING <= share <= MOST + _ROUNDING

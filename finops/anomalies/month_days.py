"""What the calendar says about days: where the same day of the month lay before, and when offices are closed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from finops.model.period import add_months

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.costs.panel import Flags, Ints

NONE = -1
"""The place of a day before the first one."""
_TURN = date(2000, 12, 24)
_CLOSED = 10  # from the 24th of December to the 2nd of January
_MONDAY, _THURSDAY, _FRIDAY = 0, 3, 4


def same_days(dates: Sequence[date], months: int, *, from_end: bool = False, after: int = 0) -> Ints:
    """The place of each day's counterpart so many months before, `NONE` where that lies before the first day.

    Counterparts have the same number, clipped to the month's end; with `from_end` as many days are left of the month.
    With `after` it is so many days past the counterpart of the day as many before: the day after the 28th of February
    answers to the 29th of January, as a charge that is sometimes late would have it.
    """
    if not dates:
        return np.empty(0, dtype=np.int64)
    start = dates[0].toordinal()
    moved = timedelta(days=after)
    found = [_counterpart(day - moved, months, from_end=from_end) + moved for day in dates]
    return np.array([max(NONE, day.toordinal() - start) for day in found], dtype=np.int64)


def _counterpart(day: date, months: int, *, from_end: bool) -> date:
    earlier = add_months(day, -months)
    if not from_end:
        return earlier
    left = monthrange(day.year, day.month)[1] - day.day
    last = monthrange(earlier.year, earlier.month)[1]
    return earlier.replace(day=max(1, last - left))


def closed(dates: Sequence[date]) -> Flags:
    """Days on which much of the western world's work rests: use falls and nothing is wrong."""
    return np.array([day in _closed_days(day.year) for day in dates], dtype=np.bool_)


@cache
def _closed_days(year: int) -> frozenset[date]:
    turns = [_TURN.replace(year=turn) + timedelta(days=back) for turn in (year - 1, year) for back in range(_CLOSED)]
    easter = _easter(year)
    moving = [easter + timedelta(days=offset) for offset in (-3, -2, -1, 0, 1, 39, 40, 50)]
    fixed = [date(year, 5, 1), date(year, 7, 3), date(year, 7, 4), date(year, 7, 5)]
    thanks = _weekday_of(year, 11, _THURSDAY, 4)
    american = [
        *(_weekday_of(year, 1, _MONDAY, 3), _weekday_of(year, 2, _MONDAY, 3), _weekday_of(year, 9, _MONDAY, 1)),
        _weekday_of(year, 6, _MONDAY, 1) - timedelta(days=7),
        *(thanks + timedelta(days=offset) for offset in range(4)),
    ]
    return frozenset((*turns, *moving, *fixed, *american))


def _weekday_of(year: int, month: int, weekday: int, number: int) -> date:
    """The first, second … such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, over = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon + 15) % 30
    week = (32 + 2 * over + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)

"""Charges that come on a day of the month: fees, support, subscriptions, batch days.

A day of the month has a charge when two of its last three occurrences had one of a like size. Days are counted from
the first of the month and, for what comes on its last days, from the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from finops.costs.panel import Floats, Ints

Days = NDArray[np.datetime64]
"""Days side by side, a row for each day that forecasts are made as of."""

DAYS_BACK = 124
"""So many days hold every day of the month three times, the 31st twice at least."""
_OCCURRENCES = 3
_ALIKE, _NEARLY = 0.4, 0.8
"""Charges of a like size: the second largest has this share of the largest; those near it make the mean."""
_NUMBERS = 31
_BY_CHANCE = 2.0
_LATE_DAYS = 4
"""Only so many days at the end of a month are counted from its end."""
_NEAR = 2
"""A charge counted from the first and one counted from the end are one where so few days lie between them."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """Charges by day of the month, of series i as of day e.

    `from_start[e, i, d]` is charged on the (d + 1)th of a month, `from_end[e, i, k]` when k days are left of it.
    """

    from_start: Floats
    from_end: Floats

    def on(self, days: Days) -> Floats:
        """What each of some days is charged: a column a day, and a row a series, as of one day after the other."""
        margin = np.arange(1, _NEAR + 1)
        start, end = numbers(np.concatenate([days[:, :1] - margin[::-1], days, days[:, -1:] + margin], axis=1))
        first = np.take_along_axis(self.from_start, start[:, None, :], axis=2)
        near = np.abs(first)
        width = days.shape[1]
        near = np.maximum.reduce([near[..., offset : offset + width] for offset in range(2 * _NEAR + 1)])
        first, end = first[..., _NEAR:-_NEAR], end[:, None, _NEAR:-_NEAR]
        late = np.take_along_axis(self.from_end, np.minimum(end, _LATE_DAYS - 1), axis=2)
        late = np.where(end < _LATE_DAYS, late, 0.0)
        # The last of two Junes is the 30th of both: one charge must not be expected by both counts.
        charged = first + np.where(near >= np.abs(late) / 2, 0.0, late)
        return np.asarray(charged.reshape(-1, width), dtype=np.float64)


def recurring(excess: Floats, days: Days) -> Recurring:
    """What recurs in `excess`: what each of the last days cost beyond its usual cost, 0 on most, NaN for unknown."""
    start, end = numbers(days)
    each = excess.reshape(len(days), len(excess) // len(days), days.shape[1])
    found = Recurring(_repeated(each, start), _repeated(each, end)[..., :_LATE_DAYS])
    known = ~np.isnan(each)
    hits = ((each != 0) & known).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    chance = _NUMBERS * (3 * hits**2 - 2 * hits**3)
    likely = (found.from_start != 0).sum(axis=-1) > _BY_CHANCE * chance
    often = hits > 1 / 7
    late = (found.from_end != 0).any(axis=-1) & ~often
    return Recurring(
        np.where(likely[..., None], found.from_start, 0.0), np.where((likely | late)[..., None], found.from_end, 0.0)
    )


def numbers(days: Days) -> tuple[Ints, Ints]:
    """For each day its place in the month from the first (0), and how many days are left of it."""
    months = days.astype("datetime64[M]")
    start = (days - months.astype("datetime64[D]")).astype(np.int64)
    end = ((months + 1).astype("datetime64[D]") - days).astype(np.int64) - 1
    return start, end


def _repeated(excess: Floats, places: Ints) -> Floats:
    """For each number of `places` what two of its last three occurrences had, the mean of those alike; else 0."""
    columns = _occurrences(places)
    wanted = np.maximum(columns, 0).reshape(len(columns), 1, -1)
    known = np.take_along_axis(np.nan_to_num(excess), wanted, axis=2).reshape(*excess.shape[:2], *columns.shape[1:])
    known = np.where(columns[:, None] < 0, 0.0, known)
    size = np.sort(np.abs(known), axis=-1)
    second, top = size[..., -2], size[..., -1]
    alike = (np.abs(known) >= second[..., None] * _NEARLY) & (np.sign(known) == np.sign(known.sum(axis=-1))[..., None])
    alike &= known != 0
    count = alike.sum(axis=-1)
    mean = np.where(alike, known, 0.0).sum(axis=-1) / np.maximum(count, 1)
    repeats = (count >= _OCCURRENCES - 1) & (second >= _ALIKE * top)
    return np.asarray(np.where(repeats, mean, 0.0), dtype=np.float64)


def _occurrences(places: Ints) -> Ints:
    """The columns of the last three days of each number, -1 where there are fewer."""
    here = places[:, :, None] == np.arange(_NUMBERS)
    back = here[:, ::-1].cumsum(axis=1)[:, ::-1]
    found = [here & (back == number) for number in range(_OCCURRENCES, 0, -1)]
    return np.stack([np.where(each.any(axis=1), each.argmax(axis=1), -1) for each in found], axis=-1)

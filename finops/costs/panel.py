"""Daily series side by side: one row a series, one column a day, NaN where a day is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finops.model.costs import Granularity
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from finops.model.costs import Coverage, Provenance

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Panel:
    """`values[i, t]` is the cost of series `names[i]` on `first` + t days; NaN: nobody told. Zero is a known zero."""

    names: tuple[str, ...]
    first: date
    values: Floats

    @property
    def days(self) -> int:
        """How many days there are."""
        return int(self.values.shape[1])

    @property
    def dates(self) -> tuple[date, ...]:
        """Every day, oldest first."""
        return tuple(self.first + timedelta(days=offset) for offset in range(self.days))

    @property
    def period(self) -> Period:
        """From the first to past the last day; ValueError for a panel without days."""
        return Period(self.first, self.first + timedelta(days=self.days))

    def until(self, days: int) -> Panel:
        """The panel as it was when only the first `days` days were known."""
        return Panel(self.names, self.first, self.values[:, :days])


def panel_of(series: Mapping[str, Mapping[date, float]], *, period: Period | None = None, absent: float) -> Panel:
    """A panel of amounts by day; `absent` is what a day without an amount means: 0.0, or NaN for unknown."""
    known = sorted({day for amounts in series.values() for day in amounts})
    if period is None:
        if not known:
            return Panel(tuple(series), date.min, np.empty((len(series), 0)))
        period = Period(known[0], known[-1] + timedelta(days=1))
    values = np.full((len(series), period.days), absent)
    start = period.start.toordinal()
    for row, amounts in enumerate(series.values()):
        inside = [(day.toordinal() - start, amount) for day, amount in amounts.items() if _inside(day, period)]
        if inside:
            places, numbers = zip(*inside, strict=True)
            values[row, list(places)] = numbers
    return Panel(tuple(series), period.start, values)


def forget_unstored(panel: Panel, coverage: Iterable[Coverage], origin: Provenance) -> None:
    """Makes the days that the answer's source does not hold unknown in place: they were not free."""
    for entry in coverage:
        if (entry.source, entry.cube.name, entry.grain) != (origin.source, origin.cube, Granularity.DAILY):
            continue
        for gap in entry.missing:
            inside = gap.clipped(panel.period)
            if inside is not None:
                start = (inside.start - panel.first).days
                panel.values[:, start : start + inside.days] = np.nan


def chunks(panel: Panel, rows: int) -> Sequence[Panel]:
    """The panel in parts of so many series."""
    return [
        Panel(panel.names[start : start + rows], panel.first, panel.values[start : start + rows])
        for start in range(0, len(panel.names), rows)
    ]


def _inside(day: date, period: Period) -> bool:
    return period.start <= day < period.end

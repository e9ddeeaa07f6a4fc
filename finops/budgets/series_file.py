"""Any file of series continued: the contract of `forecast series` in docs/forecasts.md."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from finops.budgets.model import Series
from finops.budgets.outlook import LEARNING_DAYS
from finops.budgets.reconciling import Bands
from finops.costs.panel import Panel
from finops.costs.series_csv import quoted, read_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from finops.costs.panel import Ints

FORECAST_COLUMNS = ("series_id", "date", "mean", "lower", "upper")
INCOMPLETE_DAYS = 0
"""A file's rows are what they are: all of them count unless told."""
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Continued:
    """What became of a file. `learning` counts series with fewer than 56 known days: their intervals are guesses."""

    rows: int
    series: int
    horizon: int
    learning: int
    gaps: Mapping[str, int]
    pieces: Iterator[str]


def continue_file(path: Path, *, horizon: int, incomplete_days: int = INCOMPLETE_DAYS) -> Continued:
    """Reads a file and forecasts the `horizon` days after each series' own last day.

    The file's last `incomplete_days` days are still arriving: nothing is learnt from them, unless a series has no
    others. InputError naming line and field for what is wrong with the file.
    """
    file = read_series(path)
    panel = file.panel()
    known = ~np.isnan(panel.values)
    last = panel.days - 1 - np.argmax(known[:, ::-1], axis=1)
    complete = panel.days - incomplete_days
    learnt = np.where(known[:, : max(0, complete)].any(axis=1), np.minimum(last + 1, complete), last + 1)
    counts = (known & (np.arange(panel.days)[None, :] < learnt[:, None])).sum(axis=1)
    return Continued(
        rows=file.rows,
        series=len(file.names),
        horizon=horizon,
        learning=int((counts < LEARNING_DAYS).sum()),
        gaps=file.gaps(),
        pieces=_lines(panel, _continued(panel, last, learnt, horizon), last),
    )


def _continued(panel: Panel, last: Ints, learnt: Ints, horizon: int) -> Bands:
    """The days after each series' last one; those that end alike are forecast together."""
    found = Bands(*(np.empty((len(panel.names), horizon)) for _ in range(3)))
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, ends in enumerate(zip(last.tolist(), learnt.tolist(), strict=True)):
        alike[ends].append(row)
    for (end, known), members in alike.items():
        skipped = end + 1 - known
        for start in range(0, len(members), _ROWS):
            rows = members[start : start + _ROWS]
            part = Panel(tuple(panel.names[row] for row in rows), panel.first, panel.values[rows, :known])
            made = Series.of(part, horizon + skipped).days(known, horizon + skipped)
            for name in ("mean", "lower", "upper"):
                getattr(found, name)[rows] = getattr(made, name)[:, skipped:]
    return found


def _lines(panel: Panel, bands: Bands, last: Ints) -> Iterator[str]:
    """The file of forecasts, series by series in the order of their first rows."""
    yield ",".join(FORECAST_COLUMNS) + "\n"
    for row, name in enumerate(panel.names):
        first = panel.first + timedelta(days=int(last[row]) + 1)
        figures = zip(*(getattr(bands, each)[row].tolist() for each in FORECAST_COLUMNS[2:]), strict=True)
        yield "".join(
            f"{quoted(name)},{date.fromordinal(first.toordinal() + ahead)},{mean:.4f},{lower:.4f},{upper:.4f}\n"
            for ahead, (mean, lower, upper) in enumerate(figures)
        )

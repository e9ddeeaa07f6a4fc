"""Any file of series scored by the detector, and the file of scores: the contract of docs/anomalies.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from finops.anomalies.detector import detect
from finops.costs.series_csv import COLUMNS, quoted, read_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from finops.anomalies.detector import Scores
    from finops.costs.panel import Ints
    from finops.costs.series_csv import SeriesFile

SCORE_COLUMNS = (*COLUMNS, "expected", "lower", "upper", "score", "direction", "flagged")
_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a file."""

    rows: int
    series: int
    flagged: int
    learning: int
    gaps: Mapping[str, int]
    pieces: Iterator[str]


def score_file(path: Path, *, incomplete_days: int) -> Scored:
    """Reads and scores a file. InputError naming line and field for what is wrong with it."""
    file = read_series(path)
    scores = detect(file.panel(), incomplete_days=incomplete_days)
    series, days, _ = file.places()
    learning = np.zeros(len(file.names), dtype=np.bool_)
    learning[series[scores.learning[series, days]]] = True
    ended = scores.learning[np.arange(len(file.names)), _last_days(series, days, len(file.names))]
    return Scored(
        rows=file.rows,
        series=len(file.names),
        flagged=int(scores.flagged[series, days].sum()),
        learning=int((learning & ended).sum()),
        gaps=file.gaps(),
        pieces=score_lines(file, scores),
    )


def score_lines(file: SeriesFile, scores: Scores) -> Iterator[str]:
    """The file of scores, piece by piece: one line for each row read, in the order of the file."""
    yield ",".join(SCORE_COLUMNS) + "\n"
    series, days, first = file.places()
    names = [quoted(name) for name in file.names]
    dates = [date.fromordinal(first.toordinal() + place).isoformat() for place in range(int(days.max()) + 1)]
    for start in range(0, file.rows, _LINES):
        part = slice(start, start + _LINES)
        at = (series[part], days[part])
        columns = zip(
            *(series[part].tolist(), days[part].tolist(), file.costs[part]),
            *(getattr(scores, name)[at].tolist() for name in ("expected", "lower", "upper", "score", "up", "flagged")),
            strict=True,
        )
        yield "".join(
            f"{names[row]},{dates[day]},{cost},{expected:.4f},{lower:.4f},{upper:.4f},{score:.3f},"
            f"{'up' if up else 'down'},{flagged:d}\n"
            for row, day, cost, expected, lower, upper, score, up, flagged in columns
        )


def _last_days(series: Ints, days: Ints, count: int) -> Ints:
    last = np.zeros(count, dtype=np.int64)
    np.maximum.at(last, series, days)
    return last

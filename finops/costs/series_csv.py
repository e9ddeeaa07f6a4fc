"""Series from a CSV file, any series from anywhere: reading them, and writing files of what is made of them.

Input has the columns `series_id`, `date` (YYYY-MM-DD) and `cost`. Whatever cannot be read ends the reading with the
line and the field at fault: no row is ever left out. Output is written whole or not at all.
"""

from __future__ import annotations

import csv
import math
import os
import re
import tempfile
from array import array
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from finops.costs.panel import Panel
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from finops.costs.panel import Ints

COLUMNS = ("series_id", "date", "cost")
MOST_DAYS = 7_400
"""From the first to the last day of a file: twenty years."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(slots=True)
class SeriesFile:
    """A file's rows in their order: `series[i]` and `day[i]` say where the i-th row stands in the panel."""

    names: list[str] = field(default_factory=list)
    costs: list[str] = field(default_factory=list)
    series: array[int] = field(default_factory=lambda: array("l"))
    ordinals: array[int] = field(default_factory=lambda: array("l"))
    lines: array[int] = field(default_factory=lambda: array("l"))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.costs)

    def places(self) -> tuple[Ints, Ints, date]:
        """The series and the day of each row as places in the panel, and the panel's first day."""
        ordinals = np.array(self.ordinals, dtype=np.int64)
        first = int(ordinals.min())
        return np.array(self.series, dtype=np.int64), ordinals - first, date.fromordinal(first)

    def panel(self) -> Panel:
        """The panel; a day without a row is unknown."""
        series, days, first = self.places()
        values = np.full((len(self.names), int(days.max()) + 1), np.nan)
        values[series, days] = np.array(list(map(float, self.costs)))
        return Panel(tuple(self.names), first, values)

    def gaps(self) -> Mapping[str, int]:
        """How many days are missing between a series' first and last row, by series with any."""
        series, days, _ = self.places()
        first, last = (np.full(len(self.names), start) for start in (MOST_DAYS, -1))
        np.minimum.at(first, series, days)
        np.maximum.at(last, series, days)
        missing = last - first + 1 - np.bincount(series, minlength=len(self.names))
        return {self.names[row]: int(missing[row]) for row in np.flatnonzero(missing > 0)}


def read_series(path: Path) -> SeriesFile:
    """All rows of a file. InputError for a file that cannot be opened, or is not what the contract says."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            return _rows(csv.reader(opened, strict=True))
    except OSError as error:
        raise InputError("file", f"{path} cannot be read: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError as error:
        raise InputError("file", f"{path} is not UTF-8: byte {error.start} cannot be read") from None


def write_whole(out: Path, pieces: Iterable[str]) -> None:
    """The whole file or none: it takes its name when it is complete. InputError where it cannot be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=out.parent, prefix=f".{out.name}.", delete=False
        ) as file:
            try:
                file.writelines(pieces)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        mask = os.umask(0)
        os.umask(mask)
        Path(file.name).chmod(0o666 & ~mask)
        Path(file.name).replace(out)
    except OSError as error:
        raise InputError("out", f"{out} cannot be written: {error.strerror or type(error).__name__}") from None


def quoted(text: str) -> str:
    """A name as a field of a line, in quotation marks where it needs them."""
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in ',"\r\n') else text


def _rows(reader: Iterable[Sequence[str]]) -> SeriesFile:
    file, codes, seen = SeriesFile(), dict[str, int](), dict[str, int]()
    lines = _numbered(reader)
    order = _order(next(lines, (1, ()))[1])
    blank = 0
    for line, cells in lines:
        if not cells:
            blank = blank or line
            continue
        if blank:
            raise InputError("series_id", f"line {blank}: the line is empty; only the end of the file may be")
        if len(cells) != len(COLUMNS):
            raise InputError("file", f"line {line}: {len(cells)} fields instead of {len(COLUMNS)}")
        name, day, cost = (cells[place] for place in order)
        _require_cost(cost, line)
        if day not in seen:
            seen[day] = _ordinal(day, line)
        if not name.strip():
            raise InputError("series_id", f"line {line}, field series_id: it is empty")
        file.series.append(codes.setdefault(name, len(codes)))
        file.ordinals.append(seen[day])
        file.costs.append(cost.strip())
        file.lines.append(line)
    file.names = list(codes)
    _require_sound(file)
    return file


def _numbered(reader: Iterable[Sequence[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    """Lines with their numbers; a quotation mark left open is an error of the line it is on."""
    rows = iter(reader)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError("file", f"line {getattr(reader, 'line_num', 0)}: {error}") from None
        yield getattr(reader, "line_num", 0), cells


def _order(header: Sequence[str]) -> tuple[int, ...]:
    names = [name.strip() for name in header]
    for name in COLUMNS:
        if names.count(name) != 1:
            told = "is missing" if name not in names else "is there twice"
            raise InputError(name, f"line 1: the column {name} {told}; the header is {','.join(COLUMNS)}")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise InputError("file", f"line 1: unknown column {unknown[0][:60]!r}; the header is {','.join(COLUMNS)}")
    return tuple(names.index(name) for name in COLUMNS)


def _require_cost(text: str, line: int) -> None:
    try:
        good = math.isfinite(float(text)) and "_" not in text
    except ValueError:
        good = False
    if not good:
        raise InputError("cost", f"line {line}, field cost: {text[:40]!r} is not a number")


def _ordinal(text: str, line: int) -> int:
    try:
        found = date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        found = None
    if found is None:
        raise InputError("date", f"line {line}, field date: {text[:40]!r} is not a day as YYYY-MM-DD")
    return found.toordinal()


def _require_sound(file: SeriesFile) -> None:
    """InputError for a file without rows, a day told twice, or days centuries apart."""
    if not file.rows:
        raise InputError("file", "line 2: there is no row below the header")
    series, days, _ = file.places()
    if int(days.max()) >= MOST_DAYS:
        line = file.lines[int(days.argmax())]
        raise InputError("date", f"line {line}, field date: more than {MOST_DAYS:,} days after the first one")
    keys = series * MOST_DAYS + days
    order = np.argsort(keys, kind="stable")
    twice = order[1:][keys[order][1:] == keys[order][:-1]]
    if twice.size:
        row = int(twice.min())
        day = date.fromordinal(file.ordinals[row])
        told = f"{file.names[file.series[row]][:60]!r} has another row for {day}"
        raise InputError("date", f"line {file.lines[row]}, field date: {told}")

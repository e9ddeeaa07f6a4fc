"""How a kind of bill file is described: its columns as data, and what a file's header says about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.store.line_schema import LINE_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(StrEnum):
    """How the text or value of a column is read."""

    TEXT = "text"
    AMOUNT = "amount"  # decimal number: 15 digits before the point for money, 20 for others, 18 after it
    INSTANT = "instant"  # UTC; a value without a zone is UTC
    CURRENCY = "currency"  # three letters
    PAIRS = "pairs"  # keys and values: tags, cost categories


class Duty(StrEnum):
    """What becomes of a line whose value is missing or cannot be read."""

    REQUIRED = "required"  # the file must have the column; without a readable value the line is rejected
    CHECKED = "checked"  # may be missing; a value that cannot be read rejects the line
    LENIENT = "lenient"  # may be missing; a value that cannot be read is left out and counted as a warning


@dataclass(frozen=True, slots=True)
class BillColumn:
    """One column of a kind of bill: its name, the column of `cost_lines` it fills, how it is read.

    `also` lists other spellings, older ones included, that stand in when the name itself is absent.
    """

    name: str
    target: str
    kind: Kind = Kind.TEXT
    duty: Duty = Duty.LENIENT
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.target not in LINE_TYPES:
            raise ValueError(f"cost_lines has no column {self.target}")


@dataclass(frozen=True, slots=True)
class Stranger:
    """Another kind of file that people try: the columns that give it away (lower case), the sentence that names it."""

    marks: frozenset[str]
    sentence: str


@dataclass(frozen=True, slots=True)
class BillFormat:
    """A kind of bill that can be imported, and look-alikes that cannot."""

    name: str
    columns: tuple[BillColumn, ...]
    strangers: tuple[Stranger, ...] = ()

    def match(self, header: Sequence[str], path: str) -> Matched:
        """Which column of a file fills what.

        InputError naming file and columns when a required one is missing or a known one is there twice.
        """
        places: dict[str, list[int]] = {}
        for place, name in enumerate(header):
            places.setdefault(name.strip().lower(), []).append(place)
        found: dict[BillColumn, int] = {}
        for column in self.columns:
            spelled = next((name.lower() for name in (column.name, *column.also) if name.lower() in places), None)
            if spelled is None:
                continue
            if len(places[spelled]) > 1:
                raise InputError("paths", f"{path} has more than one column {header[places[spelled][0]]}")
            found[column] = places[spelled][0]
        self._require(frozenset(places), found, path)
        known = set(found.values())
        return Matched(found, tuple((place, name.strip()) for place, name in enumerate(header) if place not in known))

    def _require(self, names: frozenset[str], found: dict[BillColumn, int], path: str) -> None:
        missing = [column.name for column in self.columns if column.duty is Duty.REQUIRED and column not in found]
        if not missing:
            return
        for stranger in self.strangers:
            if stranger.marks <= names:
                raise InputError("paths", f"{path} {stranger.sentence}")
        required = sum(column.duty is Duty.REQUIRED for column in self.columns)
        if len(missing) == required:
            raise InputError(
                "paths", f"{path} is not a {self.name} bill: it has none of the columns {', '.join(missing)}"
            )
        raise InputError(
            "paths", f"{path} is not a complete {self.name} bill: it lacks the column {', '.join(missing)}"
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """A file's columns by place: those that are known, and the names of the others."""

    known: dict[BillColumn, int]
    others: tuple[tuple[int, str], ...]

    def place(self, target: str) -> int | None:
        """Where the column is that fills `target`, None when the file has none."""
        return next((place for column, place in self.known.items() if column.target == target), None)

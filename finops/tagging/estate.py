"""The inventory as columns: each distinct value once, and for each asset its number. Policies are judged over these.

A rule then asks each distinct value of a tag once, however many assets carry it, and a changed policy reads nothing.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_DAY = -1
"""The day of an instant that nobody knows, as an ordinal."""
_FACETS = ("kind", "service", "account", "region", "currency")


@dataclass(frozen=True, slots=True)
class Coded:
    """A field of every asset: its distinct values, and for each asset the place of its own."""

    values: tuple[str, ...]
    codes: Ints


@dataclass(frozen=True, slots=True)
class TagColumn:
    """One tag key: which assets carry it (by place, ascending), and which of the distinct values each of them has."""

    values: tuple[str, ...]
    rows: Ints
    codes: Ints


@dataclass(frozen=True, slots=True)
class Estate:
    """All assets of a tenant at one version of its inventory, by ascending number.

    Days are ordinals: `created` (`NO_DAY`: unknown), `first_seen`. `cost` is in micro-units where `priced`.
    """

    version: int
    numbers: Longs
    facets: Mapping[str, Coded]
    known: Flags
    created: Ints
    first_seen: Ints
    cost: Longs
    priced: Flags
    tags: Mapping[str, TagColumn]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def born(self) -> Ints:
        """The day of creation, else of first sight."""
        return np.where(self.created == NO_DAY, self.first_seen, self.created)

    def places(self, numbers: Sequence[int]) -> Longs:
        """The places of the assets of these numbers, those it does not hold left out."""
        wanted = np.array(numbers, dtype=np.int64)
        found = np.searchsorted(self.numbers, wanted)
        held = found < len(self.numbers)
        held[held] = self.numbers[found[held]] == wanted[held]
        return found[held]

    def among(self, numbers: Sequence[int]) -> Flags:
        """Which assets have these numbers."""
        chosen = np.zeros(len(self), dtype=bool)
        chosen[self.places(numbers)] = True
        return chosen

    def tag(self, key: str) -> Coded:
        """A tag as a field of every asset; without it, the empty text."""
        column = self.tags.get(key)
        codes = np.zeros(len(self), dtype=np.int32)
        if column is None:
            return Coded(("",), codes)
        names = {"": 0}
        table = np.array([names.setdefault(value, len(names)) for value in column.values], dtype=np.int32)
        codes[column.rows] = table[column.codes]
        return Coded(tuple(names), codes)


class _Codes:
    """Numbers given to texts as they come."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.codes = array("i")

    def coded(self) -> Coded:
        return Coded(tuple(self.names), np.array(self.codes, dtype=np.int32))


class _Tag:
    """A tag key as it is met: the places of assets that carry it, and numbers of its values."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.rows = array("i")
        self.codes = array("i")

    def column(self) -> TagColumn:
        rows, codes = (np.array(each, dtype=np.int32) for each in (self.rows, self.codes))
        return TagColumn(tuple(self.names), rows, codes)


def read_estate(version: int, partitions: Iterable[Sequence[Sequence[Any]]]) -> Estate:
    """The columns of the rows that `store.tag_assets.rows` gives."""
    facets = {name: _Codes() for name in _FACETS}
    tags: dict[str, _Tag] = {}
    numbers, costs = array("q"), array("q")
    known, priced = bytearray(), bytearray()
    created, seen = array("i"), array("i")
    place = 0
    for rows in partitions:
        fields = list(zip(*rows, strict=True))
        numbers.extend(fields[0])
        for name, texts in zip(_FACETS, (*fields[1:5], fields[9]), strict=True):
            names = facets[name].names
            facets[name].codes.extend([names.setdefault(text, len(names)) for text in texts])
        known.extend(text is not None and bool(flag) for flag, text in zip(fields[5], fields[10], strict=True))
        created.extend([NO_DAY if each is None else each.toordinal() for each in fields[6]])
        seen.extend([each.toordinal() for each in fields[7]])
        costs.extend([cost or 0 for cost in fields[8]])
        priced.extend(cost is not None for cost in fields[8])
        _read_tags(tags, fields[10], place)
        place += len(rows)
    return Estate(
        version,
        np.array(numbers, dtype=np.int64),
        {name: each.coded() for name, each in facets.items()},
        np.frombuffer(bytes(known), dtype=np.bool_),
        np.array(created, dtype=np.int32),
        np.array(seen, dtype=np.int32),
        np.array(costs, dtype=np.int64),
        np.frombuffer(bytes(priced), dtype=np.bool_),
        {key: tag.column() for key, tag in tags.items()},
    )


def _read_tags(tags: dict[str, _Tag], texts: Sequence[str | None], first: int) -> None:
    decode = json.JSONDecoder().raw_decode  # written without spaces: nothing to skip before or after
    for place, text in enumerate(texts, first):
        if text is None or text == "{}":
            continue
        for key, value in decode(text)[0].items():
            tag = tags.get(key)
            if tag is None:
                tag = tags[key] = _Tag()
            tag.rows.append(place)
            tag.codes.append(tag.names.setdefault(value, len(tag.names)))

"""One file of the lake and what is known about it without opening it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterable

COSTS = "finops_costs"
"""The dataset of cubes, Cost Explorer's and gold ones."""
LINES = "cost_lines"
"""The dataset of imported line items; their `cube` is "lines"."""


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What coverage and queries need to know. `held` are the days whose cost is known, days without cost included."""

    fetched_at: datetime
    held: tuple[Period, ...]
    dimensions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    estimated_from: date | None = None
    nulls: dict[str, int] = field(default_factory=dict)  # metric → lines without a figure
    promoted: tuple[str, ...] = ()  # tag keys with a column of their own
    tags: tuple[str, ...] = ()  # tag keys seen on lines, the most frequent first
    accounts: dict[str, str] = field(default_factory=dict)  # names by account id

    def to_json(self) -> str:
        """The text kept in the ledger."""
        return json.dumps(
            {
                "fetched_at": self.fetched_at.isoformat(),
                "held": [[span.start.isoformat(), span.end.isoformat()] for span in self.held],
                "dimensions": self.dimensions,
                "metrics": self.metrics,
                "currencies": self.currencies,
                "estimated_from": self.estimated_from.isoformat() if self.estimated_from else None,
                "nulls": self.nulls,
                "promoted": self.promoted,
                "tags": self.tags,
                "accounts": self.accounts,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> PartFacts:
        """The facts of a ledger row."""
        raw: dict[str, Any] = json.loads(text)
        return cls(
            fetched_at=datetime.fromisoformat(raw["fetched_at"]),
            held=tuple(Period(date.fromisoformat(start), date.fromisoformat(end)) for start, end in raw["held"]),
            dimensions=tuple(raw["dimensions"]),
            metrics=tuple(raw["metrics"]),
            currencies=tuple(raw["currencies"]),
            estimated_from=date.fromisoformat(raw["estimated_from"]) if raw["estimated_from"] else None,
            nulls=raw["nulls"],
            promoted=tuple(raw["promoted"]),
            tags=tuple(raw.get("tags", ())),
            accounts=raw.get("accounts", {}),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One file. `path` is empty for a part without rows, which still says that its days are held."""

    dataset: str
    source: str
    cube: str
    grain: str
    scope: str
    period: Period  # bounds of the rows' charge dates (of the days held when there are no rows)
    path: str
    rows: int
    bytes: int
    facts: PartFacts
    run_id: str = ""
    part_id: int = 0


def joined(spans: Iterable[Period]) -> tuple[Period, ...]:
    """The same days as few periods: sorted, overlapping and adjacent ones merged."""
    found: list[Period] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Period], cut: Period) -> tuple[Period, ...]:
    """The days of `spans` that are not in `cut`."""
    found: list[Period] = []
    for span in spans:
        if not span.overlaps(cut):
            found.append(span)
            continue
        if span.start < cut.start:
            found.append(Period(span.start, cut.start))
        if cut.end < span.end:
            found.append(Period(cut.end, span.end))
    return tuple(found)


def gaps(spans: tuple[Period, ...]) -> tuple[Period, ...]:
    """The days between the first and the last of joined spans that none of them holds."""
    return tuple(Period(earlier.end, later.start) for earlier, later in pairwise(spans))

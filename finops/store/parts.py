"""One file of the lake and what is known about it without opening it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from finops.model.period import Period

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

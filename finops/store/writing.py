"""Months of cubes on their way into the lake: old part and fresh rows become the part that supersedes it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.costs import CubeDraft, Metric
from finops.model.errors import StoreError
from finops.model.period import Period, month_of
from finops.model.spans import joined, without
from finops.store.cube_rows import (
    conformed,
    currencies_of,
    draft_table,
    estimated_from,
    metrics_of,
    outside,
    stacked,
    within,
)
from finops.store.lake import Lake, PartName
from finops.store.parts import COSTS, Part, PartFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A draft with its rows cast."""

    draft: CubeDraft
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class MonthKey:
    """What one part of a cube holds."""

    source: str
    cube: str
    grain: str
    month: Period


def cast_drafts(drafts: Sequence[CubeDraft]) -> dict[MonthKey, list[Fresh]]:
    """Drafts with their rows cast, by the months they touch, in the order given."""
    found: dict[MonthKey, list[Fresh]] = {}
    for draft in drafts:
        fresh = Fresh(draft, draft_table(draft))
        for span in draft.period.months():
            key = MonthKey(draft.source, draft.cube.name, str(draft.grain), month_of(span.start))
            found.setdefault(key, []).append(fresh)
    return found


def month_part(
    lake: Lake, tenant: str, run_id: str, key: MonthKey, old: Sequence[Part], fresh: Sequence[Fresh]
) -> Part:
    """Writes the month as it is after the drafts; later drafts win over earlier ones."""
    held, tables = _kept(lake, old, fresh)
    for entry in fresh:
        span = entry.draft.period.clipped(key.month)
        if span is not None:
            held = (*without(held, (span,)), span)
            tables = [*(outside(table, span) for table in tables), within(entry.rows, span)]
    rows = stacked(tables)
    facts = PartFacts(
        fetched_at=max(entry.draft.fetched_at for entry in fresh),
        held=joined(held),
        dimensions=fresh[-1].draft.cube.dimensions,
        metrics=_metrics(rows, fresh),
        currencies=currencies_of(rows),
        estimated_from=estimated_from(rows),
    )
    return write_cube(lake, tenant, run_id, key, rows, facts)


def _metrics(rows: pa.Table, fresh: Iterable[Fresh]) -> tuple[str, ...]:
    # A month without any cost still knows which metrics were asked for.
    asked = {name for entry in fresh for name in entry.draft.columns}
    return metrics_of(rows) if rows.num_rows else tuple(str(metric) for metric in Metric if str(metric) in asked)


def _kept(lake: Lake, old: Sequence[Part], fresh: Sequence[Fresh]) -> tuple[tuple[Period, ...], list[pa.Table]]:
    """Days and rows of the old parts that the drafts do not replace altogether."""
    held: tuple[Period, ...] = ()
    tables: list[pa.Table] = []
    for part in old:
        left = part.facts.held
        for entry in fresh:
            left = without(left, (entry.draft.period,))
        if not left:
            continue
        try:
            if part.rows:
                tables.append(conformed(lake.read(part.path)))
        except StoreError:
            # Its days become missing, so coverage says so and the next refresh asks for them again.
            log.warning("damaged part dropped while merging", extra={"path": part.path})
            continue
        held = (*held, *part.facts.held)
    return held, tables


def write_cube(lake: Lake, tenant: str, run_id: str, key: MonthKey, rows: pa.Table, facts: PartFacts) -> Part:
    """One part of a cube, written unless it has no rows."""
    name = PartName(COSTS, tenant, key.source, key.cube, key.grain, key.month.start.strftime("%Y-%m"), "", run_id)
    size = lake.write(name.path, rows) if rows.num_rows else 0
    return Part(
        dataset=COSTS,
        source=key.source,
        cube=key.cube,
        grain=key.grain,
        scope="",
        period=key.month,
        path=name.path if rows.num_rows else "",
        rows=rows.num_rows,
        bytes=size,
        facts=facts,
    )

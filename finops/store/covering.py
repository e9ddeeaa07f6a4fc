"""What a tenant's parts cover, told from the ledger alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import PLAIN_DIMENSIONS, Coverage, CubeSpec, Granularity, Metric
from finops.model.period import Period
from finops.model.spans import gaps, joined
from finops.store.parts import COSTS, LINES, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def covered(parts: Iterable[Part]) -> tuple[Coverage, ...]:
    """One entry per source, cube and grain of stored costs, in that order."""
    groups: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        if part.dataset in {COSTS, LINES}:
            groups.setdefault((part.source, part.cube, part.grain), []).append(part)
    found = (_coverage(groups[key]) for key in sorted(groups))
    return tuple(entry for entry in found if entry is not None)


def _coverage(parts: Sequence[Part]) -> Coverage | None:
    spans = joined(span for part in parts for span in part.facts.held)
    if not spans:
        return None
    first = parts[0]
    filled = [part for part in parts if part.rows] or parts
    metrics = {name for part in filled for name in part.facts.metrics}
    return Coverage(
        source=first.source,
        cube=_spec(parts),
        grain=Granularity(first.grain),
        period=Period(spans[0].start, spans[-1].end),
        metrics=tuple(metric for metric in Metric if str(metric) in metrics),
        currencies=tuple(sorted({name for part in parts for name in part.facts.currencies})),
        fetched_at=max(part.facts.fetched_at for part in parts),
        estimated_from=min((part.facts.estimated_from for part in parts if part.facts.estimated_from), default=None),
        missing=gaps(spans),
        rows=sum(part.rows for part in parts),
        account_names={account: name for part in parts for account, name in part.facts.accounts.items()},
    )


def _spec(parts: Sequence[Part]) -> CubeSpec:
    first = parts[0]
    if first.dataset != LINES:
        return CubeSpec(first.cube, first.facts.dimensions)
    promoted = sorted({key for part in parts for key in part.facts.promoted})
    largest = sorted(parts, key=lambda part: -part.rows)
    seen = dict.fromkeys((*promoted, *(key for part in largest for key in part.facts.tags)))
    return CubeSpec(first.cube, (*PLAIN_DIMENSIONS, *(f"tag:{key}" for key in seen)))


def smallest(coverage: Iterable[Coverage], dimension: str, period: Period) -> tuple[Coverage, ...]:
    """Per source, the daily cube with the fewest rows that carries the dimension in the period; else its lines."""
    found: dict[str, Coverage] = {}
    for entry in sorted(coverage, key=lambda each: (each.cube.name == "lines", each.rows)):
        fits = entry.grain is Granularity.DAILY and entry.cube.answers(frozenset({dimension}))
        if fits and entry.metrics and entry.period.overlaps(period):
            found.setdefault(entry.source, entry)
    return tuple(found.values())

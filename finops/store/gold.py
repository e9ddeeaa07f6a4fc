"""Gold cubes: stored lines of a month rolled up to the cross-sections that pages ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import CubeSpec, Granularity
from finops.model.errors import StoreError
from finops.model.period import Period, month_of
from finops.model.spans import joined
from finops.store import selecting
from finops.store.cube_rows import conformed, currencies_of, estimated_from, metrics_of, stacked
from finops.store.parts import COSTS, LINES, Part, PartFacts
from finops.store.selecting import Wording
from finops.store.writing import MonthKey, write_cube

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa

    from finops.store.lake import Lake
    from finops.store.reading import Reader

_ALWAYS = ("charge_type", "charge_category", "provider")


def gold_cubes(promoted_tags: Iterable[str]) -> tuple[CubeSpec, ...]:
    """The cubes built from lines: by account and service, by region, by usage type, and by each promoted tag key."""
    pair = ("account", "service")
    return (
        CubeSpec("account_service", (*pair, *_ALWAYS)),
        CubeSpec("region", (*pair, "region", *_ALWAYS)),
        CubeSpec("usage_type", (*pair, "usage_type", *_ALWAYS)),
        *(CubeSpec(f"tag:{key}", (f"tag:{key}", *pair, *_ALWAYS)) for key in promoted_tags),
    )


def months_of(parts: Iterable[Part]) -> tuple[Period, ...]:
    """The whole calendar months that parts have rows in, in order."""
    return tuple(sorted({month_of(span.start) for part in parts for span in part.period.months()}))


class GoldBuilder:
    """Builds the gold parts of single months."""

    def __init__(self, lake: Lake, reader: Reader, promoted_tags: Sequence[str]) -> None:
        self._lake = lake
        self._reader = reader
        self._cubes = gold_cubes(promoted_tags)

    def month(self, tenant: str, source: str, run_id: str, month: Period, lines: Sequence[Part]) -> list[Part]:
        """The gold parts of one month from all lines that reach into it; none when no line does.

        StoreError when a part of the lines cannot be read: gold without it would look complete.
        """
        inside = [part for part in lines if part.dataset == LINES and part.rows and part.period.overlaps(month)]
        if not inside:
            return []
        first = min((part.facts.estimated_from for part in inside if part.facts.estimated_from), default=None)
        promoted = frozenset.intersection(*(frozenset(part.facts.promoted) for part in inside))
        statements = [
            selecting.gold(Wording(lines=True, promoted=promoted, estimated_from=first), cube.dimensions, month)
            for cube in self._cubes
        ]
        tables, failures = self._reader.tables(inside, *statements)
        if failures:
            raise StoreError(f"{failures[0].message}; import that bill again")
        return [
            write_cube(self._lake, tenant, run_id, MonthKey(source, cube.name, Granularity.DAILY, month), rows, facts)
            for cube, table in zip(self._cubes, tables, strict=True)
            for rows in [stacked([conformed(table)])]
            for facts in [_facts(cube, month, rows, inside)]
        ]


def _facts(cube: CubeSpec, month: Period, rows: pa.Table, lines: Sequence[Part]) -> PartFacts:
    held = joined(clip for part in lines for span in part.facts.held if (clip := span.clipped(month)) is not None)
    nulls: dict[str, int] = {}
    for part in lines:
        for metric, count in part.facts.nulls.items():
            nulls[metric] = nulls.get(metric, 0) + count
    return PartFacts(
        fetched_at=_latest(lines),
        held=held,
        dimensions=cube.dimensions,
        metrics=metrics_of(rows),
        currencies=currencies_of(rows),
        estimated_from=estimated_from(rows),
        nulls=nulls,
    )


def _latest(lines: Sequence[Part]) -> datetime:
    return max(part.facts.fetched_at for part in lines)


def gold_in(parts: Iterable[Part], source: str, months: Sequence[Period]) -> list[Part]:
    """The stored cubes of a source in these months: what a rebuild of those months supersedes, whatever their names."""
    starts = {month.start for month in months}
    return [part for part in parts if part.dataset == COSTS and part.source == source and part.period.start in starts]

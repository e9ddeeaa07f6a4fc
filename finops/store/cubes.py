"""Stored cross-sections of cost: replaced by refreshes, read by every question about money.

store.cubes.replace("default", drafts, run)
table = store.cubes.select(CubeSelect("default", "cost_explorer", "account_service", period, "unblended",
                                      group_by=("service",)))
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from finops.model.costs import CostRow, Coverage, CubeDraft, Filter, Granularity
from finops.model.errors import StoreError
from finops.store import selecting
from finops.store.catalogue import DAY_TOTALS
from finops.store.covering import covered, smallest
from finops.store.lake import Lake, tenant_name
from finops.store.parts import COSTS, LINES, Part
from finops.store.selecting import Statement, Wording
from finops.store.writing import cast_drafts, month_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from finops.model.outcome import Failure
    from finops.model.period import Period
    from finops.store.ledger import Ledger, Run
    from finops.store.reading import Reader

_ATTEMPTS = 50
"""Writers of one tenant and source that meet take turns; each loss means another one won."""


@dataclass(frozen=True, slots=True)
class CubeSelect:
    """One question to one cube of one source (`cube` may be "lines").

    `metric` is a stored column: a `Metric`, `usage_quantity` or `normalized_usage`. `grain` is the stored grain to
    read, `bucket` the grain of the answer. An empty string among filter values means "no value" (null, untagged).
    """

    tenant: str
    source: str
    cube: str
    period: Period
    metric: str
    grain: Granularity = Granularity.DAILY
    group_by: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    bucket: Granularity = Granularity.TOTAL
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class CubeTable:
    """Rows sorted by bucket, then largest amount; `control` is the total per currency computed without the grouping.

    `null_amounts` counts rows without a figure for the metric (they add nothing and the answer is not complete);
    `failures` names parts of the lake that could not be read and are left out.
    """

    rows: tuple[CostRow, ...]
    control: dict[str, Decimal]
    null_amounts: int
    estimated: bool
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class DayTotal:
    """One day of a cube, all dimensions but the charge type summed up. Null where the cube has no such figure."""

    day: date
    currency: str
    charge_type: str | None
    unblended: Decimal | None
    net_unblended: Decimal | None
    amortized: Decimal | None
    net_amortized: Decimal | None
    blended: Decimal | None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """What one resource cost in a period."""

    resource_id: str
    resource_name: str
    account: str
    region: str
    amount: Decimal
    currency: str


class CubeStore:
    """The cubes of every tenant, Cost Explorer's and those rolled up from lines. Safe to share between threads."""

    def __init__(self, ledger: Ledger, lake: Lake, reader: Reader) -> None:
        self._ledger = ledger
        self._lake = lake
        self._reader = reader

    def replace(self, tenant: str, drafts: Sequence[CubeDraft], run: Run) -> Run:
        """Replaces the days inside each draft's period by its rows, all drafts and the run's ledger row in one commit.

        Other days of a month stay. Returns the run as committed (status `partial` when `run.failures` is not empty).
        StoreError for texts that are not amounts or dates, for rows outside a draft's period, and for a lake that
        cannot be written; nothing changes then, and the caller ends the run with `ledger.fail`.
        """
        if run.tenant != tenant_name(tenant) or any(draft.source != run.source for draft in drafts):
            raise StoreError("a run writes only its own tenant and source")
        self._ledger.require_open(run)
        months = cast_drafts(drafts)
        for _ in range(_ATTEMPTS):
            seen = self._ledger.snapshot(tenant)
            stored: dict[tuple[str, str, date], list[Part]] = {}
            for part in seen.parts:
                if part.dataset == COSTS and part.source == run.source:
                    stored.setdefault((part.cube, part.grain, part.period.start), []).append(part)
            old = {key: stored.get((key.cube, key.grain, key.month.start), []) for key in months}
            fresh = [month_part(self._lake, tenant, run.run_id, key, old[key], months[key]) for key in months]
            ended = self._ledger.commit(
                run, seen, add=fresh, supersede=[part for parts in old.values() for part in parts]
            )
            if ended is not None:
                return ended
        raise StoreError("other refreshes kept changing the same costs; try again")

    def day_totals(self, tenant: str, source: str, cube: str, period: Period) -> list[DayTotal]:
        """Exact totals by day, currency and charge type of a daily cube; for the refresh probe and for reconciling.

        StoreError when a part of the period cannot be read: totals that lack it would look like a change.
        """
        parts = self._parts(tenant, source, cube, Granularity.DAILY, period)
        statement = Statement(DAY_TOTALS, {"start": period.start, "end": period.end})
        tables, failures = self._reader.tables(parts, statement)
        if failures:
            raise StoreError(failures[0].message)
        return [DayTotal(*row) for table in tables for row in _tuples(table)]

    def coverage(self, tenant: str) -> tuple[Coverage, ...]:
        """What is held, one entry per source, cube (or "lines") and grain; from the ledger, without opening a file.

        The entry of "lines" lists the plain dimensions and the promoted tags; lines answer any tag and category.
        """
        return covered(self._ledger.snapshot(tenant).parts)

    def version(self, tenant: str) -> str:
        """Changes whenever a run of the tenant commits data: the cache key of every reader."""
        return self._ledger.version(tenant)

    def select(self, ask: CubeSelect) -> CubeTable:
        """Answers one question. InputError for a dimension the cube does not carry; no stored data is an empty table.

        For gold cubes `null_amounts` counts every line without a figure in the months read, whatever the filters.
        """
        parts = self._parts(ask.tenant, ask.source, ask.cube, ask.grain, ask.period)
        wording = _wording(parts, ask.cube)
        where = wording.where(ask.period, ask.filters, ask.currency)
        tables, failures = self._reader.tables(
            parts, selecting.grouped(wording, ask.group_by, ask.bucket, ask.metric, where)
        )
        if not tables:
            return CubeTable((), {}, 0, estimated=False, failures=failures)
        return _cube_table(tables[0], ask, _nulls(parts, ask.metric), failures)

    def distinct(self, tenant: str, dimension: str, period: Period) -> tuple[str, ...]:
        """The values of a dimension in the period, costliest first, from each source's smallest daily cube with it.

        The empty string stands for cost without a value. Lines are read where no cube carries the dimension.
        """
        amounts: dict[str, Decimal] = {}
        for entry in smallest(self.coverage(tenant), dimension, period):
            parts = self._parts(tenant, entry.source, entry.cube.name, entry.grain, period)
            wording = _wording(parts, entry.cube.name)
            where = wording.where(period)
            tables, _ = self._reader.tables(
                parts, selecting.values_of(wording, dimension, str(entry.metrics[0]), where)
            )
            for value, amount in (row for table in tables for row in _tuples(table)):
                amounts[value] = amounts.get(value, Decimal(0)) + (amount or 0)
        return tuple(sorted(amounts, key=lambda value: (-amounts[value], value)))

    def resources(
        self, tenant: str, period: Period, *, service: str, metric: str, source: str = "focus", limit: int = 50
    ) -> tuple[ResourceRow, ...]:
        """The costliest resources of a service, from stored lines. StoreError when a part cannot be read."""
        parts = self._parts(tenant, source, LINES_CUBE, Granularity.DAILY, period)
        wording = _wording(parts, LINES_CUBE)
        statement = selecting.resources(wording, metric, wording.where(period), service=service, limit=limit)
        tables, failures = self._reader.tables(parts, statement)
        if failures:
            raise StoreError(failures[0].message)
        return tuple(ResourceRow(*row) for table in tables for row in _tuples(table))

    def _parts(self, tenant: str, source: str, cube: str, grain: Granularity, period: Period) -> list[Part]:
        dataset = LINES if cube == LINES_CUBE else COSTS
        return [
            part
            for part in self._ledger.snapshot(tenant).parts
            if (part.dataset, part.source, part.cube, part.grain) == (dataset, source, cube, grain)
            and part.period.overlaps(period)
        ]


LINES_CUBE = "lines"
"""What questions and coverage call the stored line items."""


def _wording(parts: Sequence[Part], cube: str) -> Wording:
    """How these parts spell things: a tag counts as promoted only where every part has its column."""
    if cube == LINES_CUBE:
        promoted = [frozenset(part.facts.promoted) for part in parts if part.rows]
        first = min((part.facts.estimated_from for part in parts if part.facts.estimated_from), default=None)
        return Wording(lines=True, promoted=frozenset.intersection(*promoted) if promoted else (), estimated_from=first)
    return Wording(lines=False, dimensions=parts[0].facts.dimensions if parts else _any_dimension(cube))


def _any_dimension(cube: str) -> tuple[str, ...]:
    # Nothing is stored, so the answer is empty whatever is asked; only the words must be known ones.
    return (*selecting.GOLD_COLUMNS, cube)


def _tuples(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _nulls(parts: Sequence[Part], metric: str) -> int:
    return sum(part.facts.nulls.get(metric, 0) for part in parts if part.dataset == COSTS)


def _cube_table(table: pa.Table, ask: CubeSelect, lines_without: int, failures: tuple[Failure, ...]) -> CubeTable:
    width = len(ask.group_by)
    undivided = not width and ask.bucket is Granularity.TOTAL
    parts = table if undivided else table.filter(pc.equal(table.column("whole"), 0))
    whole = (
        table.filter(pc.equal(table.column("whole"), 1)).select(["money", "amount", "estimated", "nulls"]).to_pylist()
    )
    columns = [column.to_pylist() for column in parts.filter(pc.is_valid(parts.column("amount"))).columns]
    keys = zip(*columns[:width], strict=True) if width else repeat(())
    return CubeTable(
        rows=tuple(map(CostRow, keys, columns[width], columns[width + 2], columns[width + 1], columns[width + 3])),
        control={row["money"]: row["amount"] for row in whole if row["amount"] is not None},
        null_amounts=max(sum(row["nulls"] for row in whole), lines_without),
        estimated=any(row["estimated"] for row in whole),
        failures=failures,
    )

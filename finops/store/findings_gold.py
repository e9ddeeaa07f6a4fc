"""Figures over findings by run date (`finops_kpi_gold`): a long table, replaced as a whole, read by figure and day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from finops.model.errors import StoreError
from finops.model.findings import KpiRow
from finops.model.outcome import Failure
from finops.store.finding_parts import WardedReader, span_of
from finops.store.finding_schema import GOLD, GOLD_SCHEMA, GOLD_SOURCE
from finops.store.lake import DayPartName, Lake, tenant_name
from finops.store.parts import Part, PartFacts
from finops.store.selecting import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.model.period import Period
    from finops.store.ledger import Ledger, Run
    from finops.store.reading import Reader

_ATTEMPTS = 50
_ALL = "all"
_ROWS = """
SELECT period, workspace, kpi, key, findings, saving, currency, rank, fingerprint FROM {parts}
WHERE tenant_id = $tenant AND period >= $start AND period < $end
    AND list_contains($kpis::VARCHAR[], kpi) AND ($workspace IS NULL OR workspace = $workspace)
ORDER BY period, workspace, kpi, currency, rank, key
"""


class DatedKpi(NamedTuple):
    """A figure and the run date it belongs to."""

    period: date
    row: KpiRow


class KpiStore:
    """Gold tables of every tenant. Safe to share between threads and processes."""

    def __init__(self, ledger: Ledger, lake: Lake, reader: Reader) -> None:
        self._ledger = ledger
        self._lake = lake
        self._reader = WardedReader(lake, reader, GOLD_SCHEMA)

    def begin(self, tenant: str) -> Run:
        """Opens a run that makes gold rows."""
        return self._ledger.begin(tenant, "findings.gold", GOLD_SOURCE)

    def give_up(self, run: Run) -> Run:
        """Ends a run that could not make its rows; stored ones stay."""
        return self._ledger.fail(
            run, [Failure("gold_failed", "figures over findings could not be made; old ones stay")]
        )

    def replace(
        self, tenant: str, days: Mapping[date, Sequence[KpiRow]], run: Run, *, since: date | None = None
    ) -> Run:
        """Stores the rows of run dates in place of every earlier one (of those `since` a day), in one commit."""
        if (run.tenant, run.source) != (tenant_name(tenant), GOLD_SOURCE):
            raise StoreError("a run writes only its own tenant's figures")
        self._ledger.require_open(run)
        fresh = [self._written(day, days[day], run) for day in sorted(days) if days[day]]
        for _ in range(_ATTEMPTS):
            seen = self._ledger.snapshot(tenant)
            gold = [part for part in seen.parts if part.dataset == GOLD]
            old = [part for part in gold if since is None or part.period.start >= since]
            ended = self._ledger.commit(run, seen, add=fresh, supersede=old)
            if ended is not None:
                return ended
        raise StoreError("runs kept changing the findings; try again")

    def _written(self, day: date, rows: Sequence[KpiRow], run: Run) -> Part:
        path = DayPartName(GOLD, run.tenant, "period", day, (run.run_id,)).path
        table = _table(run.tenant, day, rows)
        span = span_of(day)
        return Part(
            dataset=GOLD,
            source=run.source,
            cube=_ALL,
            grain="daily",
            scope="",
            period=span,
            path=path,
            rows=table.num_rows,
            bytes=self._lake.write(path, table),
            facts=PartFacts(fetched_at=run.started, held=(span,)),
        )

    def rows(
        self, tenant: str, kpis: Sequence[str], period: Period, *, workspace: str | None = None
    ) -> tuple[tuple[DatedKpi, ...], tuple[Failure, ...]]:
        """Figures of run dates in a period, oldest first, and stored parts that are missing from them."""
        parts = self._ledger.snapshot(tenant_name(tenant)).parts
        gold = [part for part in parts if part.dataset == GOLD and part.period.overlaps(period)]
        values = {"tenant": tenant, "start": period.start, "end": period.end, "kpis": list(kpis)}
        tables, failures = self._reader.tables(gold, Statement(_ROWS, values | {"workspace": workspace}))
        return tuple(_dated(row) for table in tables for row in table.to_pylist()), failures


def _dated(row: dict[str, Any]) -> DatedKpi:
    return DatedKpi(row.pop("period"), KpiRow(**row | {"fingerprint": row["fingerprint"] or ""}))


def _table(tenant: str, day: date, rows: Sequence[KpiRow]) -> pa.Table:
    ordered = sorted(rows, key=lambda row: (row.workspace, row.kpi, row.currency, row.rank, row.key, row.fingerprint))
    columns: dict[str, list[object]] = {
        name: [getattr(row, name) for row in ordered]
        for name in GOLD_SCHEMA.names
        if name not in {"tenant_id", "period"}
    }
    columns["fingerprint"] = [row.fingerprint or None for row in ordered]
    fixed = {"tenant_id": [tenant] * len(ordered), "period": [day] * len(ordered)}
    return pa.table({name: (fixed | columns)[name] for name in GOLD_SCHEMA.names}, schema=GOLD_SCHEMA)

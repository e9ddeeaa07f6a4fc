"""State in SQL, facts in Parquet, DuckDB on top: the only place that knows any of them.

    store = open_store(database_url="sqlite:////data/finops.db", lake_url="/data/lake", ceiling=None,
                       promoted_tags=("Environment",), now=now)
    run = store.ledger.begin("default", "costs.refresh", "cost_explorer")
    store.cubes.replace("default", drafts, run)

`upgrade(database_url)` (in `finops.store.upgrade`) migrates the database first: `python -m finops db upgrade`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.store.accounts import AccountStore
from finops.store.anomaly_store import AnomalyStore
from finops.store.assets import AssetStore
from finops.store.budgets import BudgetStore
from finops.store.cubes import CubeSelect, CubeStore, CubeTable, DayTotal, ResourceRow
from finops.store.database import Database
from finops.store.duck import Duck, Limits
from finops.store.exports import ExportStore
from finops.store.finding_costs import ResourceCost
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.store.findings import FindingPage, FindingStore, Observed
from finops.store.findings_audit import AuditTrail
from finops.store.findings_gold import KpiStore
from finops.store.findings_savings import SavingLedger
from finops.store.findings_states import FindingStates
from finops.store.jobs import JobStore
from finops.store.lake import Lake
from finops.store.leases import Leases
from finops.store.ledger import Ledger, Run
from finops.store.line_schema import LINE_SCHEMA, LINE_TYPES, Scope, tag_column
from finops.store.lines import LineCommit, LineStore, LineWriter
from finops.store.meter import SqlMeter
from finops.store.outbox import OutboxStore
from finops.store.reading import Reader
from finops.store.schedules import ScheduleStore
from finops.store.sweeping import sweep
from finops.store.tag_assets import TagAssets
from finops.store.tag_policies import TagPolicies
from finops.store.tag_scores import TagScores
from finops.store.upgrade import require_current

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

__all__ = [
    "LINE_SCHEMA",
    "LINE_TYPES",
    "AccountStore",
    "AnomalyStore",
    "AssetStore",
    "AuditTrail",
    "BudgetStore",
    "CubeSelect",
    "CubeStore",
    "CubeTable",
    "DayTotal",
    "ExportStore",
    "FindingFilter",
    "FindingOrder",
    "FindingPage",
    "FindingStates",
    "FindingStore",
    "JobStore",
    "KpiStore",
    "Leases",
    "Ledger",
    "Limits",
    "LineCommit",
    "LineStore",
    "LineWriter",
    "Observed",
    "OutboxStore",
    "ResourceCost",
    "ResourceRow",
    "Run",
    "SavingLedger",
    "ScheduleStore",
    "Scope",
    "Store",
    "TagAssets",
    "TagPolicies",
    "TagScores",
    "open_store",
    "tag_column",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Store:
    """Everything stored, opened once per process."""

    database: Database
    lake: Lake
    ledger: Ledger
    cubes: CubeStore
    lines: LineStore
    meter: SqlMeter
    accounts: AccountStore
    assets: AssetStore
    jobs: JobStore
    leases: Leases
    findings: FindingStore
    finding_states: FindingStates
    audit: AuditTrail
    savings: SavingLedger
    kpis: KpiStore
    anomalies: AnomalyStore
    budgets: BudgetStore
    tag_policies: TagPolicies
    tag_scores: TagScores
    tag_assets: TagAssets
    exports: ExportStore
    schedules: ScheduleStore
    outbox: OutboxStore

    duck: Duck

    def check(self) -> None:
        """StoreError unless database and lake answer."""
        self.database.check()
        self.lake.check()

    def sweep(self, older_than: datetime) -> int:
        """Deletes files superseded or orphaned before an instant (at least a day back); returns how many."""
        return sweep(self.ledger, self.lake, older_than)

    def close(self) -> None:
        """Flushes the meter and closes connections."""
        try:
            self.meter.flush()
        finally:
            self.duck.close()
            self.database.close()


def open_store(
    *,
    database_url: str,
    lake_url: str,
    ceiling: Decimal | None,
    promoted_tags: Sequence[str],
    now: Callable[[], datetime],
    limits: Limits | None = None,
) -> Store:
    """Opens database and lake. StoreError when the schema is not current: run `python -m finops db upgrade`."""
    database = Database(database_url)
    require_current(database)
    lake = Lake(lake_url)
    duck = Duck(lake, limits)
    ledger = Ledger(database, now)
    reader = Reader(lake, duck)
    return Store(
        database=database,
        lake=lake,
        ledger=ledger,
        cubes=CubeStore(ledger, lake, reader),
        lines=LineStore(ledger, lake, duck, promoted_tags, now),
        meter=SqlMeter(database, ceiling, now),
        accounts=AccountStore(database),
        assets=AssetStore(database, now),
        jobs=JobStore(database),
        leases=Leases(database),
        findings=FindingStore(ledger, lake, reader),
        finding_states=FindingStates(database),
        audit=AuditTrail(database),
        savings=SavingLedger(database),
        kpis=KpiStore(ledger, lake, reader),
        anomalies=AnomalyStore(database),
        budgets=BudgetStore(database),
        tag_policies=TagPolicies(database),
        tag_scores=TagScores(database),
        tag_assets=TagAssets(database, now),
        exports=ExportStore(database),
        schedules=ScheduleStore(database),
        outbox=OutboxStore(database),
        duck=duck,
    )

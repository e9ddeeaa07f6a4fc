"""Findings of every run (`finops_findings`): replaced by a re-run of the day, read by pages, and judged again.

    run = store.findings.begin("default")
    store.findings.replace("default", findings, run, workspace="main", run_date=today, checks=checks)
    page = store.findings.latest("default", "main", FindingFilter(severities=("high",)))

All verdicts are rows, not flagged ones alone: other thresholds judge the same observations again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from finops.model.errors import StoreError
from finops.model.findings import Verdict
from finops.model.money import exact_sum
from finops.model.outcome import Failure
from finops.store import finding_sql
from finops.store.finding_costs import ResourceCost, bound_costs
from finops.store.finding_parts import WardedReader, bindings, checks_of, counted, latest, scope_of, span_of
from finops.store.finding_rows import finding_table, findings_of, instant, observed_rows
from finops.store.finding_schema import FINDING_SCHEMA, FINDINGS, FINDINGS_SOURCE
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.store.lake import DayPartName, Lake, tenant_name
from finops.store.parts import Part, PartFacts
from finops.store.selecting import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from finops.model.findings import Basis, Finding, Observation
    from finops.model.period import Period
    from finops.store.finding_parts import Counted
    from finops.store.ledger import Ledger, Run
    from finops.store.reading import Reader

_ATTEMPTS = 50
"""Runs of one tenant that meet take turns; each loss means another one won."""


@dataclass(frozen=True, slots=True)
class FindingPage:
    """One page of a list: `total` counts all that fit, `savings` adds theirs up by currency.

    `failures` name stored parts that could not be read and are left out.
    """

    findings: tuple[Finding, ...] = ()
    total: int = 0
    savings: Mapping[str, Decimal] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()


class Observed(NamedTuple):
    """An observation with what the tenant's thresholds said of it then."""

    run_date: date
    fingerprint: str
    verdict: Verdict
    monthly_saving: Decimal
    saving_basis: Basis
    observation: Observation


class SeenDates(NamedTuple):
    """When something was first and last flagged."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class RunDay:
    """One run date and the checks that runs of that day covered."""

    run_date: date
    checks: tuple[str, ...]


class FindingStore:
    """The findings of every tenant. Safe to share between threads and processes."""

    def __init__(self, ledger: Ledger, lake: Lake, reader: Reader) -> None:
        self._ledger = ledger
        self._lake = lake
        self._reader = WardedReader(lake, reader, FINDING_SCHEMA)

    def begin(self, tenant: str, detail: Mapping[str, object] | None = None) -> Run:
        """Opens a run of checks; its `run_id` goes into the findings."""
        return self._ledger.begin(tenant, "findings.run", FINDINGS_SOURCE, detail)

    def give_up(self, run: Run, failures: Sequence[Failure] = ()) -> Run:
        """Ends a run that keeps nothing, with what went wrong; what is stored stays."""
        told = failures or [Failure("run_failed", "the run ended before its findings were stored; older ones stay")]
        return self._ledger.fail(run, told)

    def last_run(self, tenant: str) -> Run | None:
        """The latest run whose findings were stored, None before the first."""
        return self._ledger.last_good(tenant, FINDINGS_SOURCE)

    def replace(
        self,
        tenant: str,
        findings: Sequence[Finding],
        run: Run,
        *,
        workspace: str,
        run_date: date,
        checks: Collection[str],
    ) -> Run:
        """Stores what a run found with the checks it covers, in place of that day's earlier rows of these checks.

        One ledger commit: readers see all of it or nothing. A check without rows found nothing. Returns the run as
        committed (`partial` with `run.failures`). StoreError for findings of another tenant, workspace, day, run or
        check; nothing changes then, and the caller ends the run with `ledger.fail`.
        """
        _require_own(tenant_name(tenant), findings, run, (workspace, run_date, frozenset(checks)))
        self._ledger.require_open(run)
        fresh = self._written(findings, run, workspace, run_date, checks)
        for _ in range(_ATTEMPTS):
            seen = self._ledger.snapshot(tenant)
            old = _outdated(seen.parts, fresh)
            ended = self._ledger.commit(run, seen, add=[fresh], supersede=old)
            if ended is not None:
                return ended
        raise StoreError("other runs kept changing the same findings; try again")

    def _written(
        self, findings: Sequence[Finding], run: Run, workspace: str, run_date: date, checks: Collection[str]
    ) -> Part:
        scope = scope_of(checks)
        name = DayPartName(FINDINGS, run.tenant, "run_date", run_date, (workspace, scope, run.run_id))
        rows = finding_table(findings)
        size = self._lake.write(name.path, rows) if rows.num_rows else 0
        day = span_of(run_date)
        return Part(
            dataset=FINDINGS,
            source=run.source,
            cube=workspace,
            grain="daily",
            scope=scope,
            period=day,
            path=name.path if rows.num_rows else "",
            rows=rows.num_rows,
            bytes=size,
            facts=PartFacts(fetched_at=run.started, held=(day,)),
        )

    def latest(
        self,
        tenant: str,
        workspace: str,
        wanted: FindingFilter | None = None,
        order: FindingOrder | None = None,
        *,
        until: date | None = None,
    ) -> FindingPage:
        """For each check the rows of the latest run that covered it; with `until`, as it was at that day's end."""
        wanted = wanted or FindingFilter()
        counting = latest(self._counted(tenant, workspace), until)
        statements = (finding_sql.page(wanted, order or FindingOrder()), finding_sql.sums(wanted))
        tables, failures = self._asked(tenant, workspace, counting, *statements)
        if not tables:
            return FindingPage(failures=failures)
        sums = tables[1].to_pylist()
        return FindingPage(
            tuple(findings_of(tables[0])),
            sum(row["findings"] for row in sums),
            {row["currency"]: row["saving"] for row in sums},
            failures,
        )

    def of_day(self, tenant: str, workspace: str, day: date, wanted: FindingFilter | None = None) -> FindingPage:
        """What the runs of one day found, by fingerprint; all verdicts unless told otherwise."""
        wanted = wanted or FindingFilter(verdicts=())
        counting = [each for each in self._counted(tenant, workspace) if each.day == day]
        tables, failures = self._asked(
            tenant,
            workspace,
            counting,
            finding_sql.page(wanted, FindingOrder("check_id", descending=False, limit=None)),
        )
        found = tuple(finding for table in tables for finding in findings_of(table))
        return FindingPage(found, len(found), _savings(found), failures)

    def last_flagged(self, tenant: str, workspace: str, wanted: FindingFilter) -> FindingPage:
        """What fits as it was when it was last flagged, by fingerprint, also what no run finds any more."""
        wanted = replace(wanted, verdicts=(Verdict.FLAGGED,))
        counting = self._counted(tenant, workspace)
        tables, failures = self._asked(tenant, workspace, counting, finding_sql.last_flagged(wanted))
        found = tuple(finding for table in tables for finding in findings_of(table))
        return FindingPage(found, len(found), _savings(found), failures)

    def covering(self, tenant: str, workspace: str) -> dict[str, str]:
        """The run that counts for each check now, by check id."""
        counting = latest(self._counted(tenant, workspace))
        return {check: each.part.run_id for each in counting for check in each.checks}

    def between(
        self, tenant: str, workspace: str, period: Period, checks: Sequence[str], failures: list[Failure] | None = None
    ) -> Iterator[Observed]:
        """What was observed on the days of a period, to be judged again: oldest day first, one day in memory at once.

        Parts that cannot be read are added to `failures` as they are met.
        """
        days: dict[date, list[Counted]] = {}
        for each in self._counted(tenant, workspace):
            if period.start <= each.day < period.end and set(each.checks) & set(checks):
                days.setdefault(each.day, []).append(each)
        for counting in days.values():
            tables, missing = self._asked(tenant, workspace, counting, finding_sql.observations(checks))
            if failures is not None:
                failures.extend(missing)
            for table in tables:
                yield from (Observed(*row) for row in observed_rows(table))

    def observations(
        self, tenant: str, workspace: str, checks: Sequence[str], failures: list[Failure] | None = None
    ) -> Iterator[Observed]:
        """The latest observations of checks: what another setting would be judged over now."""
        counting = [each for each in latest(self._counted(tenant, workspace)) if set(each.checks) & set(checks)]
        tables, missing = self._asked(tenant, workspace, counting, finding_sql.observations(checks))
        if failures is not None:
            failures.extend(missing)
        for table in tables:
            yield from (Observed(*row) for row in observed_rows(table))

    def days(self, tenant: str, workspace: str) -> tuple[RunDay, ...]:
        """Run dates with the checks covered, oldest first; from the ledger, without opening a file."""
        found: dict[date, set[str]] = {}
        for each in self._counted(tenant, workspace):
            found.setdefault(each.day, set()).update(each.checks)
        return tuple(RunDay(day, tuple(sorted(checks))) for day, checks in sorted(found.items()))

    def workspaces(self, tenant: str) -> tuple[str, ...]:
        """Workspaces that runs were made for, sorted."""
        parts = self._ledger.snapshot(tenant).parts
        return tuple(sorted({part.cube for part in parts if part.dataset == FINDINGS}))

    def seen_dates(
        self, tenant: str, workspace: str, fingerprints: Collection[str] | None = None
    ) -> tuple[dict[str, SeenDates], tuple[Failure, ...]]:
        """When each was first and last flagged, over every day that counts."""
        counting = self._counted(tenant, workspace)
        tables, failures = self._asked(tenant, workspace, counting, finding_sql.seen_dates(fingerprints))
        found = {
            name: SeenDates(instant(first), instant(last))
            for table in tables
            for name, first, last in zip(*(column.to_pylist() for column in table.columns), strict=True)
        }
        return found, failures

    def enriched(
        self, tenant: str, workspace: str, costs: Sequence[ResourceCost], wanted: FindingFilter | None = None
    ) -> tuple[list[dict[str, object]], tuple[Failure, ...]]:
        """`finops_findings_enriched`: the latest findings, each with `actual.cost_7d`, `actual.cost_30d` and so on.

        Names and types are those of `FINDING_SCHEMA` (instants as microseconds since 1970) and `finding_sql.ENRICHED`.
        A resource is matched by ARN (high confidence), by id and account (high), else by its id where that can only be
        one (medium); without a match the costs are None and the confidence is `none`.
        """
        asked = finding_sql.enriched(wanted or FindingFilter())
        statement = Statement(asked.sql, asked.values | bound_costs(costs))
        tables, failures = self._asked(tenant, workspace, latest(self._counted(tenant, workspace)), statement)
        return [row for table in tables for row in table.to_pylist()], failures

    def _counted(self, tenant: str, workspace: str) -> list[Counted]:
        return counted(self._ledger.snapshot(tenant_name(tenant)).parts, workspace)

    def _asked(
        self, tenant: str, workspace: str, counting: Sequence[Counted], *statements: Statement
    ) -> tuple[list[Any], tuple[Failure, ...]]:
        bound = bindings(tenant, workspace, counting)
        asked = [Statement(each.sql, bound | each.values) for each in statements]
        return self._reader.tables([each.part for each in counting], *asked)


def _require_own(tenant: str, findings: Sequence[Finding], run: Run, scope: tuple[str, date, frozenset[str]]) -> None:
    if (run.tenant, run.source) != (tenant, FINDINGS_SOURCE):
        raise StoreError("a run writes only its own tenant's findings")
    workspace, run_date, checks = scope
    if not checks:
        raise StoreError("a run covers at least one check")
    own = (tenant, workspace, run_date, run.run_id)
    for each in findings:
        if (each.tenant, each.workspace, each.run_date, each.run_id) != own or each.check_id not in checks:
            raise StoreError(f"finding {each.fingerprint} is not of this run, its tenant, workspace, day and checks")


def _outdated(parts: Sequence[Part], fresh: Part) -> list[Part]:
    """The parts of the same workspace and day of which nothing counts beside the fresh one."""
    same = [part for part in parts if part.period == fresh.period]
    covered = set(checks_of(fresh))
    counting = {each.part.part_id: set(each.checks) for each in counted(same, fresh.cube)}
    mine = [part for part in same if part.dataset == FINDINGS and part.cube == fresh.cube]
    return [part for part in mine if counting.get(part.part_id, set()) <= covered]


def _savings(findings: Sequence[Finding]) -> dict[str, Decimal]:
    found: dict[str, list[Decimal]] = {}
    for each in findings:
        found.setdefault(each.currency, []).append(each.monthly_saving)
    return {currency: exact_sum(amounts) for currency, amounts in sorted(found.items())}

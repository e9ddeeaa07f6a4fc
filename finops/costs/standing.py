"""Where a tenant's costs stand: what is stored, how fresh and complete it is, and how the last run ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from finops.costs.cubes import CONTROL_CUBES, COST_EXPLORER, LINES
from finops.costs.memory import Memory
from finops.model import spans
from finops.model.costs import Coverage, Granularity, Metric
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.model.outcome import Failure
    from finops.store import Run, Store

LEASE = timedelta(minutes=30)
"""After that long a run without an end is taken to have died."""

BUSY = "refresh_running"
"""Code of the failure of a run that gave way to another one."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source of a tenant. `status` is the last run's: committed, partial, failed, running or interrupted."""

    source: str
    fetched_at: datetime | None
    period: Period | None
    rows: int
    status: str
    failures: tuple[Failure, ...]
    estimated_from: date | None
    attempted_at: datetime | None
    requests: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is stored of a tenant at one version."""

    tenant: str
    version: str
    coverage: tuple[Coverage, ...]
    memory: Memory

    @property
    def period(self) -> Period | None:
        """From the first to past the last day held by any source."""
        if not self.coverage:
            return None
        return Period(
            min(entry.period.start for entry in self.coverage), max(entry.period.end for entry in self.coverage)
        )

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric stored, in any source."""
        return tuple(dict.fromkeys(metric for entry in self.coverage for metric in entry.metrics))

    @property
    def account_names(self) -> dict[str, str]:
        """Account names by id, as bills and Cost Explorer tell them; Cost Explorer's are the present ones."""
        named = {account: name for entry in self.coverage for account, name in entry.account_names.items()}
        return {**named, **self.memory.accounts}

    def entry(self, source: str, cube: str, grain: Granularity = Granularity.DAILY) -> Coverage | None:
        """What one cube covers."""
        wanted = (source, cube, grain)
        return next((entry for entry in self.coverage if (entry.source, entry.cube.name, entry.grain) == wanted), None)

    def control(self, source: str) -> Coverage | None:
        """What the control cube of a source covers, by day."""
        return self.entry(source, CONTROL_CUBES.get(source, ""))

    def estimated_from(self, source: str, entry: Coverage) -> date | None:
        """The first day that may still change. The control cube knows: other cubes keep the mark they came with."""
        control = self.control(source) if source == COST_EXPLORER else None
        return (control or entry).estimated_from

    def fetched_at(self, source: str, entry: Coverage, period: Period) -> datetime:
        """How old figures are. The probe vouches for all cubes but those whose changed days could not be fetched."""
        control = self.control(source) if source == COST_EXPLORER else None
        if control is None or not entry.cube.whole or self.behind(source, entry.cube.name, period):
            return entry.fetched_at
        return control.fetched_at

    def behind(self, source: str, cube: str, period: Period) -> spans.Spans:
        """Days of the period whose figures are known to have changed but could not be fetched for this cube."""
        return spans.clipped(self.memory.behind.get(cube, ()), period) if source == COST_EXPLORER else ()

    def complete_until(self) -> date | None:
        """Past the last complete day; None when no day is complete.

        A day is complete once it had ended at least 24 hours before its figures were fetched: asked on the 20th, the
        18th is the last complete one. A bill file is complete through its last day, unless it was read that soon
        after.
        """
        ends = []
        for source in {entry.source for entry in self.coverage}:
            control = self.control(source) or next(entry for entry in self.coverage if entry.source == source)
            end = min(control.fetched_at.date() - timedelta(days=1), control.period.end)
            if end > control.period.start:
                ends.append(end)
        return max(ends, default=None)


def standing(store: Store, tenant: str) -> Standing:
    """Reads where a tenant stands. Two quick reads of SQL; no file is opened."""
    version = store.cubes.version(tenant)
    if not version:
        return Standing(tenant, version, (), Memory())
    good = store.ledger.last_good(tenant, COST_EXPLORER)
    return Standing(
        tenant, version, store.cubes.coverage(tenant), Memory.from_detail(good.detail) if good else Memory()
    )


def source_states(store: Store, state: Standing, now: Callable[[], datetime]) -> tuple[SourceState, ...]:
    """Every source that holds data or was ever asked."""
    found = []
    for source in sorted({entry.source for entry in state.coverage} | set(CONTROL_CUBES)):
        runs = store.ledger.runs(state.tenant, source=source, limit=5)
        last = next((run for run in runs if not gave_way(run)), None)
        if last is not None or any(entry.source == source for entry in state.coverage):
            found.append(_source_state(state, source, last, now()))
    return tuple(found)


def _source_state(state: Standing, source: str, last: Run | None, now: datetime) -> SourceState:
    entries = [entry for entry in state.coverage if entry.source == source]
    control = state.control(source) or next(iter(entries), None)
    period = (
        Period(min(entry.period.start for entry in entries), max(entry.period.end for entry in entries))
        if entries
        else None
    )
    lines = state.entry(source, LINES)
    return SourceState(
        source=source,
        fetched_at=control.fetched_at if control else None,
        period=period,
        rows=lines.rows if lines else sum(entry.rows for entry in entries),
        status=status_of(last, now) if last else "",
        failures=last.failures if last else (),
        estimated_from=control.estimated_from if control else None,
        attempted_at=last.started if last else None,
        requests=last.requests if last else 0,
    )


def gave_way(run: Run) -> bool:
    """Whether a run ended at once because another one was under way: it says nothing about its source."""
    return any(failure.code == BUSY for failure in run.failures)


def status_of(run: Run, now: datetime) -> str:
    """A run's status, `interrupted` for one that never ended."""
    return "interrupted" if run.status == "running" and now - run.started > LEASE else run.status


def failure_note(state: SourceState | None) -> str:
    """What to say beside figures whose source could not be refreshed lately; empty when there is nothing to say."""
    if state is None or not state.failures or state.attempted_at is None:
        return ""
    return f"The refresh of {state.attempted_at:%d %b %H:%M} UTC failed: {state.failures[0].message}"

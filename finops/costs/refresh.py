"""Brings stored costs up to date from Cost Explorer, with as few paid requests as the page sizes allow.

Whatever fails, stored figures stay: the cubes that could be fetched are committed together in one run, the others
keep their last good days and are remembered as behind. A control cube that cannot be fetched fails the run; nothing
changes then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.costs.cubes import CONTROL, COST_EXPLORER, wanted_cubes
from finops.costs.lease import KIND, opened, within_process
from finops.costs.memory import Memory
from finops.costs.refresh_plan import Outset, RefreshPlan, lagging, outset, planned, repairs
from finops.costs.refresh_run import Progress, RefreshRun
from finops.costs.sources.cost_explorer import CubeFetcher, Explorer
from finops.costs.standing import BUSY, gave_way
from finops.model.errors import InputError
from finops.model.metering import Caller, MeterLine
from finops.model.money import exact_sum
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from finops.store import Store

FRESH = timedelta(hours=1)
"""A refresh that soon after the last one sends nothing unless forced."""
RETRY = timedelta(minutes=15)
"""How long the clock waits before it tries again after a failure."""

Sent = tuple[int, Decimal]
"""Requests and US dollars."""

_NOTHING: Sent = (0, Decimal(0))
_UNDER_WAY = "another refresh is under way"
_STATUS = {"committed": "done", "partial": "partial", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """What a refresh did. `status`: done, partial, failed or skipped; `cost` in US dollars; `days` were replaced."""

    run_id: str
    status: str
    requests: int
    cost: Decimal
    rows: int
    days: int
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    plan: RefreshPlan


class Refresher:
    """Plans and runs refreshes. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        explorer: Explorer | None,
        *,
        now: Callable[[], datetime],
        tag_keys: Sequence[str],
        categories: Sequence[str],
        resources: bool = False,
    ) -> None:
        self._store = store
        self._explorer = explorer
        self._now = now
        self._wanted = wanted_cubes(tag_keys, categories, resources=resources)

    def plan(self, tenant: str, *, since: date | None = None, force: bool = False) -> RefreshPlan:
        """What `refresh` would send now, and its price. Sends nothing.

        Within the hour after a refresh that is nothing, or what that refresh could not fetch.
        """
        start = self._outset(tenant, since)
        reason = "" if force or since is not None else self._just_refreshed(tenant)
        if reason and start.stored(CONTROL) is not None and lagging(start):
            return repairs(start)
        return planned(start, skipped_reason=reason)

    def refresh(
        self,
        tenant: str,
        *,
        since: date | None = None,
        force: bool = False,
        user: str = "",
        progress: Progress | None = None,
    ) -> RefreshResult:
        """Fetches what is due. InputError for a `since` out of reach; every failure of AWS is part of the result."""
        with within_process(self._store, tenant) as mine:
            plan = self.plan(tenant, since=since, force=force)
            if plan.skipped_reason or not mine:
                return _skipped(plan, plan.skipped_reason or _UNDER_WAY)
            if self._explorer is None:
                raise InputError("mode", "Cost Explorer is not set up here, so there is nothing to refresh from")
            run = opened(self._store.ledger, tenant, self._now())
            if run is None:
                return _skipped(plan, _UNDER_WAY)
            # Another process may have refreshed between the plan and the lease.
            start, plan = self._outset(tenant, since), self.plan(tenant, since=since, force=force)
            if plan.skipped_reason:
                self._store.ledger.fail(run, (Failure(BUSY, _UNDER_WAY),))
                return _skipped(plan, plan.skipped_reason)
            fetcher = CubeFetcher(self._explorer, Caller(tenant, KIND, user), self._now)
            work = RefreshRun(self._store, fetcher, run, plan, start, progress)
            return self._done(work, plan)

    def due(self, tenant: str, hours: int, *, first: bool) -> bool:
        """Whether the clock should refresh now: the last refresh is `hours` old (0: never).

        Without any refresh yet it is due only where the clock may make the `first` one. A failed refresh is tried
        again no sooner than a quarter of an hour later.
        """
        if not hours:
            return False
        last = next((run for run in self._store.ledger.runs(tenant, source=COST_EXPLORER) if not gave_way(run)), None)
        now = self._now()
        if last is not None and last.status in {"failed", "running"} and now - (last.ended or last.started) < RETRY:
            return False
        good = self._store.ledger.last_good(tenant, COST_EXPLORER)
        return first if good is None else now - (good.ended or good.started) >= timedelta(hours=hours)

    def _done(self, work: RefreshRun, plan: RefreshPlan) -> RefreshResult:
        """Runs it and takes from the meter what it sent: retries, failures and pages of unfinished answers included."""
        before = self._sent(plan.tenant)
        outcome = work.outcome(lambda: self._since(plan.tenant, before))
        requests, cost = self._since(plan.tenant, before)
        return RefreshResult(
            run_id=outcome.run.run_id,
            status=_STATUS[outcome.run.status],
            requests=requests,
            cost=cost,
            rows=outcome.rows,
            days=outcome.days,
            failures=outcome.run.failures,
            notes=outcome.notes,
            plan=plan,
        )

    def _since(self, tenant: str, before: dict[str, Sent]) -> Sent:
        after = self._sent(tenant, *before)
        requests = sum(count - before.get(month, _NOTHING)[0] for month, (count, _) in after.items())
        dollars = exact_sum(spent - before.get(month, _NOTHING)[1] for month, (_, spent) in after.items())
        return requests, dollars

    def _sent(self, tenant: str, *months: str) -> dict[str, Sent]:
        """What the tenant's refreshes sent in these months and this one; one runs at a time."""
        found = {}
        for month in {*months, self._now().strftime("%Y-%m")}:
            lines = [
                line for line in self._store.meter.lines(month, tenant) if line.feature == KIND and _was_sent(line)
            ]
            found[month] = (sum(line.requests for line in lines), exact_sum(line.cost for line in lines))
        return found

    def _outset(self, tenant: str, since: date | None) -> Outset:
        good = self._store.ledger.last_good(tenant, COST_EXPLORER)
        memory = Memory.from_detail(good.detail) if good else Memory()
        return outset(tenant, self._wanted, self._store.cubes.coverage(tenant), memory, now=self._now(), since=since)

    def _just_refreshed(self, tenant: str) -> str:
        good = self._store.ledger.last_good(tenant, COST_EXPLORER)
        if good is None or good.ended is None or self._now() - good.ended >= FRESH:
            return ""
        minutes = max(0, int((self._now() - good.ended).total_seconds() // 60))
        return f"refreshed {minutes} minute{'' if minutes == 1 else 's'} ago"


def _was_sent(line: MeterLine) -> bool:
    return line.outcome != "refused"


def _skipped(plan: RefreshPlan, reason: str) -> RefreshResult:
    nothing = replace(plan, steps=(), requests=0, price=Decimal(0), skipped_reason=reason)
    return RefreshResult("", "skipped", 0, Decimal(0), 0, 0, (), (f"Nothing was sent: {reason}.",), nothing)

"""One discovery: every visit in a bounded pool, results kept as they come, failures as values.

Whatever fails, the rest goes on: a failed listing changes nothing that it did not see, an account that cannot be
entered is asked once and then left alone, and what was stored before a crash stays stored. To repeat is safe.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING

from finops.aws.failures import failure_of
from finops.aws.lister import listed
from finops.aws.pace import Pace
from finops.aws.regions import available, enabled_regions
from finops.aws.tagging import TagSweep, tag_sweep
from finops.inventory.keeping import Keeping
from finops.inventory.reasons import closed
from finops.inventory.visits import Visit, home_region, visits
from finops.model.assets import GLOBAL, Listed, Place
from finops.model.errors import AwsError
from finops.model.jobs import Outcome, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from finops.aws.calls import Calls
    from finops.aws.listing import Kind
    from finops.model.metering import Caller
    from finops.model.outcome import Failure
    from finops.store import Store

REGIONS_PLACE = "account:regions"
"""The place that stands for the question which regions an account has enabled."""
THREADS = 64
"""Latency, not CPU, is what a call waits for; more threads gain nothing on one core."""
WAITING = 2 * THREADS
"""Visits handed to the pool ahead of time: results never pile up faster than they are kept."""
TOLD_SECONDS = 0.5
SWITCH_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be visited: accounts, kinds, and regions (empty: those enabled in each account)."""

    tenant: str
    accounts: Sequence[str]
    regions: Sequence[str]
    kinds: Sequence[Kind]
    gone_after: timedelta


@dataclass(slots=True)
class Discovery:
    """The work of one run. `report` is told the progress; `caller` says on whose behalf calls are metered."""

    calls: Calls
    store: Store
    now: Callable[[], datetime]
    scope: Scope
    caller: Caller
    report: Callable[[Progress], None]
    pace: Pace = field(default_factory=Pace)
    _closed: dict[str, Failure] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def outcome(self) -> Outcome:
        """Visits everything. StoreError when results cannot be kept; failures of AWS are part of the outcome."""
        started, before = self.now(), self.calls.made(self.caller)
        with _fewer_switches(), ThreadPoolExecutor(THREADS, thread_name_prefix="discovery") as pool:
            regions, asked = self._regions(pool)
            planned = self._planned(regions)
            home = home_region([region for chosen in regions.values() for region in chosen])
            tenant, gone_after = self.scope.tenant, self.scope.gone_after
            keeping = Keeping(self.store, tenant, at=started, gone_after=gone_after, home=home, regions=regions)
            for outcome in asked:
                keeping.keep(outcome)
            watch = _Watch(len(planned), lambda: self.calls.made(self.caller) - before, self.report)
            self._visit_all(pool, deque(planned), keeping, watch)
        keeping.flush()
        return keeping.outcome(accounts=len(self.scope.accounts), calls=self.calls.made(self.caller) - before)

    def _visit_all(self, pool: ThreadPoolExecutor, upcoming: deque[Visit], keeping: Keeping, watch: _Watch) -> None:
        """Makes every visit, and the sweeps that their results call for before the visits that are left."""
        done: SimpleQueue[Future[Listed | TagSweep]] = SimpleQueue()
        running: dict[Future[Listed | TagSweep], Visit] = {}
        try:
            while upcoming or running:
                while upcoming and len(running) < WAITING:
                    visit = upcoming.popleft()
                    task = pool.submit(self._visited, visit)
                    running[task] = visit
                    task.add_done_callback(done.put)
                ended = done.get()
                sweeps = _kept(running.pop(ended), ended.result(), keeping)
                upcoming.extendleft(sweeps)
                watch.one_done(keeping, more=len(sweeps))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise

    def _regions(self, pool: ThreadPoolExecutor) -> tuple[dict[str, Sequence[str]], list[Listed]]:
        """The regions of each account, and whether they could be asked: a place of its own, kept with the others.

        Where they cannot be asked the account's other places stay as they are known.
        """
        if self.scope.regions:
            return dict.fromkeys(self.scope.accounts, self.scope.regions), []
        regions: dict[str, Sequence[str]] = {}
        outcomes = []
        asked = {one: pool.submit(enabled_regions, self.calls, one, self.caller) for one in self.scope.accounts}
        for account, task in asked.items():
            failure = None
            try:
                regions[account] = task.result()
                self.store.accounts.set_regions(self.scope.tenant, account, tuple(regions[account]))
            except AwsError as error:
                failure = failure_of(error)
            outcomes.append(Listed(Place(account, GLOBAL, REGIONS_PLACE), (), failure))
        return regions, outcomes

    def _planned(self, regions: Mapping[str, Sequence[str]]) -> list[Visit]:
        everywhere = sorted({region for chosen in regions.values() for region in chosen})
        sessions = self.calls.sessions
        offered = {kind.kind: frozenset(available(kind, everywhere, sessions)) for kind in self.scope.kinds}
        return list(visits(regions, self.scope.kinds, offered=offered, home=home_region(everywhere)))

    def _visited(self, visit: Visit) -> Listed | TagSweep:
        with self._lock:
            refusal = self._closed.get(visit.account)
        if visit.kind is None:
            types = sorted({kind.tag_type for kind in self.scope.kinds if kind.tag_type})
            found: Listed | TagSweep = (
                TagSweep(None, refusal)
                if refusal
                else tag_sweep(self.calls, visit.account, visit.region, types, self.caller, pace=self.pace)
            )
        elif refusal:
            found = Listed(visit.place, (), refusal)
        else:
            found = listed(self.calls, visit.kind, visit.account, visit.region, self.caller, pace=self.pace)
        if found.failure is not None and closed(found.failure):
            with self._lock:
                self._closed.setdefault(visit.account, found.failure)
        return found


@contextmanager
def _fewer_switches() -> Iterator[None]:
    """Lets threads finish their turn: waiting ones that interrupt each other every 5 ms cost a fifth of the CPU."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class _Watch:
    """Tells how far the work is, at most twice a second."""

    def __init__(self, total: int, calls: Callable[[], int], report: Callable[[Progress], None]) -> None:
        self._total = total
        self._calls = calls
        self._report = report
        self._started = self._told = time.monotonic()
        self._done = 0

    def one_done(self, keeping: Keeping, *, more: int) -> None:
        """Counts one visit, and those it called for."""
        self._done += 1
        self._total += more
        moment = time.monotonic()
        if moment - self._told < TOLD_SECONDS and self._done < self._total:
            return
        self._told = moment
        left = round((moment - self._started) / self._done * (self._total - self._done))
        self._report(Progress(self._done, self._total, keeping.items, self._calls(), len(keeping.failures), left))


def _kept(visit: Visit, found: Listed | TagSweep, keeping: Keeping) -> tuple[Visit, ...]:
    """Keeps a result; returns the sweeps it calls for."""
    if isinstance(found, TagSweep):
        keeping.swept(visit, found)
        return ()
    return keeping.take(visit, found)

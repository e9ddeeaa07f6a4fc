"""How the product itself is doing: Health page, readiness probe, doctor, metrics. No paid request, no secret.

health = Health(settings, store=store, costs=costs, calls=calls, now=now)
health.ticked()                       # the scheduler, at each turn of its clock
health.answered("GET", "/api/costs", 200)
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from finops.aws.breaker import Position
from finops.aws.failures import failure_of
from finops.aws.identity import Identity, identity
from finops.aws.mail import mails_of
from finops.aws.organizations import accounts
from finops.health.checks import TICK_LIMIT, Check, database, disk, lake, mail, ticking
from finops.health.doctor import DoctorReport, Permission, examined, permissions
from finops.health.exposition import Family, Sample, exposition
from finops.health.report import BreakerLine, HealthReport
from finops.model.delivery import DeliveryStatus
from finops.model.errors import AwsError, StoreError
from finops.model.metering import Caller
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from config import Settings
    from finops.aws.calls import Calls
    from finops.costs import Costs
    from finops.store import Store

__all__ = ["TICK_LIMIT", "BreakerLine", "Check", "DoctorReport", "Health", "HealthReport", "Permission"]

IDENTITY_LIFE = timedelta(minutes=10)
_FEATURE = "health"


class Health:
    """One per process; safe to share between threads."""

    def __init__(
        self, settings: Settings, *, store: Store, costs: Costs, calls: Calls, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._store = store
        self._costs = costs
        self._calls = calls
        self._now = now
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._tick: datetime | None = None
        self._identity: tuple[datetime, Identity | Failure] | None = None

    def ticked(self) -> None:
        """The scheduler is alive."""
        with self._lock:
            self._tick = self._now()

    def answered(self, method: str, path: str, status: int) -> None:
        """Counts one HTTP answer; `path` is a label with few values."""
        with self._lock:
            self._requests[method, path, str(status)] += 1

    def report(self, tenant: str) -> HealthReport:
        """Everything the Health page shows. What cannot be read is a failure in it, never an exception, stores aside.

        StoreError when the database does not answer: then there is nothing to show.
        """
        found = self._whose()
        sources = self._costs.sources(tenant)
        month = self._now().strftime("%Y-%m")
        failures = [failure for source in sources for failure in source.failures]
        return HealthReport(
            tenant=tenant,
            as_of=self._now(),
            mode=self._settings.mode,
            sign_in=self._settings.sign_in,
            credentials=self._calls.sessions.diagnostics(),
            identity=found if isinstance(found, Identity) else None,
            sources=sources,
            month=month,
            meter=self._store.meter.lines(month),
            spent=self._store.meter.spent(month),
            ceiling=self._store.meter.ceiling,
            breakers=self._breakers(),
            stores=self._stores(),
            failures=tuple(failures if isinstance(found, Identity) else [found, *failures]),
        )

    def readiness(self) -> tuple[Check, ...]:
        """Database, lake, disk, scheduler: all must be ok for the process to be sent work."""
        with self._lock:
            tick = self._tick
        return (*self._stores(), ticking(tick, self._now()))

    def doctor(self, tenant: str) -> DoctorReport:
        """What works and what is missing, and why. Tries only what is free: the identity and the list of accounts."""
        found = self._whose()
        denied = [found] if isinstance(found, Failure) else []
        tried = {"sts:GetCallerIdentity": tuple(denied)}
        if not denied:
            tried["organizations:ListAccounts"] = accounts(self._calls, Caller(tenant, _FEATURE)).failures
        return examined(
            mode=self._settings.mode,
            credentials=self._calls.sessions.diagnostics(),
            identity=found,
            stores=self._stores(),
            mail=mail(mails_of(self._settings, self._calls)),
            permissions=permissions(tried),
        )

    def metrics_text(self) -> str:
        """The Prometheus text exposition of this process's counters and of this month's spend."""
        with self._lock:
            requests, tick = dict(self._requests), self._tick
        families = [
            Family("finops_info", "gauge", "What runs here.", (Sample((("mode", self._settings.mode),), 1),)),
            _counted("finops_http_requests_total", "HTTP answers.", ("method", "path", "status"), requests.items()),
            _counted(
                "finops_aws_calls_total", "AWS calls of this process.", ("service", "operation", "outcome"),
                self._calls.counts().items(),
            ),
            Family("finops_breaker_open", "gauge", "1 while calls to this place are held back.", tuple(
                Sample(line.labels, int(line.position != Position.CLOSED))
                for line in self._breakers()
            )),
            *self._spend(),
        ]  # fmt: skip
        if tick:
            told = "When the scheduler last turned."
            families.append(
                Family("finops_scheduler_tick_timestamp_seconds", "gauge", told, (Sample((), int(tick.timestamp())),))
            )
        return exposition(families)

    def _spend(self) -> list[Family]:
        """Jobs, mails, the month's spend, ceiling and age of data; left out while the database does not answer."""
        month = self._now().strftime("%Y-%m")
        try:
            spent = self._store.meter.spent(month)
            sources = self._costs.sources(self._settings.refresh_tenant)
            jobs = self._store.jobs.counts()
            mails = self._store.outbox.counts()
        except StoreError:
            return []
        ceiling = self._store.meter.ceiling
        held = [source for source in sources if source.fetched_at]
        fetched = tuple(
            Sample((("source", source.source),), int(source.fetched_at.timestamp()))
            for source in held
            if source.fetched_at
        )
        return [
            Family(
                "finops_jobs",
                "gauge",
                "Jobs kept, by how they stand.",
                tuple(
                    Sample((("kind", kind), ("status", status)), count)
                    for (kind, status), count in sorted(jobs.items())
                ),
            ),
            Family(
                "finops_mails",
                "gauge",
                "Mails to one reader each, by how they stand.",
                tuple(Sample((("status", str(status)),), mails.get(status, 0)) for status in DeliveryStatus),
            ),
            Family(
                "finops_cost_explorer_spend_dollars",
                "gauge",
                "Spent on paid requests this month.",
                (Sample((), spent),),
            ),
            Family(
                "finops_cost_explorer_ceiling_dollars",
                "gauge",
                "The month's ceiling.",
                () if ceiling is None else (Sample((), ceiling),),
            ),
            Family("finops_costs_fetched_timestamp_seconds", "gauge", "When stored costs were fetched.", fetched),
        ]

    def _stores(self) -> tuple[Check, ...]:
        return (database(self._store), lake(self._store), disk(self._settings.data_dir))

    def _breakers(self) -> tuple[BreakerLine, ...]:
        """Places that failed of late; a discovery makes thousands that did not."""
        found = sorted(self._calls.breakers().items())
        states = [(place, state) for place, state in found if state.failures or state.position != Position.CLOSED]
        return tuple(BreakerLine(*place, state.position, state.failures, state.since) for place, state in states)

    def _whose(self) -> Identity | Failure:
        """Whose the credentials are, asked at most every ten minutes; a failure is asked again the next time."""
        with self._lock:
            kept = self._identity
        if kept and self._now() - kept[0] < IDENTITY_LIFE:
            return kept[1]
        try:
            found = identity(self._calls, Caller(feature=_FEATURE))
        except AwsError as error:
            return failure_of(error)
        with self._lock:
            self._identity = (self._now(), found)
        return found


def _counted(name: str, told: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]) -> Family:
    samples = tuple(Sample(tuple(zip(labels, values, strict=True)), count) for values, count in sorted(counts))
    return Family(name, "counter", told, samples)

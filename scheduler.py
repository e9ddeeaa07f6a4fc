"""What runs when: a clock that starts jobs when they are due, and ends those whose process died.

APScheduler is the ticker only. Whether a job is due is read from stored facts (when did the last one end?), so a
restart or a late wake-up never does anything twice; and of several processes one alone turns the clock: the holder of a
lease in the database.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from finops.jobs.processes import here
from finops.model.errors import Busy, FinopsError
from finops.model.jobs import JobStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.facade import Finops
    from finops.model.jobs import Job

TICK = timedelta(minutes=1)
FIRST = (timedelta(seconds=4), timedelta(seconds=16))
"""When the clock first looks: as soon as a page had time to draw, and again when a first discovery should be done."""
BEAT = timedelta(seconds=15)
"""How often jobs of dead processes are looked for, and the lease is kept."""
LEASE, LEASE_SECONDS = "scheduler", 60.0
RETRY = timedelta(minutes=15)
"""How long the clock waits before it tries again what failed."""
USER = "scheduler"
DISCOVER, REFRESH, FIND = "inventory.discover", "costs.refresh", "findings.run"
HISTORY = "findings.history"
"""What the checks do first where past days can be looked at: so that there is a trend from the first visit on."""
_NARROWED = ("accounts", "regions", "services", "checks", "workspace")

log = logging.getLogger(__name__)


def start(finops: Finops) -> Callable[[], None]:
    """Starts ticking in a background thread, first when a page had time to draw. Returns what stops it."""
    ticker = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    ticker.add_job(beat, "interval", args=[finops], seconds=BEAT.total_seconds(), id="beat")
    ticker.add_job(_turn, "interval", args=[finops], seconds=TICK.total_seconds(), id="tick")
    for after in FIRST:
        ticker.add_job(_turn, "date", args=[finops], run_date=datetime.now(UTC) + after)
    ticker.start()
    beat(finops)

    def stop() -> None:
        ticker.shutdown(wait=False)
        try:
            finops.store.leases.release(LEASE, here())
        except FinopsError as error:
            log.warning("the clock's lease ends by itself: %s", error)

    return stop


def beat(finops: Finops) -> bool:
    """A sign of life: keeps the lease, ends the jobs of dead processes. False while another process has the clock."""
    finops.health.ticked()
    try:
        for job in finops.jobs.reap():
            log.warning("job %s (%s) was interrupted", job.job_id, job.kind)
        mine = finops.store.leases.hold(LEASE, here(), LEASE_SECONDS)
    except FinopsError as error:
        log.warning("the clock stands still: %s", error)
        return False
    if mine:
        _remind(finops)
    return mine


def _remind(finops: Finops) -> None:
    """Sends again what a broker has lost; one that cannot be reached does not stop the clock."""
    try:
        finops.jobs.remind()
    except FinopsError as error:
        log.warning("jobs wait for their worker: %s", error)


def fill(finops: Finops) -> None:
    """Fetches the first costs where the clock may, before anyone looks: the first answer then has figures."""
    if finops.settings.broker_url is None and not finops.costs.coverage(finops.settings.refresh_tenant):
        tick(finops, (REFRESH,))


def _turn(finops: Finops) -> None:
    """A tick that waits for no job: a process that is told to stop need not wait either."""
    tick(finops, wait=False)


def tick(finops: Finops, kinds: tuple[str, ...] = (REFRESH, DISCOVER, FIND), *, wait: bool = True) -> None:
    """One turn of the clock: does the jobs that are due, or with `wait` False begins them.

    In aws mode the first cost refresh is the dear one, and a person's decision (`costs refresh`): the clock only
    follows up. Discovery sends no paid request, and checks wait until it has been once.
    """
    if not beat(finops):
        return
    settings = finops.settings
    tenant, first = settings.refresh_tenant, settings.mode != "aws"
    due: dict[str, Callable[[], bool]] = {
        REFRESH: lambda: finops.costs.refresh_due(tenant, hours=settings.refresh_hours, first=first),
        DISCOVER: lambda: discovery_due(finops, tenant),
        FIND: lambda: findings_due(finops, tenant),
    }
    for kind in kinds:
        try:
            if due[kind]():
                _do(finops, _first_of(finops, kind, tenant), tenant, wait=wait)
        except Busy as error:
            log.info("%s waits: %s", kind, error)
        except FinopsError as error:
            log.warning("%s failed: %s", kind, error)


def discovery_due(finops: Finops, tenant: str) -> bool:
    """Whether all accounts should be visited now: the last such discovery is old enough, or failed a while ago."""
    return _due(finops, tenant, (DISCOVER,), finops.settings.discovery_hours)


def findings_due(finops: Finops, tenant: str) -> bool:
    """Whether all checks should run now: the same, once there is an inventory and while none is being made."""
    discovery = _last(finops, tenant, (DISCOVER,))
    if not finops.inventory.version(tenant) or (discovery is not None and discovery.status.open):
        return False
    return _due(finops, tenant, (FIND, HISTORY), finops.settings.findings_hours)


def _first_of(finops: Finops, kind: str, tenant: str) -> str:
    """The kind of job that a due one begins with."""
    first = kind == FIND and finops.settings.mode == "demo" and finops.waste.last_run(tenant) is None
    return HISTORY if first else kind


def _last(finops: Finops, tenant: str, kinds: tuple[str, ...]) -> Job | None:
    """The latest job of the kinds that was about everything."""
    found = [job for kind in kinds for job in finops.jobs.jobs(tenant, kind=kind, parts=False)[0] if _whole(job)]
    return max(found, key=lambda job: job.created, default=None)


def _due(finops: Finops, tenant: str, kinds: tuple[str, ...], hours: int) -> bool:
    if not hours:
        return False
    last = _last(finops, tenant, kinds)
    if last is None:
        return True
    if last.status.open:
        return False
    bad = last.status in {JobStatus.FAILED, JobStatus.INTERRUPTED}
    since = finops.now() - (last.ended or last.created if bad else last.created)
    return since >= (RETRY if bad else timedelta(hours=hours))


def _whole(job: Job) -> bool:
    return not any(job.arguments.get(name) for name in _NARROWED)


def _do(finops: Finops, kind: str, tenant: str, *, wait: bool) -> None:
    """Does a job, or begins it; with a broker its workers do it."""
    if finops.settings.broker_url is not None or not wait:
        job = finops.jobs.start(kind, tenant, {}, user=USER)
        log.info("%s of tenant %s: job %s", kind, tenant, job.job_id)
        return
    log.info("%s of tenant %s", kind, tenant)
    job = finops.jobs.run(kind, tenant, {}, user=USER)
    log.log(logging.WARNING if job.failures else logging.INFO, "%s %s: %s", kind, job.status, dict(job.counts))

"""What runs when: a clock that starts jobs when they are due, and ends those whose process died.

APScheduler is the ticker only. Whether a job is due is read from stored facts (when did the last one end?), so a
restart or a late wake-up never does anything twice; and of several processes one alone turns the clock: the holder of a
lease in the database. Scheduled reports go out with it; those any number of processes may send, one alone sends each.
"""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from export import saved
from finops.facade import may_schedule
from finops.jobs.processes import gone, here
from finops.model.delivery import Attachment, Mailing
from finops.model.errors import Busy, FinopsError
from finops.model.jobs import JobStatus
from finops.model.reports import Format, ReportRequest
from finops.reports.mails.letters import letter_of
from finops.works import ALONE
from user_prefs import report_thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from finops.delivery import Sent
    from finops.facade import Finops
    from finops.model.delivery import Firing, Letter, Schedule
    from finops.model.jobs import Job
    from finops.model.reports import Export, Interval, Report

TICK = timedelta(minutes=1)
FIRST = (timedelta(seconds=4), timedelta(seconds=16))
"""When the clock first looks: as soon as a page had time to draw, and again when a first discovery should be done."""
BEAT = timedelta(seconds=15)
"""How often jobs of dead processes are looked for, and the lease is kept."""
POST = timedelta(seconds=30)
"""How often due schedules and waiting mails are looked for, beside the jobs: none waits for the other."""
LEASE, LEASE_SECONDS = "scheduler", 60.0
RETRY = timedelta(minutes=15)
"""How long the clock waits before it tries again what failed."""
USER = "scheduler"
DISCOVER, REFRESH, FIND = "inventory.discover", "costs.refresh", "findings.run"
HISTORY = "findings.history"
"""What the checks do first where past days can be looked at: so that there is a trend from the first visit on."""
KINDS = (REFRESH, DISCOVER, FIND)
FOLLOWING = ("anomalies.detect", "budgets.evaluate")
"""What a refresh of costs does besides, unless it is asked for alone."""
LATE = "[late] "
"""What the subject of a mail begins with that was due while nothing ran."""
MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}
_NARROWED = ("accounts", "regions", "services", "checks", "workspace")

log = logging.getLogger(__name__)


def start(finops: Finops) -> Callable[[], None]:
    """Starts ticking in a background thread, first when a page had time to draw. Returns what stops it."""
    ticker = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    ticker.add_job(beat, "interval", args=[finops], seconds=BEAT.total_seconds(), id="beat")
    ticker.add_job(_turn, "interval", args=[finops], seconds=TICK.total_seconds(), id="tick")
    ticker.add_job(_post, "interval", args=[finops], seconds=POST.total_seconds(), id="post")
    for after in FIRST:
        ticker.add_job(_turn, "date", args=[finops], run_date=datetime.now(UTC) + after)
    ticker.add_job(_post, "date", args=[finops], run_date=datetime.now(UTC) + FIRST[0])
    ticker.start()
    beat(finops)

    def stop() -> None:
        finops.delivery.stop()
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
        mine = finops.store.leases.hold(LEASE, here(), LEASE_SECONDS) or _inherited(finops)
    except FinopsError as error:
        log.warning("the clock stands still: %s", error)
        return False
    if mine:
        _remind(finops)
    return mine


def _inherited(finops: Finops) -> bool:
    """Takes the clock of a process that is seen to be no more, before its lease has run out."""
    holder = finops.store.leases.holder(LEASE) or ""
    if not gone(holder):
        return False
    finops.store.leases.release(LEASE, holder)
    return finops.store.leases.hold(LEASE, here(), LEASE_SECONDS)


def _remind(finops: Finops) -> None:
    """Sends again what a broker has lost; one that cannot be reached does not stop the clock."""
    try:
        finops.jobs.remind()
    except FinopsError as error:
        log.warning("jobs wait for their worker: %s", error)


def fill(finops: Finops) -> None:
    """Fetches the first costs where the clock may, before anyone looks: the first answer then has figures.

    What else follows a refresh, anomalies and budgets, is begun and nobody waits for it.
    """
    tenant = finops.settings.refresh_tenant
    if finops.settings.broker_url is None and not finops.costs.coverage(tenant) and beat(finops):
        _begin(finops, (REFRESH,), wait=True, arguments={ALONE: True})
        if finops.costs.coverage(tenant):
            for kind in FOLLOWING:
                with _told(kind):  # AWS's own too: free here, since in aws mode a person fetches the first costs
                    _do(finops, kind, tenant, {"aws": True}, wait=False)


def _turn(finops: Finops) -> None:
    """The jobs that are due, waited for by nobody: a process that is told to stop need not wait either."""
    if beat(finops):
        _begin(finops, KINDS, wait=False)


def _post(finops: Finops) -> None:
    """What is due by mail, as long as this process has the clock."""
    if beat(finops):
        post(finops)


def tick(finops: Finops, kinds: tuple[str, ...] = KINDS) -> None:
    """One turn of the clock: sends what is due by mail and does the jobs that are due."""
    if beat(finops):
        post(finops)
        _begin(finops, kinds, wait=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a system's own clock. `clock` is the process that has the clock, and so does the jobs."""

    mine: bool
    clock: str
    posted: Posted


def turn_once(finops: Finops) -> Turn:
    """One turn of a process that ends afterwards: mails in any case, since no two processes send the same one.

    Jobs are done where nobody else has the clock, which it lets go of.
    """
    mine = beat(finops)
    posted = post(finops)
    clock = finops.store.leases.holder(LEASE) or ""
    if mine:
        try:
            _begin(finops, KINDS, wait=True)
        finally:
            finops.store.leases.release(LEASE, here())
    return Turn(mine, clock, posted)


@dataclass(frozen=True, slots=True)
class Posted:
    """What left by mail in one turn, and what kept it (sentences)."""

    firings: tuple[Firing, ...] = ()
    sent: Sent | None = None
    faults: tuple[str, ...] = ()


def post(finops: Finops) -> Posted:
    """Makes the reports that are due and sends the mails that wait. Whatever fails is told, and the clock goes on."""
    fired: tuple[Firing, ...] = ()
    sent: Sent | None = None
    try:
        fired = finops.delivery.fire(lambda schedule, firing: mailings(finops, schedule, firing))
        sent = finops.delivery.send_due()
        finops.delivery.purge()
    except FinopsError as error:
        log.warning("mails wait: %s", error)
        return Posted(fired, sent, (str(error),))
    return Posted(fired, sent)


def mailings(finops: Finops, schedule: Schedule, firing: Firing | None = None) -> tuple[Mailing, ...]:
    """The mails of a schedule as they are now, none when it is quiet and there is no news. `firing` asks for them.

    A report of changes tells each reader what is new since their last mail: one letter for those who had the same one.
    The errors are those of the report, of its file and of its letter.
    """
    changes = finops.reports.definition(schedule.report).changes
    readers = finops.delivery.intervals(schedule, firing) if changes else ((None, schedule.recipients),)
    late = firing is not None and firing.late
    made = ((_mail(finops, schedule, interval, late=late), them) for interval, them in readers)
    return tuple(Mailing(letter, them) for letter, them in made if letter is not None)


def _mail(finops: Finops, schedule: Schedule, interval: Interval | None, *, late: bool) -> Letter | None:
    """The letter of readers with the same interval, None when there is nothing to say and that is not to be said."""
    tenant, owner = schedule.tenant, schedule.owner
    request = ReportRequest(schedule.report, tenant, owner, scope=schedule.scope)
    report = finops.reports.make(request, report_thresholds(finops, owner, tenant), interval)
    if schedule.quiet and not has_news(report):
        return None
    letter = _letter(finops, schedule, report)
    return replace(letter, subject=f"{LATE}{letter.subject}") if late else letter


def tried(finops: Finops, schedule: Schedule, to: str, *, by: str) -> int:
    """Queues a schedule's mail as it is now for one address instead of its readers, a dry run; how many mails.

    NotAllowed when its owner may not send it.
    """
    may_schedule(finops.access, finops.reports, schedule)
    return finops.delivery.try_out(schedule.tenant, mailings(finops, schedule), to, by=by)


def has_news(report: Report) -> bool:
    """Whether a report says anything: a change or a row in any table, or that something is missing in it."""
    if report.unchanged:
        return report.partial
    return report.partial or any(next(iter(table.rows()), None) is not None for table in report.tables)


def _letter(finops: Finops, schedule: Schedule, report: Report) -> Letter:
    """The letter with its file: attached, or where that is too large for a mail, behind a signed link."""
    export = saved(finops, report, schedule.format, schedule.owner)
    public = finops.settings.public_url
    if export.size > finops.mails.most_attached:
        link = f"{public}{finops.exports.link(export)}"
        return letter_of(report, public_url=public, link=link, zone=schedule.timezone)
    file = _attached(finops, export)
    return letter_of(report, public_url=public, attachments=(file,), zone=schedule.timezone)


def _attached(finops: Finops, export: Export) -> Attachment:
    with closing(finops.exports.opened(export)) as file:
        return Attachment(export.name, MEDIA_TYPES[export.format], file.read())


def _begin(
    finops: Finops, kinds: tuple[str, ...], *, wait: bool, arguments: Mapping[str, object] = MappingProxyType({})
) -> None:
    """Does the jobs that are due, or without `wait` begins them.

    In aws mode the first cost refresh is the dear one, and a person's decision (`costs refresh`): the clock only
    follows up. Discovery sends no paid request, and checks wait until it has been once.
    """
    settings = finops.settings
    tenant, first = settings.refresh_tenant, settings.mode != "aws"
    due: dict[str, Callable[[], bool]] = {
        REFRESH: lambda: finops.costs.refresh_due(tenant, hours=settings.refresh_hours, first=first),
        DISCOVER: lambda: discovery_due(finops, tenant),
        FIND: lambda: findings_due(finops, tenant),
    }
    for kind in kinds:
        with _told(kind):
            if due[kind]():
                _do(finops, _first_of(finops, kind, tenant), tenant, arguments, wait=wait)


@contextmanager
def _told(kind: str) -> Iterator[None]:
    """Logs why a job did not begin: the clock goes on."""
    try:
        yield
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


def _do(finops: Finops, kind: str, tenant: str, arguments: Mapping[str, object], *, wait: bool) -> None:
    """Does a job, or begins it; with a broker its workers do it."""
    if finops.settings.broker_url is not None or not wait:
        job = finops.jobs.start(kind, tenant, arguments, user=USER)
        log.info("%s of tenant %s: job %s", kind, tenant, job.job_id)
        return
    log.info("%s of tenant %s", kind, tenant)
    job = finops.jobs.run(kind, tenant, arguments, user=USER)
    log.log(logging.WARNING if job.failures else logging.INFO, "%s %s: %s", kind, job.status, dict(job.counts))

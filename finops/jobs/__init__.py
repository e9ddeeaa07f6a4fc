"""Jobs: facade calls that run by themselves, in this process or on a broker's workers, with a row in SQL as the truth.

    jobs = Jobs(store.jobs, {"inventory.discover": Work(discover, locks, split)}, now=now, broker_url="")
    job = jobs.start("inventory.discover", "default", {"accounts": ["111111111111"]}, user="ann")

Whatever happens to a job's process, its row ends: in its own words, or as interrupted once its heartbeat stops.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from finops.jobs.beat import Beat
from finops.jobs.broker import Sender
from finops.jobs.memory import HEAVY_SECONDS, give_back
from finops.jobs.performing import failed_with, performed
from finops.jobs.processes import here
from finops.jobs.reaping import interrupted, reaped
from finops.jobs.terms import Terms
from finops.jobs.work import Arguments, Assignment, Work, plain_arguments
from finops.model.errors import FinopsError, InputError, StoreError
from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.store.job_rows import End, Moment, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from finops.store import JobStore

__all__ = ["Arguments", "Assignment", "Jobs", "Terms", "Work"]

log = logging.getLogger(__name__)


class Jobs:
    """Jobs of every tenant. Safe to share between threads; `close` when the process ends."""

    def __init__(
        self,
        store: JobStore,
        works: Mapping[str, Work],
        *,
        now: Callable[[], datetime],
        broker_url: str = "",
        terms: Terms | None = None,
    ) -> None:
        self._store = store
        self._works = works
        self._now = now
        self._terms = terms or Terms()
        self._sender = Sender(broker_url, self._terms.queue) if broker_url else None
        self._mine: set[str] = set()

    def run(
        self,
        kind: str,
        tenant: str,
        arguments: Arguments,
        *,
        user: str,
        progress: Callable[[Progress], None] | None = None,
    ) -> Job:
        """Does a job and waits for its end, wherever it runs. Errors are those of `start`; those of its work end it."""
        order = self._order(kind, tenant, arguments, user)
        if self._sender is not None:
            return self._awaited(self._submitted(order, self._sender), progress)
        return self._performed(self._created(order).job_id, progress)

    def start(self, kind: str, tenant: str, arguments: Arguments, *, user: str) -> Job:
        """Begins a job and returns at once.

        InputError for an unknown kind or arguments that are not plain; Busy when another open job holds one of its
        locks; StoreError when database or broker cannot be reached, and then no job is left open.
        """
        order = self._order(kind, tenant, arguments, user)
        if self._sender is not None:
            return self._submitted(order, self._sender)
        job = self._created(order)
        threading.Thread(target=self._perform_aside, args=(job.job_id,), name=f"job {kind}", daemon=True).start()
        return job

    def perform(self, job_id: str) -> Job:
        """Does a pending job in this process: what a worker calls. A job that is not pending is left alone.

        InputError when there is no such job.
        """
        return self._performed(job_id, None)

    def job(self, tenant: str, job_id: str) -> Job | None:
        """One job of a tenant, None when it has no such job."""
        found = self._store.find(job_id)
        if found is not None and found.status.open and self.reap():
            found = self._store.find(job_id)
        return found if found is not None and found.tenant == tenant else None

    def jobs(
        self,
        tenant: str,
        *,
        kind: str = "",
        statuses: Sequence[JobStatus] = (),
        parts: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[tuple[Job, ...], int]:
        """Jobs of a tenant, newest first, and how many there are in all; without `parts` whole jobs only."""
        self.reap()
        return self._store.page(tenant, kind=kind, statuses=statuses, parts=parts, limit=limit, offset=offset)

    def reap(self) -> tuple[Job, ...]:
        """Ends the jobs of dead processes and frees their locks; the jobs that ended by it. Call every `terms.reap`."""
        return reaped(self._store, self._terms, self._moment())

    def remind(self) -> int:
        """Sends again what has waited for a worker for `terms.remind` seconds, should its message be lost; how many.

        StoreError when the broker cannot be reached.
        """
        if self._sender is None:
            return 0
        moment, sent = self._moment(), 0
        for each in self._store.standing():
            waits = each.job.status is JobStatus.PENDING and not each.job.worker
            since = each.job.heartbeat
            if waits and since and (moment.alive - since).total_seconds() > self._terms.remind:
                self._sender.send(each.job.job_id)
                sent += self._store.reminded(each.job, moment)
        return sent

    def close(self) -> None:
        """Marks the jobs that this process has not finished as interrupted; their threads end with the process."""
        try:
            for job_id in tuple(self._mine):
                self._abandon(job_id)
        except StoreError as error:
            log.warning("jobs of this process stay open until their heartbeat is missed: %s", error)
        if self._sender is not None:
            self._sender.close()

    def _order(self, kind: str, tenant: str, arguments: Arguments, user: str) -> Order:
        if kind not in self._works:
            raise InputError("kind", f"there are no jobs of kind {kind}; there are {', '.join(sorted(self._works))}")
        return Order(tenant, kind, plain_arguments(arguments), user)

    def _locked(self, order: Order) -> Order:
        return replace(order, locks=self._works[order.kind].locks(order.tenant, order.arguments))

    def _created(self, order: Order) -> Job:
        """A pending job of this process."""
        self.reap()
        job = self._store.create(replace(self._locked(order), worker=here()), self._moment())
        self._mine.add(job.job_id)
        return job

    def _submitted(self, order: Order, sender: Sender) -> Job:
        """A job, or the parts of one, in the hands of the broker. What cannot be sent has failed."""
        self.reap()
        split = self._works[order.kind].split
        wanted = split(order.tenant, order.arguments) if split else ()
        parts = [self._locked(replace(order, arguments=plain_arguments(part))) for part in wanted]
        if len(parts) > 1:
            job, waiting = self._store.split(order, parts, self._moment())
        else:
            job = self._store.create(self._locked(order), self._moment())
            waiting = (job,)
        for place, part in enumerate(waiting):
            try:
                sender.send(part.job_id)
            except StoreError as error:
                self._unsent(waiting[place:], error)
                if place == 0:
                    raise
                break
        return job

    def _unsent(self, jobs: Sequence[Job], error: StoreError) -> None:
        """Ends jobs that the broker did not take, unless a worker has one after all."""
        for job in jobs:
            failure = replace(failed_with(error, job.arguments), code="broker")
            failed = End(JobStatus.FAILED, Outcome(failures=(failure,), nothing_done=True))
            self._store.give_up(job, failed, self._moment())
        if jobs[0].parent:
            self._store.settle(jobs[0].parent, self._moment())

    def _perform_aside(self, job_id: str) -> None:
        """`perform` in a thread of its own, where nobody waits for what goes wrong."""
        try:
            self._performed(job_id, None)
        except FinopsError as error:
            log.warning("job %s: %s", job_id, error)

    def _performed(self, job_id: str, progress: Callable[[Progress], None] | None) -> Job:
        self._mine.add(job_id)
        began = time.monotonic()
        try:
            job = self._store.claim(job_id, here(), self._moment())
            if job is not None:
                self._end(job, progress)
        finally:
            self._mine.discard(job_id)
            if time.monotonic() - began > HEAVY_SECONDS:
                give_back()
        found = self._store.find(job_id)
        if found is None:
            raise InputError("job_id", f"there is no job {job_id}")
        return found

    def _end(self, job: Job, progress: Callable[[Progress], None] | None) -> None:
        """Does a job's work and writes its end, unless it was declared ended meanwhile."""
        with Beat(lambda reached: self._store.beat(job.job_id, reached, self._moment()), self._terms) as beat:

            def report(reached: Progress) -> None:
                beat.report(reached)
                if progress is not None:
                    progress(reached)

            try:
                assignment = Assignment(job.job_id, job.tenant, job.arguments, job.user, report)
                end = performed(self._works.get(job.kind), assignment)
            except BaseException:
                stopped = interrupted(job, f"its process {job.worker} was told to stop")
                self._store.end(job.job_id, stopped, self._moment())
                raise
        self._store.end(job.job_id, replace(end, progress=beat.latest), self._moment())
        if job.parent:
            self._store.settle(job.parent, self._moment())

    def _abandon(self, job_id: str) -> None:
        """Interrupts a job of this process; again when its heartbeat came in between."""
        for _ in range(3):
            found = self._store.find(job_id)
            if found is None or not found.status.open:
                return
            told = interrupted(found, f"its process {found.worker} was told to stop")
            if self._store.give_up(found, told, self._moment()) is not None:
                return

    def _awaited(self, job: Job, progress: Callable[[Progress], None] | None) -> Job:
        """The job once it has ended on a worker."""
        shown, looked = Progress(), time.monotonic()
        while job.status.open:
            waiting = job.status is JobStatus.PENDING
            reached = replace(job.progress, note="waiting for a worker") if waiting else job.progress
            if progress is not None and reached != shown:
                progress(reached)
                shown = reached
            time.sleep(self._terms.poll)
            if time.monotonic() - looked > self._terms.reap:
                self.reap()
                looked = time.monotonic()
            job = self._store.find(job.job_id) or job
        return job

    def _moment(self) -> Moment:
        return Moment(self._now(), self._terms.clock())

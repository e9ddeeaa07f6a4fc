"""Ends the jobs of processes that died, and the split jobs whose parts have all ended."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.jobs.processes import gone
from finops.model.jobs import Job, JobStatus, Outcome
from finops.store.job_rows import End, Moment, Standing, failure_in

if TYPE_CHECKING:
    from datetime import datetime

    from finops.jobs.terms import Terms
    from finops.store import JobStore

log = logging.getLogger(__name__)

INTERRUPTED = "interrupted"
"""Code of the failure of a job whose process died."""


def interrupted(job: Job, message: str) -> End:
    """The end of a job that nobody does any more."""
    return End(JobStatus.INTERRUPTED, Outcome(failures=(failure_in(job.arguments, INTERRUPTED, message),)))


def reaped(store: JobStore, terms: Terms, moment: Moment) -> tuple[Job, ...]:
    """Ends every open job that is dead by these terms; the jobs that ended by it. Any number may look at once."""
    standing = store.standing()
    ended: list[Job] = []
    for each in standing:
        told = _death(each, terms, moment)
        found = store.give_up(each.job, interrupted(each.job, told), moment) if told else None
        if found is not None:
            log.warning("job %s (%s) was interrupted: %s", found.job_id, found.kind, told)
            ended.append(found)
    over = {job.job_id for job in ended}
    left = [each for each in standing if each.job.job_id not in over]
    for each in left:
        if each.parts:
            ended += _family(store, each.job, left, terms, moment)
    return tuple(ended)


def _death(standing: Standing, terms: Terms, moment: Moment) -> str:
    """Why a job counts as dead; "" for one that lives, waits for a worker or is made of parts."""
    job = standing.job
    if standing.parts or not job.worker:
        return ""
    if gone(job.worker):
        return f"its process {job.worker} ended before the job did"
    if job.heartbeat is not None and _older(job.heartbeat, terms.dead, moment):
        return f"its process {job.worker} has given no sign of life for {terms.dead:g} seconds"
    return ""


def _family(store: JobStore, parent: Job, left: list[Standing], terms: Terms, moment: Moment) -> list[Job]:
    """Ends a split job when no part is open, or when those that are will not be taken by anybody."""
    ended: list[Job] = []
    waiting = [each.job for each in left if each.job.parent == parent.job_id]
    if waiting and _abandoned(store, parent, left, terms, moment):
        told = "not begun: the worker of another part died, and none has come to take this one"
        given_up = [store.give_up(job, interrupted(job, told), moment) for job in waiting]
        ended = [job for job in given_up if job is not None]
        waiting = []
    settled = None if waiting else store.settle(parent.job_id, moment)
    return ended if settled is None else [*ended, settled]


def _abandoned(store: JobStore, parent: Job, left: list[Standing], terms: Terms, moment: Moment) -> bool:
    """Whether a part was interrupted, and since then no worker shows any life: no job runs, of this family or another.

    Without that, the end of a job whose only worker was killed would wait for somebody to start another one.
    """
    if any(each.job.status is JobStatus.RUNNING and not each.parts for each in left):
        return False
    parts = store.parts(parent.job_id)
    latest = max(part.heartbeat for part in parts if part.heartbeat is not None)
    return any(part.status is JobStatus.INTERRUPTED for part in parts) and _older(latest, terms.dead, moment)


def _older(heartbeat: datetime, seconds: float, moment: Moment) -> bool:
    return moment.alive - heartbeat > timedelta(seconds=seconds)

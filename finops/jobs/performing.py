"""Doing the work of one job. An edge: whatever goes wrong becomes the end of the job, told to who looks at it."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from finops.aws.failures import failure_of
from finops.model.errors import (
    AwsError,
    Busy,
    CeilingReached,
    ConfigError,
    FinopsError,
    InputError,
    NotAllowed,
    StoreError,
)
from finops.model.jobs import JobStatus, Outcome
from finops.store.job_rows import End, failure_in

if TYPE_CHECKING:
    from finops.jobs.work import Arguments, Assignment, Work
    from finops.model.outcome import Failure

log = logging.getLogger(__name__)

INTERNAL = "internal"
_CODES: tuple[tuple[type[FinopsError], str], ...] = (
    (InputError, "input"),
    (NotAllowed, "not_allowed"),
    (Busy, "busy"),
    (StoreError, "store"),
    (CeilingReached, "ceiling_reached"),
    (ConfigError, "config"),
)


def performed(work: Work | None, assignment: Assignment) -> End:
    """How the work ended: completed, partial or failed. `work` is None for a kind that this process does not know."""
    if work is None:
        return _failed(failure_in(assignment.arguments, "unknown", "this version does not know jobs of that kind"))
    try:
        return _end(work.run(assignment))
    except FinopsError as error:
        return _failed(failed_with(error, assignment.arguments))
    except Exception:  # the edge: the log gets the traceback, the job a reference to it
        reference = uuid.uuid4().hex[:12]
        log.exception("job %s failed, reference %s", assignment.job_id, reference)
        told = f"something went wrong that should not; the log says more under reference {reference}"
        return _failed(failure_in(assignment.arguments, INTERNAL, told))


def failed_with(error: FinopsError, arguments: Arguments) -> Failure:
    """An error of ours as a job's failure; its message was written for people."""
    if isinstance(error, AwsError):
        return failure_of(error)
    return failure_in(arguments, next((code for kind, code in _CODES if isinstance(error, kind)), "failed"), str(error))


def _end(outcome: Outcome) -> End:
    """The status that an outcome means."""
    counts = {str(name): int(count) for name, count in outcome.counts.items()}
    kept = Outcome(counts, tuple(outcome.failures), outcome.nothing_done)
    if kept.nothing_done:
        return End(JobStatus.FAILED, kept)
    return End(JobStatus.PARTIAL if kept.failures else JobStatus.COMPLETED, kept)


def _failed(failure: Failure) -> End:
    return End(JobStatus.FAILED, Outcome(failures=(failure,), nothing_done=True))

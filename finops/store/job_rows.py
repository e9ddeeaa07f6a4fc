"""Jobs as rows: what is asked for, what is kept, and what the parts of a split job come to together."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.model.outcome import Failure
from finops.store.exact_text import fitted
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

MAX_FAILURES = 200
"""A job keeps that many failures; the last of them then counts those left out."""

_DID_SOMETHING = {JobStatus.COMPLETED, JobStatus.PARTIAL}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant by both clocks: `at` is the product's now (it may be frozen), `alive` the wall's."""

    at: datetime
    alive: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """A job that is wanted. `locks` are names that it holds alone; `worker` the process it waits in, "" for a broker's.

    `arguments` are JSON values.
    """

    tenant: str
    kind: str
    arguments: Mapping[str, object]
    user: str
    locks: tuple[str, ...] = ()
    worker: str = ""

    def lock_names(self) -> tuple[str, ...]:
        """The locks as they are kept: sorted, each once, none longer than its column."""
        return tuple(sorted({fitted(name, NAME_LENGTH) for name in self.locks}))

    def failure(self, code: str, message: str) -> Failure:
        """A failure of this job, in the account and region that its arguments name."""
        return failure_in(self.arguments, code, message)


@dataclass(frozen=True, slots=True)
class End:
    """How a job ended."""

    status: JobStatus
    outcome: Outcome = field(default_factory=Outcome)
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An open job. `parts`: how many jobs it was split into, 0 for one that does its work itself."""

    job: Job
    parts: int


def failure_in(arguments: Mapping[str, object], code: str, message: str) -> Failure:
    """A failure of a job with these arguments: of one account or region, when they name just one."""
    return Failure(code, message, account=_only(arguments, "account"), region=_only(arguments, "region"))


def capped(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """At most MAX_FAILURES failures."""
    if len(failures) <= MAX_FAILURES:
        return tuple(failures)
    shown = MAX_FAILURES - 1
    return (*failures[:shown], Failure("more", f"and {len(failures) - shown} more failures"))


def job_id(created: datetime, number: int, order: Order, part: int = 0) -> str:
    """A UUID of version 7 (RFC 9562) made of the start, the job's number and what is asked for.

    Later jobs sort later, also while a frozen clock gives all of them the same start, and a repeated history repeats
    its ids. `part` counts the parts of a split job, which share its number.
    """
    words = "\n".join((order.tenant, order.kind))
    what = int.from_bytes(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest()) >> 38
    milliseconds = int(created.timestamp() * 1000)
    high, low = divmod(number % 2**32, 2**20)
    tail = low << 42 | what << 16 | part
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | tail))


def new_row(order: Order, moment: Moment) -> dict[str, Any]:
    """The row of a pending job, still without an id."""
    return {
        "job_id": str(uuid.uuid4()),
        "tenant": order.tenant,
        "kind": order.kind,
        "arguments": json.dumps(dict(order.arguments)),
        "status": JobStatus.PENDING.value,
        "user_name": fitted(order.user, NAME_LENGTH),
        "created": moment.at,
        "started": None,
        "heartbeat": moment.alive,
        "ended": None,
        "progress": progress_text(Progress()),
        "counts": "{}",
        "failures": "[]",
        "parent": "",
        "parts": 0,
        "worker": order.worker,
    }


def end_values(end: End, moment: Moment) -> dict[str, Any]:
    """What changes in the row of a job that ends. The last heartbeat of an interrupted one is left as it was."""
    values: dict[str, Any] = {
        "status": end.status.value,
        "ended": moment.at,
        "counts": json.dumps(dict(end.outcome.counts)),
        "failures": json.dumps([asdict(failure) for failure in capped(end.outcome.failures)], default=str),
    }
    if end.progress is not None:
        values["progress"] = progress_text(end.progress)
    if end.status is not JobStatus.INTERRUPTED:
        values["heartbeat"] = moment.alive
    return values


def progress_text(progress: Progress) -> str:
    """Progress as JSON."""
    return json.dumps(asdict(progress), default=str)


def job_of(row: Row[Any]) -> Job:
    """The job of a row."""
    kept = row._asdict()
    return Job(
        job_id=kept["job_id"],
        tenant=kept["tenant"],
        kind=kept["kind"],
        arguments=json.loads(kept["arguments"]),
        status=JobStatus(kept["status"]),
        user=kept["user_name"],
        created=kept["created"],
        started=kept["started"],
        heartbeat=kept["heartbeat"],
        ended=kept["ended"],
        progress=Progress(**json.loads(kept["progress"])),
        counts=json.loads(kept["counts"]),
        failures=tuple(Failure(**failure) for failure in json.loads(kept["failures"])),
        parent=kept["parent"],
        worker=kept["worker"],
    )


def family_end(parts: Sequence[Job]) -> End:
    """How a split job ends, once all its parts have: counts summed, failures one after the other."""
    counts: dict[str, int] = {}
    for part in parts:
        for name, count in part.counts.items():
            counts[name] = counts.get(name, 0) + count
    failures = [failure for part in parts for failure in part.failures]
    return End(
        _family_status({part.status for part in parts}), Outcome(counts, tuple(failures)), family_progress(parts)
    )


def family_progress(parts: Sequence[Job]) -> Progress:
    """How far the parts are together. While some have not said how much they have to do, the others stand for them."""
    known = [part for part in parts if part.progress.total or not part.status.open]
    total = sum(part.progress.total for part in parts)
    ended = sum(not part.status.open for part in parts)
    left = [part.progress.seconds_left for part in parts if part.status is JobStatus.RUNNING]
    told = [seconds for seconds in left if seconds is not None]
    waiting = any(part.status is JobStatus.PENDING for part in parts)
    return Progress(
        done=sum(part.progress.done for part in parts),
        total=round(total * len(parts) / len(known)) if known else 0,
        items=sum(part.progress.items for part in parts),
        calls=sum(part.progress.calls for part in parts),
        failures=sum(part.progress.failures for part in parts),
        seconds_left=max(told) if told and len(told) == len(left) and not waiting else None,
        note=f"{ended} of {len(parts)} parts have ended",
    )


def _family_status(statuses: set[JobStatus]) -> JobStatus:
    if statuses <= {JobStatus.COMPLETED}:
        return JobStatus.COMPLETED
    if statuses & _DID_SOMETHING:
        return JobStatus.PARTIAL
    return JobStatus.INTERRUPTED if JobStatus.INTERRUPTED in statuses else JobStatus.FAILED


def _only(arguments: Mapping[str, object], name: str) -> str:
    """The value of an argument (`account`, or `accounts` with one member); "" when there is none, or several."""
    value = arguments.get(name) or arguments.get(f"{name}s")
    members = value if isinstance(value, list | tuple) else (value,)
    return members[0] if len(members) == 1 and isinstance(members[0], str) else ""

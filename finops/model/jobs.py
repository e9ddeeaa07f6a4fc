"""Words of work that runs by itself: a job, how it stands, how far it is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from finops.model.outcome import Failure


class JobStatus(StrEnum):
    """Pending and running jobs are open; interrupted is one whose process died, told by its heartbeat."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def open(self) -> bool:
        """Whether the job has not ended yet."""
        return self in {JobStatus.PENDING, JobStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` steps (0: not known yet), items found, calls made, failures met.

    `seconds_left` is an estimate, None while nothing can be said.
    """

    done: int = 0
    total: int = 0
    items: int = 0
    calls: int = 0
    failures: int = 0
    seconds_left: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to. Failures make it partial, or failed when `nothing_done`."""

    counts: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    nothing_done: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it is kept. `arguments` are plain values; `parent` is the job it is a part of, if any."""

    job_id: str
    tenant: str
    kind: str  # "inventory.discover"
    arguments: Mapping[str, object]
    status: JobStatus
    user: str
    created: datetime
    started: datetime | None = None
    heartbeat: datetime | None = None
    ended: datetime | None = None
    progress: Progress = field(default_factory=Progress)
    counts: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    parent: str = ""
    worker: str = ""  # host:process

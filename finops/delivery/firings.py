"""Firings: each due time is claimed once, its report made with its owner's rights, its mails queued in one transaction.

After a standstill there is one catch-up, for the latest time that passed, marked late. A firing whose process died is
made again by another: nothing of it was queued.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from finops.delivery.cron import last_time, next_times
from finops.delivery.terms import HANDS
from finops.model.delivery import Firing, FiringStatus, ScheduleStatus
from finops.model.errors import CODE_FAULTS, FinopsError, InputError, NotAllowed
from finops.model.findings import AuditEvent
from finops.store.delivery_rows import HeldFiring, digest
from finops.store.job_rows import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from finops.delivery.terms import Maker, Process, Rules
    from finops.model.delivery import Mailing, Schedule
    from finops.store.outbox import OutboxStore
    from finops.store.schedules import ScheduleStore

log = logging.getLogger(__name__)

RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30))
"""After so long a failed report is made again: three times within the hour."""
LATE = timedelta(minutes=10)
"""What fires later than that after its time is marked late."""
DEAD = timedelta(minutes=30)
"""A claim of a process that cannot be looked at is taken over when it is that old, by the wall clock."""
MOST = 100
CLOCK = "scheduler"
REPORT = "report"


@dataclass(frozen=True, slots=True)
class Stores:
    """Where schedules and letters are kept."""

    schedules: ScheduleStore
    outbox: OutboxStore


class Firings:
    """The clock of all tenants' schedules. Safe to run in any number of processes."""

    def __init__(self, stores: Stores, rules: Rules, process: Process, now: Callable[[], datetime]) -> None:
        self._store = stores.schedules
        self._outbox = stores.outbox
        self._rules = rules
        self._process = process
        self._now = now

    def turn(self, make: Maker, *, most: int = MOST) -> tuple[Firing, ...]:
        """Takes over what dead processes left, tries again what failed, and fires what is due; what it worked on."""
        todo: list[Callable[[], Firing | None]] = []
        todo += [partial(self._taken_over, held, make) for held in self._store.claimed()]
        todo += [partial(self._retried, failed, make) for failed in self._store.failed(self._now(), most)]
        todo += [partial(self._fired, due, make) for due in self._store.due(self._now(), most)]
        done = (do() for do in todo if not self._process.stopping.is_set())
        return tuple(firing for firing in done if firing is not None)

    def _fired(self, schedule: Schedule, make: Maker) -> Firing | None:
        """The firing of a schedule that is due; None when another process claimed it."""
        now = self._now()
        if schedule.next_run is None:
            return None
        try:
            due, skipped = last_time(schedule.cron, schedule.timezone, first=schedule.next_run, now=now)
            following = next_times(schedule.cron, schedule.timezone, after=now, count=1)[0]
        except InputError as error:  # a zone that this machine does not know
            self._store.change(*self._paused(schedule, str(error)))
            return None
        firing = replace(self._claimed(schedule, due, now), late=skipped > 0 or now - due > LATE, skipped=skipped)
        with HANDS.holding(firing.firing_id) as mine:
            if not mine or not self._store.claim(schedule, firing, following, self._moment()):
                return None
            self._make_now(firing, make)
            return firing

    def out_of_turn(self, schedule: Schedule, make: Maker, event: AuditEvent) -> Firing:
        """Fires a schedule now because a person says so; its next time stays. How it ended stands in the history.

        InputError while it is paused, or when it was changed, or fired, at this moment.
        """
        if schedule.next_run is None:
            raise InputError("schedule_id", "this schedule is paused; resume it first")
        now = self._now()
        firing = self._claimed(schedule, now, now)
        with HANDS.holding(firing.firing_id) as mine:
            if not mine or not self._store.claim(schedule, firing, schedule.next_run, self._moment(), event=event):
                raise InputError("schedule_id", "this schedule was changed, or fired, at this moment; look again")
            self._make_now(firing, make)
        return firing

    def _claimed(self, schedule: Schedule, due: datetime, now: datetime) -> Firing:
        return Firing(
            firing_id=digest(schedule.schedule_id, due.isoformat()),
            schedule_id=schedule.schedule_id,
            tenant=schedule.tenant,
            due=due,
            status=FiringStatus.CLAIMED,
            claimed_at=now,
            worker=self._process.name,
        )

    def _retried(self, failed: Firing, make: Maker) -> Firing | None:
        with HANDS.holding(failed.firing_id) as mine:
            return self._again(failed, make) if mine else None

    def _taken_over(self, held: HeldFiring, make: Maker) -> Firing | None:
        with HANDS.holding(held.firing.firing_id) as mine:
            if not mine or not abandoned(held.firing.worker, held.alive, DEAD, self._process):
                return None
            if held.firing.attempts > len(RETRIES):
                told = f"its process ended {held.firing.attempts} times while the report was made"
                self._store.end(held.firing, FiringStatus.FAILED, reason=told)
                return held.firing
            log.warning("firing %s is made again: its process %s ended", held.firing.firing_id, held.firing.worker)
            return self._again(held.firing, make)

    def _again(self, seen: Firing, make: Maker) -> Firing | None:
        late = seen.late or self._now() - seen.due > LATE
        mine = self._store.again(replace(seen, late=late), self._process.name, self._moment())
        if mine is not None:
            self._make_now(mine, make)
        return mine

    def _make_now(self, firing: Firing, make: Maker) -> None:
        """Makes the mails of a claimed firing as its schedule is now: changed, paused or removed since it was read."""
        schedule = self._store.find(firing.schedule_id)
        if schedule is None:
            self._store.end(firing, FiringStatus.FAILED, reason="its schedule was removed")
        elif schedule.status is ScheduleStatus.PAUSED:
            self._store.end(firing, FiringStatus.FAILED, reason="its schedule was paused")
        else:
            self._make(schedule, firing, make)

    def _make(self, schedule: Schedule, firing: Firing, make: Maker) -> None:
        """Makes the mails of a claimed firing and queues them; whatever goes wrong is written down."""
        try:
            self._rules.allowed(schedule)
            mailings = make(schedule, firing)
        except NotAllowed as error:
            paused, event = self._paused(schedule, str(error))
            self._store.pause(firing, paused.reason, event)
        except FinopsError as error:
            self._failed(firing, str(error))
        except CODE_FAULTS:
            reference = uuid.uuid4().hex[:12]
            log.exception("firing %s failed, reference %s", firing.firing_id, reference)
            self._failed(firing, f"something went wrong that should not; the log says more under {reference}")
        else:
            self._queue(firing, mailings)

    def _queue(self, firing: Firing, mailings: Sequence[Mailing]) -> None:
        kept = [mailing for mailing in mailings if mailing.recipients]
        if not kept:
            self._store.end(firing, FiringStatus.SILENT, reason="there was nothing to say")
            return
        moment = self._moment()
        queued = self._outbox.queue(firing.tenant, REPORT, kept, key=firing.firing_id, moment=moment, firing=firing)
        if not queued:
            log.warning("firing %s was taken over by another process", firing.firing_id)

    def _paused(self, schedule: Schedule, reason: str) -> tuple[Schedule, AuditEvent]:
        """A schedule that the clock pauses, and the event that says so."""
        log.warning("schedule %s of tenant %s is paused: %s", schedule.name, schedule.tenant, reason)
        detail = {"name": schedule.name, "reason": reason}
        event = AuditEvent(0, self._now(), CLOCK, "schedule.pause", schedule.schedule_id, detail)
        return replace(schedule, status=ScheduleStatus.PAUSED, reason=reason, next_run=None), event

    def _failed(self, firing: Firing, reason: str) -> None:
        left = RETRIES[firing.attempts - 1 : firing.attempts]
        retry_at = self._now() + left[0] if left else None
        log.warning("firing %s failed: %s", firing.firing_id, reason)
        self._store.end(firing, FiringStatus.FAILED, reason=reason, retry_at=retry_at)

    def _moment(self) -> Moment:
        return Moment(self._now(), self._process.clock())


def abandoned(worker: str, alive: datetime, dead: timedelta, process: Process) -> bool:
    """Whether nobody works on a row any more: its process is no more, or has been silent for too long.

    Of this process's own rows only those that no thread has in hand are asked about: one that went wrong halfway.
    """
    return worker == process.name or process.gone(worker) or process.clock() - alive > dead

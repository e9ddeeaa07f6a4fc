"""Schedules in SQL, and their firings: who claims one is decided by a single statement, whatever the number of clocks.

    firing = store.schedules.claim(schedule, firing, following, moment)  # False when somebody else has it

A claim moves the schedule's next run in the same transaction: a time is claimed and left behind, or neither.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, update

from finops.model.delivery import DeliveryStatus, Firing, FiringStatus, Schedule, ScheduleStatus
from finops.model.errors import InputError
from finops.store.delivery_rows import HeldFiring, firing_of, firing_row, schedule_of, schedule_row
from finops.store.delivery_schema import delivery as delivery_table
from finops.store.delivery_schema import firing as firing_table
from finops.store.delivery_schema import schedule as schedule_table
from finops.store.delivery_schema import unsubscribed
from finops.store.exact_text import storable
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.findings import AuditEvent
    from finops.store.database import Database
    from finops.store.job_rows import Moment

WITHDRAWN = "its schedule was removed"


class ScheduleStore:
    """Schedules and firings of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, schedule: Schedule, event: AuditEvent) -> None:
        """Keeps a new schedule, and the audit event with it. InputError when the tenant has one of that name."""

        def work(connection: Connection) -> None:
            _refuse_taken(connection, schedule)
            connection.execute(insert(schedule_table).values(schedule_row(schedule)))
            write_audit(connection, schedule.tenant, event)

        self._database.write(work)

    def change(self, schedule: Schedule, event: AuditEvent) -> None:
        """Keeps a schedule in place of what it was. InputError when it is gone, or its new name taken."""

        def work(connection: Connection) -> None:
            _refuse_taken(connection, schedule)
            changed = update(schedule_table).where(schedule_table.c.schedule_id == schedule.schedule_id)
            row = schedule_row(schedule)
            del row["last_run"]  # the clock's alone
            if connection.execute(changed.values(row)).rowcount == 0:
                raise InputError("schedule_id", f"there is no schedule {schedule.schedule_id} any more")
            write_audit(connection, schedule.tenant, event)

        self._database.write(work)

    def remove(self, schedule: Schedule, event: AuditEvent) -> int:
        """Forgets a schedule. Mails of it that were not handed over are withheld; returns how many.

        Firings and deliveries stay known.
        """
        c = delivery_table.c
        waiting = (c.status == DeliveryStatus.QUEUED.value) | (
            (c.status == DeliveryStatus.FAILED.value) & c.retry_at.is_not(None)
        )
        kept_back = {"status": DeliveryStatus.WITHHELD.value, "retry_at": None, "reason": WITHDRAWN}
        named = schedule.schedule_id

        def work(connection: Connection) -> int:
            gone = connection.execute(delete(schedule_table).where(schedule_table.c.schedule_id == named))
            if gone.rowcount == 0:
                return 0
            connection.execute(delete(unsubscribed).where(unsubscribed.c.schedule_id == named))
            withheld = update(delivery_table).where(c.schedule_id == named, waiting).values(kept_back)
            write_audit(connection, schedule.tenant, event)
            return connection.execute(withheld).rowcount

        return self._database.write(work)

    def find(self, schedule_id: str) -> Schedule | None:
        """A schedule of any tenant."""
        wanted = select(schedule_table).where(schedule_table.c.schedule_id == schedule_id)
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
            return None if row is None else schedule_of(row)

    def list(self, tenant: str) -> tuple[Schedule, ...]:
        """The schedules of a tenant by name."""
        wanted = select(schedule_table).where(schedule_table.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            return tuple(schedule_of(row) for row in connection.execute(wanted.order_by(schedule_table.c.name)))

    def due(self, now: datetime, most: int) -> tuple[Schedule, ...]:
        """Active schedules whose time has come, the one that waits longest first."""
        c = schedule_table.c
        wanted = select(schedule_table).where(c.status == ScheduleStatus.ACTIVE.value, c.next_run <= now)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(c.next_run, c.schedule_id).limit(most))
            return tuple(schedule_of(row) for row in rows)

    def claim(
        self,
        seen: Schedule,
        firing: Firing,
        following: datetime | None,
        moment: Moment,
        *,
        event: AuditEvent | None = None,
    ) -> bool:
        """Makes a firing its worker's and moves the schedule on; False when that time is claimed or not due any more.

        `seen` is the schedule as it was read: one that was changed since then is left alone. `event` is kept with a
        firing that a person asked for.
        """
        c = schedule_table.c
        still = (c.schedule_id == seen.schedule_id, c.status == ScheduleStatus.ACTIVE.value)
        moved = update(schedule_table).where(*still, c.next_run == seen.next_run, c.cron == seen.cron)

        def work(connection: Connection) -> bool:
            if connection.execute(moved.values(next_run=following, last_run=firing.due)).rowcount == 0:
                return False
            same = (firing_table.c.schedule_id == firing.schedule_id, firing_table.c.due == firing.due)
            if connection.execute(select(firing_table.c.firing_id).where(*same)).first() is not None:
                return False
            connection.execute(insert(firing_table).values(firing_row(firing, moment.alive)))
            if event is not None:
                write_audit(connection, seen.tenant, event)
            return True

        return self._database.write(work)

    def again(self, seen: Firing, worker: str, moment: Moment) -> Firing | None:
        """Makes a firing this worker's to do again; None when somebody else was faster or it has ended."""
        mine = replace(
            seen,
            status=FiringStatus.CLAIMED,
            claimed_at=moment.at,
            worker=worker,
            attempts=seen.attempts + 1,
            retry_at=None,
        )
        taken = update(firing_table).where(*same_firing(seen)).values(firing_row(mine, moment.alive))
        done = self._database.write(lambda connection: connection.execute(taken)).rowcount
        return mine if done else None

    def end(self, firing: Firing, status: FiringStatus, *, reason: str = "", retry_at: datetime | None = None) -> bool:
        """Ends a claimed firing; False when another worker has taken it over meanwhile."""
        values = {"status": status.value, "reason": storable(reason), "retry_at": retry_at}
        told = update(firing_table).where(*same_firing(firing)).values(values)
        return self._database.write(lambda connection: connection.execute(told)).rowcount > 0

    def pause(self, firing: Firing, reason: str, event: AuditEvent) -> bool:
        """Ends a claimed firing as failed and pauses its schedule, in one; False when another worker has taken it."""
        failed = {"status": FiringStatus.FAILED.value, "reason": storable(reason), "retry_at": None}
        paused = {"status": ScheduleStatus.PAUSED.value, "reason": storable(reason), "next_run": None}
        named = schedule_table.c.schedule_id == firing.schedule_id

        def work(connection: Connection) -> bool:
            if connection.execute(update(firing_table).where(*same_firing(firing)).values(failed)).rowcount == 0:
                return False
            connection.execute(update(schedule_table).where(named).values(paused))
            write_audit(connection, firing.tenant, event)
            return True

        return self._database.write(work)

    def claimed(self) -> tuple[HeldFiring, ...]:
        """Every firing that some process does, or did when it died."""
        wanted = select(firing_table).where(firing_table.c.status == FiringStatus.CLAIMED.value)
        with self._database.reading() as connection:
            return tuple(HeldFiring(firing_of(row), row.alive) for row in connection.execute(wanted))

    def failed(self, now: datetime, most: int) -> tuple[Firing, ...]:
        """Firings that failed and are to be tried again by now."""
        c = firing_table.c
        wanted = select(firing_table).where(c.status == FiringStatus.FAILED.value, c.retry_at <= now)
        with self._database.reading() as connection:
            return tuple(firing_of(row) for row in connection.execute(wanted.order_by(c.retry_at).limit(most)))

    def firings(
        self, tenant: str, *, schedule_id: str = "", statuses: Sequence[FiringStatus] = (), limit: int, offset: int = 0
    ) -> tuple[tuple[Firing, ...], int]:
        """Firings of a tenant, the latest due first, and how many there are in all."""
        c = firing_table.c
        wanted = [c.tenant == tenant_name(tenant)]
        wanted += [c.schedule_id == schedule_id] if schedule_id else []
        wanted += [c.status.in_([status.value for status in statuses])] if statuses else []
        listed = select(firing_table).where(*wanted).order_by(c.due.desc(), c.firing_id).limit(limit).offset(offset)
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(firing_table).where(*wanted)).scalar_one()
            return tuple(firing_of(row) for row in connection.execute(listed)), total


def same_firing(seen: Firing) -> tuple[Any, ...]:
    """The conditions under which a firing is still as it was seen: who took it over counted an attempt."""
    c = firing_table.c
    return (c.firing_id == seen.firing_id, c.status == seen.status.value, c.attempts == seen.attempts)


def _refuse_taken(connection: Connection, schedule: Schedule) -> None:
    c = schedule_table.c
    named = (c.tenant == tenant_name(schedule.tenant), c.name == storable(schedule.name))
    others = select(c.schedule_id).where(*named, c.schedule_id != schedule.schedule_id)
    if connection.execute(others).first() is not None:
        raise InputError("name", f"there is a schedule called {schedule.name} already")

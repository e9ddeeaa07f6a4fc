"""Jobs in SQL: who makes one, takes one and ends one is decided by single statements, whatever the number of processes.

    job = store.jobs.create(Order("default", "inventory.discover", {}, "ann", locks=("inventory:1",)), moment)
    mine = store.jobs.claim(job.job_id, "host:123", moment)  # None when somebody else has it

An ended job never opens again: what changes a job names the status it must still have.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from finops.model.errors import Busy
from finops.model.jobs import Job, JobStatus, Outcome, Progress
from finops.store.job_rows import (
    End,
    Moment,
    Order,
    Standing,
    end_values,
    family_end,
    family_progress,
    job_id,
    job_of,
    new_row,
    progress_text,
)
from finops.store.job_schema import job as job_table
from finops.store.job_schema import job_lock
from finops.store.lake import tenant_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finops.store.database import Database

__all__ = ["End", "JobStore", "Moment", "Order", "Standing"]

BUSY = "busy"
"""Code of the failure of a part whose locks another job holds."""

_OPEN = [status.value for status in JobStatus if status.open]
_MANY = 1_000  # bound values per statement


class JobStore:
    """Jobs of every tenant. Safe to share between threads and processes. StoreError when the database is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, order: Order, moment: Moment) -> Job:
        """A pending job that holds all its locks; Busy (and no job) when another open job holds one of them.

        InputError for a tenant that is not a name.
        """
        tenant_name(order.tenant)

        def work(connection: Connection) -> Job:
            holders = _holders(connection, order.tenant, order.lock_names())
            if holders:
                raise _busy(next(iter(holders.values())))
            number = _inserted(connection, new_row(order, moment))
            made = job_id(moment.at, number, order)
            connection.execute(update(job_table).where(job_table.c.number == number).values(job_id=made))
            _take(connection, order.tenant, dict.fromkeys(order.lock_names(), made))
            return job_of(_row(connection, made))

        return self._database.write(work)

    def split(self, order: Order, parts: Sequence[Order], moment: Moment) -> tuple[Job, tuple[Job, ...]]:
        """A running job made of pending ones, one per part, each with its own locks; and those parts that are open.

        A part whose locks are taken is failed from the start. Busy (and no job) when that is so for all of them.
        """
        tenant_name(order.tenant)

        def work(connection: Connection) -> tuple[Job, tuple[Job, ...]]:
            holders = _holders(connection, order.tenant, sorted({name for part in parts for name in part.lock_names()}))
            parent = new_row(order, moment) | {
                "status": JobStatus.RUNNING.value, "started": moment.at, "parts": len(parts), "worker": "",
            }  # fmt: skip
            number = _inserted(connection, parent)
            parent_id = job_id(moment.at, number, order)
            connection.execute(update(job_table).where(job_table.c.number == number).values(job_id=parent_id))
            rows: list[dict[str, Any]] = []
            locks: dict[str, str] = {}
            for place, part in enumerate(parts, start=1):
                row = new_row(part, moment) | {"job_id": job_id(moment.at, number, part, place), "parent": parent_id}
                rows.append(row | _start_of_part(part, row["job_id"], holders, locks, moment))
            if all(row["status"] != JobStatus.PENDING for row in rows):
                raise _busy(next(iter(holders.values())))
            connection.execute(insert(job_table), rows)
            _take(connection, order.tenant, locks)
            made = _children(connection, parent_id)
            return job_of(_row(connection, parent_id)), tuple(part for part in made if part.status.open)

        return self._database.write(work)

    def claim(self, wanted: str, worker: str, moment: Moment) -> Job | None:
        """Makes a pending job this worker's and running; None when it is not pending (any more)."""
        begun = {"status": JobStatus.RUNNING.value, "started": moment.at, "heartbeat": moment.alive, "worker": worker}

        def work(connection: Connection) -> Job | None:
            pending = (job_table.c.job_id == wanted, job_table.c.status == JobStatus.PENDING.value)
            if connection.execute(update(job_table).where(*pending).values(begun)).rowcount == 0:
                return None
            return job_of(_row(connection, wanted))

        return self._database.write(work)

    def beat(self, wanted: str, progress: Progress, moment: Moment) -> bool:
        """Says that a running job lives and how far it is; False when it has been declared ended."""
        alive = {"heartbeat": moment.alive, "progress": progress_text(progress)}
        running = (job_table.c.job_id == wanted, job_table.c.status == JobStatus.RUNNING.value)
        told = update(job_table).where(*running).values(alive)
        return self._database.write(lambda connection: connection.execute(told)).rowcount > 0

    def reminded(self, waiting: Job, moment: Moment) -> bool:
        """Notes that the broker was told again of a job that waits for a worker; False when it waits no longer."""
        told = (
            update(job_table)
            .where(job_table.c.job_id == waiting.job_id, _as_seen(waiting))
            .values(heartbeat=moment.alive)
        )
        return self._database.write(lambda connection: connection.execute(told)).rowcount > 0

    def end(self, wanted: str, end: End, moment: Moment) -> Job | None:
        """Ends a running job and frees its locks; None when it had been declared ended, which stays as it is."""
        running = (job_table.c.job_id == wanted, job_table.c.status == JobStatus.RUNNING.value)
        return self._database.write(lambda connection: _ended(connection, wanted, running, end, moment))

    def give_up(self, seen: Job, end: End, moment: Moment) -> Job | None:
        """Ends a job on behalf of a process that will not; None when it gave a sign of life since it was `seen`."""
        same = (job_table.c.job_id == seen.job_id, _as_seen(seen))
        return self._database.write(lambda connection: _ended(connection, seen.job_id, same, end, moment))

    def settle(self, parent_id: str, moment: Moment) -> Job | None:
        """Ends a split job whose parts have all ended, for whoever comes first; None while some are open, and later."""

        def work(connection: Connection) -> Job | None:
            parts = _children(connection, parent_id)
            if not parts or any(part.status.open for part in parts):
                return None
            running = (job_table.c.job_id == parent_id, job_table.c.status == JobStatus.RUNNING.value)
            return _ended(connection, parent_id, running, family_end(parts), moment)

        return self._database.write(work)

    def find(self, wanted: str) -> Job | None:
        """A job of any tenant."""
        with self._database.reading() as connection:
            return next(iter(_told(connection, select(job_table).where(job_table.c.job_id == wanted))), None)

    def page(
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
        wanted = [job_table.c.tenant == tenant_name(tenant)]
        if not parts:
            wanted.append(job_table.c.parent == "")
        if kind:
            wanted.append(job_table.c.kind == kind)
        if statuses:
            wanted.append(job_table.c.status.in_([JobStatus(status).value for status in statuses]))
        listed = select(job_table).where(*wanted).order_by(job_table.c.number.desc()).limit(limit).offset(offset)
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(job_table).where(*wanted)).scalar_one()
            return _told(connection, listed), total

    def counts(self) -> dict[tuple[str, str], int]:
        """How many whole jobs of all tenants are kept, by kind and status."""
        c = job_table.c
        wanted = select(c.kind, c.status, func.count()).where(c.parent == "").group_by(c.kind, c.status)
        with self._database.reading() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(wanted)}

    def standing(self) -> tuple[Standing, ...]:
        """Every open job of every tenant, oldest first."""
        listed = select(job_table).where(job_table.c.status.in_(_OPEN)).order_by(job_table.c.number)
        with self._database.reading() as connection:
            return tuple(Standing(job_of(row), row.parts) for row in connection.execute(listed))

    def parts(self, parent_id: str) -> tuple[Job, ...]:
        """The parts of a split job, in their order."""
        with self._database.reading() as connection:
            return _children(connection, parent_id)


def _inserted(connection: Connection, row: dict[str, Any]) -> int:
    key = connection.execute(insert(job_table).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def _row(connection: Connection, wanted: str) -> Row[Any]:
    return connection.execute(select(job_table).where(job_table.c.job_id == wanted)).one()


def _children(connection: Connection, parent_id: str) -> tuple[Job, ...]:
    listed = select(job_table).where(job_table.c.parent == parent_id).order_by(job_table.c.number)
    return tuple(job_of(row) for row in connection.execute(listed))


def _told(connection: Connection, listed: Select[Any]) -> tuple[Job, ...]:
    """Jobs of a statement; how far a split one is, is read from its parts until it ends."""
    rows = connection.execute(listed).all()
    return tuple(_with_progress(connection, row) if row.parts else job_of(row) for row in rows)


def _with_progress(connection: Connection, row: Row[Any]) -> Job:
    found = job_of(row)
    if not found.status.open:
        return found
    return replace(found, progress=family_progress(_children(connection, found.job_id)))


def _holders(connection: Connection, tenant: str, names: Sequence[str]) -> dict[str, Job]:
    """The open jobs that hold these names, by name."""
    found: dict[str, Job] = {}
    for start in range(0, len(names), _MANY):
        held = (
            select(job_lock.c.name, job_table)
            .join(job_table, job_table.c.job_id == job_lock.c.job_id)
            .where(job_lock.c.tenant == tenant, job_lock.c.name.in_(names[start : start + _MANY]))
            .order_by(job_lock.c.name)
        )
        found |= {row.name: job_of(row) for row in connection.execute(held)}
    return found


def _take(connection: Connection, tenant: str, locks: dict[str, str]) -> None:
    """Holds names for jobs. In one order for everybody; whoever took one in between makes this transaction repeat."""
    rows = [{"tenant": tenant, "name": name, "job_id": locks[name]} for name in sorted(locks)]
    if rows:
        connection.execute(insert(job_lock), rows)


def _start_of_part(
    part: Order, made: str, holders: dict[str, Job], locks: dict[str, str], moment: Moment
) -> dict[str, Any]:
    """Adds the part's locks to those to be taken, or says how its row ends when one is taken."""
    taken = next((name for name in part.lock_names() if name in holders or name in locks), None)
    if taken is None:
        locks |= dict.fromkeys(part.lock_names(), made)
        return {}
    told = _under_way(holders[taken]) if taken in holders else "another part of this job does the same"
    failed = End(JobStatus.FAILED, Outcome(failures=(part.failure(BUSY, told),), nothing_done=True))
    return end_values(failed, moment)


def _busy(holder: Job) -> Busy:
    return Busy(_under_way(holder), job_id=holder.job_id)


def _under_way(holder: Job) -> str:
    since = holder.started or holder.created
    doing = "is under way" if holder.started else "waits for a worker"
    return f"{holder.kind} {doing} since {since:%Y-%m-%d %H:%M:%S} UTC (job {holder.job_id}, {holder.user})"


def _as_seen(seen: Job) -> Any:
    """An open job whose status and heartbeat are still those of one that was read earlier."""
    same = (job_table.c.status == seen.status.value) & (job_table.c.heartbeat == seen.heartbeat)
    return same & job_table.c.status.in_(_OPEN)


def _ended(connection: Connection, wanted: str, still: Iterable[Any], end: End, moment: Moment) -> Job | None:
    if connection.execute(update(job_table).where(*still).values(end_values(end, moment))).rowcount == 0:
        return None
    connection.execute(delete(job_lock).where(job_lock.c.job_id == wanted))
    return job_of(_row(connection, wanted))

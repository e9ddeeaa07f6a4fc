"""A year of firings in two processes, one of them killed again and again: what left, what was lost, what was doubled.

The clock is simulated: it stands in a file, and moves on to the next due time once nothing is due any more.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from finops.delivery import Delivery, Wish
from finops.delivery.cron import next_times
from finops.jobs.processes import gone, here
from finops.model.delivery import MailError, Mailing
from finops.store import delivery_schema
from finops.store.database import Database
from finops.store.delivery_rows import digest
from finops.store.upgrade import upgrade
from tests.delivery.offices import TENANT, Folder, delivery_at, letter, office

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from finops.model.delivery import Firing, Receipt, Schedule

START = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Pacific/Auckland")
LINES = ("30 2 * * *", "15 7 * * 1-5", "0 */6 * * *")
READERS = ("ann@example.com", "ben@example.com")
REFUSED = 0.01
"""So much of what is sent is put off by the transport."""
_WAIT = 0.002


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a soak. `lost` and `doubled` are mails; `taken_over` counts firings that were begun again."""

    firings: int
    mails: int
    lost: int
    doubled: int
    unknown: int
    uncertain: int
    kills: int
    taken_over: int
    put_off: int
    seconds: float


class Flaky(Folder):
    """A folder that takes its time, so that kills find it at work, and now and then puts a mail off."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        super().__init__(root)
        self._chance = chance

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:
        if self._chance.random() < REFUSED:
            raise MailError("later", kind=MailError.LATER)
        time.sleep(self._chance.random() * _WAIT)
        receipt = super().send(message, sender=sender, recipient=recipient, delivery_id=delivery_id)
        time.sleep(self._chance.random() * _WAIT)
        return receipt


def soak(folder: Path, url: str, *, days: int, start: datetime = START, every: tuple[float, float], seed: int) -> Told:
    """Fires `LINES` in `ZONES` for so many days; kills one process after a random pause within `every` seconds."""
    upgrade(url)
    end, begun = start + timedelta(days=days), time.monotonic()
    database = Database(url)
    try:
        hall = _hall(database, folder, start)
        expected = _expected(_schedules(hall), start, end)
        clock = folder / "clock"
        _set(clock, start)
        kills = 0
        with _worker(url, folder, seed), _victim(url, folder, seed, every) as counted:
            now = start
            while now < end:
                due = _next(database)
                now = min(due, end) if due > now else now
                _set(clock, now)
                time.sleep(_WAIT)
            now = _drained(database, clock, end)
            kills = counted()
        return _told(database, folder, expected, kills, time.monotonic() - begun)
    finally:
        database.close()


def _drained(database: Database, clock: Path, now: datetime) -> datetime:
    """Lets time pass until everything has been settled."""
    while _open(database):
        now += timedelta(minutes=1)
        _set(clock, now)
        time.sleep(0.05)
    return now


def _hall(database: Database, folder: Path, now: datetime) -> Delivery:
    return delivery_at(database, office(Folder(folder / "mails")), lambda: now)


def _schedules(hall: Delivery) -> list[Schedule]:
    wishes = [
        Wish(f"{zone} {line}", "savings", line, zone, READERS[: 1 + place % 2], "csv", "owner")
        for zone in ZONES
        for place, line in enumerate(LINES)
    ]
    return [hall.schedules.add(TENANT, each, by="ann") for each in wishes]


def _expected(schedules: Sequence[Schedule], start: datetime, end: datetime) -> dict[str, datetime]:
    """The id of every mail that must leave, and when it is due."""
    most = 5 * (end - start).days
    return {
        digest(digest(schedule.schedule_id, due.isoformat()), recipient): due
        for schedule in schedules
        for due in next_times(schedule.cron, schedule.timezone, after=start, count=most)
        if due < end
        for recipient in schedule.recipients
    }


def _told(database: Database, folder: Path, expected: dict[str, datetime], kills: int, seconds: float) -> Told:
    copies = {path.name: len(list(path.iterdir())) for path in (folder / "mails").glob("[!.]*")}
    d, f = delivery_schema.delivery.c, delivery_schema.firing.c
    # The last look of the clock may have fired what was due at the very end.
    extra = copies.keys() - expected.keys()
    with database.reading() as connection:
        known = set(connection.execute(select(d.delivery_id)).scalars())
        uncertain = connection.execute(select(func.count()).where(d.status == "uncertain")).scalar_one()
        put_off = connection.execute(select(func.count()).where(d.attempts > 1)).scalar_one()
        again = connection.execute(select(func.count()).where(f.attempts > 1)).scalar_one()
        firings = connection.execute(select(func.count()).select_from(delivery_schema.firing)).scalar_one()
    return Told(
        firings=firings,
        mails=sum(copies.values()),
        lost=len(expected.keys() - copies.keys()),
        doubled=sum(count - 1 for count in copies.values() if count > 1),
        unknown=len(extra - known),
        uncertain=uncertain,
        kills=kills,
        taken_over=again,
        put_off=put_off,
        seconds=seconds,
    )


def _next(database: Database) -> datetime:
    wanted = select(delivery_schema.schedule.c.next_run).order_by(delivery_schema.schedule.c.next_run).limit(1)
    with database.reading() as connection:
        return connection.execute(wanted).scalar_one()


def _open(database: Database) -> bool:
    d, f = delivery_schema.delivery.c, delivery_schema.firing.c
    waits = select(d.delivery_id).where(d.status.in_(("queued", "sending")) | d.retry_at.is_not(None)).limit(1)
    claimed = select(f.firing_id).where((f.status == "claimed") | f.retry_at.is_not(None)).limit(1)
    with database.reading() as connection:
        return any(connection.execute(each).first() is not None for each in (waits, claimed))


def _set(clock: Path, now: datetime | str) -> None:
    """Moves the clock at once for everybody."""
    draft = clock.with_suffix(".new")
    draft.write_text(now if isinstance(now, str) else now.isoformat(), "utf-8")
    draft.replace(clock)


# The processes


def _context() -> multiprocessing.context.ForkServerContext:
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.delivery.soak"])
    return found


@contextlib.contextmanager
def _worker(url: str, folder: Path, seed: int) -> Iterator[multiprocessing.process.BaseProcess]:
    process = _context().Process(target=turn, args=(url, folder, seed))
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(10)


@contextlib.contextmanager
def _victim(url: str, folder: Path, seed: int, every: tuple[float, float]) -> Iterator[object]:
    """A second process that is killed and started again, by a third; how often is told."""
    context = _context()
    count = context.Value("i", 0)
    killer = context.Process(target=_kill, args=(url, folder, seed, every, count))
    killer.start()
    try:
        yield lambda: count.value
    finally:
        killer.terminate()
        killer.join(10)


def _kill(url: str, folder: Path, seed: int, every: tuple[float, float], count: object) -> None:
    chance = random.Random(seed)
    children: list[int] = []

    def stop(*_: object) -> None:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            turn(url, folder, chance.randrange(1 << 30))
        children[:] = [child]
        time.sleep(chance.uniform(*every))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        count.value += 1  # type: ignore[attr-defined]


def turn(url: str, folder: Path, seed: int) -> None:
    """What each process does: fires what is due and sends what is queued, over and over."""
    chance = random.Random(seed ^ os.getpid())
    clock = folder / "clock"

    def now() -> datetime:
        return datetime.fromisoformat(clock.read_text("utf-8"))

    def report(schedule: Schedule, firing: Firing) -> list[Mailing]:
        time.sleep(chance.random() * _WAIT)
        return [Mailing(letter(f"{schedule.name} {firing.due}"), schedule.recipients)]

    database = Database(url, busy_seconds=30)
    given = office(Flaky(folder / "mails", chance), name=here(), gone=gone, clock=lambda: datetime.now(UTC))
    mine = delivery_at(database, given, now)
    while True:
        done = len(mine.fire(report)) + mine.send_due().sent
        if not done:
            time.sleep(_WAIT)

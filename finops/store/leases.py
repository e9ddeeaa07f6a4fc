"""Who may do what only one process may do at a time, such as turning the clock.

    if store.leases.hold("scheduler", "host:123", 60): ...

A lease goes by the wall clock, whatever the product takes as now: a frozen clock would never let go of a dead holder.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from finops.store.job_schema import lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.store.database import Database

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def wall_clock() -> datetime:
    """The instant it really is."""
    return datetime.now(UTC)


class Leases:
    """Leases in SQL: one UPDATE whose condition is that nobody else holds it. Safe between threads and processes."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = wall_clock) -> None:
        self._database = database
        self._clock = clock

    def hold(self, name: str, holder: str, seconds: float) -> bool:
        """Takes a lease, or keeps it, for so many seconds from now; False while another holder has it.

        A holder that does not come back within its seconds loses it to whoever asks next. StoreError when the database
        does not answer: then nobody should believe to hold anything.
        """
        if self._taken(name, holder, seconds):
            return True
        if self.holder(name) is not None:
            return False
        self._database.insert_missing(lease, {"name": name, "holder": "", "until": _LONG_AGO})
        return self._taken(name, holder, seconds)

    def release(self, name: str, holder: str) -> None:
        """Lets go of a lease, so that the next one need not wait; nothing when somebody else has it."""
        mine = update(lease).where(lease.c.name == name, lease.c.holder == holder).values(until=_LONG_AGO)
        self._database.write(lambda connection: connection.execute(mine))

    def holder(self, name: str) -> str | None:
        """Who held it last, "" for nobody yet; None for a name that was never asked for."""
        with self._database.reading() as connection:
            return connection.execute(select(lease.c.holder).where(lease.c.name == name)).scalar()

    def _taken(self, name: str, holder: str, seconds: float) -> bool:
        now = self._clock()
        free = or_(lease.c.holder == holder, lease.c.until <= now)
        until = now + timedelta(seconds=seconds)
        taken = update(lease).where(lease.c.name == name, free).values(holder=holder, until=until)
        return self._database.write(lambda connection: connection.execute(taken)).rowcount > 0

"""Counts AWS calls in SQL and holds paid ones to a monthly ceiling, across threads and processes.

Setting money aside is one UPDATE whose condition is the ceiling, so no number of writers can pass it together.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, func, select, update

from finops.model.errors import CeilingReached, StoreError
from finops.model.metering import CE_REQUEST_PRICE, Caller, CallRecord, MeterLine
from finops.store.schema import call_count, paid_month
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.store.database import Database

log = logging.getLogger(__name__)

_BATCH = 1000
_SECONDS = 5.0


class _Key(NamedTuple):
    month: str
    tenant: str
    service: str
    operation: str
    outcome: str
    feature: str
    user_name: str

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def row(self) -> dict[str, Any]:
        shown = {name: value[:NAME_LENGTH] for name, value in self._asdict().items()}
        return shown | {"call_key": self.digest, "requests": 0, "cost": Decimal(0)}


class SqlMeter:
    """The `Meter` of `finops.model.metering`. `ceiling` is US dollars a month, None for no ceiling.

    Calls below a cent are gathered in memory and written every few seconds, before a reading and on `flush`; a killed
    process loses at most those. Paid requests are written at once.
    """

    def __init__(
        self,
        database: Database,
        ceiling: Decimal | None,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._ceiling = ceiling
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._pending: dict[_Key, tuple[int, Decimal]] = {}
        self._calls = 0
        self._flushed = monotonic()

    @property
    def ceiling(self) -> Decimal | None:
        """US dollars a month, None for no ceiling."""
        return self._ceiling

    def reserve(self, price: Decimal, caller: Caller) -> None:
        """Sets `price` aside before a paid request leaves; CeilingReached when the month's budget has no room."""
        if price <= 0:
            return
        month = self._month()
        if self._add(month, price):
            return
        self._database.insert_missing(paid_month, {"month": month, "reserved": Decimal(0)})
        if not self._add(month, price):
            raise CeilingReached(
                f"this month's budget of ${self._ceiling} for paid AWS requests is spent;"
                f" {caller.feature or 'this request'} was not sent"
            )

    def release(self, price: Decimal, caller: Caller) -> None:  # noqa: ARG002 - the protocol's
        """Gives back what a failed request did not cost.

        In the month of the release: a request that failed across the turn of a month leaves its price on the old month,
        and the new one never falls below zero.
        """
        if price > 0:
            row = paid_month.c
            given = (
                update(paid_month)
                .where(row.month == self._month(), row.reserved >= price)
                .values(reserved=row.reserved - price)
            )
            self._database.write(lambda connection: connection.execute(given))

    def record(self, call: CallRecord) -> None:
        """Counts a finished call."""
        who = call.caller
        key = _Key(self._month(), who.tenant, call.service, call.operation, call.outcome, who.feature, who.user)
        with self._lock:
            requests, cost = self._pending.get(key, (0, Decimal(0)))
            self._pending[key] = (requests + 1, cost + call.price)
            self._calls += 1
            due = (
                call.price >= CE_REQUEST_PRICE or self._calls >= _BATCH or self._monotonic() - self._flushed >= _SECONDS
            )
        if due:
            try:
                self.flush()
            except StoreError:
                # The answer in hand was paid for: it must not be lost because its count has to wait.
                log.warning("the meter could not be written; kept for the next time")

    def flush(self) -> None:
        """Writes what was gathered. What cannot be written now is kept for the next time; StoreError then."""
        with self._lock:
            taken, self._pending, self._calls = self._pending, {}, 0
            self._flushed = self._monotonic()
        # One order for all writers, so that two batches never wait for each other's rows.
        batch = sorted(taken.items(), key=lambda entry: entry[0].digest)
        written = False
        try:
            while batch and (missing := self._database.write(lambda connection: _counted(connection, batch))):
                for key in missing:
                    self._database.insert_missing(call_count, key.row)
            written = True
        finally:
            if not written:
                self._keep(taken)

    def spent(self, month: str) -> Decimal:
        """US dollars of the month (YYYY-MM): paid requests and those under way."""
        with self._database.reading() as connection:
            found = connection.execute(select(paid_month.c.reserved).where(paid_month.c.month == month)).scalar()
        return Decimal(0) if found is None else found

    def lines(self, month: str, tenant: str | None = None) -> tuple[MeterLine, ...]:
        """The month's calls (of one tenant, or of all together), costliest and then most frequent first."""
        self.flush()
        c = call_count.c
        columns = (c.month, c.service, c.operation, c.outcome, c.feature, c.user_name)
        wanted = select(*columns, func.sum(c.requests).label("requests"), func.sum(c.cost).label("cost")).where(
            c.month == month
        )
        if tenant is not None:
            wanted = wanted.where(c.tenant == tenant)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.group_by(*columns)).all()
        found = [MeterLine(*row[:6], requests=int(row.requests), cost=row.cost) for row in rows]
        return tuple(
            sorted(
                found,
                key=lambda line: (-line.cost, -line.requests, line.service, line.operation, line.outcome, line.feature),
            )
        )

    def _month(self) -> str:
        return self._now().strftime("%Y-%m")

    def _add(self, month: str, price: Decimal) -> bool:
        row = paid_month.c
        raised = update(paid_month).where(row.month == month).values(reserved=row.reserved + price)
        if self._ceiling is not None:
            raised = raised.where(row.reserved <= self._ceiling - price)
        return self._database.write(lambda connection: connection.execute(raised)).rowcount > 0

    def _keep(self, taken: dict[_Key, tuple[int, Decimal]]) -> None:
        with self._lock:
            for key, (requests, cost) in taken.items():
                more, dearer = self._pending.get(key, (0, Decimal(0)))
                self._pending[key] = (requests + more, cost + dearer)


def _counted(connection: Connection, batch: list[tuple[_Key, tuple[int, Decimal]]]) -> list[_Key]:
    """Adds the batch to its rows; or adds nothing and returns the keys whose row is missing."""
    c = call_count.c
    digests = [key.digest for key, _ in batch]
    held = set(connection.execute(select(c.call_key).where(c.call_key.in_(digests))).scalars())
    missing = [key for key, _ in batch if key.digest not in held]
    if not missing:
        for key, (requests, cost) in batch:
            added = update(call_count).where(c.call_key == key.digest)
            connection.execute(added.values(requests=c.requests + requests, cost=c.cost + cost))
    return missing

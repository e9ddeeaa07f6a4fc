"""The ledger of realised savings: one entry for each resolution of a finding, followed until its days are counted."""

from __future__ import annotations

from dataclasses import asdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select

from finops.model.findings import Following, SavingEntry
from finops.store.batches import execute_many
from finops.store.exact_text import storable
from finops.store.finding_schema import saving_entry
from finops.store.lake import tenant_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.store.database import Database

_MICRO = Decimal("0.000001")
_MONEY = ("estimate", "before_daily", "after_daily", "realised_month")


class SavingLedger:
    """Entries of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, tenant: str, entries: Iterable[SavingEntry]) -> None:
        """Stores entries, each in place of the one with its fingerprint and resolution; amounts to the micro-dollar."""
        rows = [_row(tenant_name(tenant), entry) for entry in entries]
        columns = saving_entry.c

        def work(connection: Connection) -> None:
            for row in rows:
                same = (
                    columns.tenant == row["tenant"],
                    columns.fingerprint == row["fingerprint"],
                    columns.resolved_at == row["resolved_at"],
                )
                connection.execute(delete(saving_entry).where(*same))
            execute_many(connection, insert(saving_entry), rows)

        self._database.write(work)

    def entries(
        self, tenant: str, *, state: Following | None = None, fingerprint: str | None = None
    ) -> tuple[SavingEntry, ...]:
        """Entries, the latest resolution first."""
        columns = saving_entry.c
        wanted = select(saving_entry).where(columns.tenant == tenant_name(tenant))
        if state is not None:
            wanted = wanted.where(columns.state == state.value)
        if fingerprint is not None:
            wanted = wanted.where(columns.fingerprint == fingerprint)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(columns.resolved_at.desc(), columns.fingerprint))
            return tuple(_entry(row) for row in rows)


def _row(tenant: str, entry: SavingEntry) -> dict[str, Any]:
    row = asdict(entry) | {"tenant": tenant, "state": entry.state.value, "resource_id": storable(entry.resource_id)}
    money = {name: row[name].quantize(_MICRO, ROUND_HALF_EVEN) for name in _MONEY if row[name] is not None}
    return row | money


def _entry(row: Row[Any]) -> SavingEntry:
    fields = row._asdict()
    return SavingEntry(**fields | {"state": Following(fields["state"])})

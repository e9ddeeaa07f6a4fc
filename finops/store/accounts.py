"""AWS accounts in SQL: what the organization or the settings say of them, how they are opened, their regions.

The external id of an account goes in, and out only as part of an `Entry`, to those who open accounts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from finops.model.accounts import Account, Entry
from finops.model.period import utc
from finops.store import estate_schema as widths
from finops.store.asset_facts import canonical
from finops.store.batches import execute_many, rows_among
from finops.store.exact_text import fitted, storable
from finops.store.lake import tenant_name
from finops.store.schema import account

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Update

    from finops.store.database import Database

_NOTHING: dict[str, Any] = {
    "name": "",
    "status": "",
    "email": "",
    "unit": "",
    "tags": None,
    "role": "",
    "external_id": "",
    "regions": None,
    "source": "",
    "joined": None,
    "first_seen": None,
    "last_seen": None,
}
"""A row of which nothing is known."""


class AccountStore:
    """Accounts of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, tenant: str, accounts: Iterable[Account], *, at: datetime) -> None:
        """Keeps what was listed at an instant. InputError for a tenant that is not a name.

        Role, regions, tags and date that the list does not know, and the external id, stay as they were. An account
        that is not listed any more keeps its row; `last_seen` tells. What was listed later is not turned back.
        """
        tenant, at = tenant_name(tenant), utc(at)
        listed = {fitted(each.id, widths.ACCOUNT): _told(each) for each in accounts}

        def work(connection: Connection) -> None:
            mine = select(account).where(account.c.tenant == tenant)
            held = {row.account_id: row for row in rows_among(connection, mine, account.c.account_id, sorted(listed))}
            new = [
                _NOTHING | row | {"tenant": tenant, "account_id": key, "first_seen": at, "last_seen": at}
                for key, row in sorted(listed.items())
                if key not in held
            ]
            execute_many(connection, insert(account), new)
            for key, row in sorted(held.items()):
                if row.last_seen is None or row.last_seen <= at:
                    seen = {"first_seen": row.first_seen or at, "last_seen": at}
                    connection.execute(_one(tenant, key).values(listed[key] | seen))

        self._database.write(work)

    def all(self, tenant: str) -> tuple[Account, ...]:
        """Every account ever listed, by name."""
        wanted = select(account).where(account.c.tenant == tenant, account.c.last_seen.is_not(None))
        with self._database.reading() as connection:
            found = [_account(row) for row in connection.execute(wanted)]
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))

    def entries(self, tenant: str) -> dict[str, Entry]:
        """How accounts are opened where that differs from the settings, by account id. Secret."""
        c = account.c
        special = or_(c.role != "", c.external_id != "")
        wanted = select(c.account_id, c.role, c.external_id).where(c.tenant == tenant, special)
        with self._database.reading() as connection:
            return {row.account_id: Entry(row.role, row.external_id) for row in connection.execute(wanted)}

    def set_entry(self, tenant: str, account_id: str, entry: Entry) -> None:
        """Keeps how an account is opened; empty texts mean that the settings hold. The account need not be listed."""
        self._set(tenant, account_id, {"role": storable(entry.role), "external_id": storable(entry.external_id)})

    def set_regions(self, tenant: str, account_id: str, regions: Sequence[str]) -> None:
        """Keeps which regions are enabled in an account. The account need not be listed."""
        self._set(tenant, account_id, {"regions": canonical(list(regions))})

    def tenants(self) -> tuple[str, ...]:
        """Tenants that know accounts, sorted."""
        with self._database.reading() as connection:
            return tuple(sorted(connection.execute(select(account.c.tenant).distinct()).scalars()))

    def _set(self, tenant: str, account_id: str, values: dict[str, Any]) -> None:
        tenant, key = tenant_name(tenant), fitted(account_id, widths.ACCOUNT)

        def work(connection: Connection) -> None:
            if connection.execute(_one(tenant, key).values(values)).rowcount == 0:
                row = _NOTHING | values | {"tenant": tenant, "account_id": key}
                connection.execute(insert(account).values(row))

        self._database.write(work)


def _one(tenant: str, account_id: str) -> Update:
    return update(account).where(account.c.tenant == tenant, account.c.account_id == account_id)


def _told(listed: Account) -> dict[str, Any]:
    """What a list knows of an account."""
    told = {
        "name": storable(listed.name),
        "status": fitted(listed.status, widths.STATE),
        "email": storable(listed.email),
        "unit": storable(listed.unit),
        "source": fitted(listed.source, widths.SERVICE),
    }
    sometimes = {
        "role": storable(listed.role) or None,
        "regions": None if listed.regions is None else canonical(listed.regions),
        "tags": None if listed.tags is None else canonical(listed.tags),
        "joined": listed.joined,
    }
    return told | {name: value for name, value in sometimes.items() if value is not None}


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.account_id,
        name=row.name,
        status=row.status,
        email=row.email,
        unit=row.unit,
        tags=None if row.tags is None else json.loads(row.tags),
        role=row.role,
        external_id_set=bool(row.external_id),
        regions=None if row.regions is None else tuple(json.loads(row.regions)),
        source=row.source,
        joined=row.joined,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )

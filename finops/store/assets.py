"""The inventory in SQL: what discovery listed is stored here, and everything about assets is asked here.

    counts = store.assets.store("default", listings, at=now, gone_after=timedelta(days=7))
    page = store.assets.page(AssetQuestion("default", AssetFilter(search="checkout prod"), sort="created"))

Texts that no database can hold (NUL, lone surrogates) are kept with U+FFFD in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from finops.model.assets import FACETS, StoredCounts
from finops.model.period import utc
from finops.store import asset_queries as queries
from finops.store.asset_costs import priced
from finops.store.asset_estate import active_assets
from finops.store.asset_filters import Wanted
from finops.store.asset_neighbours import neighbours
from finops.store.asset_writing import keep, reading
from finops.store.lake import tenant_name
from finops.store.schema import inventory_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal

    from sqlalchemy import Connection

    from finops.model.assets import (
        Asset,
        AssetChange,
        AssetFilter,
        AssetPage,
        AssetQuestion,
        ChangeKind,
        Link,
        Listed,
        Neighbour,
        PlaceState,
    )
    from finops.store.asset_columns import Columns
    from finops.store.database import Database


class AssetStore:
    """Assets of every tenant. Safe to share between threads and processes; writers of one tenant take turns."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    # Writing

    def store(self, tenant: str, listed: Sequence[Listed], *, at: datetime, gone_after: timedelta) -> StoredCounts:
        """Keeps what listings showed at an instant, all of it or nothing. InputError for a tenant that is not a name.

        Only a listing without a failure says that something is not there any more. One that is older than the latest
        complete one of its place comes too late and changes nothing, as does an item that was seen later than that.
        """
        tenant, at = tenant_name(tenant), utc(at)
        readings = [reading(tenant, each) for each in listed]

        def work(connection: Connection) -> StoredCounts:
            self._lock(connection, tenant)
            counts = keep(connection, tenant, readings, at=at, gone_after=gone_after)
            if counts is None:
                return StoredCounts()
            self._move_on(connection, tenant)
            return counts

        if not readings:
            return StoredCounts()
        self._begin(tenant)
        return self._database.write(work)

    def price(self, tenant: str, costs: Mapping[str, tuple[Decimal, str]]) -> int:
        """Sets what assets cost, by ARN or resource id, in whole micro-units; all others become unknown.

        Returns how many assets have a cost now. An id without an ARN that assets of several services share is the one
        of EC2 or S3, which bills spell without their ARN. InputError for an amount that is no number.
        """
        tenant = tenant_name(tenant)

        def work(connection: Connection) -> int:
            self._lock(connection, tenant)
            found, changed = priced(connection, tenant, costs)
            if changed:
                self._move_on(connection, tenant)
            return found

        self._begin(tenant)
        return self._database.write(work)

    def _begin(self, tenant: str) -> None:
        with self._database.reading() as connection:
            known = connection.execute(select(inventory_head.c.version).where(inventory_head.c.tenant == tenant))
            if known.first() is not None:
                return
        self._database.insert_missing(inventory_head, {"tenant": tenant, "version": 0, "stored": self._now()})

    def _lock(self, connection: Connection, tenant: str) -> None:
        """Waits until no other writer of the tenant is at work. On SQLite the transaction itself does."""
        mine = select(inventory_head.c.version).where(inventory_head.c.tenant == tenant)
        connection.execute(mine.with_for_update()).one()

    def _move_on(self, connection: Connection, tenant: str) -> None:
        head = inventory_head.c
        next_one = update(inventory_head).where(head.tenant == tenant)
        connection.execute(next_one.values(version=head.version + 1, stored=self._now()))

    # Reading

    def page(self, question: AssetQuestion) -> AssetPage:
        """Some of the assets asked for, and how many there are. InputError for an unknown sort or a negative page."""
        return queries.page(self._database, question, self._now())

    def columns(
        self, question: AssetQuestion, fields: Sequence[str], *, as_text: bool = False, rows: int = 1000
    ) -> Iterator[Columns]:
        """Fields of all assets asked for, whatever the page, column by column and `rows` assets at a time.

        Each asset comes once, in the order they have when the first is taken. `tags` (None: unknown) and `details` are
        compact JSON with sorted keys; with `as_text` instants are texts too, `2026-11-20T06:00:00Z`, `""` for none.
        """
        return queries.columns(self._database, question, self._now(), fields, rows=rows, as_text=as_text)

    def active(self, tenant: str) -> list[tuple[Asset, tuple[Link, ...]]]:
        """Every active asset with what it points to, all in memory: what a run of checks begins with."""
        return active_assets(self._database, tenant)

    def asset(self, tenant: str, asset_id: str) -> Asset | None:
        """One asset, None when the tenant has none of this id."""
        return queries.asset_by_id(self._database, tenant, asset_id)

    def neighbours(self, tenant: str, asset_id: str) -> tuple[Neighbour, ...]:
        """What an asset points to, then what points to it."""
        return neighbours(self._database, tenant, asset_id)

    def history(self, tenant: str, asset_id: str, limit: int = 200) -> tuple[AssetChange, ...]:
        """What happened to an asset, newest first."""
        return queries.history(self._database, tenant, asset_id, limit)

    def changes(
        self,
        tenant: str,
        *,
        since: datetime,
        until: datetime | None = None,
        kinds: Sequence[ChangeKind] = (),
        filter: AssetFilter | None = None,  # noqa: A002 - the word of the model
        limit: int = 500,
    ) -> tuple[tuple[AssetChange, Asset], ...]:
        """What happened since an instant (and before another), newest first, each with its asset as it is now.

        The filter's lifecycles say nothing here: what is gone now is what disappeared.
        """
        wanted = self._wanted(tenant, filter)
        return queries.changes(self._database, wanted, since=since, until=until, kinds=kinds, limit=limit)

    def assets_changed(
        self,
        tenant: str,
        *,
        since: datetime,
        kinds: Sequence[ChangeKind] = (),
        filter: AssetFilter | None = None,  # noqa: A002 - the word of the model
    ) -> dict[frozenset[ChangeKind], int]:
        """How many assets had events of exactly these kinds since an instant, of those that `changes` would tell."""
        return queries.assets_changed(self._database, self._wanted(tenant, filter), since, kinds)

    def changes_summary(self, tenant: str, since: datetime) -> dict[ChangeKind, int]:
        """How many events of each kind there were since an instant; every kind is named."""
        return queries.changes_summary(self._database, tenant, since)

    def counts(
        self,
        tenant: str,
        filter: AssetFilter,  # noqa: A002 - the word of the model
        facets: Sequence[str] = FACETS,
    ) -> dict[str, dict[str, int]]:
        """How many of the assets wanted have each value of each facet, most first. InputError for an unknown facet.

        `tag:<Key>` is a facet too: `tagged` with a value of the key, `untagged` without, `unknown` where it is unknown.
        """
        return queries.counts(self._database, self._wanted(tenant, filter), facets)

    def tag_keys(self, tenant: str) -> tuple[str, ...]:
        """Tag keys of all assets ever seen, most used first."""
        return queries.tag_keys(self._database, tenant)

    def tag_values(self, tenant: str, key: str, limit: int = 200) -> tuple[str, ...]:
        """Values of a tag key, most used first."""
        return queries.tag_values(self._database, tenant, key, limit)

    def places(self, tenant: str) -> tuple[PlaceState, ...]:
        """What is known about listing each place, by account, region and kind."""
        return queries.places(self._database, tenant)

    def version(self, tenant: str) -> int:
        """A number that differs after every change of the tenant's inventory; 0 before the first."""
        wanted = select(inventory_head.c.version).where(inventory_head.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar() or 0

    def tenants(self) -> tuple[str, ...]:
        """Tenants that hold assets, sorted."""
        return queries.tenants(self._database)

    def _wanted(self, tenant: str, wanted: AssetFilter | None) -> Wanted:
        return Wanted(tenant, wanted, self._now(), self._database.kind)

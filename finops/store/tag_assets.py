"""Assets as an evaluation reads them: plain rows in the order of their numbers, and no object for any of them."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Text, select, type_coerce

from finops.model.tagging import TagChange, TaggedAsset
from finops.store.asset_filters import Wanted
from finops.store.batches import rows_among
from finops.store.lake import tenant_name
from finops.store.schema import asset, asset_body, asset_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from finops.model.assets import AssetFilter
    from finops.store.database import Database

ROWS_AT_ONCE = 5_000
_JOINED = asset.join(asset_body, asset_body.c.asset_no == asset.c.asset_no)
_FACTS = (
    asset.c.asset_no,
    asset.c.kind,
    asset.c.service,
    asset.c.account,
    asset.c.region,
    asset.c.tags_known,
    type_coerce(asset.c.created, DateTime()),
    type_coerce(asset.c.first_seen, DateTime()),
    type_coerce(asset.c.cost, BigInteger()),
    asset.c.currency,
    type_coerce(asset_body.c.tags, Text()),
)
_SHOWN = (
    asset.c.asset_no,
    asset.c.asset_id,
    asset_body.c.arn,
    asset_body.c.resource_id,
    asset_body.c.name,
    asset.c.kind,
    asset.c.service,
    asset.c.account,
    asset.c.region,
    asset.c.lifecycle,
    asset.c.created,
    asset.c.first_seen,
    asset.c.cost,
    asset.c.currency,
    asset_body.c.tags,
)
_TIES = (asset.c.asset_no, asset_body.c.resource_id, asset_body.c.arn, asset_body.c.name, asset_body.c.links)


class TagAssets:
    """Reads the assets of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def rows(self, tenant: str) -> Iterator[Sequence[Sequence[Any]]]:
        """All assets, gone ones too, some thousand at a time, by number.

        Number, kind, service, account, region, whether tags are known, created and first seen (naive UTC), cost in
        micro-units, currency, tags as JSON.
        """
        wanted = select(*_FACTS).select_from(_JOINED).where(asset.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            yield from connection.execute(wanted.order_by(asset.c.asset_no)).partitions(ROWS_AT_ONCE)

    def ties(self, tenant: str) -> Iterator[Sequence[Sequence[Any]]]:
        """All assets again: number, resource id, ARN, name, links as JSON of `[relation, kind, target]`."""
        wanted = select(*_TIES).select_from(_JOINED).where(asset.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            yield from connection.execute(wanted.order_by(asset.c.asset_no)).partitions(ROWS_AT_ONCE)

    def numbers(self, tenant: str, only: AssetFilter) -> list[int]:
        """The numbers of the assets that a filter asks for, in no order that means anything."""
        wanted = Wanted(tenant_name(tenant), only, self._now(), self._database.kind)
        with self._database.reading() as connection:
            return list(connection.execute(wanted.of(select(asset.c.asset_no))).scalars())

    def shown(self, numbers: Sequence[int]) -> tuple[TaggedAsset, ...]:
        """The assets of these numbers, in their order; those that are gone from the table are left out."""
        wanted = select(*_SHOWN).select_from(_JOINED)
        with self._database.reading() as connection:
            rows = rows_among(connection, wanted, asset.c.asset_no, sorted(set(numbers)))
            found = {row[0]: _asset(row) for row in rows}
        return tuple(found[number] for number in numbers if number in found)

    def changes(self, tenant: str, *, since: datetime) -> tuple[TagChange, ...]:
        """Every change of tags since an instant, oldest first."""
        c = asset_change.c
        wanted = (
            select(c.asset_no, type_coerce(c.at, DateTime()), c.before, c.after)
            .where(c.tenant == tenant_name(tenant), c.kind == "changed", c.field == "tags", c.at >= since)
            .order_by(c.at, c.change_no)
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return tuple(
            TagChange(number, at.replace(tzinfo=UTC), _tags(before), _tags(after)) for number, at, before, after in rows
        )


def _asset(row: Row[Any]) -> TaggedAsset:
    fields: list[Any] = [*row[:-1], _tags(row[-1])]
    return TaggedAsset(*fields)


def _tags(text: str | None) -> Mapping[str, str] | None:
    found: dict[str, str] | None = None if text is None else json.loads(text)
    return found

"""Listings as discovery hands them over, in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.model.assets import AssetFilter, AssetQuestion, Lifecycle, Listed, Place, Seen
from finops.model.outcome import Failure
from finops.store import estate_schema
from finops.store.schema import metadata

if TYPE_CHECKING:
    from finops.model.assets import Asset, StoredCounts
    from finops.store import AssetStore
    from finops.store.database import Database

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
HOME = Place("111111111111", "eu-central-1", "ec2:instance")
DENIED = Failure("denied", "not authorized", HOME.account, HOME.region, "ec2", "ec2:DescribeInstances")
EVERY_LIFE = AssetFilter(lifecycles=tuple(Lifecycle))


_TABLES = [table for table in metadata.sorted_tables if hasattr(estate_schema, table.name)]


def empty_estate(database: Database) -> None:
    """Forgets every account and asset."""
    with database.writing() as connection:
        for table in _TABLES:
            connection.execute(table.delete())


def day(number: int) -> datetime:
    """The same hour, some days later."""
    return NOW + timedelta(days=number)


def seen(resource_id: str, place: Place = HOME, **given: Any) -> Seen:
    """An item of a listing; it has an ARN unless told otherwise."""
    service = place.kind.partition(":")[0]
    told: dict[str, Any] = {
        "kind": place.kind,
        "service": service,
        "account": place.account,
        "region": place.region,
        "name": resource_id,
        "arn": f"arn:aws:{service}:{place.region}:{place.account}:thing/{resource_id}",
        "state": "running",
        "tags": {},
    }
    return Seen(resource_id=resource_id, **told | given)


def listed(*items: Seen | str, place: Place = HOME, failure: Failure | None = None) -> Listed:
    """A listing of a place; items may be given by their id."""
    whole = tuple(item if isinstance(item, Seen) else seen(item, place) for item in items)
    return Listed(place, whole, failure)


def put(
    store: AssetStore, *listings: Listed, at: datetime = NOW, tenant: str = "default", gone_after: timedelta = WEEK
) -> StoredCounts:
    """Stores listings."""
    return store.store(tenant, listings, at=at, gone_after=gone_after)


def every(store: AssetStore, tenant: str = "default") -> tuple[Asset, ...]:
    """Every asset ever seen, by name."""
    return store.page(AssetQuestion(tenant, EVERY_LIFE, limit=10_000)).items


def everything(store: AssetStore, tenant: str = "default") -> dict[str, Asset]:
    """Every asset ever seen, by resource id."""
    return {asset.resource_id: asset for asset in every(store, tenant)}


def lives(store: AssetStore) -> dict[str, str]:
    """Every asset's lifecycle, by resource id."""
    return {key: str(asset.lifecycle) for key, asset in everything(store).items()}


def story(store: AssetStore, resource_id: str) -> list[str]:
    """What happened to an asset, oldest first: `changed:tags`, `missing` …"""
    asset = everything(store)[resource_id]
    told = store.history("default", asset.asset_id)
    return [f"{change.kind}:{change.field}" if change.field else str(change.kind) for change in reversed(told)]

"""Listings on their way into SQL: what is known is read, `asset_life` decides, and what differs is written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from finops.model.assets import Lifecycle, StoredCounts
from finops.store import estate_schema as widths
from finops.store.asset_facts import canonical, place_key, sight
from finops.store.asset_life import Book, PlaceFacts
from finops.store.asset_rows import FACTS, LIFE, event_row, life_of
from finops.store.asset_saving import insert_new, stored, touch, update_changed
from finops.store.batches import execute_many, rows_among, update_each
from finops.store.exact_text import fitted
from finops.store.schema import asset, asset_body, asset_change, asset_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Row

    from finops.model.assets import Listed, Place
    from finops.model.outcome import Failure
    from finops.store.asset_facts import Sight
    from finops.store.asset_life import Life

_TOLD = ("complete", "tried", "items", "failure", "tags_failure")


@dataclass(frozen=True, slots=True)
class Reading:
    """A listing, ready to be kept."""

    key: str
    place: Place
    sights: tuple[Sight, ...]
    failure: str | None
    tags_failure: str | None

    @property
    def complete(self) -> bool:
        """Whether what it does not show is not there."""
        return self.failure is None


def reading(tenant: str, listed: Listed) -> Reading:
    """A listing as it is kept."""
    return Reading(
        key=place_key(tenant, listed.place),
        place=listed.place,
        sights=tuple(sight(tenant, listed.place, item, listed.gauges) for item in listed.items),
        failure=_failure(listed.failure),
        tags_failure=_failure(listed.tags_failure),
    )


def _failure(failure: Failure | None) -> str | None:
    return None if failure is None else canonical(asdict(failure))


def keep(
    connection: Connection, tenant: str, readings: Sequence[Reading], *, at: datetime, gone_after: timedelta
) -> StoredCounts | None:
    """Stores listings in a transaction that no other writer of the tenant shares; None when all of them came late."""
    known = _places(connection, {each.key for each in readings})
    timely = [each for each in readings if not _late(known.get(each.key), at)]
    if not timely:
        return None
    complete = {each.key for each in timely if each.complete}
    lives = _lives(connection, complete, {item.asset_id for each in timely for item in each.sights})
    before = {key: stored(life) for key, life in lives.items()}
    book = Book(_place_facts(connection, known, timely, lives.values(), at=at), lives, at, gone_after)
    for each in timely:
        book.see(each.key, each.sights)
    book.miss(complete)
    _write_places(connection, tenant, known, timely, at=at)
    insert_new(connection, tenant, list(lives.values()))
    update_changed(connection, tenant, lives, before)
    touch(connection, lives, before, complete=complete, at=at)
    execute_many(connection, insert(asset_change), (event_row(tenant, event, at) for event in book.events))
    return StoredCounts(seen=book.seen, **book.counts())


def _places(connection: Connection, keys: Collection[str]) -> dict[str, Row[Any]]:
    found = rows_among(connection, select(asset_place), asset_place.c.place_key, sorted(keys))
    return {row.place_key: row for row in found}


def _late(place: Row[Any] | None, at: datetime) -> bool:
    """Whether the place was listed completely after that."""
    return place is not None and place.complete is not None and at < place.complete


def _lives(connection: Connection, complete: Collection[str], ids: Collection[str]) -> dict[str, Life]:
    """Every asset that the listings show, and every one that a complete listing could miss."""
    wanted = select(*FACTS, *LIFE).join_from(asset, asset_body, asset_body.c.asset_no == asset.c.asset_no)
    live = wanted.where(asset.c.lifecycle.in_([str(Lifecycle.ACTIVE), str(Lifecycle.MISSING)]))
    found = [life_of(row) for row in rows_among(connection, live, asset.c.place_key, sorted(complete))]
    lives = {life.asset_id: life for life in found}
    others = rows_among(connection, wanted, asset.c.asset_id, sorted(key for key in ids if key not in lives))
    return lives | {life.asset_id: life for life in map(life_of, others)}


def _place_facts(
    connection: Connection,
    known: dict[str, Row[Any]],
    timely: Iterable[Reading],
    lives: Iterable[Life],
    *,
    at: datetime,
) -> dict[str, PlaceFacts]:
    """What the book asks of places, as it is once the listings are stored."""
    named = {key for life in lives for key in (life.place_key, life.other_place) if key is not None}
    rows = known | _places(connection, named - known.keys())
    found = {key: PlaceFacts(row.account, row.complete, watched=row.complete is not None) for key, row in rows.items()}
    for each in timely:
        facts = found.setdefault(each.key, PlaceFacts(each.place.account))
        facts.complete = at if each.complete else facts.complete
    return found


def _write_places(
    connection: Connection, tenant: str, known: dict[str, Row[Any]], timely: Iterable[Reading], *, at: datetime
) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for each in timely:
        row = rows.get(each.key) or _place_row(tenant, each, known.get(each.key), at=at)
        if at >= row["tried"]:
            row |= {"tried": at, "failure": each.failure, "tags_failure": each.tags_failure}
        if each.complete or row["complete"] is None:
            row["items"] = len({item.asset_id for item in each.sights})
        if each.complete:
            row["complete"] = at
        rows[each.key] = row
    execute_many(connection, insert(asset_place), [row for key, row in rows.items() if key not in known])
    told = [(key, {name: row[name] for name in _TOLD}) for key, row in rows.items() if key in known]
    update_each(connection, asset_place, "place_key", told)


def _place_row(tenant: str, each: Reading, known: Row[Any] | None, *, at: datetime) -> dict[str, Any]:
    if known is not None:
        return known._asdict()
    return {
        "place_key": each.key,
        "tenant": tenant,
        "account": fitted(each.place.account, widths.ACCOUNT),
        "region": fitted(each.place.region, widths.REGION),
        "kind": fitted(each.place.kind, widths.KIND),
        "complete": None,
        "tried": at,
        "items": 0,
    }

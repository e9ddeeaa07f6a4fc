"""Questions to the inventory: filtered, sorted, counted and paged by the database, a few rows in memory at a time."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Label, case, func, literal_column, select

from finops.model.assets import FACETS, AssetPage, ChangeKind, Place, PlaceState
from finops.model.errors import InputError
from finops.model.outcome import Failure
from finops.store import estate_schema as widths
from finops.store.asset_columns import columns as columns_of
from finops.store.asset_filters import TAG_FACET, Wanted, ordered
from finops.store.asset_rows import EVENT, SHOWN, asset_of, change_of
from finops.store.batches import rows_among
from finops.store.exact_text import fitted
from finops.store.schema import asset, asset_body, asset_change, asset_place, asset_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from finops.model.assets import Asset, AssetChange, AssetQuestion
    from finops.store.asset_columns import Columns
    from finops.store.database import Database

NEWS = tuple(kind for kind in ChangeKind if kind is not ChangeKind.FOUND)
_SORTED = 2_500
"""So many are sorted for a page: little more work than for fifty, and what is fewer needs no filtering again to count.

Beyond, sorting everything once costs less than keeping so many best ones.
"""
_BY_SAMENESS = ("account", "region", "kind", "state", "service", "lifecycle")
_SHOWN = select(*SHOWN).join(asset_body, asset_body.c.asset_no == asset.c.asset_no)


def page(database: Database, question: AssetQuestion, now: datetime) -> AssetPage:
    """Some of the assets asked for, and how many there are. InputError for an unknown sort or a negative page."""
    for name, value in (("limit", question.limit), ("offset", question.offset)):
        if value < 0:
            raise InputError(name, f"{name} must not be negative")
    wanted = _wanted(database, question, now)
    ordered_numbers, end = _numbers(wanted, question), question.offset + question.limit
    with database.reading() as connection:
        numbers = _all(connection, ordered_numbers if end > _SORTED else ordered_numbers.limit(_SORTED))
        total = len(numbers)
        if end <= _SORTED == total:
            total = connection.execute(wanted.of(select(func.count()).select_from(asset))).scalar_one()
        return AssetPage(tuple(assets_of(connection, numbers[question.offset : end])), total)


def columns(
    database: Database, question: AssetQuestion, now: datetime, fields: Sequence[str], *, rows: int, as_text: bool
) -> Iterator[Columns]:
    """Fields of all assets asked for, whatever the page, `rows` assets at a time."""
    numbers = _numbers(_wanted(database, question, now), question)
    return columns_of(database, numbers, fields, rows=rows, as_text=as_text)


def _all(connection: Connection, numbers: Select[int]) -> array[int]:
    return array("q", connection.execute(numbers).scalars())


def _wanted(database: Database, question: AssetQuestion, now: datetime) -> Wanted:
    return Wanted(question.tenant, question.filter, now, database.kind)


def _numbers(wanted: Wanted, question: AssetQuestion) -> Select[int]:
    order = ordered(question.sort, descending=question.descending)
    return wanted.of(select(asset.c.asset_no)).order_by(*order)


def assets_of(connection: Connection, numbers: Sequence[int]) -> list[Asset]:
    """The assets of these numbers, in their order."""
    found = {row[0]: asset_of(row) for row in rows_among(connection, _SHOWN, asset.c.asset_no, numbers)}
    return [found[number] for number in numbers]


def asset_by_id(database: Database, tenant: str, asset_id: str) -> Asset | None:
    """One asset, None when the tenant has none of this id."""
    wanted = _SHOWN.where(asset.c.asset_id == fitted(asset_id, widths.KEY), asset.c.tenant == tenant)
    with database.reading() as connection:
        row = connection.execute(wanted).one_or_none()
    return None if row is None else asset_of(row)


def counts(database: Database, wanted: Wanted, facets: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many assets have each value of each facet, most first. InputError for what is not a facet."""
    if not all(facet in FACETS or facet.removeprefix(TAG_FACET) not in {"", facet} for facet in facets):
        raise InputError("facets", f"assets can be counted by {', '.join(FACETS)}, {TAG_FACET}<Key>")
    found: dict[str, dict[str, int]] = {facet: {} for facet in facets}
    if not found:
        return found
    columns = {facet: _counted(wanted, facet, number) for number, facet in enumerate(found)}
    counted = cast("Select[Any]", select(func.count(), *columns.values()).select_from(asset))
    grouped = wanted.of(counted).group_by(*(_group(columns[facet]) for facet in sorted(columns, key=_sameness)))
    with database.reading() as connection:
        for row in connection.execute(grouped):
            for values, value in zip(found.values(), row[1:], strict=True):
                values[value] = values.get(value, 0) + row[0]
    return {
        facet: dict(sorted(values.items(), key=lambda each: (-each[1], each[0]))) for facet, values in found.items()
    }


def _counted(wanted: Wanted, facet: str, number: int) -> ColumnElement[str]:
    if not facet.startswith(TAG_FACET):
        return asset.c[facet]
    return wanted.tagging(facet.removeprefix(TAG_FACET)).label(f"tagging_{number}")


def _group(column: ColumnElement[str]) -> ColumnElement[str]:
    """What to group by: by its name what is computed, as PostgreSQL takes an equal expression for another one."""
    return literal_column(column.name) if isinstance(column, Label) else column


def _sameness(facet: str) -> int:
    """How often two assets are alike in a facet: groups are found by sorting, soonest by what differs most."""
    return _BY_SAMENESS.index(facet) if facet in _BY_SAMENESS else len(_BY_SAMENESS)


def history(database: Database, tenant: str, asset_id: str, limit: int) -> tuple[AssetChange, ...]:
    """What happened to an asset, newest first."""
    c = asset_change.c
    wanted = (
        select(*EVENT)
        .join(asset, asset.c.asset_no == c.asset_no)
        .where(asset.c.asset_id == fitted(asset_id, widths.KEY), asset.c.tenant == tenant)
        .order_by(c.at.desc(), c.change_no.desc())
        .limit(limit)
    )
    with database.reading() as connection:
        return tuple(change_of(asset_id, row) for row in connection.execute(wanted))


def changes(
    database: Database, wanted: Wanted, since: datetime, until: datetime | None, kinds: Sequence[ChangeKind], limit: int
) -> tuple[tuple[AssetChange, Asset], ...]:
    """What happened since an instant (and before another), newest first, each with its asset as it is now.

    The filter's lifecycles say nothing here: what is gone now is what disappeared. What was merely found, when its
    place was first listed, comes only when it is asked for.
    """
    c = asset_change.c
    found = _happened(select(c.asset_no, *EVENT), wanted, since, kinds)
    if until is not None:
        found = found.where(c.at < until)
    with database.reading() as connection:
        rows = connection.execute(found.order_by(c.at.desc(), c.change_no.desc()).limit(limit)).all()
        numbers = sorted({row.asset_no for row in rows})
        assets = dict(zip(numbers, assets_of(connection, numbers), strict=True))
    return tuple((change_of(assets[row.asset_no].asset_id, row), assets[row.asset_no]) for row in rows)


def assets_changed(
    database: Database, wanted: Wanted, since: datetime, kinds: Sequence[ChangeKind]
) -> dict[frozenset[ChangeKind], int]:
    """How many assets had events of exactly which kinds since an instant, chosen as `changes` does."""
    c = asset_change.c
    names = [str(kind) for kind in ChangeKind]
    had = [func.max(case((c.kind == name, 1), else_=0)).label(name) for name in names]
    each = _happened(select(c.asset_no, *had), wanted, since, kinds).group_by(c.asset_no).subquery()
    grouped = cast("Select[Any]", select(func.count(), *(each.c[name] for name in names)))
    with database.reading() as connection:
        rows = connection.execute(grouped.group_by(*(each.c[name] for name in names))).all()
    return {frozenset(kind for kind, one in zip(ChangeKind, row[1:], strict=True) if one): row[0] for row in rows}


def _happened(events: Select[Any], wanted: Wanted, since: datetime, kinds: Sequence[ChangeKind]) -> Select[Any]:
    """Events since an instant, of some kinds or of all news, of the assets wanted whatever their lifecycle."""
    c = asset_change.c
    # By name, so that an index leads past what was merely found: usually most of all events.
    events = events.where(c.tenant == wanted.tenant, c.at >= since, c.kind.in_([str(kind) for kind in kinds or NEWS]))
    if wanted.filter is None:
        return events
    # A join: there are fewer events than assets, and what filters assets takes its time for each.
    joined = events.select_from(asset_change).join(asset, asset.c.asset_no == c.asset_no)
    return replace(wanted, filter=replace(wanted.filter, lifecycles=())).of(joined)


def changes_summary(database: Database, tenant: str, since: datetime) -> dict[ChangeKind, int]:
    """How many events of each kind there were since an instant."""
    c = asset_change.c
    wanted = select(c.kind, func.count()).where(c.tenant == tenant, c.at >= since).group_by(c.kind)
    with database.reading() as connection:
        found = {row[0]: row[1] for row in connection.execute(wanted)}
    return {kind: found.get(str(kind), 0) for kind in ChangeKind}


def tag_keys(database: Database, tenant: str) -> tuple[str, ...]:
    """Tag keys of all assets ever seen, most used first."""
    c = asset_tag.c
    wanted = select(c.tag_key).where(c.tenant == tenant).group_by(c.tag_key).order_by(func.count().desc(), c.tag_key)
    with database.reading() as connection:
        return tuple(connection.execute(wanted).scalars())


def tag_values(database: Database, tenant: str, key: str, limit: int) -> tuple[str, ...]:
    """Values of a tag key, most used first."""
    c = asset_tag.c
    mine = (c.tenant == tenant, c.tag_key == fitted(key, widths.TAG_KEY))
    wanted = select(c.tag_value).where(*mine).group_by(c.tag_value).order_by(func.count().desc(), c.tag_value)
    with database.reading() as connection:
        return tuple(connection.execute(wanted.limit(limit)).scalars())


def places(database: Database, tenant: str) -> tuple[PlaceState, ...]:
    """What is known about listing each place, by account, region and kind."""
    c = asset_place.c
    wanted = select(asset_place).where(c.tenant == tenant).order_by(c.account, c.region, c.kind)
    with database.reading() as connection:
        return tuple(
            PlaceState(
                Place(row.account, row.region, row.kind),
                row.complete,
                row.tried,
                row.items,
                _failure(row.failure),
                _failure(row.tags_failure),
            )
            for row in connection.execute(wanted)
        )


def _failure(text: str | None) -> Failure | None:
    return None if text is None else Failure(**json.loads(text))


def tenants(database: Database) -> tuple[str, ...]:
    """Tenants that hold assets, sorted."""
    with database.reading() as connection:
        return tuple(sorted(connection.execute(select(asset.c.tenant).distinct()).scalars()))

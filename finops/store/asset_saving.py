"""Lives into their tables: new ones, those that differ from what is stored, and those merely seen again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from finops.model.assets import Lifecycle
from finops.store.asset_rows import asset_row, body_row, link_rows, tag_rows
from finops.store.batches import batches, execute_many, rows_among, update_each
from finops.store.schema import asset, asset_body, asset_link, asset_search, asset_tag

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from finops.store.asset_facts import Facts
    from finops.store.asset_life import Life


@dataclass(frozen=True, slots=True)
class Before:
    """What is stored of a life."""

    facts: Facts
    standing: tuple[object, ...]
    last_seen: datetime


def stored(life: Life) -> Before:
    """What is to be remembered of a life before a book changes it."""
    return Before(life.facts, life.standing, life.last_seen)


def insert_new(connection: Connection, tenant: str, lives: Sequence[Life]) -> None:
    """Rows of assets that have none yet; they get their numbers."""
    new = {life.asset_id: life for life in lives if life.asset_no is None}
    execute_many(connection, insert(asset), (asset_row(tenant, life) | {"currency": ""} for life in new.values()))
    for row in rows_among(connection, select(asset.c.asset_id, asset.c.asset_no), asset.c.asset_id, new):
        new[row.asset_id].asset_no = row.asset_no
    numbered = sorted((_number(life), life.facts) for life in new.values())
    execute_many(connection, insert(asset_body), (body_row(tenant, facts) | _of(no) for no, facts in numbered))
    execute_many(connection, insert(asset_search), (_of(no) | {"search": facts.search} for no, facts in numbered))
    _insert_tags(connection, tenant, [(no, facts.tag_rows) for no, facts in numbered])
    links = (row for no, facts in numbered for row in link_rows(tenant, no, facts.links))
    execute_many(connection, insert(asset_link), links)


def update_changed(
    connection: Connection, tenant: str, lives: Mapping[str, Life], before: Mapping[str, Before]
) -> None:
    """Rows of assets that are not any more as they are stored."""
    pairs = [(lives[key], held) for key, held in before.items()]
    moved = [life for life, held in pairs if life.facts is not held.facts or life.standing != held.standing]
    update_each(connection, asset, "asset_no", [(_number(life), asset_row(tenant, life)) for life in moved])
    told = [(_number(life), life.facts, held.facts) for life, held in pairs if life.facts is not held.facts]
    update_each(connection, asset_body, "asset_no", [(no, body_row(tenant, facts)) for no, facts, _ in told])
    update_each(connection, asset_search, "asset_no", [(no, {"search": facts.search}) for no, facts, _ in told])
    _replace_tags(connection, tenant, [each for each in told if each[1].tags != each[2].tags])
    _replace_links(connection, tenant, [(no, facts.links) for no, facts, was in told if facts.links != was.links])


def touch(
    connection: Connection,
    lives: Mapping[str, Life],
    before: Mapping[str, Before],
    *,
    complete: Collection[str],
    at: datetime,
) -> None:
    """Notes when assets were last seen: by place where the whole place was, one by one otherwise."""
    places: set[str] = set()
    single: list[int] = []
    for key, held in before.items():
        life = lives[key]
        if life.last_seen == held.last_seen:
            continue
        if life.lifecycle == Lifecycle.ACTIVE and life.place_key in complete:
            places.add(life.place_key)
        else:
            single.append(_number(life))
    seen = update(asset).values(last_seen=at).where(asset.c.last_seen < at)
    for some in batches(sorted(places)):
        connection.execute(seen.where(asset.c.place_key.in_(some), asset.c.lifecycle == str(Lifecycle.ACTIVE)))
    for some in batches(sorted(single)):
        connection.execute(seen.where(asset.c.asset_no.in_(some)))


def _number(life: Life) -> int:
    if life.asset_no is None:
        raise ValueError("an asset without a row")
    return life.asset_no


def _of(asset_no: int) -> dict[str, int]:
    return {"asset_no": asset_no}


def _insert_tags(connection: Connection, tenant: str, tags: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    rows = [row for no, values in tags for row in tag_rows(tenant, no, values)]
    # In the order of their key, which is how they lie in the table.
    rows.sort(key=lambda row: (row["tag_key"], row["asset_no"]))
    execute_many(connection, insert(asset_tag), rows)


def _replace_tags(connection: Connection, tenant: str, told: Sequence[tuple[int, Facts, Facts]]) -> None:
    fresh: list[tuple[int, Mapping[str, str]]] = []
    stale: list[dict[str, Any]] = []
    for no, facts, was in told:
        new, old = facts.tag_rows, was.tag_rows
        fresh.append((no, dict(new.items() - old.items())))
        stale += [{"tenant": tenant, "tag_key": key, "asset_no": no} for key, _ in sorted(old.items() - new.items())]
    key = (column == bindparam(column.name) for column in asset_tag.primary_key)
    execute_many(connection, delete(asset_tag).where(*key), stale)
    _insert_tags(connection, tenant, fresh)


def _replace_links(connection: Connection, tenant: str, told: Sequence[tuple[int, str]]) -> None:
    for some in batches(no for no, _ in told):
        connection.execute(delete(asset_link).where(asset_link.c.asset_no.in_(some)))
    execute_many(connection, insert(asset_link), (row for no, links in told for row in link_rows(tenant, no, links)))

"""Relationships of an asset, both ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from finops.model.assets import Lifecycle, Neighbour
from finops.store import estate_schema as widths
from finops.store.asset_facts import arn_id, text_key
from finops.store.asset_queries import assets_of
from finops.store.batches import rows_among
from finops.store.exact_text import fitted
from finops.store.schema import asset, asset_body, asset_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from finops.model.assets import Asset
    from finops.store.database import Database


def neighbours(database: Database, tenant: str, asset_id: str) -> tuple[Neighbour, ...]:
    """What an asset points to, then what points to it; a target that is not in the inventory has no asset.

    A target that is no ARN is an id in the same account and region, of the kind that the link names.
    """
    wanted = (
        select(asset.c.asset_no, asset_body.c.links)
        .join(asset_body, asset_body.c.asset_no == asset.c.asset_no)
        .where(asset.c.asset_id == fitted(asset_id, widths.KEY), asset.c.tenant == tenant)
    )
    with database.reading() as connection:
        row = connection.execute(wanted).one_or_none()
        if row is None:
            return ()
        (own,) = assets_of(connection, [row.asset_no])
        return (*_outgoing(connection, own, json.loads(row.links)), *_incoming(connection, own))


def _outgoing(connection: Connection, own: Asset, links: Sequence[tuple[str, str, str]]) -> Iterator[Neighbour]:
    by_arn = [arn_id(own.tenant, target) for _, _, target in links]
    by_id = [text_key(own.tenant, target) for _, _, target in links]
    near = (asset.c.account == own.account, asset.c.region == own.region)
    numbers = select(asset.c.asset_no).join(asset_body, asset_body.c.asset_no == asset.c.asset_no)
    found = [
        *rows_among(connection, numbers, asset.c.asset_id, by_arn),
        *rows_among(connection, numbers.where(*near), asset_body.c.id_key, by_id),
    ]
    others = sorted(assets_of(connection, sorted({row.asset_no for row in found})), key=_liveliness)
    # Later ones replace earlier ones: the liveliest of those with one id stays.
    known = {other.arn: other for other in others if other.arn}
    known |= {f"{other.kind} {other.resource_id}": other for other in others}
    for relation, kind, target in links:
        yield Neighbour(relation, kind, target, True, known.get(target) or known.get(f"{kind} {target}"))


def _incoming(connection: Connection, own: Asset) -> list[Neighbour]:
    c = asset_link.c
    arn_key, id_key = text_key(own.tenant, own.arn), text_key(own.tenant, own.resource_id)
    near = and_(c.target_kind == own.kind, asset.c.account == own.account, asset.c.region == own.region)
    by_id = and_(c.target_key == id_key, near)
    pointing = or_(c.target_key == arn_key, by_id) if own.arn else by_id
    wanted = select(c.relation, asset.c.asset_no).join(asset, asset.c.asset_no == c.asset_no).where(pointing)
    rows = connection.execute(wanted.distinct()).all()
    numbers = sorted({row.asset_no for row in rows})
    others = dict(zip(numbers, assets_of(connection, numbers), strict=True))
    found = [(row.relation, others[row.asset_no]) for row in rows]
    found.sort(key=lambda each: (each[0], each[1].kind, each[1].name, each[1].asset_id))
    return [Neighbour(relation, other.kind, other.arn or other.resource_id, False, other) for relation, other in found]


def _liveliness(other: Asset) -> tuple[int, datetime]:
    return (-list(Lifecycle).index(other.lifecycle), other.last_seen)

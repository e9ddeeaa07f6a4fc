"""The whole active inventory at once, with what each asset points to: what a run of checks begins with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from finops.model.assets import Lifecycle, Link
from finops.store.asset_rows import SHOWN, asset_of
from finops.store.lake import tenant_name
from finops.store.schema import asset, asset_body

if TYPE_CHECKING:
    from finops.model.assets import Asset
    from finops.store.database import Database


def active_assets(database: Database, tenant: str) -> list[tuple[Asset, tuple[Link, ...]]]:
    """Every active asset of a tenant with its links, in no order that means anything."""
    wanted = (
        select(*SHOWN, asset_body.c.links)
        .join(asset_body, asset_body.c.asset_no == asset.c.asset_no)
        .where(asset.c.tenant == tenant_name(tenant), asset.c.lifecycle == Lifecycle.ACTIVE.value)
        .order_by(asset.c.asset_no)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [(asset_of(row[:-1]), tuple(Link(*link) for link in json.loads(row[-1]))) for row in rows]

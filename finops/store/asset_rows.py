"""Assets between memory and the rows of their tables, both ways."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, type_coerce

from finops.model.assets import Asset, AssetChange, ChangeKind, Lifecycle
from finops.store.asset_facts import Facts, text_key
from finops.store.asset_life import Life
from finops.store.schema import asset, asset_body, asset_change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from finops.store.asset_life import Event

FACTS = (
    asset.c.kind,
    asset.c.service,
    asset.c.account,
    asset.c.region,
    asset.c.state,
    asset.c.created,
    asset_body.c.resource_id,
    asset_body.c.name,
    asset_body.c.arn,
    asset_body.c.tags,
    asset_body.c.details,
    asset_body.c.links,
)
"""Columns in the order of the fields of `Facts`."""

LIFE = (
    asset.c.asset_id,
    asset.c.place_key,
    asset.c.lifecycle,
    asset.c.first_seen,
    asset.c.last_seen,
    asset.c.missing_since,
    asset.c.other_place,
    asset.c.other_seen,
    asset.c.asset_no,
)


def _naive(column: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """An instant as the driver gives it: telling four zones one by one would take a tenth of an export."""
    return type_coerce(column, DateTime())


SHOWN = (
    asset.c.asset_no,
    asset.c.asset_id,
    asset.c.tenant,
    asset.c.kind,
    asset.c.service,
    asset.c.account,
    asset.c.region,
    asset_body.c.resource_id,
    asset_body.c.name,
    asset_body.c.arn,
    asset.c.state,
    asset.c.lifecycle,
    _naive(asset.c.created),
    _naive(asset.c.first_seen),
    _naive(asset.c.last_seen),
    _naive(asset.c.missing_since),
    asset_body.c.tags,
    asset_body.c.details,
    asset.c.cost,
    asset.c.currency,
)
"""The number, then columns in the order of the fields of `Asset`."""

EVENT = (asset_change.c.at, asset_change.c.kind, asset_change.c.field, asset_change.c.before, asset_change.c.after)
"""Columns in the order of the fields of `AssetChange`, its asset apart."""

_decoded = json.JSONDecoder().raw_decode  # what was written without spaces needs no search for them
_LIFECYCLES = {str(lifecycle): lifecycle for lifecycle in Lifecycle}


def life_of(row: Sequence[Any]) -> Life:
    """A life as it is stored, from the columns FACTS and LIFE."""
    key, place, lifecycle, first, last, missing, other, other_seen, number = row[len(FACTS) :]
    return Life(
        asset_id=key,
        facts=Facts(*row[: len(FACTS)]),
        place_key=place,
        lifecycle=_LIFECYCLES[lifecycle],
        first_seen=first,
        last_seen=last,
        missing_since=missing,
        other_place=other,
        other_seen=other_seen,
        asset_no=number,
    )


def asset_of(row: Sequence[Any]) -> Asset:
    """An asset as it is shown, from the columns SHOWN."""
    # One unpacking, no slices: an export does this a hundred thousand times.
    (
        _,
        key,
        tenant,
        kind,
        service,
        account,
        region,
        resource_id,
        name,
        arn,
        state,
        lifecycle,
        created,
        first_seen,
        last_seen,
        missing_since,
        tags,
        details,
        cost,
        currency,
    ) = row
    return Asset(
        key,
        tenant,
        kind,
        service,
        account,
        region,
        resource_id,
        name,
        arn,
        state,
        _LIFECYCLES[lifecycle],
        created and created.replace(tzinfo=UTC),
        first_seen.replace(tzinfo=UTC),
        last_seen.replace(tzinfo=UTC),
        missing_since and missing_since.replace(tzinfo=UTC),
        None if tags is None else _decoded(tags)[0],
        _decoded(details)[0],
        cost,
        currency,
    )


def change_of(asset_id: str, row: Sequence[Any]) -> AssetChange:
    """An event, from the columns EVENT at the row's end."""
    at, kind, field, before, after = row[-len(EVENT) :]
    return AssetChange(asset_id, at, ChangeKind(kind), field, _value(before), _value(after))


def _value(text: str | None) -> object:
    return None if text is None else json.loads(text)


def asset_row(tenant: str, life: Life) -> dict[str, Any]:
    """The row of `asset`, its number and costs apart."""
    facts = life.facts
    return {
        "tenant": tenant,
        "asset_id": life.asset_id,
        "kind": facts.kind,
        "service": facts.service,
        "account": facts.account,
        "region": facts.region,
        "state": facts.state,
        "lifecycle": str(life.lifecycle),
        "tags_known": facts.tags is not None,
        "name_key": facts.name_key,
        "created": facts.created,
        "first_seen": life.first_seen,
        "last_seen": life.last_seen,
        "missing_since": life.missing_since,
        "place_key": life.place_key,
        "other_place": life.other_place,
        "other_seen": life.other_seen,
    }


def body_row(tenant: str, facts: Facts) -> dict[str, Any]:
    """The row of `asset_body`, its number apart."""
    return {
        "id_key": text_key(tenant, facts.resource_id),
        "resource_id": facts.resource_id,
        "name": facts.name,
        "arn": facts.arn,
        "tags": facts.tags,
        "details": facts.details,
        "links": facts.links,
    }


def tag_rows(tenant: str, asset_no: int, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of `asset_tag`."""
    return [{"tenant": tenant, "tag_key": key, "tag_value": value, "asset_no": asset_no} for key, value in tags.items()]


def link_rows(tenant: str, asset_no: int, links: str) -> list[dict[str, Any]]:
    """Rows of `asset_link`."""
    return [
        {
            "asset_no": asset_no,
            "link_no": number,
            "target_key": text_key(tenant, target),
            "target_kind": kind,
            "relation": relation,
        }
        for number, (relation, kind, target) in enumerate(json.loads(links))
    ]


def event_row(tenant: str, event: Event, at: datetime) -> dict[str, Any]:
    """The row of `asset_change`."""
    return {
        "tenant": tenant,
        "asset_no": event.life.asset_no,
        "at": at,
        "kind": str(event.kind),
        "field": event.field,
        "before": event.before,
        "after": event.after,
    }

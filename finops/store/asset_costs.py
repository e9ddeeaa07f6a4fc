"""What assets cost, written beside them: a bill names resources by ARN, or by an id alone."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from finops.model.assets import Lifecycle
from finops.store import estate_schema as widths
from finops.store.asset_filters import whole_micros
from finops.store.batches import update_each
from finops.store.exact_text import fitted, storable
from finops.store.schema import asset, asset_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

BARE = frozenset({"ec2", "s3"})
"""Services whose resources the Cost and Usage Report names by their id alone (`i-…`, `vol-…`, a bucket's name)."""


class _Priced(NamedTuple):
    asset_no: int
    arn: str
    resource_id: str
    service: str
    lifecycle: str
    cost: Decimal | None
    currency: str


def priced(connection: Connection, tenant: str, costs: Mapping[str, tuple[Decimal, str]]) -> tuple[int, bool]:
    """Writes costs by ARN or id; returns how many assets have one now, and whether anything changed."""
    columns = (asset.c.asset_no, asset_body.c.arn, asset_body.c.resource_id, asset.c.service, asset.c.lifecycle)
    rows = connection.execute(
        select(*columns, asset.c.cost, asset.c.currency)
        .join(asset_body, asset_body.c.asset_no == asset.c.asset_no)
        .where(asset.c.tenant == tenant)
    )
    held = [_Priced(*row) for row in rows]
    told = {
        storable(key): (whole_micros("costs", amount, ROUND_HALF_EVEN), fitted(currency, widths.CURRENCY))
        for key, (amount, currency) in costs.items()
    }
    found = {each.asset_no: told[key] for key, each in _owners(held, told)}
    changed = []
    for each in held:
        cost, currency = found.get(each.asset_no, (None, ""))
        if (cost, currency) != (each.cost, each.currency):
            changed.append((each.asset_no, {"cost": cost, "currency": currency}))
    update_each(connection, asset, "asset_no", changed)
    return len(found), bool(changed)


def _owners(held: Iterable[_Priced], told: Mapping[str, object]) -> Iterable[tuple[str, _Priced]]:
    """Which asset each of the names belongs to."""
    claims: dict[str, list[_Priced]] = defaultdict(list)
    for each in held:
        if each.arn in told:
            yield each.arn, each
        elif each.resource_id in told:
            claims[each.resource_id].append(each)
    for name, claimants in claims.items():
        owner = _owner(claimants)
        if owner is not None:
            yield name, owner


def _owner(claimants: Sequence[_Priced]) -> _Priced | None:
    """The one that an id alone means; None where it could be several, since a cost counted twice is worse than none."""
    there = [each for each in claimants if each.lifecycle != Lifecycle.GONE] or claimants
    likely = [each for each in there if each.service in BARE] or there
    return likely[0] if len(likely) == 1 else None

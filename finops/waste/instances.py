"""EC2 instances as several checks look at them: since when they are stopped, what they cost, and what hangs on them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from finops.model.findings import HOURS_A_MONTH

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.model.assets import Asset
    from finops.waste.context import Context
    from finops.waste.estate import Estate
    from finops.waste.prices import Prices

_STOPPED_AT = re.compile(r"\((\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) (?:GMT|UTC)\)", re.ASCII)


def instance_month(prices: Prices, asset: Asset, instance_type: object) -> Decimal | None:
    """What an instance of that type in the asset's place would cost a month by list prices.

    None where the type or the price is unknown, and for what the list does not price: a spot instance, other systems
    than Linux, dedicated hardware.
    """
    details = asset.details
    listed = (
        details.get("lifecycle") in (None, "on-demand")
        and details.get("platform") in (None, "Linux/UNIX")
        and details.get("tenancy") in (None, "default")
    )
    hourly = prices.of(f"ec2.instance:{instance_type}", asset.region) if listed else None
    return None if hourly is None else hourly * HOURS_A_MONTH


def sold(prices: Prices, region: str, instance_type: str) -> bool:
    """Whether the price list has a type in a region."""
    return prices.of(f"ec2.instance:{instance_type}", region) is not None


def scaling_group(estate: Estate, asset: Asset) -> str | None:
    """The Auto Scaling group that an instance is a member of."""
    return next((link.target for link in estate.links(asset, "member_of", "autoscaling:group")), None)


def stopped_days(context: Context, asset: Asset) -> int | None:
    """For how many whole days an instance has been stopped; None where it is not, or nobody knows.

    AWS tells the time in the reason of the state ("User initiated (2026-10-01 12:00:00 GMT)"); where it does not, the
    inventory may have seen it running before.
    """
    if asset.state != "stopped":
        return None
    told = _STOPPED_AT.search(str(asset.details.get("state_reason") or ""))
    at = _moment(told[1]) if told else None
    if at is None:
        seen = [context.estate.left(asset, "state", state) for state in ("running", "stopping")]
        at = max((each for each in seen if each is not None), default=None)
    return None if at is None else max(0, (context.now - at).days)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None

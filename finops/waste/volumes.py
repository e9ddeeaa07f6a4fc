"""What an EBS volume costs a month by list prices: its size, and what is provisioned beyond the free part of gp3."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finops.model.assets import Asset
    from finops.waste.prices import Prices

FREE_IOPS, FREE_MIBPS = 3000, 125
"""What every gp3 volume has without charge: https://aws.amazon.com/ebs/pricing/."""

_WITH_IOPS = frozenset({"gp3", "io1", "io2"})


def volume_month(prices: Prices, asset: Asset) -> Decimal | None:
    """US dollars a month; None where size, type or a price is unknown."""
    details = asset.details
    kind, size = str(details.get("volume_type")), details.get("size_gib")
    iops, mibps = details.get("iops"), details.get("throughput_mibps")
    return storage_month(prices, asset.region, kind, size, iops=iops, mibps=mibps)


def storage_month(
    prices: Prices, region: str, kind: str, size_gib: object, *, iops: object = 0, mibps: object = 0
) -> Decimal | None:
    """The same for a volume that one thinks of; of `iops` and `mibps` only what is charged for counts."""
    storage = prices.of(f"ebs.gib:{kind}", region)
    if storage is None or not isinstance(size_gib, int | float):
        return None
    month = storage * Decimal(str(size_gib))
    for item, amount in (
        ("ebs.iops", _beyond(iops, FREE_IOPS if kind == "gp3" else 0) if kind in _WITH_IOPS else Decimal(0)),
        ("ebs.mibps", _beyond(mibps, FREE_MIBPS) if kind == "gp3" else Decimal(0)),
    ):
        price = prices.of(f"{item}:{kind}", region)
        if amount and price is None:
            return None
        month += amount * (price or 0)
    return month


def _beyond(amount: object, free: int) -> Decimal:
    return max(Decimal(0), Decimal(str(amount)) - free) if isinstance(amount, int | float) else Decimal(0)

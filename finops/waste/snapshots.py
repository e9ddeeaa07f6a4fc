"""EBS snapshots as several checks look at them: what they cost at most, which images hold them, who made them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finops.model.assets import Asset
    from finops.waste.estate import Estate
    from finops.waste.prices import Prices

COPIED_FROM = "vol-ffffffff"
"""The volume that a copied snapshot names, which "you should not use for any purpose" (EC2 API, Snapshot)."""

_GIB = 1024**3
_MAKERS = {"aws:backup:source-resource": "AWS Backup", "aws:dlm:lifecycle-policy-id": "Data Lifecycle Manager"}


def snapshot_month(prices: Prices, asset: Asset) -> Decimal | None:
    """What a snapshot costs a month at most, by list prices: snapshots hold only what changed since the one before.

    Its full size, where AWS tells it, is less than that of the volume: blocks that were never written do not count.
    """
    details = asset.details
    written, size = details.get("full_size_bytes"), details.get("size_gib")
    price = prices.of(f"ebs.snapshot.gib:{details.get('storage_tier') or 'standard'}", asset.region)
    if isinstance(written, int | float) and written > 0:
        size = min(written / _GIB, size) if isinstance(size, int | float) else written / _GIB
    if price is None or not isinstance(size, int | float):
        return None
    return price * Decimal(str(size))


def images_of(estate: Estate, asset: Asset) -> int | None:
    """How many machine images of the account hold a snapshot; None where those could not all be listed."""
    found = len(estate.pointing("ec2:image", "made_from", asset))
    return found if found or estate.complete("ec2:image", asset.account, asset.region) else None


def maker(asset: Asset) -> str | None:
    """The service whose plan made a snapshot, by the tags it leaves; that plan also says when it goes."""
    return next((name for tag, name in _MAKERS.items() if tag in (asset.tags or {})), None)

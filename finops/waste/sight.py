"""Where a run looks: an inventory, a bill and AWS, at one instant. Usually the present ones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.model.assets import ChangeKind
from finops.waste.context import Context, Reads
from finops.waste.estate import Estate
from finops.waste.prices import shipped_prices

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.aws.calls import Calls
    from finops.costs import Costs
    from finops.inventory import Inventory
    from finops.model.metering import Caller
    from finops.store import Store
    from finops.waste.prices import Prices

REMEMBERED = timedelta(days=120)
"""How far back changes of state are looked up: since when a volume has been detached."""
_MOST_CHANGES = 50_000


@dataclass(frozen=True, slots=True)
class Sight:
    """What contexts are made of."""

    store: Store
    inventory: Inventory
    costs: Costs
    calls: Calls
    now: Callable[[], datetime]
    prices: Callable[[], Prices] = shipped_prices

    def context(self, tenant: str, at: datetime, caller: Caller) -> Context:
        """What checks see of a tenant. The time of a check's questions starts when its turn comes."""
        assets = self.store.assets.active(tenant)
        kinds = (ChangeKind.CHANGED,)
        changes = self.inventory.changes(tenant, since=at - REMEMBERED, kinds=kinds, limit=_MOST_CHANGES)
        estate = Estate(
            [asset for asset, _ in assets],
            links={asset.asset_id: links for asset, links in assets},
            places=self.store.assets.places(tenant),
            accounts=self.inventory.accounts(tenant),
            changes=[change for change, _ in changes],
        )
        reads = Reads(self.calls, caller, until=time.monotonic())
        return Context(tenant, at, estate, reads, self.prices(), self.costs.resource_period(tenant))

"""A store of a test's own for imported bills, and Cost Explorer's figures made to fit them."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.costs import CubeDraft, CubeSpec, Granularity
from finops.model.period import Period
from finops.store import Store, open_store
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2024, 11, 20, 9, 0, tzinfo=UTC)
SEPTEMBER = Period(date(2024, 9, 1), date(2024, 10, 1))
DIMENSIONS = {"account": "SubAccountId", "service": "ServiceName", "charge_type": "ChargeCategory"}


def opened(folder: Path) -> Store:
    """A store on SQLite and a folder; several may share a folder, as several processes would."""
    url = f"sqlite:///{folder / 'state.db'}"
    upgrade(url)
    return open_store(
        database_url=url, lake_url=str(folder / "lake"), ceiling=None, promoted_tags=("environment",), now=lambda: NOW
    )


def like_cost_explorer(path: Path, *dimensions: str, changed: dict[str, Decimal] | None = None) -> CubeDraft:
    """September of a bill's AWS lines as Cost Explorer's cube of these dimensions would tell it.

    `changed` adds an amount to the first row with that key.
    """
    pending = dict(changed or {})
    sums: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    with path.open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["ProviderName"] == "AWS" and row["ChargePeriodStart"].startswith("2024-09"):
                key = (row["ChargePeriodStart"][:10], *(row[DIMENSIONS[name]] for name in dimensions))
                sums[key][0] += Decimal(row["BilledCost"])
                sums[key][1] += Decimal(row["EffectiveCost"])
    for key, amounts in sums.items():
        for word in set(key) & set(pending):
            amounts[0] += pending.pop(word)
    columns: dict[str, list[str | None]] = {
        "charge_date": [key[0] for key in sums],
        **{name: [key[place] for key in sums] for place, name in enumerate(dimensions, start=1)},
        "currency": ["USD"] * len(sums),
        "net_unblended": [str(amounts[0]) for amounts in sums.values()],
        "net_amortized": [str(amounts[1]) for amounts in sums.values()],
        "estimated": ["false"] * len(sums),
    }
    name = "_".join(sorted(dimensions, key=lambda dimension: dimension != "charge_type"))
    return CubeDraft("cost_explorer", CubeSpec(name, dimensions), Granularity.DAILY, SEPTEMBER, columns, NOW)


def stored(store: Store, *drafts: CubeDraft) -> None:
    store.cubes.replace("default", drafts, store.ledger.begin("default", "costs.refresh", "cost_explorer"))

"""List prices for what has no bill of its own: small dated tables of us-east-1, and what other regions ask.

The tables name their sources. A price that they do not know is None, and a saving then has no dollar basis.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = "us-east-1"
"""The region that items are priced in."""

_TABLES = ("price_table.json", "price_table_services.json")

ByRegion: TypeAlias = Mapping[str, Mapping[str, Decimal]]


class Prices:
    """US dollars by item (`ec2.instance:m6i.large`, an hour; `ebs.gib:gp3`, a GiB and month) and region.

    `regional` holds what a region lists for an item. `factors`, of an item or of its group (`ebs.gib`), stand in for a
    region that lists none.
    """

    def __init__(
        self,
        items: Mapping[str, Decimal],
        factors: ByRegion,
        *,
        as_of: date,
        source: str,
        regional: ByRegion | None = None,
    ) -> None:
        self._items = items
        self._factors = factors
        self._regional = regional or {}
        self.as_of = as_of
        self.source = source

    def of(self, item: str, region: str) -> Decimal | None:
        """The price of an item in a region; None where the tables know the item or the region's factor not."""
        price = self._items.get(item)
        if region == HOME:
            return price
        listed = self._regional.get(item, {}).get(region)
        if listed is not None:
            return listed
        factors = self._factors.get(item) or self._factors.get(item.partition(":")[0]) or {}
        factor = factors.get(region)
        return None if price is None or factor is None else price * factor

    def origin(self, item: str, region: str) -> tuple[date, str]:  # noqa: ARG002 - others have more than one
        """As of when the price of an item in a region is, and where it comes from."""
        return self.as_of, self.source


@cache
def shipped_prices() -> Prices:
    """The tables that come with the product, as one."""
    told = [_told(name) for name in _TABLES if resources.files("finops.waste").joinpath(name).is_file()]
    items: dict[str, Decimal] = {}
    factors: dict[str, Mapping[str, Decimal]] = {}
    regional: dict[str, dict[str, Decimal]] = {}
    for table in told:
        for item, region, price in _instances(table):
            regional.setdefault(item, {})[region] = price
        for item, listed in table.get("regional", {}).items():
            regional.setdefault(item, {}).update(_decimals(listed))
        items |= _decimals(table["items"])
        factors |= {name: _decimals(regions) for name, regions in table.get("factors", {}).items()}
    items |= {item: listed[HOME] for item, listed in regional.items() if HOME in listed}
    return Prices(
        items,
        factors,
        regional=regional,
        as_of=min(date.fromisoformat(table["as_of"]) for table in told),
        source=" ".join(dict.fromkeys(table["source"] for table in told)),
    )


def _told(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(resources.files("finops.waste").joinpath(name).read_text("utf-8"))
    return told


def _decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in texts.items()}


def _instances(table: Mapping[str, Any]) -> Iterator[tuple[str, str, Decimal]]:
    """Every size of every family: AWS prices them by size, so the table holds a `large` and what is not so.

    `metal=24xlarge` among a family's sizes says that its bare metal costs what that size does.
    """
    units = _decimals(table.get("sizes", {}))
    for family, told in table.get("instances", {}).items():
        large = _decimals(told["large"])
        for name in told["sizes"].split():
            size, _, same_as = name.partition("=")
            for region, price in large.items():
                yield f"ec2.instance:{family}.{size}", region, price * units[same_as or size]

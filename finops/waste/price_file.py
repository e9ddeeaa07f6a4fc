"""Prices that AWS was asked for, in a file of the data folder: they come before those of the shipped tables.

The file has the form of the tables: `items` of us-east-1, `regional` prices elsewhere. `earlier` holds the dates of
those that an earlier refresh found and the last one did not ask for.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from finops.waste.prices import HOME, Prices, shipped_prices
from finops.waste.site import write_files

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

FILE = "prices.json"
SOURCE = "AWS Price List Query API"

_BROKEN = (AttributeError, InvalidOperation, KeyError, TypeError, ValueError, RecursionError)
"""What a file raises that has not the form."""


class Listed(NamedTuple):
    """A price in US dollars, and the day AWS told it."""

    usd: Decimal
    on: date


Listings: TypeAlias = Mapping[tuple[str, str], Listed]
"""Prices by item and region."""


class RefreshedPrices(Prices):
    """What AWS told, and `under` it the tables: a price that it did not tell stays the shipped one."""

    def __init__(self, listings: Listings, under: Prices, *, as_of: date) -> None:
        super().__init__({}, {}, as_of=as_of, source=source_on(as_of))
        self.listings = listings
        self.under = under

    def of(self, item: str, region: str) -> Decimal | None:
        """The price that AWS told, else that of the tables."""
        found = self.listings.get((item, region))
        return self.under.of(item, region) if found is None else found.usd

    def origin(self, item: str, region: str) -> tuple[date, str]:
        """The day on which AWS told it, else what the tables say of themselves."""
        found = self.listings.get((item, region))
        return self.under.origin(item, region) if found is None else (found.on, source_on(found.on))


def source_on(day: date) -> str:
    """How a price of a day is credited."""
    return f"{SOURCE}, {day.isoformat()}"


def prices_of(folder: Path) -> Prices:
    """The prices in use: those of the folder's file over the shipped tables, which alone serve where there is none.

    So they do where the file is damaged; the log says so then. What is older than the tables is left out.
    """
    shipped = shipped_prices()
    try:
        told = json.loads((folder / FILE).read_text("utf-8"))
        as_of, listings = date.fromisoformat(told["as_of"]), dict(_listings(told))
    except FileNotFoundError:
        return shipped
    except (OSError, *_BROKEN) as error:
        reason = type(error).__name__
        log.warning("%s cannot be read; the shipped prices are used", folder / FILE, extra={"reason": reason})
        return shipped
    fresh = {pair: found for pair, found in listings.items() if found.on >= shipped.as_of}
    return RefreshedPrices(fresh, shipped, as_of=as_of) if fresh else shipped


def keep(folder: Path, listings: Listings, *, as_of: date) -> Path:
    """Writes the file as a whole or not at all. StoreError when the folder cannot be written to."""
    items: dict[str, str] = {}
    regional: dict[str, dict[str, str]] = {}
    earlier: dict[str, dict[str, str]] = {}
    for (item, region), found in sorted(listings.items()):
        text = f"{found.usd.normalize():f}"
        if region == HOME:
            items[item] = text
        else:
            regional.setdefault(item, {})[region] = text
        if found.on != as_of:
            earlier.setdefault(item, {})[region] = found.on.isoformat()
    told = {"as_of": as_of.isoformat(), "source": source_on(as_of), "items": items, "regional": regional}
    text = json.dumps({**told, "earlier": earlier}, indent=1) + "\n"
    return write_files(folder, {FILE: text})[0]


def _listings(told: Mapping[str, Any]) -> dict[tuple[str, str], Listed]:
    """ValueError for what is no price."""
    prices = {(item, HOME): text for item, text in told["items"].items()}
    prices |= {(item, region): text for item, found in told["regional"].items() for region, text in found.items()}
    as_of, earlier = told["as_of"], told.get("earlier", {})
    found: dict[tuple[str, str], Listed] = {}
    for (item, region), text in prices.items():
        usd = Decimal(text)
        if not isinstance(text, str) or not usd.is_finite() or usd < 0:
            raise ValueError("no price")
        found[item, region] = Listed(usd, date.fromisoformat(earlier.get(item, {}).get(region, as_of)))
    return found

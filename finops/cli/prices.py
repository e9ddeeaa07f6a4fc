"""`prices refresh`, `prices show`: the list prices that savings rest on where a bill does not tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from finops.api.envelope import Meta, envelope
from finops.cli.frame import Result, Session, reported
from finops.cli.text import Table
from finops.model.errors import InputError
from finops.model.money import plain
from finops.model.outcome import Failure
from finops.model.people import Right
from finops.waste.price_file import RefreshedPrices
from finops.waste.prices import HOME

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.model.jobs import Progress
    from finops.waste.price_refresh import PriceRefresh
    from finops.waste.prices import Prices

UNPRICED = "not_listed"
UNREADABLE = "malformed"
COLUMNS = ("item", "region", "price", "as_of")


@click.group()
def prices() -> None:
    """List prices: those that come with the product, and those that AWS was asked for."""


@prices.command()
@reported
def refresh(session: Session) -> Result:
    """Asks AWS for the list prices of what the inventory holds, for nothing; what it does not tell stays as it was."""
    tenant = session.fetching_tenant("list prices")
    with session.finops() as finops:
        person = session.person(finops, Right.RUN_CHECKS, tenant)
        result = finops.waste.refresh_prices(tenant, user=person.principal, report=_progress(session))
        return refresh_report(result, finops.waste.prices, tenant)


@prices.command()
@click.argument("item", required=False)
@click.option("--region", metavar="R", help=f"Where; default {HOME}.")
@reported
def show(session: Session, *, item: str | None, region: str | None) -> Result:
    """Where list prices come from and as of when they are; with ITEM (ec2.instance:m6i.large) also its price."""
    if region and not item:
        raise InputError("region", "name an item to see its price in a region, as in ec2.natgateway:hour")
    with session.finops() as finops:
        tenant = session.reading_tenant(finops)
        session.person(finops, Right.VIEW_FINDINGS, tenant)
        current = finops.waste.prices
    return _priced(current, tenant, item, region or HOME) if item else _sources(current, tenant)


def refresh_report(result: PriceRefresh, current: Prices, tenant: str) -> Result:
    """What a refresh came to; exit 3 where some prices could not be asked for, 1 where none could."""
    failures = result.failures
    if result.malformed:
        told = f"{result.malformed:,} products of AWS's answers could not be read."
        failures = (*failures, Failure(UNREADABLE, told, service="pricing"))
    data = {
        "as_of": result.as_of,
        "source": current.source,
        "asked": result.asked,
        "found": result.found,
        "changed": result.changed,
        "missing": [{"item": item, "region": region} for item, region in result.missing],
        "unanswered": result.unanswered,
        "malformed": result.malformed,
        "path": str(result.path) if result.path else None,
    }
    counts = f"{result.asked:,} asked for, {result.found:,} found, {result.changed:,} changed"
    told = (
        f"List prices of {result.as_of}: {counts}, {len(result.missing):,} not told, {result.unanswered:,} unanswered."
    )
    kept = f"They are in {result.path}." if result.path else "Nothing was kept; the prices in use are those of before."
    if not result.asked:
        kept = f"The inventory of tenant {tenant} holds nothing with a list price; run `inventory discover`."
    failed = result.asked > 0 and result.unanswered == result.asked
    meta = _meta(tenant, result.as_of, current.source, failures)
    code = 1 if failed else 3 if result.partial else 0
    return Result(envelope(data, meta), (told, kept), failures=failures, code=code)


def _priced(current: Prices, tenant: str, item: str, region: str) -> Result:
    price, (as_of, source) = current.of(item, region), current.origin(item, region)
    failures: tuple[Failure, ...] = ()
    if price is None:
        failures = (Failure(UNPRICED, f"No price of {item} is known there.", region=region),)
    data = {"as_of": as_of, "source": source, "item": item, "region": region, "price": price, "currency": "USD"}
    text = None if price is None else plain(price)
    table = Table(COLUMNS, ((item, region, text, as_of),))
    document = envelope(data, _meta(tenant, as_of, source, failures))
    return Result(document, (f"US dollars. {source}",), table, failures, code=3 if failures else 0)


def _sources(current: Prices, tenant: str) -> Result:
    listings = current.listings if isinstance(current, RefreshedPrices) else {}
    rows = [(item, region, found.usd, found.on) for (item, region), found in sorted(listings.items())]
    data = {
        "as_of": current.as_of,
        "source": current.source,
        "item": None,
        "region": None,
        "price": None,
        "currency": "USD",
        "refreshed": [dict(zip(COLUMNS, row, strict=True)) for row in rows],
    }
    told = [f"List prices as of {current.as_of}: {current.source}"]
    if isinstance(current, RefreshedPrices):
        told.append(f"Of what is not among these, as of {current.under.as_of}: {current.under.source}")
    table = Table(COLUMNS, tuple((item, region, plain(usd), on) for item, region, usd, on in rows)) if rows else None
    return Result(envelope(data, _meta(tenant, current.as_of, current.source, ())), tuple(told), table)


def _meta(tenant: str, as_of: date, source: str, failures: tuple[Failure, ...]) -> Meta:
    moment = datetime.combine(as_of, time(), UTC)
    return Meta(tenant, moment, "USD", source=source, partial=bool(failures), failures=failures)


def _progress(session: Session) -> Callable[[Progress], None]:
    def tell(reached: Progress) -> None:
        failed = f", {reached.failures:,} failures" if reached.failures else ""
        session.progress(reached.done, reached.total, f"{reached.calls:,} questions{failed}")

    return tell

"""The Price List's GetProducts: filters, pages, and items as JSON texts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from finops.demo.estate import REGIONS
from finops.demo.listings.grammar import Answer, Page, refuse_unknown, sliced
from finops.demo.listings.price_sheets import Sheet, sheets
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.demo.wire import Request

ENDPOINTS = frozenset({"us-east-1", "eu-central-1", "ap-south-1"})
"""Regions that answer."""

_PAGE = Page(usual=100, most=100, code="InvalidNextTokenException")
_ON_DEMAND = "JRTCKXETXF"  # the offer term code of on-demand prices, the same for every product
_PUBLISHED = "2026-11-01T00:00:00Z"


def answers() -> dict[tuple[str, str], Answer]:
    """The answers of the Price List."""
    return {("pricing", "GetProducts"): products}


def products(request: Request) -> dict[str, Any]:
    """The products of a service that every filter lets pass; none of a region where the estate has nothing."""
    refuse_unknown(request, ("ServiceCode", "Filters", "FormatVersion", _PAGE.token, _PAGE.limit))
    if request.region not in ENDPOINTS:
        raise aws_error("NotInDemo", f"The Price List has no endpoint in {request.region}; nothing was sent.")
    wanted = dict(_filters(request))
    region = wanted.get("regionCode")
    places = [place for place, *_ in REGIONS if region in (None, place)]
    service = request.params["ServiceCode"]
    found = [sheet for place in places for sheet in sheets(service, place) if _passes(sheet, wanted)]
    shown, more = sliced(request, _PAGE, found)
    return {"FormatVersion": "aws_v1", "PriceList": [_text(service, sheet) for sheet in shown], **more}


def _filters(request: Request) -> Iterator[tuple[str, str]]:
    for one in request.params.get("Filters", ()):
        if one["Type"] != "TERM_MATCH":
            raise aws_error("NotInDemo", f"The demo does not follow {one['Type']} of GetProducts; nothing was sent.")
        yield one["Field"], one["Value"]


def _passes(sheet: Sheet, wanted: Mapping[str, str]) -> bool:
    told = {**sheet.attributes, "productFamily": sheet.family}
    return all(told.get(name, "").lower() == value.lower() for name, value in wanted.items())


def _text(service: str, sheet: Sheet) -> str:
    words = json.dumps([service, sheet.family, sorted(sheet.attributes.items())])
    sku = hashlib.blake2b(words.encode(), digest_size=8).hexdigest().upper()
    code = f"{sku}.{_ON_DEMAND}"
    ends = [*list(sheet.tiers)[1:], "Inf"]
    dimensions = {
        f"{code}.{number:010d}": {
            "unit": sheet.unit,
            "beginRange": begin,
            "endRange": end,
            "description": f"${usd:f} per {sheet.unit} of {sheet.usage}",
            "appliesTo": [],
            "rateCode": f"{code}.{number:010d}",
            "pricePerUnit": {"USD": f"{usd:.10f}"},
        }
        for number, ((begin, usd), end) in enumerate(zip(sheet.tiers.items(), ends, strict=True))
    }
    term = {
        "sku": sku,
        "offerTermCode": _ON_DEMAND,
        "effectiveDate": _PUBLISHED,
        "priceDimensions": dimensions,
        "termAttributes": {},
    }
    family = {"productFamily": sheet.family} if sheet.family else {}
    product = {**family, "sku": sku, "attributes": dict(sheet.attributes)}
    terms = {"OnDemand": {code: term}}
    item = {"product": product, "serviceCode": service, "terms": terms}
    return json.dumps({**item, "version": "20261101000000", "publicationDate": _PUBLISHED})

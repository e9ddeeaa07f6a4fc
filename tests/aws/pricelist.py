"""Items of the Price List in their true shape, and a stand-in that answers GetProducts from some of them by filter."""

from __future__ import annotations

import json
from typing import Any


def product(
    usage: str, tiers: dict[str, str], *, unit: str = "Hrs", family: str = "Compute Instance", **attributes: str
) -> str:
    """One item as JSON text: `tiers` are prices by the amount from which on they count."""
    told = {"usagetype": usage, "regionCode": "us-east-1", "locationType": "AWS Region", **attributes}
    sku = f"SKU{abs(hash((usage, family, *sorted(told.items())))) % 10**8}"
    dimensions = {
        f"{sku}.JRTCKXETXF.{number}": {
            "unit": unit,
            "beginRange": begin,
            "endRange": "Inf",
            "description": f"{usd} per {unit}",
            "appliesTo": [],
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "pricePerUnit": {"USD": usd},
        }
        for number, (begin, usd) in enumerate(tiers.items())
    }
    term = {"sku": sku, "offerTermCode": "JRTCKXETXF", "priceDimensions": dimensions, "termAttributes": {}}
    item = {
        "product": {"productFamily": family, "sku": sku, "attributes": told},
        "serviceCode": attributes.get("servicecode", ""),
        "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
        "version": "20261101",
        "publicationDate": "2026-11-01T00:00:00Z",
    }
    return json.dumps(item)


def matching(params: dict[str, Any], items: list[str]) -> dict[str, Any]:
    """GetProducts: the items that the filters let pass, two a page. Service codes are not looked at."""
    wanted = {one["Field"]: one["Value"] for one in params["Filters"] if one["Type"] == "TERM_MATCH"}
    found = [text for text in items if _passes(text, wanted)]
    start = int(params.get("NextToken", "0"))
    more = {"NextToken": str(start + 2)} if start + 2 < len(found) else {}
    return {"FormatVersion": "aws_v1", "PriceList": found[start : start + 2], **more}


def _passes(text: str, wanted: dict[str, str]) -> bool:
    if not text.startswith('{"product"') or '"attributes"' not in text:
        return True  # damaged: nobody knows what it is of
    told = json.loads(text)["product"]
    attributes = {**told["attributes"], "productFamily": told.get("productFamily", "")}
    return all(attributes.get(name) == value for name, value in wanted.items())

"""The Price List's GetProducts: what AWS asks on demand for products of a service, in US dollars. It is free.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html; every item of an
answer is a JSON text: a product with its attributes, and its terms.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from finops.aws.calls import Ask
from finops.aws.permissions import Operation, declare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.aws.calls import Calls
    from finops.model.metering import Caller

REGION = "us-east-1"
"""One of the few regions that answer, for products of every region of the commercial partition."""

GET_PRODUCTS = declare(
    Operation(
        service="pricing",
        name="GetProducts",
        action="pricing:GetProducts",
        feature="waste",
        lost="list prices of today; those of the shipped table stay in use",
    )
)
FORMAT = "aws_v1"
PAGE = 100
_BROKEN = (AttributeError, InvalidOperation, KeyError, TypeError, ValueError)
"""What an item raises that has not the documented form."""


class Offer(NamedTuple):
    """A product's attributes (with `productFamily`), and the on-demand price of one unit beyond what is free.

    Where the price falls with the amount, it is that of the first units that cost something.
    """

    attributes: Mapping[str, str]
    usd: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What an answer holds. `malformed` items could not be read, and may have been any of the products."""

    items: tuple[Offer, ...] = ()
    malformed: int = 0


def offers(calls: Calls, caller: Caller, service: str, filters: Mapping[str, str]) -> Offers:
    """The products of a service (`AmazonEC2`) whose attributes have these values, and that are sold on demand.

    AwsError when a call fails.
    """
    params: dict[str, Any] = {"ServiceCode": service, "FormatVersion": FORMAT, "MaxResults": PAGE}
    params["Filters"] = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()]
    found: list[Offer] = []
    malformed = 0
    for page in calls.pages(Ask(GET_PRODUCTS, params, ("PriceList",), region=REGION), caller):
        for text in page["PriceList"]:
            try:
                found += _offer(json.loads(text))
            except _BROKEN:
                malformed += 1
    return Offers(tuple(found), malformed)


def _offer(item: Mapping[str, Any]) -> Iterator[Offer]:
    """None for what is not sold on demand, or for nothing."""
    product = item["product"]
    attributes = {str(name): str(value) for name, value in product["attributes"].items()}
    tiers = [tier for term in item["terms"].get("OnDemand", {}).values() for tier in _tiers(term)]
    paid = sorted(tier for tier in tiers if tier[1])
    first = {(usd, unit) for begin, usd, unit in paid if begin == paid[0][0]}
    if len(first) > 1:
        raise ValueError("one product has two prices")
    for usd, unit in first:
        yield Offer({**attributes, "productFamily": str(product.get("productFamily", ""))}, usd, unit)


def _tiers(term: Mapping[str, Any]) -> Iterator[tuple[Decimal, Decimal, str]]:
    """From which amount on, US dollars a unit, the unit."""
    for told in term["priceDimensions"].values():
        begin, usd = Decimal(told.get("beginRange", "0")), Decimal(told["pricePerUnit"]["USD"])
        if not (begin.is_finite() and usd.is_finite() and begin >= 0 and usd >= 0):
            raise ValueError("no amount")
        yield begin, usd, str(told["unit"])

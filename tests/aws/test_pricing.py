"""GetProducts at botocore's wire: what is asked, every page, tiers, and what cannot be read."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from finops.aws.pricing import Offers, offers
from finops.model.errors import AwsError
from finops.model.metering import Caller
from tests.aws.pricelist import matching, product
from tests.aws.standins import Refusal, StandIn

CALLER = Caller("default", "waste")


def answered(*items: str) -> tuple[Offers, StandIn]:
    wire = StandIn(lambda _, params: matching(params, list(items)))
    return offers(wire.calls(), CALLER, "AmazonEC2", {"regionCode": "us-east-1"}), wire


def prices(found: Offers) -> list[str]:
    return [f"{one.attributes['usagetype']} {one.usd} {one.unit}" for one in found.items]


def test_every_page_is_asked_for_in_the_region_that_answers_and_nothing_is_lost():
    found, wire = answered(*(product(f"BoxUsage:m5.{size}", {"0": "0.1"}) for size in range(5)))

    assert prices(found) == [f"BoxUsage:m5.{size} 0.1 Hrs" for size in range(5)]
    assert [params.get("NextToken") for _, params in wire.asked] == [None, "2", "4"]
    assert set(wire.regions) == {"us-east-1"}
    assert wire.asked[0][1]["ServiceCode"] == "AmazonEC2"
    assert wire.asked[0][1]["Filters"] == [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}]


def test_the_price_is_that_of_the_first_units_that_cost_something():
    found, _ = answered(
        product("TimedStorage-ByteHrs", {"51200": "0.022", "0": "0.023", "512000": "0.021"}, unit="GB-Mo"),
        product("ReadCapacityUnit-Hrs", {"0": "0.0000000000", "18600": "0.00013"}),
        product("Free", {"0": "0.0000000000"}),
    )

    assert prices(found) == ["TimedStorage-ByteHrs 0.023 GB-Mo", "ReadCapacityUnit-Hrs 0.00013 Hrs"]
    assert found.malformed == 0


def test_attributes_come_with_the_product_family():
    found, _ = answered(product("NatGateway-Hours", {"0": "0.045"}, family="NAT Gateway", operation="NatGateway"))

    assert found.items[0].attributes["productFamily"] == "NAT Gateway"
    assert found.items[0].attributes["operation"] == "NatGateway"


def test_what_is_not_sold_on_demand_is_no_offer():
    item = json.loads(product("BoxUsage:m5.large", {"0": "0.096"}))
    item["terms"] = {"Reserved": item["terms"]["OnDemand"]}

    found, _ = answered(json.dumps(item))

    assert found == Offers()


@pytest.mark.parametrize(
    "change",
    [
        lambda item: item.pop("product"),
        lambda item: item.pop("terms"),
        lambda item: item["product"].pop("attributes"),
        lambda item: item["terms"].update(OnDemand=[]),
        lambda item: dimension(item).pop("unit"),
        lambda item: dimension(item).update(pricePerUnit={"CNY": "1.0"}),
        lambda item: dimension(item).update(pricePerUnit={"USD": "cheap"}),
        lambda item: dimension(item).update(pricePerUnit={"USD": "NaN"}),
        lambda item: dimension(item).update(pricePerUnit={"USD": "-0.096"}),
        lambda item: dimension(item).update(beginRange="some"),
    ],
)
def test_a_malformed_item_is_counted_and_the_others_are_read(change: Any):
    item = json.loads(product("BoxUsage:m5.large", {"0": "0.096"}))
    change(item)

    found, _ = answered(json.dumps(item), product("BoxUsage:m5.xlarge", {"0": "0.192"}))

    assert prices(found) == ["BoxUsage:m5.xlarge 0.192 Hrs"]
    assert found.malformed == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"product"', "7"])
def test_text_that_is_no_product_is_counted(text: str):
    assert answered(text)[0] == Offers(malformed=1)


def test_one_product_with_two_prices_is_malformed():
    item = json.loads(product("BoxUsage:m5.large", {"0": "0.096"}))
    twin = json.loads(product("BoxUsage:m5.large", {"0": "0.099"}))
    item["terms"]["OnDemand"] |= {"other": next(iter(twin["terms"]["OnDemand"].values()))}

    assert answered(json.dumps(item))[0] == Offers(malformed=1)


def test_amounts_are_exact():
    found, _ = answered(product("Lambda-Provisioned-Concurrency", {"0": "0.0000041667"}))

    assert found.items[0].usd == Decimal("0.0000041667")


def test_a_denied_call_is_an_error_that_names_the_permission():
    wire = StandIn(lambda *_: Refusal("AccessDeniedException", status=403))

    with pytest.raises(AwsError) as caught:
        offers(wire.calls(), CALLER, "AmazonEC2", {})

    assert caught.value.kind == AwsError.DENIED


def dimension(item: dict[str, Any]) -> dict[str, Any]:
    term = next(iter(item["terms"]["OnDemand"].values()))
    return next(iter(term["priceDimensions"].values()))

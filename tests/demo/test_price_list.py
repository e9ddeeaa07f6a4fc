"""The demo's Price List: true shapes, filters, and the shipped prices but for a few that went up by a cent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.aws.calls import Calls
from finops.aws.pricing import offers
from finops.demo.estate import REGIONS, Estate
from finops.demo.listings.price_sheets import DEARER
from finops.model.metering import Caller
from finops.waste.price_products import PRODUCTS
from finops.waste.prices import shipped_prices
from tests.aws.wire import PocketMeter
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

HUB = Estate().management.account_id
NATS = {"productFamily": "NAT Gateway", "regionCode": "eu-central-1"}


def asked(client_of: Callable[..., Any], service: str, **filters: str) -> list[dict[str, Any]]:
    told = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()]
    pages = client_of(HUB, "pricing").get_paginator("get_products").paginate(ServiceCode=service, Filters=told)
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def cost(item: dict[str, Any]) -> dict[str, str]:
    (term,) = item["terms"]["OnDemand"].values()
    return {told["beginRange"]: told["pricePerUnit"]["USD"] for told in term["priceDimensions"].values()}


def test_an_item_has_the_shape_of_the_price_list(client_of):
    hour, data = asked(client_of, "AmazonEC2", **NATS)

    assert hour["product"]["attributes"] == {
        "operation": "NatGateway",
        "usagetype": "EUC1-NatGateway-Hours",
        "regionCode": "eu-central-1",
        "locationType": "AWS Region",
        "servicecode": "AmazonEC2",
    }
    assert (hour["product"]["productFamily"], hour["serviceCode"]) == ("NAT Gateway", "AmazonEC2")
    assert cost(hour) == {"0": "0.0620000000"}
    assert hour["product"]["sku"] != data["product"]["sku"]
    (code,) = hour["terms"]["OnDemand"]
    assert code == f"{hour['product']['sku']}.JRTCKXETXF"


def test_filters_narrow_and_an_unknown_value_matches_nothing(client_of):
    named = {"instanceType": "m6i.large", "regionCode": "us-east-1"}

    assert len(asked(client_of, "AmazonEC2", **named)) == 4
    linux = asked(client_of, "AmazonEC2", **named, operatingSystem="Linux", tenancy="Shared", capacitystatus="Used")
    assert [cost(item) for item in linux] == [{"0": "0.0960000000"}]
    assert asked(client_of, "AmazonEC2", instanceType="m6i.large", regionCode="mars-north-1") == []
    assert asked(client_of, "AmazonNothing") == []


def test_tiers_are_those_of_the_service(client_of):
    objects = asked(client_of, "AmazonS3", regionCode="us-east-1", volumeType="Standard")
    reads = asked(client_of, "AmazonDynamoDB", regionCode="us-east-1", group="DDB-ReadUnits")

    assert [list(cost(item)) for item in objects] == [["0", "51200", "512000"]]
    assert [cost(item) for item in reads] == [{"0": "0.0000000000", "18600": "0.0001300000"}]


@pytest.mark.parametrize("kind", ["EQUALS", "CONTAINS", "ANY_OF", "NONE_OF"])
def test_other_kinds_of_filters_are_refused_not_ignored(client_of, kind):
    told = [{"Type": kind, "Field": "regionCode", "Value": "us-east-1"}]

    with pytest.raises(ClientError, match="does not follow"):
        client_of(HUB, "pricing").get_products(ServiceCode="AWSELB", Filters=told)


def test_a_region_without_an_endpoint_does_not_answer(client_of):
    with pytest.raises(ClientError, match="no endpoint"):
        client_of(HUB, "pricing", "us-east-2").get_products(ServiceCode="AWSELB")


def test_every_group_of_items_is_sold_at_home_and_only_a_few_prices_changed(estate, open_sessions):
    """What the questions of a refresh find is the shipped price, or a cent more."""
    names = {
        "ec2.instance:": "m5.xlarge", "ebs.gib:": "io2", "ebs.iops:": "io2", "ebs.mibps:": "gp3",
        "rds.instance:mysql:": "db.m6g.4xlarge", "rds.instance:postgres:": "db.r6g.xlarge",
        "rds.instance:aurora:": "db.r6g.2xlarge", "elasticache.node:": "cache.r6g.large",
        "opensearch.instance:": "r6g.large.search", "kafka.broker:": "kafka.m5.large", "redshift.node:": "ra3.4xlarge",
    }  # fmt: skip
    calls = Calls(open_sessions(estate), PocketMeter(), now=lambda: TODAY)
    assert REGIONS[0][0] == "us-east-1"
    for known, product in PRODUCTS.items():
        name = names.get(known, "")
        question = product.question(name, "us-east-1")
        found = offers(calls, Caller(), question.service, dict(question.filters))
        item = f"{known}{name}"
        shipped = shipped_prices().of(item, "us-east-1")
        assert shipped is not None, item
        assert product.price(name, found.items) == shipped + (Decimal("0.01") if item in DEARER else 0), item

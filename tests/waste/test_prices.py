"""The price tables: to the digit as AWS lists them, None for what they do not know, and mergeable."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops.waste.prices import Prices, shipped_prices


@pytest.mark.parametrize(
    ("item", "region", "price"),
    [
        ("ec2.instance:m6i.2xlarge", "us-east-1", "0.384"),
        ("ec2.instance:t2.nano", "us-east-1", "0.0058"),
        ("ec2.instance:t2.small", "us-east-1", "0.023"),
        ("ec2.instance:t3.micro", "us-east-1", "0.0104"),
        ("ec2.instance:t4g.large", "us-east-1", "0.0672"),
        ("ec2.instance:m3.medium", "us-east-1", "0.067"),
        ("ec2.instance:m4.16xlarge", "us-east-1", "3.2"),
        ("ec2.instance:c4.8xlarge", "us-east-1", "1.591"),
        ("ec2.instance:c5.9xlarge", "us-east-1", "1.53"),
        ("ec2.instance:r3.xlarge", "us-east-1", "0.333"),
        ("ec2.instance:r7g.medium", "us-east-1", "0.05355"),
        ("ec2.instance:m5.metal", "us-east-1", "4.608"),
        ("ec2.instance:m6i.large", "eu-central-1", "0.115"),
        ("ec2.instance:c6i.large", "eu-west-1", "0.0912"),
        ("ec2.instance:m6g.large", "ap-south-1", "0.0506"),
        ("ebs.gib:gp3", "us-east-1", "0.08"),
        ("ebs.gib:gp3", "eu-west-2", "0.0928"),
        ("ebs.gib:gp2", "sa-east-1", "0.19"),
        ("ebs.gib:io1", "eu-central-1", "0.149"),
        ("ebs.iops:io1", "us-east-1", "0.065"),
        ("ebs.snapshot.gib:standard", "eu-central-1", "0.054"),
        ("ec2.address:hour", "ap-northeast-1", "0.005"),
        ("ec2.natgateway:hour", "us-east-1", "0.045"),
        ("ec2.natgateway:hour", "eu-central-1", "0.052"),
        ("elb.loadbalancer:application", "us-east-1", "0.0225"),
        ("elb.loadbalancer:classic", "eu-west-1", "0.028"),
        ("elb.loadbalancer:gateway", "us-east-1", "0.0125"),
        ("ec2.vpc-endpoint:hour", "ap-northeast-1", "0.014"),
    ],
)
def test_prices_are_those_of_the_list(item: str, region: str, price: str) -> None:
    assert shipped_prices().of(item, region) == Decimal(price)


@pytest.mark.parametrize(
    ("item", "region"),
    [
        ("ec2.instance:m6i.nano", "us-east-1"),
        ("ec2.instance:None", "us-east-1"),
        ("ec2.instance:m6i.large", "mars-north-1"),
        ("ebs.gib:sc1", "sa-east-1"),
        ("ebs.gib:None", "us-east-1"),
        ("elb.loadbalancer:gateway", "eu-central-1"),
    ],
)
def test_what_the_tables_do_not_know_is_none(item: str, region: str) -> None:
    assert shipped_prices().of(item, region) is None


def test_a_size_costs_twice_the_one_below_and_every_price_is_positive() -> None:
    prices = shipped_prices()
    families = (
        "t3",
        "t3a",
        "t4g",
        "m5",
        "m5a",
        "m6i",
        "m6a",
        "m6g",
        "m7i",
        "m7g",
        "c5",
        "c6i",
        "c7g",
        "r5",
        "r6i",
        "r7g",
    )

    for family in families:
        for smaller, larger in (("large", "xlarge"), ("xlarge", "2xlarge")):
            low, high = (prices.of(f"ec2.instance:{family}.{size}", "us-east-1") for size in (smaller, larger))
            assert low is not None
            assert high == 2 * low > 0


def test_a_region_lists_a_price_or_a_factor_stands_in() -> None:
    prices = Prices(
        {"x.y:a": Decimal(10), "x.y:b": Decimal(10), "x.y:c": Decimal(10)},
        {"x.y": {"eu": Decimal("1.5")}, "x.y:b": {"eu": Decimal(2)}},
        regional={"x.y:c": {"eu": Decimal("12.34")}},
        as_of=date(2026, 1, 1),
        source="a list",
    )

    assert [prices.of(f"x.y:{name}", "eu") for name in "abc"] == [Decimal(15), Decimal(20), Decimal("12.34")]
    assert prices.of("x.y:c", "us") is None


def test_the_tables_are_dated_and_name_their_sources() -> None:
    assert shipped_prices().as_of <= date(2026, 11, 27)
    assert "https://aws.amazon.com/ebs/pricing/" in shipped_prices().source

"""How the Price List calls the items of the tables: each one is known, found, and not taken for its neighbour."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from importlib import resources

import pytest
from botocore.session import Session

from finops.aws.pricing import Offer
from finops.waste.price_products import PRODUCTS, product_of

ELSEWHERE = ("ec2.instance", "eks.extended-support", "rds.extended-support")
"""Groups of items that are not listed one by one, or that the Price List is not asked for."""


def items_of_the_tables() -> list[str]:
    named = ("price_table.json", "price_table_services.json")
    texts = (resources.files("finops.waste").joinpath(name).read_text("utf-8") for name in named)
    return [item for text in texts for item in json.loads(text)["items"] if item.partition(":")[0] not in ELSEWHERE]


def price(item: str, *offers: Offer) -> Decimal | None:
    known = product_of(item)
    assert known is not None
    return known[0].price(known[1], offers)


def offer(usage: str, usd: str, unit: str = "Hrs", **attributes: str) -> Offer:
    return Offer({"usagetype": usage, "locationType": "AWS Region", **attributes}, Decimal(usd), unit)


@pytest.mark.parametrize("item", items_of_the_tables())
def test_every_item_of_the_tables_can_be_asked_for(item: str):
    known = product_of(item)

    assert known is not None
    question = known[0].question(known[1], "eu-west-1")
    assert ("regionCode", "eu-west-1") in question.filters
    assert "{" not in str(question.filters)


@pytest.mark.parametrize("item", ["eks.extended-support:hour", "rds.instance:oracle:db.m5.large", "x.y:z", "x", ""])
def test_items_that_nobody_can_ask_for_are_none(item: str):
    assert product_of(item) is None


def test_a_question_names_what_is_meant():
    known = product_of("ec2.instance:m6i.2xlarge")
    assert known is not None

    assert known[0].question(known[1], "eu-central-1") == (
        "AmazonEC2",
        (
            ("regionCode", "eu-central-1"),
            ("instanceType", "m6i.2xlarge"),
            ("operatingSystem", "Linux"),
            ("tenancy", "Shared"),
            ("capacitystatus", "Used"),
            ("preInstalledSw", "NA"),
            ("operation", "RunInstances"),
        ),
    )


@pytest.mark.parametrize(
    ("item", "usage", "unit", "attributes"),
    [
        ("ec2.instance:m5.large", "BoxUsage:m5.large", "Hrs", {}),
        ("ec2.instance:m5.large", "EUC1-BoxUsage:m5.large", "Hrs", {}),
        ("ec2.instance:m1.small", "EU-BoxUsage", "Hrs", {}),
        ("ebs.gib:gp3", "USE2-EBS:VolumeUsage.gp3", "GB-Mo", {}),
        ("ebs.gib:standard", "EBS:VolumeUsage", "GB-Mo", {}),
        ("ebs.iops:io1", "EBS:VolumeP-IOPS.piops", "IOPS-Mo", {}),
        ("ebs.snapshot.gib:archive", "EUW2-EBS:SnapshotArchiveStorage", "GB-Mo", {}),
        ("ec2.address:hour", "EUW3-PublicIPv4:IdleAddress", "Hrs", {}),
        ("ec2.natgateway:hour", "NatGateway-Hours", "Hrs", {}),
        ("ec2.vpc-endpoint:hour", "USE1-VpcEndpoint-Hours", "Hrs", {}),
        ("elb.loadbalancer:application", "EUW2-LoadBalancerUsage", "Hrs", {}),
        ("rds.instance:postgres:db.r6g.4xlarge", "InstanceUsage:db.r6g.4xl", "Hrs", {"databaseEngine": "PostgreSQL"}),
        ("rds.instance:aurora:db.r6g.large", "InstanceUsage:db.r6g.large", "Hrs", {"databaseEngine": "Aurora MySQL"}),
        ("rds.gib:gp3", "APS1-RDS:GP3-Storage", "GB-Mo", {"databaseEngine": "PostgreSQL"}),
        ("rds.snapshot.gib:standard", "RDS:ChargedBackupUsage", "GB-Mo", {"databaseEngine": "Any"}),
        ("rds.snapshot.gib:aurora", "EU-Aurora:BackupUsage", "GB-Mo", {"databaseEngine": "Aurora PostgreSQL"}),
        ("elasticache.node:cache.r6g.large", "EUW3-NodeUsage:cache.r6g.large", "Hrs", {}),
        ("opensearch.instance:r6g.large.search", "ESInstance:r6g.large", "Hrs", {}),
        ("kafka.broker:kafka.m5.large", "USW2-Kafka.m5.large", "hours", {}),
        ("redshift.node:ra3.4xlarge", "Node:ra3.4xlarge", "Hrs", {}),
        ("dynamodb.rcu:hour", "ReadCapacityUnit-Hrs", "ReadCapacityUnit-Hrs", {}),
        ("dynamodb.wcu:hour-ia", "USE1-IA-WriteCapacityUnit-Hrs", "WriteCapacityUnit-Hrs", {}),
        ("lambda.provisioned:gb-second-arm", "Lambda-Provisioned-Concurrency-ARM", "Lambda-GB-Second", {}),
        ("logs.gib:month", "TimedStorage-ByteHrs", "GB-Mo", {}),
        ("s3.gib:standard", "EU-TimedStorage-ByteHrs", "GB-Mo", {}),
        ("ecr.gib:month", "EUW2-TimedStorage-ByteHrs", "GB-Mo", {}),
        ("secretsmanager.secret:month", "EUW2-AWSSecretsManager-Secrets", "Secrets", {}),
    ],
)
def test_what_is_meant_is_found(item: str, usage: str, unit: str, attributes: dict[str, str]):
    assert price(item, offer(usage, "0.25", unit, **attributes)) == Decimal("0.25")


@pytest.mark.parametrize(
    ("item", "usage", "attributes"),
    [
        ("ec2.instance:m5.large", "DedicatedUsage:m5.large", {}),
        ("ec2.instance:m5.large", "BoxUsage:m5.xlarge", {}),
        ("ec2.instance:m5.large", "BoxUsage:m5xlarge", {}),
        ("ec2.instance:m5.large", "UnusedBox:m5.large", {}),
        ("ec2.instance:m5.large", "BoxUsage:m5.large", {"locationType": "AWS Outposts"}),
        ("ebs.snapshot.gib:standard", "EBS:SnapshotArchiveStorage", {}),
        ("ebs.iops:io2", "EBS:VolumeP-IOPS.io2.tier2", {}),
        ("elb.loadbalancer:application", "TS-LoadBalancerUsage", {}),
        ("elb.loadbalancer:application", "EUW2-Outposts-LoadBalancerUsage", {}),
        ("ec2.natgateway:hour", "EUW2-RegionalNatGateway-Hours", {}),
        ("ec2.address:hour", "PublicIPv4:InUseAddress", {}),
        ("rds.instance:mysql:db.m5.large", "Multi-AZUsage:db.m5.large", {"databaseEngine": "MySQL"}),
        ("rds.instance:mysql:db.m5.large", "InstanceUsage:db.m5.large", {"databaseEngine": "Oracle"}),
        ("rds.instance:aurora:db.r5.large", "InstanceUsageIOOptimized:db.r5.large", {"databaseEngine": "Aurora MySQL"}),
        ("dynamodb.rcu:hour", "IA-ReadCapacityUnit-Hrs", {}),
        ("lambda.provisioned:gb-second", "Lambda-Provisioned-Concurrency-ARM", {}),
        ("logs.gib:month", "USE1-TimedStorage-IA-ByteHrs", {}),
    ],
)  # fmt: skip
def test_a_neighbour_is_not_taken_for_it(item: str, usage: str, attributes: dict[str, str]):
    known = product_of(item)
    assert known is not None
    for unit in known[0].units:
        assert price(item, offer(usage, "0.25", unit, **attributes)) is None


def test_two_prices_are_none_and_the_same_twice_is_one():
    engines = ("Aurora MySQL", "Aurora PostgreSQL")
    both = [offer("InstanceUsage:db.r6g.large", "0.26", databaseEngine=engine) for engine in engines]

    assert price("rds.instance:aurora:db.r6g.large", *both) == Decimal("0.26")
    other = both[1]._replace(usd=Decimal("0.27"))
    assert price("rds.instance:aurora:db.r6g.large", both[0], other) is None


def test_throughput_is_sold_by_the_gib_and_priced_by_the_mib():
    assert price("ebs.mibps:gp3", offer("EBS:VolumeP-Throughput.gp3", "40.96", "GiBps-mo")) == Decimal("0.04")


def test_another_unit_is_no_price():
    assert price("ec2.natgateway:hour", offer("NatGateway-Hours", "0.045", "GB")) is None


def test_patterns_compile_and_operations_exist():
    assert "GetProducts" in Session().get_service_model("pricing").operation_names
    for product in PRODUCTS.values():
        assert re.compile(product.usage.replace("{name}", "x"))
        assert all(unit == unit.lower() for unit in product.units)

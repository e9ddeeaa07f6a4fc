"""How the Price List calls the items of the price tables: which products to ask for, and which of the answer is meant.

`PRODUCTS` has an entry for each item or group of items; an item without one keeps its shipped price. Usage types are
compared without the region's prefix (`EUC1-`, `EU-`): it differs by region, and us-east-1 often has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from finops.aws.pricing import Offer

NAME = "{name}"
"""Stands for what follows the group in an item: `m6i.large` of `ec2.instance:m6i.large`."""
HOURS = {"hrs": 1, "hours": 1, "hour": 1}
GIB = {"gb-mo": 1, "gb-month": 1}

_PREFIX = r"(?:(?:[A-Z]{2,4}\d|EU)-)?"
_PLACE = "AWS Region"


class Question(NamedTuple):
    """What to ask the Price List: service code, and attributes with their values."""

    service: str
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """How to ask for an item, and how to know it.

    `usage` is a pattern of the usage type after its prefix, `among` what one attribute must be, `units` the units it
    may be sold by with how many of the table's units are in one.
    """

    service: str
    filters: tuple[tuple[str, str], ...]
    usage: str
    units: Mapping[str, int]
    among: tuple[str, frozenset[str]] | None = None

    def question(self, name: str, region: str) -> Question:
        """What to ask for an item of that name in a region."""
        filled = ((field, value.replace(NAME, name)) for field, value in self.filters)
        return Question(self.service, (("regionCode", region), *filled))

    def price(self, name: str, offers: Iterable[Offer]) -> Decimal | None:
        """The item's price among the products of an answer; None where none is meant, or two that differ."""
        prices = {
            offer.usd / self.units[offer.unit.lower()]
            for offer in offers
            if offer.unit.lower() in self.units and self._meant(name, offer.attributes)
        }
        return prices.pop() if len(prices) == 1 else None

    def _meant(self, name: str, attributes: Mapping[str, str]) -> bool:
        usage = _PREFIX + self.usage.replace(NAME, re.escape(name))
        return (
            re.fullmatch(usage, attributes.get("usagetype", ""), re.ASCII | re.IGNORECASE) is not None
            and attributes.get("locationType", _PLACE) == _PLACE
            and (self.among is None or attributes.get(self.among[0]) in self.among[1])
        )


def product_of(item: str) -> tuple[Product, str] | None:
    """How the Price List calls an item (`ec2.instance:m6i.large`), and the item's name; None where nobody knows."""
    parts = item.split(":")
    for count in range(len(parts), 0, -1):
        known, name = ":".join(parts[:count]), ":".join(parts[count:])
        found = PRODUCTS.get(f"{known}:" if name else known)
        if found is not None:
            return found, name
    return None


def _engines(*names: str) -> tuple[str, frozenset[str]]:
    return "databaseEngine", frozenset(names)


def _family(name: str) -> tuple[str, str]:
    return "productFamily", name


_TYPE = ("instanceType", NAME)
_VOLUME = ("volumeApiName", NAME)
_OPEN_ENGINES = _engines("Any", "MySQL", "MariaDB", "PostgreSQL")
_AURORA = _engines("Aurora MySQL", "Aurora PostgreSQL")
_SNAPSHOTS = (_family("Storage Snapshot"),)
_CAPACITY = (_family("Provisioned IOPS"),)
_DATABASE = (_family("Database Instance"), _TYPE, ("deploymentOption", "Single-AZ"))
_DATABASE_DISK = (_family("Database Storage"), ("deploymentOption", "Single-AZ"))
_INSTANCE = (
    _TYPE,
    ("operatingSystem", "Linux"),
    ("tenancy", "Shared"),
    ("capacitystatus", "Used"),
    ("preInstalledSw", "NA"),
    ("operation", "RunInstances"),
)


def _balancer(family: str) -> Product:
    return Product("AWSELB", (_family(family),), "LoadBalancerUsage", HOURS)


def _capacity(usage: str) -> Product:
    return Product("AmazonDynamoDB", _CAPACITY, usage, {usage.removeprefix("IA-").lower(): 1, **HOURS})


def _database(engines: tuple[str, frozenset[str]]) -> Product:
    # The usage type abbreviates the size (db.r6g.4xl), the attribute instanceType does not.
    return Product("AmazonRDS", _DATABASE, r"InstanceUsage:db\.[\w.-]+", HOURS, engines)


def _database_gib(usage: str) -> Product:
    return Product("AmazonRDS", _DATABASE_DISK, usage, GIB, _OPEN_ENGINES)


def _warm_function(suffix: str) -> Product:
    usage = f"Lambda-Provisioned-Concurrency{suffix}"
    return Product("AWSLambda", (_family("Serverless"),), usage, {"lambda-gb-second": 1, "second": 1, "seconds": 1})


PRODUCTS: Mapping[str, Product] = {
    "ec2.instance:": Product("AmazonEC2", _INSTANCE, "BoxUsage(:{name})?", HOURS),
    "ebs.gib:": Product("AmazonEC2", (_family("Storage"), _VOLUME), r"EBS:VolumeUsage(\.\w+)?", GIB),
    "ebs.iops:": Product(
        "AmazonEC2", (_family("System Operation"), _VOLUME), r"EBS:VolumeP-IOPS\.(gp3|piops|io2)", {"iops-mo": 1}
    ),
    "ebs.mibps:": Product(
        "AmazonEC2",
        (_family("Provisioned Throughput"), _VOLUME),
        r"EBS:VolumeP-Throughput\.gp3",
        {"gibps-mo": 1024, "mibps-mo": 1},
    ),
    "ebs.snapshot.gib:standard": Product("AmazonEC2", _SNAPSHOTS, "EBS:SnapshotUsage", GIB),
    "ebs.snapshot.gib:archive": Product("AmazonEC2", _SNAPSHOTS, "EBS:SnapshotArchiveStorage", GIB),
    "ec2.address:hour": Product("AmazonVPC", (("group", "VPCPublicIPv4Address"),), "PublicIPv4:IdleAddress", HOURS),
    "ec2.natgateway:hour": Product("AmazonEC2", (_family("NAT Gateway"),), "NatGateway-Hours", HOURS),
    "ec2.vpc-endpoint:hour": Product("AmazonVPC", (_family("VpcEndpoint"),), "VpcEndpoint-Hours", HOURS),
    "elb.loadbalancer:application": _balancer("Load Balancer-Application"),
    "elb.loadbalancer:network": _balancer("Load Balancer-Network"),
    "elb.loadbalancer:gateway": _balancer("Load Balancer-Gateway"),
    "elb.loadbalancer:classic": _balancer("Load Balancer"),
    "rds.instance:mysql:": _database(_engines("MySQL")),
    "rds.instance:postgres:": _database(_engines("PostgreSQL")),
    "rds.instance:aurora:": _database(_AURORA),
    "rds.gib:gp2": _database_gib("RDS:GP2-Storage"),
    "rds.gib:gp3": _database_gib("RDS:GP3-Storage"),
    "rds.snapshot.gib:standard": Product("AmazonRDS", _SNAPSHOTS, "RDS:ChargedBackupUsage", GIB, _OPEN_ENGINES),
    "rds.snapshot.gib:aurora": Product("AmazonRDS", _SNAPSHOTS, "Aurora:BackupUsage", GIB, _AURORA),
    "elasticache.node:": Product(
        "AmazonElastiCache",
        (_family("Cache Instance"), _TYPE, ("cacheEngine", "Redis")),
        r"NodeUsage:cache\.[\w.-]+",
        HOURS,
    ),
    "opensearch.instance:": Product("AmazonES", (_TYPE,), r"ESInstance:[\w.-]+", HOURS),
    "kafka.broker:": Product("AmazonMSK", (_family("Managed Streaming for Apache Kafka (MSK)"),), NAME, HOURS),
    "redshift.node:": Product("AmazonRedshift", (_family("Compute Instance"), _TYPE), r"Node:[\w.-]+", HOURS),
    "dynamodb.rcu:hour": _capacity("ReadCapacityUnit-Hrs"),
    "dynamodb.wcu:hour": _capacity("WriteCapacityUnit-Hrs"),
    "dynamodb.rcu:hour-ia": _capacity("IA-ReadCapacityUnit-Hrs"),
    "dynamodb.wcu:hour-ia": _capacity("IA-WriteCapacityUnit-Hrs"),
    "lambda.provisioned:gb-second": _warm_function(""),
    "lambda.provisioned:gb-second-arm": _warm_function("-ARM"),
    "logs.gib:month": Product("AmazonCloudWatch", _SNAPSHOTS, "TimedStorage-ByteHrs", GIB),
    "s3.gib:standard": Product(
        "AmazonS3", (_family("Storage"), ("volumeType", "Standard")), "TimedStorage-ByteHrs", GIB
    ),
    "ecr.gib:month": Product("AmazonECR", (_family("EC2 Container Registry"),), "TimedStorage-ByteHrs", GIB),
    "secretsmanager.secret:month": Product(
        "AWSSecretsManager", (_family("Secret"),), "AWSSecretsManager-Secrets?", {"secrets": 1, "secret": 1}
    ),
}
"""By item (`ec2.address:hour`), or by what items begin with up to their name (`ec2.instance:`, `rds.instance:mysql:`).

Attributes, families and usage types are those of the Price List: https://aws.amazon.com/pricing/ by way of GetProducts.
"""

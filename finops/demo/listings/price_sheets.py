"""Products of the Price List as AWS has them, made from the price tables that come with the product.

A few cost a cent more than the tables say, so that a refresh has something to find. Beside each item stand products
that are easily taken for it: another system or tenancy, Multi-AZ, I/O-Optimized, capacity units.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from finops.demo.estate import REGIONS

DEARER = frozenset(
    {
        "ec2.instance:m5.xlarge",
        "ec2.instance:c6i.4xlarge",
        "ec2.natgateway:hour",
        "rds.instance:postgres:db.r6g.xlarge",
        "secretsmanager.secret:month",
    }
)
"""What costs a cent more by now."""

CENT = Decimal("0.01")
TWICE = 2

_TABLES = ("price_table.json", "price_table_services.json")
_HOME = "us-east-1"
_PREFIXES = {region: prefix for region, prefix, _ in REGIONS}
_VOLUMES = {"io1": ".piops", "standard": ""}
_ENGINES = {"mysql": ("MySQL", "MariaDB"), "postgres": ("PostgreSQL",), "aurora": ("Aurora MySQL", "Aurora PostgreSQL")}
_BALANCERS = {"application": "-Application", "network": "-Network", "gateway": "-Gateway", "classic": ""}
_KAFKA = "Managed Streaming for Apache Kafka (MSK)"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A product: its family, usage type, attributes and unit, and what a unit costs by the amount from which on."""

    family: str
    usage: str
    unit: str
    tiers: Mapping[str, Decimal]
    attributes: Mapping[str, str]


Sheets = Iterator[tuple[str, Sheet]]
"""Service codes and products."""


@cache
def sheets(service: str, region: str) -> tuple[Sheet, ...]:
    """The products of a service in a region of the estate, with prefixed usage types."""
    found: list[Sheet] = []
    for item, price in _prices(region).items():
        group, _, name = item.partition(":")
        usd = price + CENT if item in DEARER else price
        for code, sheet in _MAKERS[group](name, usd) if group in _MAKERS else ():
            if code == service:
                usage = f"{_PREFIXES[region]}{sheet.usage}"
                where = {"usagetype": usage, "regionCode": region, "locationType": "AWS Region", "servicecode": code}
                found.append(Sheet(sheet.family, usage, sheet.unit, sheet.tiers, {**sheet.attributes, **where}))
    return tuple(found)


def _one(family: str, usage: str, usd: Decimal, *, unit: str = "Hrs", **attributes: str) -> Sheet:
    return Sheet(family, usage, unit, {"0": usd}, attributes)


def _instance(name: str, usd: Decimal) -> Sheets:
    family = "Compute Instance (bare metal)" if name.endswith(".metal") else "Compute Instance"
    usual = {"instanceType": name, "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA"}
    linux = {**usual, "operatingSystem": "Linux", "operation": "RunInstances"}
    windows = {**usual, "operatingSystem": "Windows", "operation": "RunInstances:0002"}
    yield "AmazonEC2", _one(family, f"BoxUsage:{name}", usd, **linux)
    yield "AmazonEC2", _one(family, f"BoxUsage:{name}", usd * TWICE, **windows)
    yield "AmazonEC2", _one(family, f"DedicatedUsage:{name}", usd + CENT, **{**linux, "tenancy": "Dedicated"})
    yield (
        "AmazonEC2",
        _one(family, f"UnusedBox:{name}", usd, **{**linux, "capacitystatus": "UnusedCapacityReservation"}),
    )


def _volume(name: str, usd: Decimal) -> Sheets:
    usage = f"EBS:VolumeUsage{_VOLUMES.get(name, '.' + name)}"
    yield "AmazonEC2", _one("Storage", usage, usd, unit="GB-Mo", volumeApiName=name)


def _iops(name: str, usd: Decimal) -> Sheets:
    usage = f"EBS:VolumeP-IOPS{_VOLUMES.get(name, '.' + name)}"
    yield "AmazonEC2", _one("System Operation", usage, usd, unit="IOPS-Mo", volumeApiName=name, group="EBS IOPS")
    if name == "io2":
        for tier in ("tier2", "tier3"):
            told = {"volumeApiName": name, "group": "EBS IOPS"}
            yield "AmazonEC2", _one("System Operation", f"{usage}.{tier}", usd / TWICE, unit="IOPS-Mo", **told)


def _throughput(name: str, usd: Decimal) -> Sheets:
    usage = f"EBS:VolumeP-Throughput.{name}"
    yield "AmazonEC2", _one("Provisioned Throughput", usage, usd * 1024, unit="GiBps-mo", volumeApiName=name)


def _snapshot(name: str, usd: Decimal) -> Sheets:
    usage = "EBS:SnapshotArchiveStorage" if name == "archive" else "EBS:SnapshotUsage"
    yield "AmazonEC2", _one("Storage Snapshot", usage, usd, unit="GB-Mo")


def _address(_name: str, usd: Decimal) -> Sheets:
    for use in ("IdleAddress", "InUseAddress"):
        yield "AmazonVPC", _one("", f"PublicIPv4:{use}", usd, group="VPCPublicIPv4Address")


def _gateway(_name: str, usd: Decimal) -> Sheets:
    yield "AmazonEC2", _one("NAT Gateway", "NatGateway-Hours", usd, operation="NatGateway")
    yield "AmazonEC2", _one("NAT Gateway", "NatGateway-Bytes", usd, unit="GB", operation="NatGateway")


def _endpoint(_name: str, usd: Decimal) -> Sheets:
    yield "AmazonVPC", _one("VpcEndpoint", "VpcEndpoint-Hours", usd, endpointType="PrivateLink")
    yield "AmazonVPC", _one("VpcEndpoint", "VpcEndpoint-Bytes", usd, unit="GB", endpointType="PrivateLink")


def _balancer(name: str, usd: Decimal) -> Sheets:
    family = f"Load Balancer{_BALANCERS[name]}"
    yield "AWSELB", _one(family, "LoadBalancerUsage", usd)
    yield "AWSELB", _one(family, "LCUUsage", Decimal("0.008"), unit="LCU-Hrs")
    if name == "application":
        yield "AWSELB", _one(family, "TS-LoadBalancerUsage", Decimal("0.0056"))


def _database(name: str, usd: Decimal) -> Sheets:
    engine, _, size = name.partition(":")
    short = size.replace("xlarge", "xl") if size[-7:-6].isdecimal() else size
    for each in _ENGINES[engine]:
        told = {"instanceType": size, "databaseEngine": each, "deploymentOption": "Single-AZ"}
        yield "AmazonRDS", _one("Database Instance", f"InstanceUsage:{short}", usd, **told)
        if engine == "aurora":
            dear = usd * Decimal("1.3")
            yield "AmazonRDS", _one("Database Instance", f"InstanceUsageIOOptimized:{short}", dear, **told)
        else:
            twin = {**told, "deploymentOption": "Multi-AZ"}
            yield "AmazonRDS", _one("Database Instance", f"Multi-AZUsage:{short}", usd * TWICE, **twin)


def _database_disk(name: str, usd: Decimal) -> Sheets:
    for usage, option, factor in (("RDS:", "Single-AZ", 1), ("RDS:Multi-AZ-", "Multi-AZ", TWICE)):
        told = {"deploymentOption": option, "databaseEngine": "Any"}
        yield (
            "AmazonRDS",
            _one("Database Storage", f"{usage}{name.upper()}-Storage", usd * factor, unit="GB-Mo", **told),
        )


def _database_snapshot(name: str, usd: Decimal) -> Sheets:
    usage, engines = (
        ("Aurora:BackupUsage", _ENGINES["aurora"]) if name == "aurora" else ("RDS:ChargedBackupUsage", ("Any",))
    )
    for engine in engines:
        yield "AmazonRDS", _one("Storage Snapshot", usage, usd, unit="GB-Mo", databaseEngine=engine)


def _cache_node(name: str, usd: Decimal) -> Sheets:
    for engine, share in (("Redis", "1"), ("Memcached", "1"), ("Valkey", "0.8")):
        told = {"instanceType": name, "cacheEngine": engine}
        yield "AmazonElastiCache", _one("Cache Instance", f"NodeUsage:{name}", usd * Decimal(share), **told)


def _search_node(name: str, usd: Decimal) -> Sheets:
    usage = f"ESInstance:{name.removesuffix('.search')}"
    yield "AmazonES", _one("Amazon OpenSearch Service Instance", usage, usd, instanceType=name)


def _broker(name: str, usd: Decimal) -> Sheets:
    yield "AmazonMSK", _one(_KAFKA, name.replace("kafka", "Kafka", 1), usd, unit="hours")


def _warehouse_node(name: str, usd: Decimal) -> Sheets:
    yield "AmazonRedshift", _one("Compute Instance", f"Node:{name}", usd, instanceType=name)


def _capacity(side: str) -> Callable[[str, Decimal], Sheets]:
    unit, group = f"{side}CapacityUnit-Hrs", f"DDB-{side}Units"

    def made(name: str, usd: Decimal) -> Sheets:
        rare = name.endswith("-ia")
        tiers = {"0": usd} if rare else {"0": Decimal(0), "18600": usd}
        told = {"group": f"{group}IA" if rare else group, "operation": "CommittedThroughput"}
        yield "AmazonDynamoDB", Sheet("Provisioned IOPS", f"{'IA-' if rare else ''}{unit}", unit, tiers, told)

    return made


def _function(name: str, usd: Decimal) -> Sheets:
    suffix = "-ARM" if name.endswith("-arm") else ""
    told = {"group": f"AWS-Lambda-Provisioned-Concurrency{suffix}"}
    usage = f"Lambda-Provisioned-Concurrency{suffix}"
    yield "AWSLambda", _one("Serverless", usage, usd, unit="Lambda-GB-Second", **told)


def _logs(_name: str, usd: Decimal) -> Sheets:
    yield "AmazonCloudWatch", _one("Storage Snapshot", "TimedStorage-ByteHrs", usd, unit="GB-Mo")


def _objects(_name: str, usd: Decimal) -> Sheets:
    tiers = {"0": usd, "51200": usd - Decimal("0.001"), "512000": usd - Decimal("0.002")}
    told = {"volumeType": "Standard", "storageClass": "General Purpose"}
    yield "AmazonS3", Sheet("Storage", "TimedStorage-ByteHrs", "GB-Mo", tiers, told)
    rare = {"volumeType": "Standard - Infrequent Access", "storageClass": "Infrequent Access"}
    yield "AmazonS3", _one("Storage", "TimedStorage-SIA-ByteHrs", Decimal("0.0125"), unit="GB-Mo", **rare)


def _images(_name: str, usd: Decimal) -> Sheets:
    yield "AmazonECR", _one("EC2 Container Registry", "TimedStorage-ByteHrs", usd, unit="GB-Mo")


def _secret(_name: str, usd: Decimal) -> Sheets:
    yield "AWSSecretsManager", _one("Secret", "AWSSecretsManager-Secrets", usd, unit="Secrets")


_MAKERS: Mapping[str, Callable[[str, Decimal], Sheets]] = {
    "dynamodb.rcu": _capacity("Read"),
    "dynamodb.wcu": _capacity("Write"),
    "ebs.gib": _volume,
    "ebs.iops": _iops,
    "ebs.mibps": _throughput,
    "ebs.snapshot.gib": _snapshot,
    "ec2.address": _address,
    "ec2.instance": _instance,
    "ec2.natgateway": _gateway,
    "ec2.vpc-endpoint": _endpoint,
    "ecr.gib": _images,
    "elasticache.node": _cache_node,
    "elb.loadbalancer": _balancer,
    "kafka.broker": _broker,
    "lambda.provisioned": _function,
    "logs.gib": _logs,
    "opensearch.instance": _search_node,
    "rds.gib": _database_disk,
    "rds.instance": _database,
    "rds.snapshot.gib": _database_snapshot,
    "redshift.node": _warehouse_node,
    "s3.gib": _objects,
    "secretsmanager.secret": _secret,
}


@cache
def _prices(region: str) -> Mapping[str, Decimal]:
    """What the tables say of a region, item by item: its own price, else that of us-east-1 times a factor."""
    found: dict[str, Decimal] = {}
    for name in _TABLES:
        table = json.loads(resources.files("finops").joinpath("waste", name).read_text("utf-8"))
        factors = table.get("factors", {})
        for item, text in table["items"].items():
            factor = (factors.get(item) or factors.get(item.partition(":")[0]) or {}).get(region)
            if region == _HOME or factor is not None:
                found[item] = Decimal(text) * Decimal(factor or 1)
        for family, told in table.get("instances", {}).items():
            for size, _, same_as in (each.partition("=") for each in told["sizes"].split()):
                if region in told["large"]:
                    units = Decimal(table["sizes"][same_as or size])
                    found[f"ec2.instance:{family}.{size}"] = Decimal(told["large"][region]) * units
        found |= {item: Decimal(own[region]) for item, own in table["regional"].items() if region in own}
    return found

"""What AWS's own advisers would say of the made-up estate, and what each resource costs a month by the bill's lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from finops.demo.estate import GLOBAL, REGIONS
from finops.demo.noise import key
from finops.demo.population.resource import FORGOTTEN, IDLE, OVERSIZED, QUIET
from finops.demo.usage import DAYS_A_MONTH, usage_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.demo.estate import Estate
    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Resource

SMALLER = {
    "m6i.2xlarge": "m6i.xlarge",
    "c6i.4xlarge": "c6i.2xlarge",
    "r6g.xlarge": "r6g.large",
    "m4.xlarge": "m4.large",
    "t2.large": "t2.medium",
}
"""One size down: half the price."""
_ARM = {"c6i.4xlarge": "c7g.4xlarge", "m6i.2xlarge": "m7g.2xlarge"}
_HALF, _ARM_SHARE, _GP3_SHARE, _QUARTER = 0.5, 0.15, 0.2, 0.25
_PREFIXES = {name: prefix for name, prefix, _ in REGIONS} | {GLOBAL: ""}


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do with a resource, the share of its cost that this saves, and what it would be then."""

    resource: Resource
    resource_type: str
    action: str
    share: float
    now: str
    then: str
    effort: str = "Low"
    restart: bool = False
    rollback: bool = True


@lru_cache(maxsize=1)
def monthly_costs(estate: Estate, population: Population) -> Mapping[str, float]:
    """Dollars a month of what is listed today, by ARN: its share by weight of the lines that name it."""
    paid: dict[tuple[str, ...], float] = {}
    for one in usage_series(estate):
        place: tuple[str, ...] = (one.line.account, one.line.service, one.line.region, one.line.usage_type)
        paid[place] = paid.get(place, 0.0) + one.daily * DAYS_A_MONTH
    weights: dict[tuple[str, ...], int] = {}
    shares: list[tuple[str, tuple[str, ...], int]] = []
    for resource in population.listed:
        for bill in resource.bills:
            if bill.until is None or population.today < bill.until:
                usage = _PREFIXES[resource.region] + bill.usage
                place = (resource.account, bill.service, resource.region, usage)
                weights[place] = weights.get(place, 0) + bill.weight
                shares.append((resource.arn, place, bill.weight))
    found: dict[str, float] = {}
    for arn, place, weight in shares:
        found[arn] = found.get(arn, 0.0) + paid.get(place, 0.0) * weight / weights[place]
    return found


def advice(population: Population) -> Iterator[Advice]:
    """Everything that is advised, by resource."""
    for one in population.listed:
        found = {
            "ec2:instance": _instance,
            "ec2:volume": _volume,
            "ec2:natgateway": _gateway,
            "rds:db": _database,
            "lambda:function": _function,
        }.get(one.kind)
        said = found(one) if found else None
        if said is not None:
            yield said


def _chosen(one: Resource, of: int) -> bool:
    return key("advised", one.arn) % of == 0


def _instance(one: Resource) -> Advice | None:
    """Idle ones are stopped, oversized and some quiet ones made smaller, some busy ones put on other processors."""
    kind = one.item["InstanceType"]
    if one.item["State"]["Name"] != "running" or "InstanceLifecycle" in one.item:
        return None
    if one.role == IDLE:
        return Advice(one, "Ec2Instance", "Stop", 0.95, kind, "") if _chosen(one, 2) else None
    smaller = one.role == OVERSIZED or (one.role == QUIET and _chosen(one, 3))
    if smaller:
        return Advice(one, "Ec2Instance", "Rightsize", _HALF, kind, SMALLER[kind], "Medium", restart=True)
    if kind in _ARM and _chosen(one, 5):
        return Advice(one, "Ec2Instance", "MigrateToGraviton", _ARM_SHARE, kind, _ARM[kind], "VeryHigh", restart=True)
    return None


def _volume(one: Resource) -> Advice | None:
    size, kind = one.item["Size"], one.item["VolumeType"]
    now = f"{kind} {size} GiB"
    if one.role == FORGOTTEN:
        return Advice(one, "EbsVolume", "Delete", 1.0, now, "", rollback=False) if _chosen(one, 2) else None
    if kind == "gp2" and _chosen(one, 3):
        return Advice(one, "EbsVolume", "Upgrade", _GP3_SHARE, now, f"gp3 {size} GiB")
    return None


def _gateway(one: Resource) -> Advice | None:
    return Advice(one, "NatGateway", "Delete", 1.0, "NAT gateway", "", rollback=False) if one.role == IDLE else None


def _database(one: Resource) -> Advice | None:
    kind = one.item["DBInstanceClass"]
    if one.item["DBInstanceStatus"] != "available":
        return None
    if one.role == IDLE:
        return Advice(one, "RdsDbInstance", "Stop", 0.8, kind, "", "Medium") if _chosen(one, 2) else None
    if one.role == OVERSIZED:
        smaller = {"db.r6g.2xlarge": "db.r6g.xlarge"}.get(kind, "db.m6g.large")
        return Advice(one, "RdsDbInstance", "Rightsize", _HALF, kind, smaller, "Medium", restart=True)
    return None


def _function(one: Resource) -> Advice | None:
    if one.role != OVERSIZED or not _chosen(one, 3):
        return None
    memory = one.item["MemorySize"]
    return Advice(one, "LambdaFunction", "Rightsize", _QUARTER, f"{memory} MB memory", f"{memory // 2} MB memory")

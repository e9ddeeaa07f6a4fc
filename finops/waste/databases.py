"""RDS instances: whether one serves, what it costs by list prices, its vCPUs, and the next smaller class."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import HOURS_A_MONTH
from finops.waste.judging import not_applicable, undetermined

if TYPE_CHECKING:
    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Observation
    from finops.waste.context import Context
    from finops.waste.prices import Prices

ELSEWHERE = frozenset({"neptune", "docdb"})
"""Engines of the RDS API whose metrics live in a namespace of their own."""
NOT_SERVING = frozenset(
    {"stopped", "stopping", "starting", "creating", "deleting", "failed", "inaccessible-encryption-credentials"}
)
TWICE = 2
"""A Multi-AZ instance is two, and so is its storage: https://aws.amazon.com/rds/pricing/."""

PRICED_AS = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgres": "postgres",
    "aurora-mysql": "aurora",
    "aurora-postgresql": "aurora",
}
_SIZES = (
    "micro",
    "small",
    "medium",
    "large",
    "xlarge",
    "2xlarge",
    "4xlarge",
    "8xlarge",
    "12xlarge",
    "16xlarge",
    "24xlarge",
)
_CLASS = re.compile(r"(?P<family>db\.(?P<kind>[a-z]+)\w*)\.(?P<size>\w+)", re.ASCII)
_TIMES = re.compile(r"(\d+)xlarge", re.ASCII)
_ONE_VCPU = frozenset({"db.t2.micro", "db.t2.small"})
_SMALLEST_LARGE = 2  # vCPUs of a `large` and of every smaller burstable size since t3


def serves(asset: Asset) -> bool:
    """Whether it runs and its metrics are those of RDS."""
    return bool(asset.state) and asset.state not in NOT_SERVING and asset.details.get("engine") not in ELSEWHERE


def unfit(seen: Observation) -> Judgement | None:
    """Why an instance cannot be judged at all: no state, no service, another namespace; None for one that can."""
    state, engine = seen.facts.get("state"), seen.facts.get("engine")
    if not state:
        return undetermined("AWS does not tell its state.")
    if state in NOT_SERVING:
        return not_applicable(f"It is {state}.")
    return not_applicable(f"This check does not know {engine}.") if engine in ELSEWHERE else None


def cluster_name(context: Context, asset: Asset) -> str:
    """The cluster it is a member of, "" for none."""
    return next((link.target for link in context.estate.links(asset, "member_of", "rds:cluster")), "")


def instance_month(prices: Prices, asset: Asset, *, clustered: bool, size_class: str = "") -> Decimal | None:
    """The instance without its storage, US dollars a month; of another class, where one is named. None: not known."""
    details = asset.details
    engine = PRICED_AS.get(str(details.get("engine")))
    aurora = engine == "aurora"
    if engine is None or clustered != aurora or details.get("storage_type") == "aurora-iopt1":
        return None  # a Multi-AZ cluster and I/O-Optimized have prices of their own
    hourly = prices.of(f"rds.instance:{engine}:{size_class or details.get('instance_class')}", asset.region)
    multi = details.get("multi_az")
    if hourly is None or (not aurora and not isinstance(multi, bool)):
        return None
    return hourly * HOURS_A_MONTH * (TWICE if multi and not aurora else 1)


def storage_month(prices: Prices, asset: Asset, *, clustered: bool) -> Decimal | None:
    """Its own storage, US dollars a month; that of a cluster's member is the cluster's. None where it is not known."""
    if clustered:
        return Decimal(0)
    details = asset.details
    price, size = prices.of(f"rds.gib:{details.get('storage_type')}", asset.region), details.get("storage_gib")
    if price is None or not isinstance(size, int):
        return None
    return price * size * (TWICE if details.get("multi_az") else 1)


def whole_month(prices: Prices, asset: Asset, *, clustered: bool) -> Decimal | None:
    """Instance and storage."""
    instance = instance_month(prices, asset, clustered=clustered)
    storage = storage_month(prices, asset, clustered=clustered)
    return None if instance is None or storage is None else instance + storage


def vcpus(size_class: object) -> int | None:
    """The vCPUs of a class: two up to `large`, four for `xlarge`, then four for each x; None where it has no size.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
    """
    found = _CLASS.fullmatch(str(size_class))
    if found is None:
        return None
    size, times = found["size"], _TIMES.fullmatch(found["size"])
    if times:
        return 4 * int(times[1])
    if size == "xlarge":
        return 4
    if size not in _SIZES:
        return None
    return 1 if size_class in _ONE_VCPU else _SMALLEST_LARGE


def smaller_class(size_class: object) -> str | None:
    """The next smaller class of the family; "" where there is none, None where the sizes are not known.

    Only burstable families have sizes below `large`. Aurora Serverless finds its size itself.
    """
    if size_class == "db.serverless":
        return ""
    found = _CLASS.fullmatch(str(size_class))
    if found is None or found["size"] not in _SIZES:
        return None
    smallest = "micro" if found["kind"] == "t" else "large"
    place = _SIZES.index(found["size"])
    return f"{found['family']}.{_SIZES[place - 1]}" if place > _SIZES.index(smallest) else ""

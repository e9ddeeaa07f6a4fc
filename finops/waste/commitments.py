"""Reservations and Savings Plans: where they are listed, and how the terms of each are read.

Reservations are asked for in every account and region where their service was listed, Savings Plans once an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.aws.fields import moment
from finops.aws.paging import Tokens
from finops.model.findings import HOURS_A_MONTH
from finops.waste.check import measuring
from finops.waste.nodes import cache_nodes_month, nodes_month

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from finops.aws.permissions import Operation
    from finops.waste.prices import Prices

_LOST = "reservations and Savings Plans that are about to end"
_SECONDS = 3600
_ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A reservation or a plan: what it covers, since and until when, and what it costs a month.

    `cost` and `on_demand` are US dollars a month, the latter for the same on demand by list price; None: not known.
    """

    commitment_id: str
    arn: str
    covers: str
    starts: datetime | None
    ends: datetime
    cost: Decimal | None
    on_demand: Decimal | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where one kind of commitment is listed. `near` is the kind whose accounts and regions are asked, "" for all."""

    kind: str
    operation: Operation
    items: str
    near: str
    read: Callable[[Mapping[str, Any], Prices, str], Commitment | None]
    params: Mapping[str, Any]
    tokens: Tokens | None = None
    paged: bool = True


def _decimal(value: object) -> Decimal:
    return Decimal(str(value or 0))


def _recurring(item: Mapping[str, Any]) -> Decimal:
    """The hourly charges, under EC2's names or those of the other services."""
    charges = item.get("RecurringCharges") or ()
    return sum(
        (
            _decimal(one.get("Amount", one.get("RecurringChargeAmount")))
            for one in charges
            if one.get("Frequency", one.get("RecurringChargeFrequency")) == "Hourly"
        ),
        Decimal(0),
    )


def _reserved_month(item: Mapping[str, Any], count: int) -> Decimal | None:
    """Upfront spread over the term, and what recurs: all of it a month. None in another currency."""
    duration = item.get("Duration")
    if not duration or item.get("CurrencyCode", "USD") != "USD":
        return None
    hourly = (
        _decimal(item.get("FixedPrice")) * _SECONDS / duration + _decimal(item.get("UsagePrice")) + _recurring(item)
    )
    month: Decimal = hourly * count * HOURS_A_MONTH
    return month


def _reservation(
    item: Mapping[str, Any], id_field: str, *, covers: str, count: object, on_demand: Decimal | None
) -> Commitment | None:
    """One that is active; None for others, and where its end cannot be read."""
    starts = moment(item.get("Start", item.get("StartTime")))
    ends = moment(item.get("End"))
    if ends is None and starts is not None and item.get("Duration"):
        ends = starts + timedelta(seconds=item["Duration"])
    if item.get("State") != _ACTIVE or ends is None:
        return None
    number = count if isinstance(count, int) else 0
    arn = str(item.get("ReservedDBInstanceArn", item.get("ReservationARN", "")))
    cost = _reserved_month(item, number) if number else None
    return Commitment(str(item.get(id_field)), arn, f"{number} × {covers}", starts, ends, cost, on_demand)


def _ec2(item: Mapping[str, Any], prices: Prices, region: str) -> Commitment | None:
    count, size = item.get("InstanceCount"), item.get("InstanceType")
    plain = str(item.get("ProductDescription")).startswith("Linux/UNIX") and item.get("InstanceTenancy") != "dedicated"
    month = nodes_month(prices, region, f"ec2.instance:{size}", count) if plain else None
    return _reservation(item, "ReservedInstancesId", covers=str(size), count=count, on_demand=month)


_ENGINES = {"mysql": "mysql", "mariadb": "mysql", "postgresql": "postgres", "aurora-mysql": "aurora"}
_ENGINES |= {"aurora-postgresql": "aurora"}


def _rds(item: Mapping[str, Any], prices: Prices, region: str) -> Commitment | None:
    count, size, product = item.get("DBInstanceCount"), item.get("DBInstanceClass"), item.get("ProductDescription")
    month = nodes_month(prices, region, f"rds.instance:{_ENGINES.get(str(product))}:{size}", count)
    twice = 2 if item.get("MultiAZ") else 1
    covers = f"{size} ({product}{', Multi-AZ' if twice > 1 else ''})"
    on_demand = month * twice if month is not None else None
    return _reservation(item, "ReservedDBInstanceId", covers=covers, count=count, on_demand=on_demand)


def _elasticache(item: Mapping[str, Any], prices: Prices, region: str) -> Commitment | None:
    count, size, engine = item.get("CacheNodeCount"), item.get("CacheNodeType"), item.get("ProductDescription")
    month = cache_nodes_month(prices, region, engine, size, count)
    return _reservation(item, "ReservedCacheNodeId", covers=f"{size} ({engine})", count=count, on_demand=month)


def _opensearch(item: Mapping[str, Any], prices: Prices, region: str) -> Commitment | None:
    count, size = item.get("InstanceCount"), item.get("InstanceType")
    month = nodes_month(prices, region, f"opensearch.instance:{size}", count)
    return _reservation(item, "ReservedInstanceId", covers=str(size), count=count, on_demand=month)


def _redshift(item: Mapping[str, Any], prices: Prices, region: str) -> Commitment | None:
    count, size = item.get("NodeCount"), item.get("NodeType")
    month = nodes_month(prices, region, f"redshift.node:{size}", count)
    return _reservation(item, "ReservedNodeId", covers=str(size), count=count, on_demand=month)


def _plan(item: Mapping[str, Any], prices: Prices, region: str) -> Commitment | None:  # noqa: ARG001 - as the others
    ends, hourly = moment(item.get("end")), item.get("commitment")
    if item.get("state") != _ACTIVE or ends is None:
        return None
    dollars = _decimal(hourly) * HOURS_A_MONTH if hourly and item.get("currency", "USD") == "USD" else None
    covers = f"{item.get('savingsPlanType')} Savings Plan of ${hourly} an hour"
    plan_id, arn = str(item.get("savingsPlanId")), str(item.get("savingsPlanArn", ""))
    return Commitment(plan_id, arn, covers, moment(item.get("start")), ends, dollars, None)


SOURCES = (
    Source(
        "ec2:reserved-instances",
        measuring("ec2", "DescribeReservedInstances", _LOST),
        "ReservedInstances",
        "ec2:instance",
        _ec2,
        {"Filters": [{"Name": "state", "Values": [_ACTIVE]}]},
        paged=False,
    ),
    Source(
        "rds:reserved-instance",
        measuring("rds", "DescribeReservedDBInstances", _LOST),
        "ReservedDBInstances",
        "rds:db",
        _rds,
        {"MaxRecords": 100},
    ),
    Source(
        "elasticache:reserved-instance",
        measuring("elasticache", "DescribeReservedCacheNodes", _LOST),
        "ReservedCacheNodes",
        "elasticache:cluster",
        _elasticache,
        {"MaxRecords": 100},
    ),
    Source(
        "opensearch:reserved-instance",
        measuring("opensearch", "DescribeReservedInstances", _LOST, action="es:DescribeReservedInstances"),
        "ReservedInstances",
        "opensearch:domain",
        _opensearch,
        {"MaxResults": 100},
        tokens=Tokens(("NextToken",), ("NextToken",)),
    ),
    Source(
        "redshift:reserved-node",
        measuring("redshift", "DescribeReservedNodes", _LOST),
        "ReservedNodes",
        "redshift:cluster",
        _redshift,
        {"MaxRecords": 100},
    ),
    Source(
        "savingsplans:savingsplan",
        measuring("savingsplans", "DescribeSavingsPlans", _LOST),
        "savingsPlans",
        "",
        _plan,
        {"states": [_ACTIVE], "maxResults": 100},
        tokens=Tokens(("nextToken",), ("nextToken",)),
    ),
)
"""Every kind of commitment."""

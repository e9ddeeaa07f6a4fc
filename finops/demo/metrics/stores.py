"""Tables, caches, search domains, streams and warehouses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.demo.metrics.curves import Band
from finops.demo.metrics.groups import ZERO, Group, by, by_role, counted
from finops.demo.population.resource import BUSY, OVERSIZED, QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.metrics.groups import Banded
    from finops.demo.population.resource import Resource

_SECONDS_A_DAY = 86_400
_USED = {BUSY: (0.42, 0.66), QUIET: (0.02, 0.05)}
"""The share of provisioned capacity that is used."""


def _consumed(field: str) -> Banded:
    """Units a day: a share of what is provisioned, or what requests there were."""
    on_demand = by_role({BUSY: counted(2e5, 4e7), QUIET: counted(500, 2e4)}, ZERO)

    def band(table: Resource) -> Band:
        capacity = table.item["ProvisionedThroughput"][field]
        if not capacity:
            return on_demand(table)
        low, high = _USED.get(table.role, (0.0, 0.0))
        return Band(low * capacity * _SECONDS_A_DAY, high * capacity * _SECONDS_A_DAY, 0.9, whole=True)

    return band


def _domain(domain: Resource) -> Iterator[dict[str, str]]:
    yield {"DomainName": domain.id, "ClientId": domain.account}


def _brokers(cluster: Resource) -> Iterator[dict[str, str]]:
    """A serverless cluster has no brokers."""
    count = cluster.item["Provisioned"]["NumberOfBrokerNodes"] if "Provisioned" in cluster.item else 0
    for number in range(1, count + 1):
        yield {"Cluster Name": cluster.item["ClusterName"], "Broker ID": str(number)}


def _sum(least: float, most: float) -> dict[str, Banded]:
    return {"Sum": by_role({BUSY: counted(least, most), OVERSIZED: counted(least / 50, most / 50)}, ZERO)}


_STREAMED = {"Average": by_role({BUSY: lambda _: Band(2e5, 9e5, 0.7)}, Band(0, 0))}

GROUPS = (
    Group(
        "dynamodb:table",
        "AWS/DynamoDB",
        by("TableName"),
        {
            "ConsumedReadCapacityUnits": {"Sum": _consumed("ReadCapacityUnits")},
            "ConsumedWriteCapacityUnits": {"Sum": _consumed("WriteCapacityUnits")},
        },
    ),
    Group(
        "elasticache:cluster",
        "AWS/ElastiCache",
        by("CacheClusterId"),
        {
            "NewConnections": _sum(200, 5000),
            "GetTypeCmds": _sum(1e6, 1e8),
            "SetTypeCmds": _sum(1e5, 1e7),
            "CurrConnections": {"Maximum": by_role({BUSY: counted(20, 120)}, Band(2, 4, whole=True))},
        },
    ),
    Group("opensearch:domain", "AWS/ES", _domain, {"SearchRate": _sum(1e5, 5e6), "IndexingRate": _sum(1e5, 2e7)}),
    Group("kafka:cluster", "AWS/Kafka", _brokers, {"BytesInPerSec": _STREAMED, "BytesOutPerSec": _STREAMED}),
    Group(
        "redshift:cluster",
        "AWS/Redshift",
        by("ClusterIdentifier"),
        {"DatabaseConnections": {"Maximum": by_role({OVERSIZED: counted(4, 24, weekend=0.5)}, ZERO)}},
    ),
)

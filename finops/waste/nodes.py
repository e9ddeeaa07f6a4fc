"""List prices of what runs on a number of equal nodes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import HOURS_A_MONTH

if TYPE_CHECKING:
    from finops.waste.prices import Prices

VALKEY = Decimal("0.8")
"""Nodes with Valkey cost a fifth less than with Redis OSS: https://aws.amazon.com/elasticache/pricing/."""


def nodes_month(prices: Prices, region: str, item: str, nodes: object) -> Decimal | None:
    """US dollars a month for a number of nodes; None where price or number is unknown."""
    hourly = prices.of(item, region)
    if hourly is None or isinstance(nodes, bool) or not isinstance(nodes, int):
        return None
    return hourly * nodes * HOURS_A_MONTH


def cache_nodes_month(prices: Prices, region: str, engine: object, node_type: object, nodes: object) -> Decimal | None:
    """The same for ElastiCache, whose table holds the prices of Redis OSS and Memcached."""
    month = nodes_month(prices, region, f"elasticache.node:{node_type}", nodes)
    return month * VALKEY if month is not None and engine == "valkey" else month

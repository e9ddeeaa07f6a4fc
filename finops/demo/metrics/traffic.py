"""Gateways, load balancers and endpoints: what passes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.demo.metrics.curves import Band
from finops.demo.metrics.groups import NOTHING, ZERO, Group, by, by_role, counted, level
from finops.demo.population.resource import BUSY, QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.metrics.groups import Banded, Named
    from finops.demo.population.resource import Resource

_HARDLY = 0.5
_NAT_METRICS = ("BytesOutToDestination", "BytesOutToSource", "BytesInFromDestination", "BytesInFromSource")


def _quiet_requests(resource: Resource) -> Band:
    """Half of the quiet ones have fewer than a hundred requests a day, some days none; the others some hundreds."""
    if level(resource) < _HARDLY:
        return Band(-10, 80, whole=True, silent=True)
    return Band(150, 900, whole=True, silent=True)


def _balancer(kind: str) -> Named:
    def named(balancer: Resource) -> Iterator[dict[str, str]]:
        label = balancer.arn.partition(":loadbalancer/")[2]
        if label.startswith(f"{kind}/"):
            yield {"LoadBalancer": label}

    return named


def _endpoint(endpoint: Resource) -> Iterator[dict[str, str]]:
    """Only endpoints that are interfaces are measured."""
    item = endpoint.item
    if item["VpcEndpointType"] == "Interface":
        yield {
            "VPC Id": item["VpcId"],
            "VPC Endpoint Id": endpoint.id,
            "Endpoint Type": item["VpcEndpointType"],
            "Service Name": item["ServiceName"],
        }


_REQUESTS = by_role({BUSY: counted(2e4, 4e6, silent=True), QUIET: _quiet_requests}, NOTHING)
_FLOWS = by_role({BUSY: counted(1e4, 1e6), QUIET: counted(20, 2000)}, ZERO)
_THROUGH = by_role({BUSY: counted(1e9, 4e11), QUIET: counted(1e6, 1e8)}, ZERO)
_BYTES: Banded = by_role({BUSY: counted(2e9, 2e11)}, ZERO)

GROUPS = (
    Group("ec2:natgateway", "AWS/NATGateway", by("NatGatewayId"), {name: {"Sum": _BYTES} for name in _NAT_METRICS}),
    Group("elb:loadbalancer", "AWS/ApplicationELB", _balancer("app"), {"RequestCount": {"Sum": _REQUESTS}}),
    Group(
        "elb:loadbalancer",
        "AWS/NetworkELB",
        _balancer("net"),
        {"NewFlowCount": {"Sum": _FLOWS}, "ProcessedBytes": {"Sum": _THROUGH}},
    ),
    Group("elb:classic", "AWS/ELB", by("LoadBalancerName"), {"RequestCount": {"Sum": _REQUESTS}}),
    Group(
        "ec2:vpc-endpoint",
        "AWS/PrivateLinkEndpoints",
        _endpoint,
        {"BytesProcessed": {"Sum": by_role({QUIET: counted(2e7, 2e9)}, ZERO)}},
    ),
)

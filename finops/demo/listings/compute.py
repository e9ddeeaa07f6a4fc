"""EC2, Auto Scaling and load balancing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.estate import REGIONS
from finops.demo.listings.grammar import Listing, Page, refuse_unknown

if TYPE_CHECKING:
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

EC2_PAGE = Page(usual=1000, least=5, most=1000, code="InvalidParameterValue")
VOLUME_PAGE = Page(usual=500, least=5, most=1000, cap=500, code="InvalidParameterValue")
ELB_PAGE = Page("Marker", "NextMarker", "PageSize", usual=400, most=400, code="ValidationError")
SCALING_PAGE = Page(limit="MaxRecords", usual=50, most=100, code="InvalidNextToken")


def regions(request: Request) -> dict[str, Any]:
    """The regions that every account has; none of them had to be opted in to."""
    refuse_unknown(request, ("AllRegions", "RegionNames"))
    wanted = request.params.get("RegionNames") or [name for name, _, _ in REGIONS]
    return {
        "Regions": [
            {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"}
            for name, _, _ in REGIONS
            if name in wanted
        ]
    }


def _reservation(resource: Resource) -> dict[str, Any]:
    return {
        "ReservationId": f"r-{resource.id[2:]}",
        "OwnerId": resource.account,
        "Groups": [],
        "Instances": [dict(resource.item)],
    }


def _owned(parameter: str) -> Any:
    """Keeps what the owners asked for have: here the caller's own, under `self` or its account id."""

    def keep(request: Request, resource: Resource) -> bool:
        return not {"self", resource.account}.isdisjoint(request.params.get(parameter) or ["self"])

    return keep


LISTINGS = (
    Listing("ec2", "DescribeInstances", "ec2:instance", "Reservations", EC2_PAGE, shown=_reservation),
    Listing("ec2", "DescribeVolumes", "ec2:volume", "Volumes", VOLUME_PAGE),
    Listing(
        "ec2",
        "DescribeSnapshots",
        "ec2:snapshot",
        "Snapshots",
        EC2_PAGE,
        keep=_owned("OwnerIds"),
        honours=("OwnerIds",),
    ),
    Listing("ec2", "DescribeImages", "ec2:image", "Images", EC2_PAGE, keep=_owned("Owners"), honours=("Owners",)),
    Listing("ec2", "DescribeAddresses", "ec2:elastic-ip", "Addresses"),
    Listing("ec2", "DescribeNatGateways", "ec2:natgateway", "NatGateways", EC2_PAGE),
    Listing("ec2", "DescribeVpcs", "ec2:vpc", "Vpcs", EC2_PAGE),
    Listing("ec2", "DescribeSubnets", "ec2:subnet", "Subnets", EC2_PAGE),
    Listing("ec2", "DescribeVpcEndpoints", "ec2:vpc-endpoint", "VpcEndpoints", EC2_PAGE),
    Listing("elb", "DescribeLoadBalancers", "elb:classic", "LoadBalancerDescriptions", ELB_PAGE),
    Listing("elbv2", "DescribeLoadBalancers", "elb:loadbalancer", "LoadBalancers", ELB_PAGE),
    Listing("elbv2", "DescribeTargetGroups", "elb:targetgroup", "TargetGroups", ELB_PAGE),
    Listing("autoscaling", "DescribeAutoScalingGroups", "autoscaling:group", "AutoScalingGroups", SCALING_PAGE),
)

"""Regions: which ones an account has enabled, which ones a service exists in, and the partition they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.calls import Ask, Calls
from finops.aws.failures import Place
from finops.aws.permissions import Operation, declare
from finops.model.assets import GLOBAL
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_session import AwsSessions
    from finops.aws.listing import Kind
    from finops.model.metering import Caller

DESCRIBE_REGIONS = declare(
    Operation(
        service="ec2",
        name="DescribeRegions",
        action="ec2:DescribeRegions",
        feature="inventory",
        lost="the regions that an account has enabled; set FINOPS_REGIONS instead",
        scope="member",
    )
)
READS = {("ec2", "DescribeRegions"): frozenset({"Regions[].RegionName"})}

_PARTITIONS = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "eu-isoe": "aws-iso-e",
    "us-isof": "aws-iso-f",
    "eusc": "aws-eusc",
}


def partition_of(region: str) -> str:
    """The partition of a region, for ARNs: `aws-cn` for `cn-north-1`, `aws` for most and for none."""
    first, _, rest = region.partition("-")
    return _PARTITIONS.get(first) or _PARTITIONS.get(f"{first}-{rest.partition('-')[0]}", "aws")


def enabled_regions(calls: Calls, account: str, caller: Caller) -> tuple[str, ...]:
    """The regions an account has enabled, sorted. AwsError when AWS does not say."""
    answer = calls.call(Ask(DESCRIBE_REGIONS, {"AllRegions": False}, ("Regions",), account), caller)
    names = sorted({str(region["RegionName"]) for region in answer["Regions"] if region.get("RegionName")})
    if not names:
        place = Place(DESCRIBE_REGIONS, account, calls.sessions.region)
        raise place.error(AwsError.MALFORMED, "Malformed", "No account is without regions.")
    return tuple(names)


def available(kind: Kind, regions: Sequence[str], sessions: AwsSessions) -> tuple[str, ...]:
    """Those of the regions where AWS offers the kind's service: as declared, else as botocore's data tell.

    All of them where neither knows; only `global` for a global kind.
    """
    if kind.scope == GLOBAL:
        return (GLOBAL,)
    offered = frozenset(kind.regions or sessions.regions_of(kind.client))
    return tuple(region for region in regions if region in offered or not offered)

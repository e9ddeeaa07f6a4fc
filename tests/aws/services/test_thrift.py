"""Few calls: the largest pages AWS gives, and tags of whole regions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.aws.lister import listed, with_tags
from finops.aws.services import kind_named
from finops.aws.tagging import tag_sweep
from finops.model.metering import Caller
from tests.aws.standins import OWN, StandIn

if TYPE_CHECKING:
    from finops.model.assets import Listed

CALLER = Caller("default", "inventory", "ann")
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
TAGS = [{"Key": "Team", "Value": "web"}]
KINDS = ("ec2:instance", "ec2:volume", "rds:db", "lambda:function")
# operation: how many there are in a region, the page size asked for, the most AWS gives, the token
ESTATE = {
    "DescribeInstances": (200, "MaxResults", 1000, "NextToken"),
    "DescribeVolumes": (250, "MaxResults", 500, "NextToken"),
    "DescribeDBInstances": (20, "MaxRecords", 100, "Marker"),
    "ListFunctions": (50, "MaxItems", 50, "NextMarker"),
    "ListBuckets": (200, "MaxBuckets", 10_000, "ContinuationToken"),
    "GetResources": (100, "ResourcesPerPage", 100, "PaginationToken"),
}


def item(operation: str, number: int, region: str) -> dict[str, Any]:
    bucket = {"Name": f"b{number}", "BucketRegion": REGIONS[number % 4]}
    function = {"FunctionName": f"f{number}", "FunctionArn": f"arn:{region}:f{number}"}
    tagged = f"arn:{region}:f{number}" if number < 50 else f"arn:aws:s3:::b{(number - 50) * 4 + REGIONS.index(region)}"
    return {
        "DescribeInstances": {"Instances": [{"InstanceId": f"i-{number}", "Tags": TAGS}]},
        "DescribeVolumes": {"VolumeId": f"vol-{number}", "Tags": TAGS},
        "DescribeDBInstances": {"DBInstanceIdentifier": f"db{number}", "DBInstanceArn": f"db{number}", "TagList": TAGS},
        "ListFunctions": function,
        "ListBuckets": bucket,
        "GetResources": {"ResourceARN": tagged, "Tags": TAGS},
    }[operation]


LISTS = {
    "DescribeInstances": "Reservations",
    "DescribeVolumes": "Volumes",
    "DescribeDBInstances": "DBInstances",
    "ListFunctions": "Functions",
    "ListBuckets": "Buckets",
    "GetResources": "ResourceTagMappingList",
}


def test_a_tagged_estate_of_four_regions_takes_21_calls():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        total, limit, most, token = ESTATE[operation]
        start = int(next((value for name, value in params.items() if name in {token, "Marker"}), 0) or 0)
        end = min(start + min(params.get(limit, 10), most), total)
        items = [item(operation, number, stand_in.regions[-1]) for number in range(start, end)]
        return {LISTS[operation]: items, **({token: str(end)} if end < total else {})}

    stand_in = StandIn(script)
    calls = stand_in.calls()
    found: list[Listed] = []
    sweeps = {
        region: tag_sweep(calls, OWN, region, [kind_named("lambda:function").tag_type, "s3"], CALLER)
        for region in REGIONS
    }
    for region in REGIONS:
        for name in KINDS:
            sweep = sweeps[region]
            found.append(with_tags(listed(calls, kind_named(name), OWN, region, CALLER), sweep.tags, sweep.failure))
    buckets = listed(calls, kind_named("s3:bucket"), OWN, "us-east-1", CALLER)
    everywhere = {arn: tags for sweep in sweeps.values() for arn, tags in (sweep.tags or {}).items()}
    found.append(with_tags(buckets, everywhere))
    items = [seen for listing in found for seen in listing.items]
    assert len(items) == 4 * (200 + 250 + 20 + 50) + 200
    assert all(seen.tags == {"Team": "web"} for seen in items)
    assert not any(listing.failure or listing.tags_failure for listing in found)
    assert len(stand_in.asked) == 21

"""What is made of the items that were listed: names, times, ARNs, tags, details and links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from finops.aws.lister import listed, with_tags
from finops.aws.services import kind_named
from finops.model.assets import GLOBAL, Link, Listed
from finops.model.metering import Caller
from finops.model.outcome import Failure
from tests.aws.standins import Refusal, Script, StandIn

CALLER = Caller("default", "inventory", "ann")
REGION = "eu-west-1"


def seen(kind: str, script: Script, *, region: str = REGION) -> Listed:
    return listed(StandIn(script).calls(), kind_named(kind), "123456789012", region, CALLER)


def names(found: Listed) -> list[str]:
    return [item.resource_id for item in found.items]


# What is made of an item


def one(kind: str, **item: Any) -> Any:
    top = kind_named(kind).steps[0].items.removesuffix("[]")
    found = seen(kind, lambda *_: {top: [item]})
    assert found.failure is None
    return found.items[0]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"Tags": [{"Key": "Name", "Value": "db"}]}, "db"),
        ({"Tags": [{"Key": "name", "Value": "db"}]}, "vol-1"),
        ({"Tags": [{"Key": "Name", "Value": ""}]}, "vol-1"),
        ({}, "vol-1"),
    ],
)
def test_the_name_is_the_name_tag_or_else_the_id(item: dict[str, Any], name: str):
    assert one("ec2:volume", VolumeId="vol-1", **item).name == name


def test_the_declared_name_wins_over_the_tag():
    assert one("ec2:image", ImageId="ami-1", Name="golden", Tags=[{"Key": "Name", "Value": "x"}]).name == "golden"


def test_an_untagged_resource_has_no_tags_and_system_tags_are_tags():
    assert one("ec2:volume", VolumeId="vol-1").tags == {}
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "web"}, {"Key": "Empty", "Value": ""}]
    assert one("ec2:volume", VolumeId="vol-1", Tags=tags).tags == {"aws:cloudformation:stack-name": "web", "Empty": ""}


@pytest.mark.parametrize(
    ("region", "start"),
    [("eu-west-1", "arn:aws:"), ("cn-north-1", "arn:aws-cn:"), ("us-gov-east-1", "arn:aws-us-gov:")],
)
def test_arns_name_the_partition(region: str, start: str):
    found = seen("ec2:volume", lambda *_: {"Volumes": [{"VolumeId": "vol-1"}]}, region=region)
    assert found.items[0].arn == f"{start}ec2:{region}:123456789012:volume/vol-1"


def test_buckets_know_their_own_region_and_are_listed_in_one_place():
    answer = {"Buckets": [{"Name": "a", "BucketRegion": "eu-central-1"}, {"Name": "b"}]}
    found = seen("s3:bucket", lambda *_: answer, region="us-east-1")
    assert found.place.region == GLOBAL
    assert [(item.region, item.arn) for item in found.items] == [
        ("eu-central-1", "arn:aws:s3:::a"),
        (GLOBAL, "arn:aws:s3:::b"),
    ]


def test_the_failure_of_a_global_service_is_told_of_its_place():
    found = seen("s3:bucket", lambda *_: Refusal("AccessDenied"), region="us-east-1")
    assert found.failure is not None
    assert found.failure.region == GLOBAL


def test_networks_that_others_share_are_theirs():
    answer = {
        "Vpcs": [
            {"VpcId": "vpc-own", "OwnerId": "123456789012"},
            {"VpcId": "vpc-shared", "OwnerId": "222222222222"},
            {"VpcId": "vpc-untold"},
        ]
    }
    found = seen("ec2:vpc", lambda *_: answer)
    assert names(found) == ["vpc-own", "vpc-untold"]
    assert found.failure is None


def test_an_instance_is_as_old_as_its_first_volume_however_often_it_was_started():
    born, started = datetime(2024, 5, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    disks = [{"Ebs": {"AttachTime": born}}, {"Ebs": {"AttachTime": started}}, {"VirtualName": "ephemeral0"}]
    instance = {"InstanceId": "i-1", "LaunchTime": started, "BlockDeviceMappings": disks}
    answer = {"Reservations": [{"Instances": [instance]}, {"Instances": []}, {}]}
    found = seen("ec2:instance", lambda *_: answer)
    assert found.failure is None
    assert found.items[0].created == born
    assert found.items[0].details["launched"] == "2026-11-01T00:00:00Z"


def test_details_of_the_wrong_shape_are_left_out():
    odd = one("ec2:volume", VolumeId="vol-1", Size={"Secret": 1}, Iops=float("nan"), VolumeType="", Encrypted=False)
    assert odd.details == {"encrypted": False}


def test_system_tags_tell_the_scaling_group_of_an_instance():
    tags = [{"Key": "aws:autoscaling:groupName", "Value": "batch"}]
    instance = {"InstanceId": "i-1", "Tags": tags}
    found = seen("ec2:instance", lambda *_: {"Reservations": [{"Instances": [instance]}]})
    assert Link("member_of", "autoscaling:group", "batch") in found.items[0].links


def test_an_index_knows_its_application():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "ListApplications":
            return {"applications": [{"applicationId": "a" * 36}]}
        return {"indices": [{"indexId": "i"}]}

    item = seen("qbusiness:index", script).items[0]
    assert item.arn == f"arn:aws:qbusiness:{REGION}:123456789012:application/{'a' * 36}/index/i"
    assert item.links == (Link("in", "qbusiness:application", "a" * 36),)
    assert item.name == "i"


@pytest.mark.parametrize("state", ["deleted", "Deleted"])
def test_what_aws_calls_over_is_ended(state: str):
    assert one("ec2:vpc-endpoint", VpcEndpointId="vpce-1", State=state).ended
    assert not one("ec2:vpc-endpoint", VpcEndpointId="vpce-1", State="Deleting").ended


def test_hostile_texts_pass_unharmed_and_are_never_read_as_templates():
    hostile = "{account}${jndi}%s{0.__class__}\x00\u202e😀" + "x" * 3000
    item = one("ec2:volume", VolumeId=hostile, Tags=[{"Key": hostile, "Value": hostile}])
    assert item.resource_id == hostile
    assert item.arn == f"arn:aws:ec2:{REGION}:123456789012:volume/{hostile}"
    assert item.tags == {hostile: hostile}


# Tags from the sweep

FAILED = Failure("ThrottlingException", "slow down", "123456789012", REGION, "resourcegroupstaggingapi")


def groups(*found: str) -> Listed:
    return seen("logs:log-group", lambda *_: {"logGroups": [{"logGroupName": name} for name in found]})


def arn(name: str) -> str:
    return f"arn:aws:logs:{REGION}:123456789012:log-group:{name}"


def test_a_whole_sweep_tells_the_tags_and_what_has_none():
    found = with_tags(groups("/a", "/b"), {arn("/a"): {"Team": "x"}})
    assert [item.tags for item in found.items] == [{"Team": "x"}, {}]
    assert found.tags_failure is None


def test_without_a_sweep_tags_stay_unknown_and_the_reason_is_told():
    found = with_tags(groups("/a"), None, FAILED)
    assert found.items[0].tags is None
    assert found.tags_failure == FAILED
    assert with_tags(groups(), None, FAILED).tags_failure == FAILED


def test_of_half_a_sweep_what_it_told_is_known_and_the_rest_is_not():
    found = with_tags(groups("/a", "/b"), {arn("/a"): {"Team": "x"}}, FAILED)
    assert [item.tags for item in found.items] == [{"Team": "x"}, None]
    assert found.tags_failure == FAILED
    assert with_tags(groups("/a"), {arn("/a"): {}}, FAILED).tags_failure is None


def test_own_tags_are_never_replaced():
    own = seen("ec2:volume", lambda *_: {"Volumes": [{"VolumeId": "vol-1"}]})
    assert with_tags(own, {own.items[0].arn: {"Team": "x"}}) == own


def test_a_name_tag_of_the_sweep_names_only_what_has_no_name_of_its_own():
    site = seen(
        "cloudfront:distribution",
        lambda *_: {"DistributionList": {"Quantity": 1, "Items": [{"Id": "E1", "ARN": "arn:E1"}]}},
    )
    assert site.items[0].name == "E1"
    assert with_tags(site, {"arn:E1": {"Name": "shop"}}).items[0].name == "shop"
    assert with_tags(groups("/a"), {arn("/a"): {"Name": "shop"}}).items[0].name == "/a"

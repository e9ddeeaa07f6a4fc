"""Which regions are asked, and what partition they are of."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader

from finops.aws.regions import available, enabled_regions, partition_of
from finops.aws.services import kind_named
from finops.model.errors import AwsError
from finops.model.metering import Caller
from tests.aws.standins import Refusal, StandIn
from tests.aws.wire import sessions

CALLER = Caller("default", "inventory", "ann")


def regions(*names: str) -> dict[str, Any]:
    return {"Regions": [{"RegionName": name} for name in names]}


def test_the_enabled_regions_are_asked_for_and_sorted():
    stand_in = StandIn(lambda *_: regions("us-east-1", "af-south-1"))
    assert enabled_regions(stand_in.calls(), "123456789012", CALLER) == ("af-south-1", "us-east-1")
    assert stand_in.asked == [("DescribeRegions", {"AllRegions": False})]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Refusal("UnauthorizedOperation"), AwsError.DENIED),
        (regions(), AwsError.MALFORMED),
        ({"Regions": [{}]}, AwsError.MALFORMED),
        ({}, AwsError.MALFORMED),
    ],
)
def test_no_answer_is_an_error_never_no_regions(answer: Any, kind: str):
    with pytest.raises(AwsError) as caught:
        enabled_regions(StandIn(lambda *_: answer).calls(), "123456789012", CALLER)
    assert caught.value.kind == kind
    assert caught.value.account == "123456789012"


def test_every_region_is_in_the_partition_that_botocore_puts_it_in():
    for partition in Loader().load_data("endpoints")["partitions"]:
        for region in partition["regions"]:
            assert partition_of(region) == partition["partition"]
    assert partition_of("") == partition_of("global") == "aws"


def test_only_regions_that_have_the_service_are_asked():
    wanted = ("eu-west-1", "eu-central-1", "xx-nowhere-1")
    assert available(kind_named("qbusiness:index"), wanted, sessions()) == ("eu-west-1",)
    assert available(kind_named("ec2:volume"), wanted, sessions()) == ("eu-west-1", "eu-central-1")
    assert available(kind_named("s3:bucket"), wanted, sessions()) == ("global",)


def test_a_service_that_botocore_places_nowhere_is_asked_everywhere():
    class Unplaced:
        def regions_of(self, _: str) -> tuple[str, ...]:
            return ()

    assert available(kind_named("ec2:volume"), ("eu-west-1",), Unplaced()) == ("eu-west-1",)  # type: ignore[arg-type]

"""Answers are cut to the model that asks, so that the demo shows no more than a real parser would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.session import Session

from finops.aws.slim import slim_hook
from finops.demo.handler import demo_hook
from finops.demo.projection import Projections
from finops.model.errors import AwsError
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from finops.demo.estate import Estate


def slim_client(estate: Estate, service: str, operation: str, *paths: str) -> Any:
    session = Session()
    slim_hook({(service, operation): paths}, {(service, operation)})(session)
    demo_hook(estate, now=lambda: TODAY)(session)
    session.set_credentials(f"AKIADEMO{estate.members[1].account_id}", "secret")
    return session.create_client(service, region_name="us-east-1")


def test_only_declared_fields_come_through(estate: Estate) -> None:
    client = slim_client(
        estate, "lambda", "ListFunctions", "NextMarker", "Functions[].FunctionName", "Functions[].LastModified"
    )
    answer = client.list_functions()
    assert set(answer) == {"NextMarker", "Functions", "ResponseMetadata"}
    assert {name for function in answer["Functions"] for name in function} == {"FunctionName", "LastModified"}


def test_times_are_text_where_the_model_says_so(estate: Estate) -> None:
    client = slim_client(estate, "ec2", "DescribeVolumes", "Volumes[].VolumeId", "Volumes[].CreateTime")
    volume = client.describe_volumes()["Volumes"][0]
    moment = datetime.fromisoformat(volume["CreateTime"])
    assert volume["CreateTime"].endswith("Z")
    assert moment.tzinfo == UTC
    assert moment < TODAY


def test_a_caller_cannot_change_what_others_see(estate: Estate) -> None:
    client = slim_client(estate, "ec2", "DescribeVolumes", "Volumes[].VolumeId", "Volumes[].Tags[]")
    before = client.describe_volumes()["Volumes"]
    client.describe_volumes()["Volumes"][0]["Tags"].append({"Key": "mine", "Value": "mine"})
    client.describe_volumes()["Volumes"][0]["VolumeId"] = "vol-mine"
    assert client.describe_volumes()["Volumes"] == before


@pytest.mark.parametrize(
    "answer",
    [
        {"Volumes": {"VolumeId": "vol-1"}},
        {"Volumes": [{"Size": "8"}]},
        {"Volumes": [{"VolumeId": 8}]},
        {"Volumes": [{"Attachments": [None]}]},
    ],
)
def test_an_answer_of_another_type_is_an_error_of_the_demo(answer: dict[str, Any]) -> None:
    model = ServiceModel(Loader().load_service_model("ec2", "service-2"), "ec2").operation_model("DescribeVolumes")
    with pytest.raises(AwsError, match="does not fit"):
        Projections().projected(model, answer)

"""Kinds that moto does not know, and what moto leaves out, answered at botocore's wire as AWS would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from finops.aws.calls import Calls
from finops.aws.lister import listed
from finops.aws.permissions import permitted
from finops.aws.services import kind_named, reads
from finops.aws.slim import slim_hook
from finops.model.assets import GLOBAL, Link
from finops.model.metering import Caller
from tests.aws.wire import KEYS, NOW, PocketMeter, Reply, Wire, sessions

if TYPE_CHECKING:
    from finops.model.assets import Listed

CALLER = Caller("default", "inventory", "ann")
ACCOUNT, REGION = "123456789012", "us-east-1"
BORN = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
APPLICATION = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
ARN = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:provisioned-model/abcdefghijkl"
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/a</Arn><UserId>U</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""
APPLICATIONS = {
    "applications": [
        {
            "applicationId": APPLICATION,
            "displayName": "Helpdesk",
            "createdAt": BORN.timestamp(),
            "status": "ACTIVE",
            "identityType": "AWS_IAM_IDC",
        }
    ]
}
INDICES = {"indices": [{"indexId": "i-1", "displayName": "docs", "createdAt": BORN.timestamp(), "status": "ACTIVE"}]}
THROUGHPUTS = {
    "provisionedModelSummaries": [
        {
            "provisionedModelName": "claude-reserved",
            "provisionedModelArn": ARN,
            "modelArn": f"arn:aws:bedrock:{REGION}::foundation-model/anthropic.claude",
            "desiredModelArn": "x",
            "foundationModelArn": "x",
            "modelUnits": 2,
            "desiredModelUnits": 3,
            "status": "InService",
            "commitmentDuration": "SixMonths",
            "commitmentExpirationTime": "2027-05-02T03:04:05Z",
            "creationTime": "2026-11-02T03:04:05.000Z",
            "lastModifiedTime": "2026-11-02T03:04:05Z",
        }
    ]
}
BUCKETS = """<ListAllMyBucketsResult><Owner><ID>owner</ID></Owner><Buckets>
<Bucket><Name>raw</Name><CreationDate>2026-11-02T03:04:05.000Z</CreationDate><BucketRegion>eu-central-1</BucketRegion>
</Bucket></Buckets></ListAllMyBucketsResult>"""


@pytest.fixture(params=["whole", "slim"])
def slim(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "slim")


def seen(kind: str, *answers: object, slim: bool) -> Listed:
    wire = Wire([Reply(IDENTITY), *(Reply(answer) for answer in answers)])
    hooks = [slim_hook(reads(), permitted())] if slim else []
    opened = sessions(*hooks, wire.hook, static_keys=KEYS)
    found = listed(Calls(opened, PocketMeter(), now=lambda: NOW), kind_named(kind), ACCOUNT, REGION, CALLER)
    assert found.failure is None
    assert len(wire.requests) == 1 + len(answers)
    return found


def test_q_business_applications(slim: bool):
    (item,) = seen("qbusiness:application", APPLICATIONS, slim=slim).items
    assert (item.resource_id, item.name, item.state, item.created) == (APPLICATION, "Helpdesk", "ACTIVE", BORN)
    assert item.details == {"identity_type": "AWS_IAM_IDC"}
    assert item.arn == f"arn:aws:qbusiness:{REGION}:{ACCOUNT}:application/{APPLICATION}"


def test_q_business_indices(slim: bool):
    (item,) = seen("qbusiness:index", APPLICATIONS, INDICES, slim=slim).items
    assert (item.resource_id, item.name, item.created) == ("i-1", "docs", BORN)
    assert item.arn.endswith(f"application/{APPLICATION}/index/i-1")
    assert item.links == (Link("in", "qbusiness:application", APPLICATION),)


def test_bedrock_provisioned_throughput(slim: bool):
    (item,) = seen("bedrock:provisioned-model", THROUGHPUTS, slim=slim).items
    assert (item.resource_id, item.name, item.arn) == ("abcdefghijkl", "claude-reserved", ARN)
    assert (item.state, item.created) == ("InService", BORN)
    assert item.details == {
        "model": "anthropic.claude",
        "model_units": 2,
        "desired_model_units": 3,
        "commitment": "SixMonths",
        "commitment_ends": "2027-05-02T03:04:05Z",
    }


def test_buckets_with_their_region(slim: bool):
    found = seen("s3:bucket", BUCKETS, slim=slim)
    (item,) = found.items
    assert found.place.region == GLOBAL
    assert (item.region, item.created, item.arn) == ("eu-central-1", BORN, "arn:aws:s3:::raw")


@pytest.mark.parametrize("answer", [{}, {"QueueUrls": []}])
def test_no_queues(answer: object, slim: bool):
    assert seen("sqs:queue", answer, slim=slim).items == ()

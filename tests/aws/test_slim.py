"""Models cut to what is read say the same as whole ones about it, and nothing about the rest."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.loaders import Loader

from finops.aws.slim import slim_hook, slim_model
from tests.aws.wire import Reply, Wire, sessions

EC2 = """<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item>
<ownerId>111111111111</ownerId><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>16</code>
<name>running</name></instanceState><launchTime>2026-11-02T03:04:05.000Z</launchTime><privateIpAddress>10.0.0.1
</privateIpAddress><tagSet><item><key>Name</key><value>web</value></item></tagSet><placement>
<availabilityZone>us-east-1a</availabilityZone><tenancy>default</tenancy></placement></item></instancesSet></item>
</reservationSet><nextToken>more</nextToken></DescribeInstancesResponse>"""
LAMBDA = {
    "Functions": [
        {
            "FunctionName": "checkout",
            "MemorySize": 512,
            "Environment": {"Variables": {"PASSWORD": "hunter2"}},
            "LastModified": "2026-11-02T03:04:05.000+0000",
        }
    ],
    "NextMarker": "more",
}
LOGS = {"logGroups": [{"logGroupName": "/ecs/api", "creationTime": 1795000000000, "storedBytes": 7}], "nextToken": "n"}
DYNAMODB = {"Table": {"TableName": "orders", "CreationDateTime": 1795000000.25, "ItemCount": 7}}
S3 = """<ListAllMyBucketsResult><Owner><ID>secret-owner</ID></Owner><Buckets><Bucket><Name>raw</Name><CreationDate>
2026-11-02T03:04:05.000Z</CreationDate><BucketRegion>eu-central-1</BucketRegion></Bucket></Buckets>
</ListAllMyBucketsResult>"""

# service, operation, parameters, the wire's answer, paths read, what is read of it
CASES: dict[str, tuple[str, str, dict[str, Any], object, tuple[str, ...], dict[str, Any]]] = {
    "ec2 xml": (
        "ec2",
        "DescribeInstances",
        {},
        EC2,
        (
            "NextToken",
            "Reservations[].Instances[].InstanceId",
            "Reservations[].Instances[].State.Name",
            "Reservations[].Instances[].LaunchTime",
            "Reservations[].Instances[].Tags[].Key",
            "Reservations[].Instances[].Tags[].Value",
            "Reservations[].Instances[].Placement",
            "Reservations[].Instances[].Placement.Tenancy",
        ),
        {
            "NextToken": "more",
            "Reservations": [
                {
                    "Instances": [
                        {
                            "InstanceId": "i-1",
                            "State": {"Name": "running"},
                            "LaunchTime": "2026-11-02T03:04:05.000Z",
                            "Tags": [{"Key": "Name", "Value": "web"}],
                            "Placement": {"AvailabilityZone": "us-east-1a", "Tenancy": "default"},
                        }
                    ]
                }
            ],
        },
    ),
    "rest-json": (
        "lambda",
        "ListFunctions",
        {},
        LAMBDA,
        ("NextMarker", "Functions[].FunctionName", "Functions[].MemorySize"),
        {"NextMarker": "more", "Functions": [{"FunctionName": "checkout", "MemorySize": 512}]},
    ),
    "json": (
        "logs",
        "DescribeLogGroups",
        {},
        LOGS,
        ("nextToken", "logGroups[].logGroupName", "logGroups[].creationTime"),
        {"nextToken": "n", "logGroups": [{"logGroupName": "/ecs/api", "creationTime": 1795000000000}]},
    ),
    "epoch seconds": (
        "dynamodb",
        "DescribeTable",
        {"TableName": "orders"},
        DYNAMODB,
        ("Table.TableName", "Table.CreationDateTime"),
        {"Table": {"TableName": "orders", "CreationDateTime": 1795000000.25}},
    ),
    "rest-xml": (
        "s3",
        "ListBuckets",
        {},
        S3,
        ("Buckets[].Name", "Buckets[].BucketRegion"),
        {"Buckets": [{"Name": "raw", "BucketRegion": "eu-central-1"}]},
    ),
}


def answered(service: str, operation: str, params: dict[str, Any], body: object, *hooks: Any) -> dict[str, Any]:
    opened = sessions(*hooks, Wire([Reply(body)]).hook, permitted={(service, operation)})
    client: Any = opened.client(service)
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    answer: dict[str, Any] = getattr(client, method)(**params)
    answer.pop("ResponseMetadata")
    return answer


def overlap(whole: Any, part: Any) -> Any:
    """Of `whole`, what `part` has too, times as the wire wrote them."""
    if isinstance(part, dict):
        return {name: overlap(whole[name], value) for name, value in part.items()}
    if isinstance(part, list):
        assert len(part) == len(whole)
        return [overlap(*pair) for pair in zip(whole, part, strict=True)]
    if isinstance(whole, datetime):
        return (
            whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if isinstance(part, str)
            else (whole.timestamp())
        )
    return whole


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_slim_model_reads_what_it_was_told_to_and_nothing_else(case: tuple[Any, ...]):
    service, operation, params, body, paths, expected = case
    hook = slim_hook({(service, operation): frozenset(paths)}, {(service, operation)})
    slim = answered(service, operation, params, body, hook)
    assert slim == expected
    assert overlap(answered(service, operation, params, body), slim) == slim


def test_other_permitted_operations_stay_whole_and_the_rest_is_gone():
    permitted = {("lambda", "ListFunctions"), ("lambda", "GetAccountSettings")}
    hook = slim_hook({("lambda", "ListFunctions"): {"Functions[].FunctionName"}}, permitted)
    wire = Wire([Reply({"AccountLimit": {"TotalCodeSize": 80}, "AccountUsage": {"FunctionCount": 3}})])
    client: Any = sessions(hook, wire.hook, permitted=permitted).client("lambda")
    assert client.get_account_settings()["AccountUsage"] == {"FunctionCount": 3}
    assert not hasattr(client, "invoke")


def test_errors_keep_their_classes():
    reads = {("dynamodb", "DescribeTable"): {"Table.TableName"}}
    wire = Wire([Reply({"__type": "ResourceNotFoundException", "message": "no such table"}, 400)])
    client: Any = sessions(slim_hook(reads, reads), wire.hook, permitted=reads).client("dynamodb")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="no such table"):
        client.describe_table(TableName="orders")


def test_a_model_without_a_declared_field_is_used_whole_and_says_so(caplog: pytest.LogCaptureFixture):
    answer = answered(
        "lambda",
        "ListFunctions",
        {},
        LAMBDA,
        slim_hook({("lambda", "ListFunctions"): {"Functions[].Renamed"}}, {("lambda", "ListFunctions")}),
    )
    assert answer["Functions"][0]["FunctionName"] == "checkout"
    assert "the model of lambda is used whole: it has no 'Renamed'" in caplog.text


def test_a_slim_model_is_small():
    whole = Loader().load_service_model("ec2", "service-2")
    slim = slim_model(whole, {"DescribeVolumes": {"Volumes[].VolumeId", "NextToken"}}, ())
    assert len(json.dumps(slim)) * 100 < len(json.dumps(whole))

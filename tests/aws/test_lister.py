"""The engine: chains of calls, pages, batches, what fails and what vanished on the way."""

from __future__ import annotations

from typing import Any

import pytest

from finops.aws.lister import listed
from finops.aws.listing import Kind, Step, reading
from finops.aws.pace import Pace
from finops.aws.paging import Tokens
from finops.aws.services import kind_named
from finops.model.assets import GLOBAL, Link, Listed, Place
from finops.model.metering import Caller
from tests.aws.standins import Refusal, Script, StandIn

CALLER = Caller("default", "inventory", "ann")
ACCOUNT, REGION = "111111111111", "eu-west-1"
DENIED = Refusal("AccessDeniedException", "User: arn:aws:sts::1:role/x is not authorized to perform: dynamodb:Some")


def seen(kind: str, script: Script) -> Listed:
    return listed(StandIn(script).calls(), kind_named(kind), "123456789012", REGION, CALLER)


def names(found: Listed) -> list[str]:
    return [item.resource_id for item in found.items]


# A chain of three: clusters, their node groups, each described.

GROUPS = {"blue": ["one", "two"], "green": ["one"]}


def eks(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    if operation == "ListClusters":
        return {"clusters": ["green"]} if params.get("nextToken") else {"clusters": ["blue"], "nextToken": "more"}
    if operation == "ListNodegroups":
        return {"nodegroups": GROUPS[params["clusterName"]]}
    cluster, group = params["clusterName"], params["nodegroupName"]
    return {
        "nodegroup": {
            "clusterName": cluster,
            "nodegroupName": group,
            "nodegroupArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:nodegroup/{cluster}/{group}/1",
        }
    }


ALL_GROUPS = ["blue/one", "blue/two", "green/one"]


def test_a_chain_is_followed_through_all_pages():
    stand_in = StandIn(eks)
    found = listed(stand_in.calls(), kind_named("eks:nodegroup"), "123456789012", REGION, CALLER)
    assert found.place == Place("123456789012", REGION, "eks:nodegroup")
    assert found.failure is None
    assert names(found) == ALL_GROUPS
    assert found.items[2].links == (Link("member_of", "eks:cluster", "green"),)
    assert stand_in.operations == [
        "ListClusters",
        "ListNodegroups",
        "DescribeNodegroup",
        "DescribeNodegroup",
        "ListClusters",
        "ListNodegroups",
        "DescribeNodegroup",
    ]
    assert stand_in.asked[4][1] == {"maxResults": 100, "nextToken": "more"}
    assert set(stand_in.regions) == {REGION}


@pytest.mark.parametrize(
    ("failing", "left"),
    [
        (1, []),  # ListClusters
        (2, []),  # ListNodegroups of blue
        (3, []),  # DescribeNodegroup
        (4, ["blue/one"]),
        (5, ["blue/one", "blue/two"]),  # the second page of ListClusters
        (6, ["blue/one", "blue/two"]),
        (7, ["blue/one", "blue/two"]),
    ],
)
@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalFailure"])
def test_whichever_call_fails_what_came_before_is_kept_beside_the_failure(failing: int, left: list[str], code: str):
    made = 0

    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        nonlocal made
        made += 1
        return Refusal(code) if made == failing else eks(operation, params)

    found = seen("eks:nodegroup", script)
    assert names(found) == left
    assert found.failure is not None
    assert (found.failure.code, found.failure.service, found.failure.region) == (code, "eks", REGION)
    assert found.failure.account == "123456789012"


def test_a_refusal_names_the_permission_that_is_missing():
    found = seen("eks:nodegroup", lambda operation, params: DENIED if "Node" in operation else eks(operation, params))
    assert found.failure is not None
    assert found.failure.missing_action == "dynamodb:Some"
    found = seen("eks:cluster", lambda *_: Refusal("AccessDenied"))
    assert found.failure is not None
    assert found.failure.missing_action == "eks:ListClusters"


@pytest.mark.parametrize("lost", [("ListNodegroups", "blue"), ("DescribeNodegroup", "two")])
def test_what_vanished_since_it_was_listed_is_no_failure(lost: tuple[str, str]):
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        if operation == lost[0] and lost[1] in params.values():
            return Refusal("ResourceNotFoundException")
        return eks(operation, params)

    found = seen("eks:nodegroup", script)
    assert found.failure is None
    assert names(found) == [name for name in ALL_GROUPS if lost[1] not in name]


def test_not_found_in_a_list_itself_is_a_failure():
    found = seen("dynamodb:table", lambda *_: Refusal("ResourceNotFoundException"))
    assert found.failure is not None
    assert found.items == ()


# Batches


def ecs(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    if operation == "ListClusters":
        return {"clusterArns": ["cluster/a", "cluster/b", "cluster/empty"]}
    if operation == "ListServices":
        number = {"cluster/a": 23, "cluster/b": 1}.get(params["cluster"], 0)
        return {"serviceArns": [f"service/{params['cluster'][-1]}/{i}" for i in range(number)]}
    described = [
        {"serviceArn": f"arn:aws:ecs:r:1:{name}", "serviceName": name, "clusterArn": params["cluster"]}
        for name in params["services"]
    ]
    return {"services": described, "failures": []}


def test_batches_are_full_and_never_mix_clusters():
    stand_in = StandIn(ecs)
    found = listed(stand_in.calls(), kind_named("ecs:service"), "123456789012", REGION, CALLER)
    assert found.failure is None
    assert len(found.items) == 24
    assert found.items[-1].resource_id == "b/0"
    asked = [params for operation, params in stand_in.asked if operation == "DescribeServices"]
    assert [(params["cluster"], len(params["services"])) for params in asked] == [
        ("cluster/a", 10),
        ("cluster/a", 10),
        ("cluster/a", 3),
        ("cluster/b", 1),
    ]
    assert all(params["include"] == ["TAGS"] for params in asked)


@pytest.mark.parametrize(("reason", "failed"), [("MISSING", False), ("ACCESS_DENIED", True)])
def test_a_batch_that_leaves_something_out_says_why(reason: str, failed: bool):
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = ecs(operation, params)
        return answer | {"failures": [{"arn": "x", "reason": reason}]} if operation == "DescribeServices" else answer

    found = seen("ecs:service", script)
    assert (found.failure is not None) == failed
    assert not failed or reason in str(found.failure)


def test_a_batch_that_fails_ends_the_listing_with_what_came_before():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        if operation == "DescribeServices" and "service/a/10" in params["services"]:
            return Refusal("ServerException", status=500)
        return ecs(operation, params)

    found = seen("ecs:service", script)
    assert len(found.items) == 10
    assert found.failure is not None


def test_one_that_vanished_does_not_hide_that_another_fails():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        if operation == "ListDomainNames":
            return {"DomainNames": [{"DomainName": f"domain{number}"} for number in range(7)]}
        if len(params["DomainNames"]) > 1:
            return Refusal("ResourceNotFoundException")
        (name,) = params["DomainNames"]
        return Refusal("AccessDeniedException") if name == "domain1" else {"DomainStatusList": [{"DomainName": name}]}

    found = seen("opensearch:domain", script)
    assert names(found) == ["domain0"]
    assert found.failure is not None
    assert found.failure.missing_action == "es:DescribeDomains"


def test_one_that_vanished_does_not_take_its_batch_with_it():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any] | Refusal:
        if operation == "ListDomainNames":
            return {"DomainNames": [{"DomainName": f"domain{number}"} for number in range(7)]}
        if "domain3" in params["DomainNames"]:
            return Refusal("ResourceNotFoundException")
        return {"DomainStatusList": [{"DomainName": name, "ARN": f"arn:{name}"} for name in params["DomainNames"]]}

    found = seen("opensearch:domain", script)
    assert found.failure is None
    assert sorted(names(found)) == [f"domain{number}" for number in (0, 1, 2, 4, 5, 6)]


# Malformed answers


def test_an_item_without_its_id_is_a_failure_and_the_others_are_kept():
    answer = {"Volumes": [{"VolumeId": "vol-1"}, {"Size": 3}, {"VolumeId": ""}]}
    found = seen("ec2:volume", lambda *_: answer)
    assert names(found) == ["vol-1"]
    assert found.failure is not None
    assert found.failure.code == "Malformed"
    assert "2 of 3 resources have no id" in found.failure.message


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("ec2:volume", {}),
        ("dynamodb:table", {}),
        ("s3:bucket", {}),
        ("cloudfront:distribution", {}),
        ("cloudfront:distribution", {"DistributionList": {}}),
        ("route53:hostedzone", {"IsTruncated": False}),
    ],
)
def test_an_answer_without_its_list_is_a_failure_never_nothing(kind: str, answer: dict[str, Any]):
    found = seen(kind, lambda *_: answer)
    assert found.failure is not None
    assert found.items == ()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("sqs:queue", {}),
        ("cloudfront:distribution", {"DistributionList": {"Quantity": 0}}),
        ("sns:topic", {"Topics": []}),
    ],
)
def test_no_resources_are_a_complete_listing(kind: str, answer: dict[str, Any]):
    assert seen(kind, lambda *_: answer) == Listed(
        Place("123456789012", GLOBAL if kind.startswith("cloudfront") else REGION, kind), ()
    )


def test_a_listed_thing_without_its_name_cannot_be_described_and_says_so():
    def script(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "ListApplications":
            return {"applications": [{"displayName": "nameless"}, {"applicationId": "a" * 36}]}
        return {"indices": [{"indexId": "i"}]}

    found = seen("qbusiness:index", script)
    assert names(found) == ["i"]
    assert found.failure is not None
    assert found.failure.code == "Malformed"


def test_a_page_token_that_comes_back_is_a_failure():
    found = seen("ec2:volume", lambda *_: {"Volumes": [{"VolumeId": "vol-1"}], "NextToken": "same"})
    assert names(found) == ["vol-1", "vol-1"]
    assert found.failure is not None
    assert found.failure.code == "RepeatedToken"


# Pace


def test_each_call_of_a_chain_waits_its_turn():
    waits: list[tuple[tuple[str, str, str], float]] = []

    class Watched(Pace):
        def wait(self, place: tuple[str, str, str], rate: float) -> float:
            waits.append((place, rate))
            return 0.0

    stand_in = StandIn(eks)
    kind = kind_named("eks:nodegroup")
    listed(stand_in.calls(), kind, "123456789012", REGION, CALLER, pace=Watched())
    assert waits == [(("123456789012", REGION, "eks"), kind.rate)] * len(stand_in.asked)


# Kinds from elsewhere

LIST_TABLES = reading("dynamodb", "ListTables", "DynamoDB tables")


def test_tokens_can_be_named_where_botocore_has_no_paginator():
    names_only = Kind(
        kind="test:table",
        title="Table",
        steps=(
            Step(LIST_TABLES, "TableNames[]", tokens=Tokens(("ExclusiveStartTableName",), ("LastEvaluatedTableName",))),
        ),
        resource_id=".",
    )
    pages = {None: {"TableNames": ["one"], "LastEvaluatedTableName": "one"}, "one": {"TableNames": ["two"]}}
    stand_in = StandIn(lambda _, params: pages[params.get("ExclusiveStartTableName")])
    found = listed(stand_in.calls(), names_only, "123456789012", REGION, CALLER)
    assert names(found) == ["one", "two"]
    assert found.items[0].tags is None


def test_a_paged_operation_that_nobody_knows_the_tokens_of_is_a_programmers_error():
    undeclared = Kind(
        kind="test:domain",
        title="Domain",
        steps=(
            Step(reading("opensearch", "ListDomainNames", "OpenSearch domains", action="es:ListDomainNames"), "x[]"),
        ),
        resource_id=".",
    )
    with pytest.raises(ValueError, match="has no paginator"):
        listed(StandIn(lambda *_: {}).calls(), undeclared, "123456789012", REGION, CALLER)

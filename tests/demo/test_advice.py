"""Cost Optimization Hub and Compute Optimizer: they speak of what is there, for no more than it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.demo.advisors import monthly_costs
from finops.demo.usage import DAYS_A_MONTH, usage_series

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions
    from finops.demo.estate import Estate
    from finops.demo.population.everything import Population


@pytest.fixture(scope="module")
def hub(sessions: AwsSessions) -> Any:
    return sessions.client("cost-optimization-hub")


def everything(hub: Any, size: int = 100, **asked: Any) -> list[dict[str, Any]]:
    pages = hub.get_paginator("list_recommendations").paginate(**asked, PaginationConfig={"PageSize": size})
    return [item for page in pages for item in page["items"]]


def test_every_recommendation_is_about_something_that_is_there(hub: Any, population: Population) -> None:
    listed = {one.arn: one for one in population.listed}
    found = everything(hub)
    assert len(found) > 30
    assert [one["recommendationId"] for one in found] == [one["recommendationId"] for one in everything(hub, 7)]
    savings = [one["estimatedMonthlySavings"] for one in found]
    assert savings == sorted(savings, reverse=True)
    for one in found:
        assert 0 < one["estimatedMonthlySavings"] <= one["estimatedMonthlyCost"]
        if one["source"] == "ComputeOptimizer":
            resource = listed[one["resourceArn"]]
            assert (one["accountId"], one["region"]) == (resource.account, resource.region)
    assert {"Stop", "Rightsize", "Delete", "Upgrade", "MigrateToGraviton", "PurchaseSavingsPlans"} == {
        one["actionType"] for one in found
    }


def test_it_sees_some_of_the_idle_and_not_all(hub: Any, population: Population) -> None:
    idle = {one.arn for one in population.listed if one.kind == "ec2:instance" and one.role == "idle"}
    stopped = {one["resourceArn"] for one in everything(hub) if one["actionType"] == "Stop"}
    assert idle & stopped
    assert idle - stopped


def test_filters_and_order(hub: Any, estate: Estate) -> None:
    prod = estate.members[1].account_id
    volumes = everything(hub, filter={"accountIds": [prod], "resourceTypes": ["EbsVolume"]})
    assert volumes
    assert all((one["accountId"], one["currentResourceType"]) == (prod, "EbsVolume") for one in volumes)
    order = {"dimension": "EstimatedMonthlySavings", "order": "Asc"}
    savings = [one["estimatedMonthlySavings"] for one in everything(hub, orderBy=order)]
    assert savings == sorted(savings)
    assert all(one["restartNeeded"] for one in everything(hub, filter={"restartNeeded": True}))


def test_a_member_sees_its_own(client_of: Callable[..., Any], estate: Estate, hub: Any) -> None:
    member = estate.members[2].account_id
    own = client_of(member, "cost-optimization-hub")
    assert {one["accountId"] for one in everything(own)} == {member}
    assert own.list_enrollment_statuses()["items"][0]["status"] == "Active"
    with pytest.raises(ClientError, match="management account"):
        own.list_enrollment_statuses(accountId=estate.members[1].account_id)
    every = hub.list_enrollment_statuses(includeOrganizationInfo=True)
    assert len(every["items"]) == len(estate.members)
    assert every["includeMemberAccounts"] is True


def test_costs_by_resource_add_up_to_no_more_than_the_bill(estate: Estate, population: Population) -> None:
    costs = monthly_costs(estate, population)
    whole = sum(one.daily for one in usage_series(estate)) * DAYS_A_MONTH
    assert whole / 2 < sum(costs.values()) < whole


def test_the_optimizer_goes_by_the_metrics(sessions: AwsSessions, estate: Estate, population: Population) -> None:
    prod = estate.members[1].account_id
    optimizer: Any = sessions.client("compute-optimizer", account=prod)
    assert optimizer.get_enrollment_status()["status"] == "Active"
    roles = {one.arn: one.role for one in population.at("ec2:instance", prod, "us-east-1")}
    found = optimizer.get_ec2_instance_recommendations()["instanceRecommendations"]
    assert len(found) > 20
    for one in found:
        assert (one["finding"] == "Overprovisioned") == (roles[one["instanceArn"]] in {"idle", "oversized"})
        assert bool(one["recommendationOptions"]) == (one["finding"] == "Overprovisioned")
        for metric in one["utilizationMetrics"]:
            assert one["finding"] != "Overprovisioned" or metric["value"] <= 40
    over = [{"name": "Finding", "values": ["Overprovisioned"]}]
    only = optimizer.get_ec2_instance_recommendations(filters=over)["instanceRecommendations"]
    assert only == [one for one in found if one["finding"] == "Overprovisioned"]


def test_old_volume_types_are_not_optimized(sessions: AwsSessions, estate: Estate) -> None:
    prod = estate.members[1].account_id
    hub: Any = sessions.client("compute-optimizer")
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = hub.get_ebs_volume_recommendations(accountIds=[prod], maxResults=50, **token)
        found += page["volumeRecommendations"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert len(found) > 50
    kinds = {(one["finding"], one["currentConfiguration"]["volumeType"]) for one in found}
    assert ("NotOptimized", "gp2") in kinds
    assert ("Optimized", "gp3") in kinds
    member: Any = sessions.client("compute-optimizer", account=estate.members[2].account_id)
    with pytest.raises(ClientError, match="management account"):
        member.get_ebs_volume_recommendations(accountIds=[prod])

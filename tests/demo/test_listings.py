"""What can be listed: values of dimensions, tags, cost categories, accounts, and who is asking."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.demo.estate import TAG_KEYS, Estate
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions

OCTOBER = {"Start": "2026-10-01", "End": "2026-11-01"}


def names(answer: dict[str, Any]) -> list[str]:
    return [item["Value"] for item in answer["DimensionValues"]]


def test_services_in_use_in_a_period(ce: Any) -> None:
    answer = ce.get_dimension_values(TimePeriod=OCTOBER, Dimension="SERVICE")
    assert names(answer) == sorted(names(answer))
    assert "Amazon Bedrock" in names(answer)
    assert "Amazon SageMaker" not in names(answer)  # its trial ended with September
    assert answer["ReturnSize"] == answer["TotalSize"] == len(names(answer)) == 29


def test_services_by_cost_search_and_filter(ce: Any) -> None:
    by_cost = ce.get_dimension_values(TimePeriod=OCTOBER, Dimension="SERVICE", SortBy=[{"Key": "UnblendedCost"}])
    assert names(by_cost)[0] == "Amazon Elastic Compute Cloud - Compute"
    cheapest = ce.get_dimension_values(
        TimePeriod=OCTOBER, Dimension="SERVICE", SortBy=[{"Key": "UnblendedCost", "SortOrder": "ASCENDING"}]
    )
    assert names(cheapest)[0] == "AWS Secrets Manager"
    found = ce.get_dimension_values(TimePeriod=OCTOBER, Dimension="SERVICE", SearchString="elasti")
    assert names(found) == [
        "Amazon ElastiCache",
        "Amazon Elastic Compute Cloud - Compute",
        "Amazon Elastic Container Service",
        "Amazon Elastic Container Service for Kubernetes",
        "Amazon Elastic Load Balancing",
    ]
    filtered = ce.get_dimension_values(
        TimePeriod=OCTOBER,
        Dimension="SERVICE",
        Filter={"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Refund"]}},
    )
    assert names(filtered) == ["Amazon Relational Database Service"]


def test_values_come_in_pages(ce: Any) -> None:
    asked = {"TimePeriod": OCTOBER, "Dimension": "SERVICE", "SortBy": [{"Key": "UnblendedCost"}], "MaxResults": 10}
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ce.get_dimension_values(**asked, **token)
        assert answer["ReturnSize"] == len(names(answer)) <= 10
        seen += names(answer)
        if "NextPageToken" not in answer:
            break
        token = {"NextPageToken": answer["NextPageToken"]}
    asked["MaxResults"] = 1000
    assert seen == names(ce.get_dimension_values(**asked))


def test_accounts_are_described_by_name(ce: Any, estate: Estate) -> None:
    answer = ce.get_dimension_values(TimePeriod=OCTOBER, Dimension="LINKED_ACCOUNT")
    described = {item["Value"]: item["Attributes"]["description"] for item in answer["DimensionValues"]}
    assert described == {account.account_id: account.name for account in estate.members}


def test_tag_keys_and_values(ce: Any) -> None:
    assert ce.get_tags(TimePeriod=OCTOBER)["Tags"] == sorted(TAG_KEYS)
    assert ce.get_tags(TimePeriod=OCTOBER, SearchString="cost")["Tags"] == ["CostCenter"]
    environments = ce.get_tags(TimePeriod=OCTOBER, TagKey="Environment")
    assert environments["Tags"] == ["", "Production", "development", "prod", "production", "sandbox", "staging"]
    assert environments["TotalSize"] == 7
    assert ce.get_tags(TimePeriod=OCTOBER, TagKey="NeverActivated")["Tags"] == []


def test_activated_cost_allocation_tags(ce: Any) -> None:
    tags = ce.list_cost_allocation_tags(Status="Active")["CostAllocationTags"]
    assert [tag["TagKey"] for tag in tags] == list(TAG_KEYS)
    assert ce.list_cost_allocation_tags(Status="Inactive")["CostAllocationTags"] == []
    first = ce.list_cost_allocation_tags(MaxResults=3)
    rest = ce.list_cost_allocation_tags(MaxResults=3, NextToken=first["NextToken"])
    assert [tag["TagKey"] for tag in first["CostAllocationTags"] + rest["CostAllocationTags"]] == list(TAG_KEYS)
    assert "NextToken" not in rest


def test_cost_categories_and_their_values(ce: Any) -> None:
    assert ce.get_cost_categories(TimePeriod=OCTOBER)["CostCategoryNames"] == ["Team"]
    teams = ce.get_cost_categories(TimePeriod=OCTOBER, CostCategoryName="Team")["CostCategoryValues"]
    assert teams == ["Commerce", "Data", "Machine Learning", "Platform", "Security"]
    assert ce.get_cost_categories(TimePeriod=OCTOBER, CostCategoryName="Other")["CostCategoryValues"] == []


def test_the_accounts_of_the_organization_in_pages(open_sessions: Callable[..., AwsSessions]) -> None:
    estate = Estate(accounts=45)
    organizations: Any = open_sessions(estate).client("organizations")
    pages = list(organizations.get_paginator("list_accounts").paginate())
    assert [len(page["Accounts"]) for page in pages] == [20, 20, 5]
    found = [(account["Id"], account["Name"], account["Status"]) for page in pages for account in page["Accounts"]]
    assert found == [(member.account_id, member.name, "ACTIVE") for member in estate.members]


def test_the_organization_names_its_management_account(sessions: AwsSessions, estate: Estate) -> None:
    member: Any = sessions.client("organizations", account=estate.members[3].account_id)
    assert member.describe_organization()["Organization"]["MasterAccountId"] == estate.management.account_id


def test_a_member_account_may_not_list_the_organization(sessions: AwsSessions, estate: Estate) -> None:
    member: Any = sessions.client("organizations", account=estate.members[3].account_id)
    with pytest.raises(ClientError) as caught:
        member.list_accounts()
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_an_assumed_role_is_somebody_in_the_member_account(sessions: AwsSessions, estate: Estate) -> None:
    account = estate.members[4].account_id
    member: Any = sessions.client("sts", account=account)
    identity = member.get_caller_identity()
    assert identity["Account"] == account
    assert identity["Arn"].startswith(f"arn:aws:sts::{account}:assumed-role/finops-read/")
    base: Any = sessions.client("sts")
    assert base.get_caller_identity()["Account"] == estate.management.account_id


def test_a_role_lasts_as_long_as_asked(sessions: AwsSessions, estate: Estate) -> None:
    sts: Any = sessions.client("sts")
    role = f"arn:aws:iam::{estate.members[1].account_id}:role/path/finops-read"
    answer = sts.assume_role(RoleArn=role, RoleSessionName="test", DurationSeconds=1800)
    assert answer["Credentials"]["Expiration"] == TODAY + timedelta(seconds=1800)


@pytest.mark.parametrize(
    "role", ["arn:aws:iam::999999999999:role/finops-read", "arn:aws:iam::105810581058:user/finops-read"]
)
def test_roles_elsewhere_are_denied(sessions: AwsSessions, role: str) -> None:
    sts: Any = sessions.client("sts")
    with pytest.raises(ClientError, match="is not authorized to perform: sts:AssumeRole on resource") as caught:
        sts.assume_role(RoleArn=role, RoleSessionName="test")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"

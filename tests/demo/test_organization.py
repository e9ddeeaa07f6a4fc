"""Where accounts stand in the organization, and the tags they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.aws.calls import Calls
from finops.aws.organizations import organization
from finops.demo.estate import Estate
from finops.model.metering import Caller
from tests.aws.wire import PocketMeter
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions


def test_accounts_lie_in_units_by_what_they_are_for(sessions: AwsSessions, estate: Estate) -> None:
    found = organization(Calls(sessions, PocketMeter(), now=lambda: TODAY), Caller("demo", "accounts", "ann"))
    assert not found.failures
    assert {account.name: account.unit for account in found.items} == {
        "management": "",
        "prod-core": "Workloads/Prod",
        "prod-data": "Workloads/Prod",
        "ml-platform": "Workloads/Prod",
        "staging": "Workloads/NonProd",
        "shared-services": "Platform",
        "security": "Security",
        "sandbox": "Sandbox",
    }
    tags = {account.name: account.tags for account in found.items}
    assert tags["prod-core"] == {"Team": "Commerce", "CostCenter": "CC-1000"}
    assert tags["sandbox"] == {}


def test_units_come_in_pages(open_sessions: Callable[..., AwsSessions]) -> None:
    organizations: Any = open_sessions(Estate(accounts=60)).client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    pages = organizations.get_paginator("list_organizational_units_for_parent").paginate(
        ParentId=root["Id"], PaginationConfig={"PageSize": 1}
    )
    names = [unit["Name"] for page in pages for unit in page["OrganizationalUnits"]]
    assert names == ["Workloads", "Platform", "Security", "Sandbox"]
    workloads = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"][0]
    below = organizations.list_organizational_units_for_parent(ParentId=workloads["Id"])["OrganizationalUnits"]
    assert [unit["Name"] for unit in below] == ["Prod", "NonProd"]
    accounts = organizations.get_paginator("list_accounts_for_parent").paginate(ParentId=below[0]["Id"])
    assert [len(page["Accounts"]) for page in accounts] == [20, 9]


def test_units_are_for_the_management_account_and_must_exist(sessions: AwsSessions, estate: Estate) -> None:
    member: Any = sessions.client("organizations", account=estate.members[2].account_id)
    for call, params in (
        (member.list_roots, {}),
        (member.list_accounts_for_parent, {"ParentId": "r-demo"}),
        (member.list_tags_for_resource, {"ResourceId": estate.members[2].account_id}),
    ):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            call(**params)
    own: Any = sessions.client("organizations")
    with pytest.raises(ClientError, match="ParentNotFoundException"):
        own.list_accounts_for_parent(ParentId="ou-demo-nowhere0")
    with pytest.raises(ClientError, match="TargetNotFoundException"):
        own.list_tags_for_resource(ResourceId="999999999999")

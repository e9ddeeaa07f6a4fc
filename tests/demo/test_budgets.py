"""AWS Budgets of the demo, at botocore's wire and in full shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.aws.budgets import budget_of
from finops.demo.estate import Estate

if TYPE_CHECKING:
    from collections.abc import Callable

ESTATE = Estate()
HUB = ESTATE.management.account_id


@pytest.fixture(scope="module")
def ask(client_of: Callable[..., Any]) -> Callable[..., Any]:
    def asked(account: str = HUB, **more: Any) -> list[dict[str, Any]]:
        found: Any = client_of(account, "budgets").describe_budgets(AccountId=account, **more)
        return found.get("Budgets", [])

    return asked


def test_the_management_account_has_budgets_of_every_kind(ask: Callable[..., Any]) -> None:
    told = ask(ShowFilterExpression=True)
    found = {each["BudgetName"]: budget_of(each, HUB, "demo") for each in told}
    assert {name for name, each in found.items() if not each.aws.comparable} == {"compute-hours", "large-instances"}
    assert len({each.cadence for each in found.values()}) == 3
    assert len(found["production"].planned) == 12
    assert len(found["data-and-ml"].scope.groups) == 2
    assert all(each.aws.actual for each in found.values())
    assert told == ask(ShowFilterExpression=True)


def test_a_member_account_has_one_for_itself_and_some_have_none(ask: Callable[..., Any]) -> None:
    for member in ESTATE.members[1:]:
        names = [each["BudgetName"] for each in ask(member.account_id)]
        assert names == ([] if member.kind in {"ml", "sandbox"} else [f"{member.name}-monthly"])


def test_pages_follow_each_other(ask: Callable[..., Any], client_of: Callable[..., Any]) -> None:
    pages = client_of(HUB, "budgets").get_paginator("describe_budgets")
    paged = [
        each for page in pages.paginate(AccountId=HUB, PaginationConfig={"PageSize": 3}) for each in page["Budgets"]
    ]
    assert paged == ask()
    with pytest.raises(ClientError, match="another one"):
        client_of(HUB, "budgets").describe_budgets(AccountId=ESTATE.members[1].account_id)

"""Accounts with the unit they stand in and their tags; whatever cannot be asked is said."""

from __future__ import annotations

from typing import Any

import pytest

from finops.aws.calls import Calls
from finops.aws.organizations import masked_email, organization
from finops.model.metering import Caller
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, error, sessions

CALLER = Caller()
PROD, LAB, PAYER = "111111111111", "222222222222", "333333333333"
CHILDREN = {
    "r-1": ([PAYER], [("ou-1", "Workloads")]),
    "ou-1": ([], [("ou-2", "Prod"), ("ou-3", "Lab")]),
    "ou-2": ([PROD], []),
    "ou-3": ([LAB], []),
}


class Organization:
    """Organizations' answers for a root, three units and three accounts; the `broken` call is denied."""

    def __init__(self, broken: int = -1) -> None:
        self.broken = broken
        self.asked = 0

    def __call__(self, body: dict[str, Any]) -> Reply:
        self.asked += 1
        if self.asked - 1 == self.broken:
            return error("AccessDeniedException", "no")
        return Reply(self.answer(body, self.wire.headers[-1]))

    def hook(self, session: Any) -> None:
        self.wire = Named(self)
        self.wire.hook(session)

    def answer(self, body: dict[str, Any], target: str) -> dict[str, Any]:
        if target == "ListRoots":
            return {"Roots": [{"Id": "r-1"}]}
        if target == "ListTagsForResource":
            return {"Tags": [{"Key": "Team", "Value": body["ResourceId"][:1]}]}
        if target == "ListAccounts":
            return {"Accounts": [{"Id": one, "Name": one, "Status": "ACTIVE"} for one in (PROD, LAB, PAYER)]}
        accounts, units = CHILDREN[body["ParentId"]]
        if target == "ListAccountsForParent":
            return {"Accounts": [{"Id": account} for account in accounts]}
        return {"OrganizationalUnits": [{"Id": unit, "Name": name} for unit, name in units]}


class Named(Wire):
    """A wire that remembers which operation each request names."""

    def __init__(self, script: Any) -> None:
        super().__init__(script)
        self.headers: list[str] = []

    def _answer(self, request: Any, **event: object) -> Any:
        target = request.headers["X-Amz-Target"]
        self.headers.append((target.decode() if isinstance(target, bytes) else target).rpartition(".")[2])
        return super()._answer(request, **event)


def asked(broken: int = -1) -> tuple[Any, int]:
    played = Organization(broken)
    found = organization(Calls(sessions(played.hook), PocketMeter(), now=lambda: NOW), CALLER)
    return found, played.asked


CALLS = asked()[1]


def test_accounts_carry_their_unit_and_tags():
    found, _ = asked()
    assert {account.id: (account.unit, account.tags) for account in found.items} == {
        PROD: ("Workloads/Prod", {"Team": "1"}),
        LAB: ("Workloads/Lab", {"Team": "2"}),
        PAYER: ("", {"Team": "3"}),
    }
    assert not found.partial


@pytest.mark.parametrize("broken", range(CALLS))
def test_any_denied_call_is_named_and_nothing_is_made_up(broken: int):
    found, _ = asked(broken)
    [failure] = found.failures
    assert failure.missing_action.startswith("organizations:List")
    whole = {account.id: account for account in asked()[0].items}
    for account in found.items:
        assert account.tags in (None, whole[account.id].tags)
        assert account.unit in ("", whole[account.id].unit)
    if failure.missing_action == "organizations:ListAccounts":
        assert found.items == ()
    else:
        assert len(found.items) == 3


@pytest.mark.parametrize(
    ("address", "shown"),
    [("root@example.com", "r…@example.com"), ("", ""), ("nobody", ""), ("@example.com", "…@example.com")],
)
def test_addresses_are_masked(address: str, shown: str):
    assert masked_email(address) == shown

"""AWS Organizations' answers: the made-up organization, its units and accounts, for its management account only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from finops.demo.estate import ORGANIZATION_ID, DemoAccount, Estate
from finops.demo.units import ROOT_ID, UNITS, account_tags, parent_of
from finops.demo.wire import Request, aws_error, page_offset, page_token

PAGE_ACCOUNTS = 20
"""AWS's largest page of accounts, and of units."""

_JOINED = datetime(2022, 3, 1, 9, tzinfo=UTC)


class Organizations:
    """Answers for one estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def describe_organization(self, request: Request) -> dict[str, Any]:  # noqa: ARG002 - every answer takes the request
        """The organization; member accounts may ask for it too."""
        payer = self._estate.management
        arn = f"arn:aws:organizations::{payer.account_id}"
        return {
            "Organization": {
                "Id": ORGANIZATION_ID,
                "Arn": f"{arn}:organization/{ORGANIZATION_ID}",
                "FeatureSet": "ALL",
                "MasterAccountArn": self._arn("account", payer.account_id),
                "MasterAccountId": payer.account_id,
                "MasterAccountEmail": payer.email,
                "AvailablePolicyTypes": [],
            }
        }

    def list_accounts(self, request: Request) -> dict[str, Any]:
        """The accounts, in pages. AccessDeniedException for member accounts, as AWS answers without delegation."""
        self._may_list(request)
        return _paged(request, "Accounts", [self._account(member) for member in self._estate.members])

    def list_roots(self, request: Request) -> dict[str, Any]:
        """The one root."""
        self._may_list(request)
        root = {"Id": ROOT_ID, "Arn": self._arn("root", ROOT_ID), "Name": "Root", "PolicyTypes": []}
        return _paged(request, "Roots", [root])

    def list_units(self, request: Request) -> dict[str, Any]:
        """The units directly below a root or unit."""
        parent = self._parent(request)
        units = [
            {"Id": unit.id, "Arn": self._arn("ou", unit.id), "Name": unit.name}
            for unit in UNITS
            if unit.parent == parent
        ]
        return _paged(request, "OrganizationalUnits", units)

    def list_accounts_for_parent(self, request: Request) -> dict[str, Any]:
        """The accounts directly in a root or unit."""
        parent = self._parent(request)
        inside = [self._account(member) for member in self._estate.members if parent_of(member) == parent]
        return _paged(request, "Accounts", inside)

    def list_tags(self, request: Request) -> dict[str, Any]:
        """The tags of an account; roots and units have none."""
        self._may_list(request)
        target = request.params["ResourceId"]
        member = self._estate.member(target)
        if member is None and target not in {ROOT_ID, *(unit.id for unit in UNITS)}:
            raise aws_error("TargetNotFoundException", "You specified a target that doesn't exist.")
        tags = account_tags(member) if member else {}
        return {"Tags": [{"Key": name, "Value": value} for name, value in tags.items()]}

    def _may_list(self, request: Request) -> None:
        if request.account != self._estate.management.account_id:
            raise aws_error("AccessDeniedException", "You don't have permissions to access this resource.")

    def _parent(self, request: Request) -> str:
        self._may_list(request)
        parent = str(request.params["ParentId"])
        if parent not in {ROOT_ID, *(unit.id for unit in UNITS)}:
            raise aws_error(
                "ParentNotFoundException", "We can't find a root or OU with the ParentId that you specified."
            )
        return parent

    def _account(self, member: DemoAccount) -> dict[str, Any]:
        return {
            "Id": member.account_id,
            "Arn": self._arn("account", member.account_id),
            "Email": member.email,
            "Name": member.name,
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": _JOINED,
        }

    def _arn(self, kind: str, identifier: str) -> str:
        payer = self._estate.management.account_id
        return f"arn:aws:organizations::{payer}:{kind}/{ORGANIZATION_ID}/{identifier}"


def _paged(request: Request, field: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    offset = page_offset(request, request.params.get("NextToken"))
    stop = offset + min(request.params.get("MaxResults") or PAGE_ACCOUNTS, PAGE_ACCOUNTS)
    more = {"NextToken": page_token(request, stop)} if stop < len(items) else {}
    return {field: items[offset:stop], **more}

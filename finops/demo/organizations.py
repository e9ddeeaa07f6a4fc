"""AWS Organizations' answers: the made-up organization and its accounts, for its management account only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from finops.demo.estate import ORGANIZATION_ID, DemoAccount, Estate
from finops.demo.wire import Request, aws_error, page_offset, page_token

PAGE_ACCOUNTS = 20
"""AWS's largest page of ListAccounts."""

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
                "MasterAccountArn": self._arn(payer),
                "MasterAccountId": payer.account_id,
                "MasterAccountEmail": payer.email,
                "AvailablePolicyTypes": [],
            }
        }

    def list_accounts(self, request: Request) -> dict[str, Any]:
        """The accounts, in pages. AccessDeniedException for member accounts, as AWS answers without delegation."""
        if request.account != self._estate.management.account_id:
            raise aws_error("AccessDeniedException", "You don't have permissions to access this resource.")
        offset = page_offset(request, request.params.get("NextToken"))
        stop = offset + min(request.params.get("MaxResults") or PAGE_ACCOUNTS, PAGE_ACCOUNTS)
        members = self._estate.members
        more = {"NextToken": page_token(request, stop)} if stop < len(members) else {}
        return {"Accounts": [self._account(member) for member in members[offset:stop]], **more}

    def _account(self, member: DemoAccount) -> dict[str, Any]:
        return {
            "Id": member.account_id,
            "Arn": self._arn(member),
            "Email": member.email,
            "Name": member.name,
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": _JOINED,
        }

    def _arn(self, member: DemoAccount) -> str:
        return (
            f"arn:aws:organizations::{self._estate.management.account_id}:account/{ORGANIZATION_ID}/{member.account_id}"
        )

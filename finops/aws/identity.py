"""Whose credentials these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.aws.calls import Ask, Calls
from finops.aws.permissions import Operation, declare
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from finops.model.metering import Caller

GET_CALLER_IDENTITY = declare(
    Operation(
        service="sts",
        name="GetCallerIdentity",
        action="sts:GetCallerIdentity",
        feature="identity",
        lost="the account and role in Health and in the doctor (AWS grants this to everyone)",
        scope="member",
    )
)
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Identity:
    """An account, its partition (`aws`, `aws-cn`, `aws-us-gov`), and who acts there.

    `principal` is `role/finops-hub`, `user/ann` or `root`; a role's session name, often an e-mail address, is
    dropped.
    """

    account: str
    principal: str
    partition: str


def identity(calls: Calls, caller: Caller) -> Identity:
    """Whose the base credentials are, from sts:GetCallerIdentity (free). AwsError when AWS does not say."""
    answer = calls.call(Ask(GET_CALLER_IDENTITY, {}, ("Account", "Arn")), caller)
    parts = str(answer["Arn"]).split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        raise AwsError(
            "The answer to sts:GetCallerIdentity holds no ARN.",
            kind=AwsError.MALFORMED,
            code="Malformed",
            service="sts",
            operation="GetCallerIdentity",
        )
    return Identity(str(answer["Account"]), _principal(parts[5]), parts[1])


def _principal(resource: str) -> str:
    if resource.startswith("assumed-role/"):
        return f"role/{resource.split('/')[1]}"
    return resource

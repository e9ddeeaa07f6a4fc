"""STS's answers, and the made-up credentials: they name the account they belong to and open nothing anywhere."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from finops.demo.estate import Estate
from finops.demo.wire import Request, aws_error

if TYPE_CHECKING:
    from collections.abc import Callable

_USER = "user/finops-demo"
_USER_KEY, _ROLE_KEY = "AKIADEMO", "ASIADEMO"
_SECRET = "made-up-secret-that-opens-nothing-at-all"  # noqa: S105 - dummy: no request of the demo is ever sent
_ROLE_ARN = re.compile(r"^arn:aws[a-z-]*:iam::(\d{12}):role/(?:[\w+=,.@/-]*/)?([\w+=,.@-]{1,64})$")


class DemoCredentials(NamedTuple):
    """A long-term access key, as `AwsSessions(static_keys=…)` takes it."""

    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class DemoPrincipal:
    """Who signed a request."""

    account: str
    arn: str


def demo_credentials(estate: Estate | None = None) -> DemoCredentials:
    """The made-up user of the management account, to be used instead of any credentials found on the machine."""
    return DemoCredentials(f"{_USER_KEY}{(estate or Estate()).management.account_id}", _SECRET)


def principal(estate: Estate, *, access_key: str, token: str | None) -> DemoPrincipal:
    """Whom credentials belong to; UnrecognizedClientException for any but the demo's own."""
    kind, account = access_key[:8], access_key[8:]
    if estate.member(account) is not None and kind == _USER_KEY and not token:
        return DemoPrincipal(account, f"arn:aws:iam::{account}:{_USER}")
    if estate.member(account) is not None and kind == _ROLE_KEY and token:
        return DemoPrincipal(account, base64.urlsafe_b64decode(token.encode()).decode())
    raise aws_error("UnrecognizedClientException", "The security token included in the request is invalid.")


class Sts:
    """Answers for one estate. Sessions of assumed roles expire by `now`, which whoever renews them must go by too."""

    def __init__(self, estate: Estate, now: Callable[[], datetime]) -> None:
        self._estate = estate
        self._now = now

    def get_caller_identity(self, request: Request) -> dict[str, Any]:
        """The account and ARN behind the credentials."""
        return {"UserId": f"AIDADEMO{request.account}", "Account": request.account, "Arn": request.arn}

    def assume_role(self, request: Request) -> dict[str, Any]:
        """Credentials for a role of an account in the organization; AccessDenied for any other account."""
        role_arn, session = request.params["RoleArn"], request.params["RoleSessionName"]
        match = _ROLE_ARN.match(role_arn)
        account = match[1] if match else ""
        if match is None or self._estate.member(account) is None:
            raise aws_error(
                "AccessDenied",
                f"User: {request.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
            )
        arn = f"arn:aws:sts::{account}:assumed-role/{match[2]}/{session}"
        return {
            "Credentials": {
                "AccessKeyId": f"{_ROLE_KEY}{account}",
                "SecretAccessKey": _SECRET,
                "SessionToken": _token(arn),
                "Expiration": self._now() + timedelta(seconds=request.params.get("DurationSeconds", 3600)),
            },
            "AssumedRoleUser": {"AssumedRoleId": f"AROADEMO{account}:{session}", "Arn": arn},
        }


def _token(arn: str) -> str:
    return base64.urlsafe_b64encode(arn.encode()).decode()

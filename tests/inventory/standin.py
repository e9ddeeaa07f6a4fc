"""A small organization at botocore's wire, in this process: what it holds, who is refused and which call fails."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from bench.aws_server import Ask, Estate, Server, understood
from config import load_settings
from finops.facade import Finops, open_finops
from finops.model.accounts import Account
from tests.aws.wire import _Raw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.session import Session

TENANT = "default"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OWN, OTHER, THIRD = "111111111111", "222222222222", "333333333333"
REGIONS = ("us-east-1", "eu-central-1")
KINDS = ("ec2:instance", "ec2:volume", "lambda:function", "s3:bucket")
SIZES = {"instances": 2, "volumes": 1, "functions": 2, "buckets": 2}


@dataclass
class Wire:
    """Answers every request. `trouble` may answer instead: status and body, or an error of the network."""

    sizes: dict[str, int] = field(default_factory=lambda: dict(SIZES))
    regions: tuple[str, ...] = REGIONS
    organization: tuple[str, ...] = ()
    trouble: Callable[[Ask], Any] = lambda _: None
    asked: list[Ask] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hook(self, session: Session) -> None:
        session.register("before-send", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        parts = urlsplit(request.url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        ask = understood(path, headers, _text(request.body or ""))
        with self.lock:
            self.asked.append(ask)
            said = self.trouble(ask)
        if isinstance(said, Exception):
            raise said
        status, body = said or self.answer(ask)
        return AWSResponse(request.url, status, {}, _Raw(body.encode()))

    def answer(self, ask: Ask) -> tuple[int, str]:
        if ask.action == "DescribeRegions":
            names = "".join(f"<item><regionName>{name}</regionName></item>" for name in self.regions)
            return 200, f"<R><regionInfo>{names}</regionInfo></R>"
        if ask.service == "organizations":
            return self.organized(ask)
        return Server(Estate(sizes=self.sizes, regions=self.regions)).answer(ask)

    def organized(self, ask: Ask) -> tuple[int, str]:
        if not self.organization:
            return 400, '{"__type": "AWSOrganizationsNotInUseException", "message": "no organization"}'
        answers = {
            "ListAccounts": {"Accounts": [{"Id": one, "Name": f"member-{one[0]}", "Status": "ACTIVE",
                                           "Email": f"root+{one[0]}@example.com"} for one in self.organization]},
            "ListRoots": {"Roots": [{"Id": "r-1"}]},
            "ListAccountsForParent": {"Accounts": [{"Id": one} for one in self.organization]},
            "ListOrganizationalUnitsForParent": {"OrganizationalUnits": []},
            "ListTagsForResource": {"Tags": [{"Key": "Team", "Value": "core"}]},
        }  # fmt: skip
        return 200, json.dumps(answers[ask.action])

    def calls(self, action: str) -> list[Ask]:
        return [ask for ask in self.asked if ask.action == action]


@dataclass
class Clock:
    """A now that tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class House:
    """The product over the wire."""

    finops: Finops
    wire: Wire
    clock: Clock

    def discover(self, **arguments: Any) -> Any:
        wanted = {"services": list(KINDS), **arguments}
        return self.finops.jobs.run("inventory.discover", TENANT, wanted, user="ann")


def open_house(folder: Path, *accounts: str, wire: Wire | None = None, **settings: Any) -> House:
    """A house that knows the accounts already; AWS keys must be in the environment."""
    wire, clock = wire or Wire(), Clock()
    found = load_settings(
        **{"mode": "aws", "auth": "none", "secret_key": "k" * 40, "data_dir": folder, "role_name": "reader", **settings}
    )
    finops = open_finops(found, now=clock, hooks=[wire.hook])
    known = [Account(account, f"account-{account[:1]}", "ACTIVE") for account in accounts]
    if known:
        finops.store.accounts.save(TENANT, known, at=NOW)
    return House(finops, wire, clock)


def denied(action: str) -> tuple[int, str]:
    """AWS's refusal, in the words of the query protocols."""
    message = f"User: arn:aws:sts::1:assumed-role/reader/x is not authorized to perform: {action}"
    return 403, (
        f"<Response><Errors><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></Errors>"
        f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error></Response>"
    )


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes | bytearray) else str(value)

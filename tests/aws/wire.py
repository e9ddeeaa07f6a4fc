"""Botocore's wire, played: answers are given where a request would leave, after building, signing and the guard."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from aws_session import AwsSessions
from finops.aws.permissions import permitted
from finops.model.costs import CE_METRICS
from finops.model.errors import CeilingReached

if TYPE_CHECKING:
    from botocore.session import Session

    from finops.model.metering import Caller, CallRecord

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEYS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY")


class _Raw(io.BytesIO):
    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Reply:
    """One HTTP answer; `body` is sent as it is, anything but text and bytes as JSON."""

    body: Any = b""
    status: int = 200

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def error(code: str, message: str = "", status: int = 400) -> Reply:
    return Reply({"__type": code, "message": message}, status)


Script = Sequence[Reply | Exception] | Callable[[dict[str, Any]], Reply | Exception]


@dataclass
class Wire:
    """Plays a list of answers (the last one again and again) or a function of the request's JSON body."""

    script: Script
    requests: list[dict[str, Any]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hook(self, session: Session) -> None:
        session.register("before-send", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        with self.lock:
            text = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
            body = json.loads(text) if text.startswith("{") else {"text": text}
            self.requests.append(body)
            self.urls.append(request.url)
            turn = len(self.requests) - 1
        reply = self.script(body) if callable(self.script) else self.script[min(turn, len(self.script) - 1)]
        if isinstance(reply, Exception):
            raise reply
        return AWSResponse(request.url, reply.status, {}, _Raw(reply.content()))


@dataclass
class PocketMeter:
    """A meter in memory with a ceiling."""

    ceiling: Decimal = Decimal(10)
    spent: Decimal = Decimal(0)
    records: list[CallRecord] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, price: Decimal, caller: Caller) -> None:  # noqa: ARG002 - the protocol's
        with self.lock:
            if self.spent + price > self.ceiling:
                raise CeilingReached("the month's budget for paid requests is spent")
            self.spent += price

    def release(self, price: Decimal, caller: Caller) -> None:  # noqa: ARG002 - the protocol's
        with self.lock:
            self.spent -= price

    def record(self, call: CallRecord) -> None:
        with self.lock:
            self.records.append(call)

    @property
    def outcomes(self) -> list[str]:
        return [record.outcome for record in self.records]


def sessions(*hooks: Callable[[Session], None], **settings: Any) -> AwsSessions:
    return AwsSessions(
        permitted=settings.pop("permitted", permitted()),
        now=settings.pop("now", lambda: NOW),
        static_keys=settings.pop("static_keys", KEYS),
        hooks=hooks,
        **settings,
    )


def metrics(amount: str = "1.5", unit: str = "USD", **other: dict[str, str]) -> dict[str, dict[str, str]]:
    units = {"UsageQuantity": "Hrs", "NormalizedUsageAmount": "N/A"}
    return {name: {"Amount": amount, "Unit": units.get(name, unit)} for name in CE_METRICS} | other


def group(*keys: str, amount: str = "1.5", unit: str = "USD") -> dict[str, Any]:
    return {"Keys": list(keys), "Metrics": metrics(amount, unit)}


def bucket(start: str, end: str, *groups: dict[str, Any], estimated: bool = False) -> dict[str, Any]:
    return {"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Groups": list(groups), "Estimated": estimated}


def page(*buckets: dict[str, Any], token: str = "", **more: Any) -> Reply:
    body: dict[str, Any] = {"ResultsByTime": list(buckets), **more}
    if token:
        body["NextPageToken"] = token
    return Reply(body)

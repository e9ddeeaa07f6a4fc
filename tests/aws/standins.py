"""Botocore's clients answered by a function of operation and parameters, after validation and the guard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Calls
from finops.aws.permissions import narrowed, permitted
from finops.aws.services import reads
from finops.aws.slim import slim_hook
from tests.aws.wire import NOW, PocketMeter, sessions

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from botocore.session import Session

    from aws_session import SessionHook


OWN = "123456789012"
"""The account of the keys."""


@dataclass(frozen=True)
class Refusal:
    """An error that AWS answers."""

    code: str
    message: str = "no"
    status: int = 400


Script = Callable[[str, dict[str, Any]], dict[str, Any] | Refusal]


@dataclass
class StandIn:
    """Plays `script(operation, parameters)`. Errors are not tried again, as AWS's own would be."""

    script: Script
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hook(self, session: Session) -> None:
        session.register("before-parameter-build", _remember)
        session.register("before-call", self._answer)

    def calls(self) -> Calls:
        return Calls(sessions(_models(), self.hook), PocketMeter(), now=lambda: NOW)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]

    def _answer(
        self, model: OperationModel, context: dict[str, Any], **_: object
    ) -> tuple[SimpleNamespace, dict[str, Any]]:
        if model.name == "GetCallerIdentity":
            return SimpleNamespace(status_code=200), {"Account": OWN, "Arn": f"arn:aws:iam::{OWN}:root"}
        params = context["asked"]
        with self.lock:
            self.asked.append((model.name, params))
            self.regions.append(context["client_region"])
        answer = self.script(model.name, params)
        if isinstance(answer, Refusal):
            error = {"Code": answer.code, "Message": answer.message}
            metadata = {"HTTPStatusCode": answer.status}
            return SimpleNamespace(status_code=answer.status), {"Error": error, "ResponseMetadata": metadata}
        return SimpleNamespace(status_code=200), answer


@cache
def _models() -> SessionHook:
    """One set of slim models for all: a whole one of EC2 takes a fifth of a second."""
    return slim_hook({**reads(), **narrowed()}, permitted())


def _remember(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context["asked"] = dict(params)

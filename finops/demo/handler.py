"""The demo's last inch: real boto3 clients, answered at botocore's `before-call` before anything is sent.

Parameter validation, paging, error classes and role assumption above it are the real ones. What has no answer here is
refused; nothing goes out. Retries are not exercised: botocore's lie below this point.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from botocore.validate import ParamValidator

from finops.demo.cost_explorer import PAGE_GROUPS, Bill, CostExplorer
from finops.demo.organizations import Organizations
from finops.demo.sts import DemoPrincipal, Sts, principal
from finops.demo.wire import Request
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.model import OperationModel
    from botocore.session import Session
    from botocore.signers import RequestSigner

    from finops.demo.estate import Estate

Answer = Callable[[Request], dict[str, Any]]

_PARAMS = "demo_params"
_TRIMMED_ITEMS = 3
_STATUS = {"AccessDenied": 403, "UnrecognizedClientException": 403}


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble to be played: an operation (`*`: all of the service) fails in some accounts (none named: in all of them).

    `times` limits it to the first so many calls.
    """

    service: str
    operation: str = "*"
    accounts: tuple[str, ...] = ()
    code: str = "LimitExceededException"
    message: str = "Rate limit exceeded"
    status: int = 400
    times: int | None = None

    def hits(self, request: Request) -> bool:
        """Whether this trouble is for that request."""
        named = self.operation in {"*", request.operation}
        return self.service == request.service and named and (not self.accounts or request.account in self.accounts)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What botocore's later steps read of an HTTP response."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How the demo answers: groups on a page of Cost Explorer, trouble to play, whether answers are checked in full."""

    page_size: int = PAGE_GROUPS
    faults: Sequence[Fault] = ()
    check_in_full: bool = False


def demo_hook(
    estate: Estate, *, now: Callable[[], datetime], options: DemoOptions | None = None
) -> Callable[[Session], None]:
    """A hook that makes a botocore session answer from the made-up estate.

    Register it before the session makes its first client, and give the session `demo_credentials()`: requests signed by
    anybody else are turned down. One hook may serve several sessions; they share the bill.
    """
    chosen = options or DemoOptions()
    desk = _Desk(estate, answers=_answers(estate, now=now, page_size=chosen.page_size), options=chosen)

    def hook(session: Session) -> None:
        session.register("before-parameter-build", _keep_params)
        session.register("before-call", cast("Callable[..., None]", desk.answer))  # stubs know no answering handlers

    return hook


def _answers(estate: Estate, *, now: Callable[[], datetime], page_size: int) -> Mapping[tuple[str, str], Answer]:
    explorer = CostExplorer(Bill(estate, now), page_size=page_size)
    organizations = Organizations(estate)
    sts = Sts(estate, now)
    return {
        ("ce", "GetCostAndUsage"): explorer.get_cost_and_usage,
        ("ce", "GetDimensionValues"): explorer.get_dimension_values,
        ("ce", "GetTags"): explorer.get_tags,
        ("ce", "GetCostCategories"): explorer.get_cost_categories,
        ("ce", "ListCostAllocationTags"): explorer.list_cost_allocation_tags,
        ("organizations", "DescribeOrganization"): organizations.describe_organization,
        ("organizations", "ListAccounts"): organizations.list_accounts,
        ("sts", "AssumeRole"): sts.assume_role,
        ("sts", "GetCallerIdentity"): sts.get_caller_identity,
    }


def _keep_params(**event: Any) -> None:
    event["context"][_PARAMS] = event[
        "params"
    ]  # the serialised body differs by protocol; these are what the caller gave


class _Desk:
    """Turns botocore's events into requests, and answers into what botocore makes of a response."""

    def __init__(self, estate: Estate, *, answers: Mapping[tuple[str, str], Answer], options: DemoOptions) -> None:
        self._estate = estate
        self._answers = answers
        self._options = options
        self._lock = Lock()
        self._played: dict[int, int] = {}

    def answer(self, **event: Any) -> tuple[HttpAnswer, dict[str, Any]]:
        """The answer of one call, from the event's model, context and signer.

        AwsError for an operation the demo does not know.
        """
        model: OperationModel = event["model"]
        params = event["context"].get(_PARAMS) or {}
        service = model.service_model.service_name
        answer = self._answers.get((service, model.name))
        if answer is None:
            raise AwsError(
                f"The demo has no answer for {service}:{model.name}; nothing was sent.",
                kind=AwsError.REFUSED,
                code="NotInDemo",
                service=service,
                operation=model.name,
            )
        request_id = _request_id(f"{service}.{model.name}", params)
        try:
            caller = self._caller(
                event["request_signer"], service=service, region=event["context"].get("client_region")
            )
            request = Request(service, model.name, params, caller.account, caller.arn)
            failing = self._fault(request)
            if failing is not None:
                return _error(failing.code, failing.message, status=failing.status, request_id=request_id)
            found = answer(request)
        except AwsError as error:
            return _error(error.code, str(error), status=_STATUS.get(error.code, 400), request_id=request_id)
        self._check(model, found)
        return HttpAnswer(200), {**found, "ResponseMetadata": _metadata(200, request_id)}

    def _caller(self, signer: RequestSigner, *, service: str, region: str | None) -> DemoPrincipal:
        """Who signs the request; an assumed role's credentials are fetched here, as they are before a real request."""
        credentials = getattr(signer.get_auth_instance(service, region or "us-east-1", "v4"), "credentials", None)
        return principal(
            self._estate,
            access_key=getattr(credentials, "access_key", ""),
            token=getattr(credentials, "token", None),
        )

    def _fault(self, request: Request) -> Fault | None:
        for index, fault in enumerate(self._options.faults):
            if not fault.hits(request):
                continue
            with self._lock:
                played = self._played.get(index, 0)
                if fault.times is None or played < fault.times:
                    self._played[index] = played + 1
                    return fault
        return None

    def _check(self, model: OperationModel, answer: dict[str, Any]) -> None:
        """Every answer has the shape AWS declares; lists are cut short first: thousands of groups look alike."""
        if model.output_shape is None:
            return
        shown = answer if self._options.check_in_full else _trimmed(answer)
        report = ParamValidator().validate(shown, model.output_shape)
        if report.has_errors():
            raise AwsError(report.generate_report(), kind=AwsError.MALFORMED, code="DemoAnswer", operation=model.name)


def _trimmed(value: Any) -> Any:
    if isinstance(value, list):
        return [_trimmed(item) for item in islice(value, _TRIMMED_ITEMS)]
    if isinstance(value, dict):
        return {name: _trimmed(item) for name, item in value.items()}
    return value


def _request_id(operation: str, params: object) -> str:
    digest = hashlib.blake2b(f"{operation}.{params}".encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def _metadata(status: int, request_id: str) -> dict[str, Any]:
    return {"RequestId": request_id, "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}


def _error(code: str, message: str, *, status: int, request_id: str) -> tuple[HttpAnswer, dict[str, Any]]:
    return HttpAnswer(status), {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": _metadata(status, request_id),
    }

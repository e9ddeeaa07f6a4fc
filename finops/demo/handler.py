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

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from finops.demo.budgets import Budgets
from finops.demo.cost_anomalies import CostAnomalies
from finops.demo.cost_explorer import PAGE_GROUPS, Bill, CostExplorer
from finops.demo.cost_forecast import CostForecast
from finops.demo.faults import Fault, standing_faults
from finops.demo.listings.registry import check_answers, inventory_answers
from finops.demo.organizations import Organizations
from finops.demo.population.everything import Census
from finops.demo.projection import Projections
from finops.demo.sts import DemoPrincipal, Sts, principal
from finops.demo.wire import Request
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.model import OperationModel
    from botocore.session import Session
    from botocore.signers import RequestSigner

    from finops.demo.estate import Estate

__all__ = ["DemoOptions", "Fault", "HttpAnswer", "demo_hook"]

Answer = Callable[[Request], dict[str, Any]]

DEFAULT_REGION = "us-east-1"
_PARAMS = "demo_params"
_TRIMMED_ITEMS = 3
_STATUS = {
    "AccessDenied": 403,
    "NoSuchBucket": 404,
    "NoSuchLifecycleConfiguration": 404,
    "NoSuchUpload": 404,
    "UnrecognizedClientException": 403,
}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What botocore's later steps read of an HTTP response."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How the demo answers: groups on a page of Cost Explorer, trouble to play, whether answers are checked in full.

    `troubled` says whether the estate's standing faults are played after those given.
    """

    page_size: int = PAGE_GROUPS
    faults: Sequence[Fault] = ()
    check_in_full: bool = False
    troubled: bool = True


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
    census = Census(estate, now)
    bill = Bill(estate, now, census)
    explorer = CostExplorer(bill, page_size=page_size)
    anomalies = CostAnomalies(estate, bill)
    organizations = Organizations(estate)
    sts = Sts(estate, now)
    return {
        **inventory_answers(census),
        **check_answers(estate, census, now),
        ("budgets", "DescribeBudgets"): Budgets(estate, explorer, now).describe_budgets,
        ("ce", "GetCostAndUsage"): explorer.get_cost_and_usage,
        ("ce", "GetCostAndUsageWithResources"): explorer.get_cost_and_usage_with_resources,
        ("ce", "GetCostForecast"): CostForecast(explorer, now).get_cost_forecast,
        ("ce", "GetDimensionValues"): explorer.get_dimension_values,
        ("ce", "GetTags"): explorer.get_tags,
        ("ce", "GetCostCategories"): explorer.get_cost_categories,
        ("ce", "ListCostAllocationTags"): explorer.list_cost_allocation_tags,
        ("ce", "GetAnomalies"): anomalies.get_anomalies,
        ("organizations", "DescribeOrganization"): organizations.describe_organization,
        ("organizations", "ListAccounts"): organizations.list_accounts,
        ("organizations", "ListRoots"): organizations.list_roots,
        ("organizations", "ListOrganizationalUnitsForParent"): organizations.list_units,
        ("organizations", "ListAccountsForParent"): organizations.list_accounts_for_parent,
        ("organizations", "ListTagsForResource"): organizations.list_tags,
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
        self._in_full = options.check_in_full
        self._faults = (*options.faults, *(standing_faults(estate) if options.troubled else ()))
        self._projections = Projections()
        self._whole = Loader()
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
            region = event["context"].get("client_region") or DEFAULT_REGION
            caller = self._caller(event["context"], event["request_signer"], service=service, region=region)
            request = Request(service, model.name, params, caller.account, caller.arn, region)
            failing = self._fault(request)
            if failing is not None:
                return _error(failing.code, failing.words(request), status=failing.status, request_id=request_id)
            found = answer(request)
        except AwsError as error:
            return _error(error.code, str(error), status=_STATUS.get(error.code, 400), request_id=request_id)
        shown = self._shown(model, found)
        return HttpAnswer(200), {**shown, "ResponseMetadata": _metadata(200, request_id)}

    def _caller(self, context: Mapping[str, Any], signer: RequestSigner, *, service: str, region: str) -> DemoPrincipal:
        """Who signs the request: whose credentials the call names, else those of the client.

        An assumed role's credentials are fetched here, as they are before a real request.
        """
        named = context.get("signing", {}).get("request_credentials")
        credentials = named or getattr(signer.get_auth_instance(service, region, "v4"), "credentials", None)
        frozen = getattr(credentials, "get_frozen_credentials", lambda: credentials)()
        return principal(
            self._estate, access_key=getattr(frozen, "access_key", ""), token=getattr(frozen, "token", None)
        )

    def _fault(self, request: Request) -> Fault | None:
        for index, fault in enumerate(self._faults):
            if not fault.hits(request):
                continue
            with self._lock:
                played = self._played.get(index, 0)
                if fault.times is None or played < fault.times:
                    self._played[index] = played + 1
                    return fault
        return None

    def _shown(self, model: OperationModel, answer: dict[str, Any]) -> dict[str, Any]:
        """What the client's model shows of an answer, which has the shape AWS declares.

        Cost Explorer's model is never cut, and thousands of its groups share their figures: a sample is checked.
        """
        service = model.service_model.service_name
        if self._in_full:
            whole = ServiceModel(self._whole.load_service_model(service, "service-2"), service)
            _check(whole.operation_model(model.name), answer)
        if service == "ce":
            _check(model, _trimmed(answer))
            return answer
        return self._projections.projected(model, answer)


def _check(model: OperationModel, answer: dict[str, Any]) -> None:
    """AwsError for an answer that lacks what is required, or has what the output shape does not know."""
    if model.output_shape is None:
        return
    report = ParamValidator().validate(answer, model.output_shape)
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

"""`/api/anomalies`, one of them with its days, and what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.anomaly_documents import anomaly_detail, anomaly_page, anomaly_record, detection_meta
from finops.api.anomaly_exports import anomalies_file
from finops.api.anomaly_parameters import (
    ANOMALY_ID,
    FILTERS,
    FORMAT,
    LIMIT,
    AnomalyRequest,
    FeedbackRequest,
    anomaly_request,
    feedback_request,
    is_anomaly_id,
)
from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import CSV, XLSX, Asked, Endpoint
from finops.api.envelope import Document, envelope
from finops.api.problems import problem
from finops.api.replies import document_reply, problem_reply
from finops.model.errors import InputError
from finops.model.people import Right
from user_prefs import values_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.responses import Response

    from finops.api.parameters import Pairs
    from finops.facade import Finops
    from finops.model.people import Person

_THRESHOLDS = {
    "min_impact": "anomaly.min_impact_usd",
    "min_percent": "anomaly.min_impact_percent",
    "sensitivity": "anomaly.sensitivity",
}
"""Parameters that a person's own thresholds stand in for."""


def anomalies(finops: Finops, asked: Asked) -> Response:
    """Anomalies in pages, largest impact first, by the thresholds of the person where the question names none."""
    pairs = (*asked.pairs, *usual_pairs(finops, asked.person, asked.tenant, {name for name, _ in asked.pairs}))
    request = anomaly_request(pairs)
    if request.format != "json":
        finops.access.demand(asked.person, Right.EXPORT, tenant=asked.tenant)
        return anomalies_file(finops, asked.tenant, request, pairs)
    return document_reply(anomalies_document(finops, asked.tenant, request))


def usual_pairs(finops: Finops, person: Person, tenant: str, given: Collection[str]) -> Pairs:
    """The thresholds that hold for a person, as on the page, as parameters that a question does not name itself."""
    wanted = {key: name for name, key in _THRESHOLDS.items() if name not in given}
    held = values_for(finops.settings, person.principal, tenant, wanted)
    return tuple((wanted[key], value if isinstance(value, str) else f"{value:f}") for key, value in held.items())


def anomalies_document(finops: Finops, tenant: str, request: AnomalyRequest) -> Document:
    """The page that a request asks for; InputError for a cursor of another question or of older data."""
    found = finops.anomalies.list(tenant, request.question)
    shown = tuple((each.anomaly.anomaly_id, each.silenced) for each in found.items)
    sealed = stamp((tenant, request.question, shown), finops.costs.version(tenant))
    start = offset_of(request.cursor, sealed)
    following = start + request.limit
    total = len(found.items)
    pages: Document = {"total": total, "next_cursor": cursor(sealed, following) if following < total else None}
    return anomaly_page(finops, tenant, found.items[start:following], found, pages)


def anomaly(finops: Finops, asked: Asked) -> Response:
    """One anomaly with the days of its series; 404 when there is none."""
    wanted = str(asked.request.path_params["id"])
    document = anomaly_document(finops, asked.tenant, wanted)
    if document is None:
        told = "There is no anomaly of this id."
        return problem_reply(problem("not-found", told, field="id", instance=asked.request.url.path))
    return document_reply(document)


def anomaly_document(finops: Finops, tenant: str, anomaly_id: str) -> Document | None:
    """One anomaly with the days of its series; None when there is none."""
    if not is_anomaly_id(anomaly_id):
        return None
    try:
        standing = finops.anomalies.anomaly(tenant, anomaly_id)
    except InputError:
        return None
    days = finops.anomalies.history(tenant, standing.anomaly)
    return anomaly_detail(finops, tenant, standing, days, finops.anomalies.list(tenant))


def judge(finops: Finops, asked: Asked) -> Response:
    """Keeps what a person says of an anomaly."""
    request = feedback_request(asked.sent)
    return document_reply(judged_document(finops, asked.tenant, request, by=asked.person.principal))


def judged_document(finops: Finops, tenant: str, request: FeedbackRequest, *, by: str) -> Document:
    """How the anomaly stands after that. InputError, and nothing kept, for what is unknown or does not fit."""
    standing = finops.anomalies.judge(
        tenant, request.anomaly_id, request.verdict, by=by, until=request.until, note=request.note
    )
    data = {"anomaly": anomaly_record(standing, finops.costs.account_names(tenant))}
    return envelope(data, detection_meta(tenant, finops.anomalies.list(tenant), {}))


ENDPOINTS = (
    Endpoint(
        path="/api/anomalies",
        operation="anomalies",
        summary="What costs more or less than anything before explains, with its cause, largest impact first",
        right=Right.VIEW_ANOMALIES,
        parameters=(*FILTERS, LIMIT, CURSOR, FORMAT, TENANT),
        answer=anomalies,
        schema="Anomalies",
        example="direction=up&kind=spike,leak&min_impact=100",
        files=(CSV, XLSX),
    ),
    Endpoint(
        path="/api/anomalies/feedback",
        operation="judgeAnomaly",
        summary="Says of an anomaly that it was one, that it was none, or that it was planned until a day",
        right=Right.JUDGE_ANOMALIES,
        parameters=(TENANT,),
        answer=judge,
        schema="AnomalyJudged",
        example="",
        method="POST",
        body="AnomalyFeedback",
    ),
    Endpoint(
        path="/api/anomalies/{id}",
        operation="anomaly",
        summary="One anomaly with the days of its series and their band",
        right=Right.VIEW_ANOMALIES,
        parameters=(TENANT,),
        answer=anomaly,
        schema="Anomaly",
        example="",
        within=(ANOMALY_ID,),
    ),
)
"""The path of one anomaly comes last: it would match the others below `/api/anomalies/`."""

"""`/api/findings`, one of them, and what people do with them: what costs money for nothing, and how it stands."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import CSV, XLSX, Asked, Endpoint
from finops.api.finding_documents import (
    acted_document,
    actual_costs,
    finding_detail,
    finding_meta,
    findings_page,
)
from finops.api.finding_exports import findings_file
from finops.api.finding_parameters import (
    ACTUAL,
    FILTERS,
    FINGERPRINT,
    FORMAT,
    LIMIT,
    ORDER,
    SORT,
    WORKSPACE_OF,
    ActRequest,
    FindingRequest,
    act_request,
    finding_request,
    is_fingerprint,
    workspace_of,
)
from finops.api.problems import problem
from finops.api.replies import document_reply, problem_reply
from finops.model.errors import InputError
from finops.model.findings import FindingStatus
from finops.model.people import Right
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from finops.waste.listing import Standing
from user_prefs import deviations_for

if TYPE_CHECKING:
    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.people import Person
    from finops.waste.listing import Deviations


def findings(finops: Finops, asked: Asked) -> Response:
    """Findings in pages, and what all that fit come to; or all of them as a file."""
    request = judged_for(finops, asked.person, asked.tenant, finding_request(asked.pairs))
    if request.format != "json":
        finops.access.demand(asked.person, Right.EXPORT, tenant=asked.tenant)
        return findings_file(finops, asked.tenant, request, asked.pairs)
    return document_reply(findings_document(finops, asked.tenant, request))


def judged_for(finops: Finops, person: Person, tenant: str, request: FindingRequest) -> FindingRequest:
    """The request, its findings judged by the thresholds that hold for a person."""
    levels = deviations_for(finops, person.principal, tenant)
    return replace(request, question=replace(request.question, levels=levels)) if levels else request


def findings_document(finops: Finops, tenant: str, request: FindingRequest) -> Document:
    """The page of findings that a request asks for; InputError for a cursor of another question or of older data."""
    question = request.question
    sealed = stamp((tenant, replace(question, order=replace(question.order, limit=0))), _version(finops, tenant))
    start = offset_of(request.cursor, sealed)
    found = finops.waste.findings(tenant, replace(question, order=replace(question.order, offset=start)))
    meta = finding_meta(finops, tenant, question.workspace, only=question.filter, failures=found.failures)
    following = start + request.limit
    shown = tuple(each.finding.fingerprint for each in found.items)
    return findings_page(
        found,
        meta,
        next_cursor=cursor(sealed, following) if following < found.total else None,
        actual=actual_costs(finops, tenant, question.workspace, shown) if request.actual else None,
    )


def finding(finops: Finops, asked: Asked) -> Response:
    """One finding with its history; 404 when there is none."""
    wanted = str(asked.request.path_params["fingerprint"])
    levels = deviations_for(finops, asked.person.principal, asked.tenant)
    document = finding_document(finops, asked.tenant, wanted, workspace=workspace_of(asked.pairs), levels=levels)
    if document is None:
        told = "There is no finding of this fingerprint."
        return problem_reply(problem("not-found", told, field="fingerprint", instance=asked.request.url.path))
    return document_reply(document)


def finding_document(
    finops: Finops, tenant: str, fingerprint: str, *, workspace: str, levels: Deviations = ()
) -> Document | None:
    """One finding with its history, of the latest run or of the last one that flagged it; None when there is none."""
    if not is_fingerprint(fingerprint):
        return None
    standing = standing_of(finops, tenant, fingerprint, workspace=workspace, levels=levels)
    if standing is None:
        return None
    found = standing.finding
    only = FindingFilter(checks=(found.check_id,), accounts=(found.account,), regions=(found.region,))
    meta = finding_meta(finops, tenant, workspace, only=only)
    return finding_detail(standing, finops.waste.history(tenant, fingerprint), meta)


def standing_of(
    finops: Finops, tenant: str, fingerprint: str, *, workspace: str, levels: Deviations = ()
) -> Standing | None:
    """How a finding stands. What no run finds any more is told as it was when it was last flagged."""
    only = FindingFilter(verdicts=(), fingerprints=(fingerprint,))
    question = FindingQuestion(only, statuses=(), order=FindingOrder(limit=1), workspace=workspace, levels=levels)
    found = finops.waste.findings(tenant, question).items
    if found:
        return found[0]
    seen = finops.store.findings.seen_dates(tenant, workspace, (fingerprint,))[0].get(fingerprint)
    if seen is None:
        return None
    held = finops.store.findings.of_day(tenant, workspace, seen.last.date(), only).findings
    state = finops.store.finding_states.states(tenant, (fingerprint,)).get(fingerprint)
    status = state.effective(finops.now()) if state else FindingStatus.OPEN
    return Standing(held[0], status, state, seen.first, seen.last) if held else None


def act(finops: Finops, asked: Asked) -> Response:
    """Does a person's deed to findings, to all or none."""
    request = act_request(asked.sent, by=asked.person.principal, at=finops.now())
    return document_reply(acted(finops, asked.tenant, request))


def acted(finops: Finops, tenant: str, request: ActRequest) -> Document:
    """How the findings stand after the deed. InputError, and nothing done, for what is unknown or not allowed."""
    try:
        states = finops.waste.act(tenant, request.fingerprints, request.act)
    except InputError as error:
        field = "fingerprints" if error.field == "fingerprint" else error.field
        raise InputError(field, error.message) from None
    return acted_document(states, tenant=tenant, now=request.act.at)


def _version(finops: Finops, tenant: str) -> str:
    """Changes with stored findings, and with how any of them stands: both move what a page holds."""
    now, digest = finops.now(), hashlib.sha256()
    for name, state in sorted(finops.store.finding_states.states(tenant).items()):
        digest.update(f"{name} {state.effective(now)} {state.owner!r}\n".encode("utf-8", "replace"))
    return f"{finops.store.ledger.version(tenant)} {digest.hexdigest()}"


ENDPOINTS = (
    Endpoint(
        path="/api/findings",
        operation="findings",
        summary="Findings of the latest runs, filtered and sorted, with what they come to",
        right=Right.VIEW_FINDINGS,
        parameters=(*FILTERS, SORT, ORDER, LIMIT, CURSOR, FORMAT, ACTUAL, TENANT),
        answer=findings,
        schema="Findings",
        example="category=unattached,idle&severity=high&min_saving=5",
        files=(CSV, XLSX),
    ),
    Endpoint(
        path="/api/findings/actions",
        operation="actOnFindings",
        summary="Snoozes, dismisses, resolves, reopens, assigns or comments findings: all of them, or none",
        right=Right.ACT_ON_FINDINGS,
        parameters=(TENANT,),
        answer=act,
        schema="FindingStates",
        example="",
        method="POST",
        body="FindingAction",
    ),
)
ONE = Endpoint(
    path="/api/findings/{fingerprint}",
    operation="finding",
    summary="One finding with its history",
    right=Right.VIEW_FINDINGS,
    parameters=(WORKSPACE_OF, TENANT),
    answer=finding,
    schema="Finding",
    example="",
    within=(FINGERPRINT,),
)
"""Comes after every other path below `/api/findings/`, all of which it would match."""

"""`/api/tag-compliance`, `/api/tag-policy` and what follows from them: how tags stand, in assets and in dollars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.api.asset_documents import account_names
from finops.api.asset_parameters import FILTERS, asset_filter
from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import CSV, XLSX, Asked, Endpoint
from finops.api.envelope import envelope
from finops.api.replies import document_reply
from finops.api.tag_documents import (
    autopsy_document,
    compliance_page,
    policy_page,
    suggestions_page,
    tag_meta,
    what_if_page,
)
from finops.api.tag_exports import violations_file
from finops.api.tag_parameters import (
    BY,
    END,
    FORMAT,
    KEY,
    KEYS,
    LIMIT,
    START,
    SUGGESTED,
    VERDICT,
    VERSION,
    ComplianceRequest,
    WhatIfRequest,
    compliance_request,
    key_of,
    period_of,
    suggested,
    version_of,
    what_if_request,
)
from finops.model.people import Right

if TYPE_CHECKING:
    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.assets import AssetFilter


def compliance(finops: Finops, asked: Asked) -> Response:
    """Figures, and violations in pages as JSON; or all violations as a file."""
    request = compliance_request(asked.pairs)
    if request.format != "json":
        finops.access.demand(asked.person, Right.EXPORT, tenant=asked.tenant)
        return violations_file(finops, asked.tenant, request, asked.pairs)
    return document_reply(compliance_document(finops, asked.tenant, request))


def compliance_document(finops: Finops, tenant: str, request: ComplianceRequest) -> Document:
    """Figures and a page of violations. InputError for a cursor of another question or of older data."""
    question, tagging = request.question, finops.tagging
    sealed = stamp((tenant, replace(question, limit=0)), tagging.version(tenant))
    start = offset_of(request.cursor, sealed)
    page = tagging.violations(tenant, replace(question, offset=start))
    following = start + question.limit
    more = {"total": page.total, "next_cursor": cursor(sealed, following) if following < page.total else None}
    data = compliance_page(
        tagging.compliance(tenant, question.filter, by=request.by, key=request.key),
        tagging.movement(tenant, question.filter),
        tagging.trend(tenant, request.key),
        page,
        account_names(finops.inventory.accounts(tenant)),
    )
    return envelope(data, tag_meta(finops, tenant, question.filter, **more))


def policy(finops: Finops, asked: Asked) -> Response:
    """The policy that holds, or one of its versions."""
    return document_reply(policy_document_of(finops, asked.tenant, version_of(asked.pairs)))


def policy_document_of(finops: Finops, tenant: str, version: int | None = None) -> Document:
    """The policy that holds or one of its versions; InputError for a version that there is not."""
    return policy_page(finops.tagging.policy(tenant, version), finops.tagging.versions(tenant), tenant)


def what_if(finops: Finops, asked: Asked) -> Response:
    """What another policy would say. Nothing is kept."""
    return document_reply(what_if_document(finops, asked.tenant, what_if_request(asked.pairs, asked.sent)))


def what_if_document(finops: Finops, tenant: str, request: WhatIfRequest) -> Document:
    """Both scores and a page of changed verdicts."""
    sealed = stamp((tenant, request.policy, request.filter), finops.tagging.version(tenant))
    start = offset_of(request.cursor, sealed)
    found = finops.tagging.what_if(tenant, request.policy, request.filter, offset=start, limit=request.limit)
    following = start + request.limit
    return what_if_page(
        found,
        tag_meta(finops, tenant, request.filter),
        account_names(finops.inventory.accounts(tenant)),
        next_cursor=cursor(sealed, following) if following < found.changed else None,
    )


def autopsy(finops: Finops, asked: Asked) -> Response:
    """Why dollars of a key are untagged."""
    found = finops.tagging.autopsy(asked.tenant, key_of(asked.pairs), period_of(asked.pairs))
    return document_reply(autopsy_document(found, asked.tenant))


def suggestions(finops: Finops, asked: Asked) -> Response:
    """Likely values of a key for assets without it."""
    only, limit = asset_filter(asked.pairs), suggested(asked.pairs)
    return document_reply(suggestions_document(finops, asked.tenant, key_of(asked.pairs), only, limit=limit))


def suggestions_document(finops: Finops, tenant: str, key: str, only: AssetFilter, *, limit: int) -> Document:
    """Likely values; InputError for a key that no rule is about."""
    found = finops.tagging.suggestions(tenant, key, only, limit=limit)
    names = account_names(finops.inventory.accounts(tenant))
    return suggestions_page(found, tag_meta(finops, tenant, only), names)


ENDPOINTS = (
    Endpoint(
        path="/api/tag-compliance",
        operation="tagCompliance",
        summary="How tags stand by count and by cost, in groups and over time, and violations as JSON, CSV or Excel",
        right=Right.VIEW_TAGS,
        parameters=(*FILTERS, KEYS, VERDICT, BY, FORMAT, LIMIT, CURSOR, TENANT),
        answer=compliance,
        schema="TagCompliance",
        example="by=account&verdict=missing,empty",
        files=(CSV, XLSX),
    ),
    Endpoint(
        path="/api/tag-policy",
        operation="tagPolicy",
        summary="The tag policy, its versions, and AWS's words for it",
        right=Right.VIEW_TAGS,
        parameters=(VERSION, TENANT),
        answer=policy,
        schema="TagPolicy",
        example="",
    ),
    Endpoint(
        path="/api/tag-policy/what-if",
        operation="tagWhatIf",
        summary="What another policy would say: both scores and every changed verdict; nothing is kept",
        right=Right.VIEW_TAGS,
        parameters=(*FILTERS, LIMIT, CURSOR, TENANT),
        answer=what_if,
        schema="TagWhatIf",
        example="",
        method="POST",
        body="TagWhatIfRequest",
    ),
    Endpoint(
        path="/api/tag-autopsy",
        operation="tagAutopsy",
        summary="Why dollars of a key are untagged, in six causes that add up to them",
        right=Right.VIEW_TAGS,
        parameters=(KEY, START, END, TENANT),
        answer=autopsy,
        schema="TagAutopsy",
        example="key=Owner",
    ),
    Endpoint(
        path="/api/tag-suggestions",
        operation="tagSuggestions",
        summary="Likely values of a key for assets without it, with evidence and measured accuracy",
        right=Right.VIEW_TAGS,
        parameters=(KEY, *FILTERS, SUGGESTED, TENANT),
        answer=suggestions,
        schema="TagSuggestions",
        example="key=Owner&limit=10",
    ),
)

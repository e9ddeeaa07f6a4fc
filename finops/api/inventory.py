"""`/api/assets`, `/api/asset`, `/api/asset-changes`, `/api/accounts`: what runs where, since when and whose it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from export import asset_chunks, asset_columns, asset_file_name, csv_table, xlsx_table
from finops.api.asset_documents import (
    account_names,
    accounts_document,
    asset_detail,
    assets_page,
    changes_page,
    file_notes,
    inventory_meta,
    partial_heading,
)
from finops.api.asset_parameters import (
    COLUMNS,
    DEFAULT_CHANGES,
    DEFAULT_LIMIT,
    FILTERS,
    FILTERS_OF_CHANGES,
    MAX_CHANGES,
    MAX_LIMIT,
    ORDER,
    SORT,
    AssetRequest,
    ChangesRequest,
    asset_id,
    asset_request,
    changes_request,
    filter_words,
)
from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import CSV, FILE_TYPES, XLSX, Asked, Endpoint, Parameter, page_limit
from finops.api.parameters import one
from finops.api.replies import document_reply, file_reply
from finops.model.assets import AssetFilter, ChangeKind
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.outcome import Failure

LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT, "Items per page; `meta.total` counts all of them.")
FACETS = Parameter(
    "facets",
    "`true` adds `data.facets`: how many there are of each service, kind, account, region, state and lifecycle.",
    {"type": "string", "enum": ["true", "false"], "default": "false"},
)
FORMAT = Parameter(
    "format",
    "`csv` and `xlsx` give the whole list as a file, whatever the page.",
    {"type": "string", "enum": ["json", *FILE_TYPES], "default": "json"},
)
ASSET_ID = Parameter("asset_id", "Of a list of assets.", {"type": "string", "pattern": "^[0-9a-f]{32}$"}, required=True)
SINCE = Parameter("since", "Changes from this day (its start, UTC) or instant on, inclusive.", required=True)
UNTIL = Parameter("until", "Changes before this day or instant: exclusive.")
CHANGE = Parameter(
    "change",
    "Only changes of these kinds; repeated or a comma list.",
    {"type": "string", "enum": [str(value) for value in ChangeKind]},
    many=True,
)
CHANGES = page_limit(DEFAULT_CHANGES, MAX_CHANGES)


def assets(finops: Finops, asked: Asked) -> Response:
    """Assets in pages as JSON, or the whole list as a file."""
    request = asset_request(asked.pairs, asked.tenant, columns=asset_columns())
    if request.format != "json":
        finops.access.demand(asked.person, Right.EXPORT, tenant=asked.tenant)
        return _file_reply(finops, request, filter_words(asked.pairs))
    return document_reply(assets_document(finops, request))


def assets_document(finops: Finops, request: AssetRequest) -> Document:
    """The page of assets that a request asks for; InputError for a cursor of another question or of older data."""
    question, inventory = request.question, finops.inventory
    tenant = question.tenant
    sealed = stamp(replace(question, limit=0), inventory.version(tenant))
    start = offset_of(request.cursor, sealed)
    page = inventory.page(replace(question, offset=start))
    following = start + question.limit
    return assets_page(
        page,
        inventory_meta(
            tenant,
            inventory.standing(tenant, question.filter),
            question.filter,
            cost_period=finops.costs.resource_period(tenant),
        ),
        names=account_names(inventory.accounts(tenant)),
        next_cursor=cursor(sealed, following) if following < page.total else None,
        counts=inventory.counts(tenant, question.filter) if request.facets else None,
    )


def asset(finops: Finops, asked: Asked) -> Response:
    """One asset with its relationships and history."""
    return document_reply(asset_document(finops, asked.tenant, asset_id(one(asked.pairs, "asset_id"))))


def asset_document(finops: Finops, tenant: str, wanted: str) -> Document:
    """One asset with its relationships and history; InputError when the tenant has none of this id."""
    detail = finops.inventory.detail(tenant, wanted)
    found = detail.asset
    place = AssetFilter(accounts=(found.account,), regions=(found.region,), kinds=(found.kind,))
    period = finops.costs.resource_period(tenant)
    meta = inventory_meta(tenant, finops.inventory.standing(tenant, place), place, cost_period=period)
    return asset_detail(detail, meta, names=account_names(finops.inventory.accounts(tenant)))


def asset_changes(finops: Finops, asked: Asked) -> Response:
    """What appeared, changed, went missing or came back."""
    return document_reply(changes_document(finops, asked.tenant, changes_request(asked.pairs)))


def changes_document(finops: Finops, tenant: str, request: ChangesRequest) -> Document:
    """The page of changes that a request asks for; InputError for a cursor of another question or of older data."""
    inventory = finops.inventory
    sealed = stamp((tenant, replace(request, limit=0, cursor="")), inventory.version(tenant))
    start = offset_of(request.cursor, sealed)
    following = start + request.limit
    found = inventory.changes(
        tenant,
        since=request.since,
        until=request.until,
        kinds=request.kinds,
        only=request.filter,
        limit=following + 1,
    )
    more = len(found) > following
    return changes_page(
        found[start:following],
        inventory_meta(tenant, inventory.standing(tenant, request.filter), request.filter),
        names=account_names(inventory.accounts(tenant)),
        total=None if more else len(found),
        next_cursor=cursor(sealed, following) if more else None,
    )


def accounts(finops: Finops, asked: Asked) -> Response:
    """The accounts known."""
    return document_reply(accounts_document(finops.inventory.accounts(asked.tenant), asked.tenant))


def _file_reply(finops: Finops, request: AssetRequest, words: str) -> Response:
    """The whole list, streamed."""
    tenant, only = request.question.tenant, request.question.filter
    standing = finops.inventory.standing(tenant, only)
    period = finops.costs.resource_period(tenant)
    meta, now = inventory_meta(tenant, standing, only, cost_period=period), finops.now()
    notes = file_notes(tenant, meta, standing=standing, asked=words, now=now)
    pieces = _pieces(finops, request, failures=meta.failures, notes=notes)
    name = asset_file_name(tenant, now.date(), partial=meta.partial, extension=request.format)
    return file_reply(pieces, name=name, extension=request.format, meta=meta)


def _pieces(
    finops: Finops, request: AssetRequest, *, failures: Sequence[Failure], notes: Sequence[str]
) -> Iterator[bytes]:
    question = request.question
    names = account_names(finops.inventory.accounts(question.tenant))
    columns = request.columns or asset_columns()
    read = partial(finops.inventory.columns, question, as_text=request.format == "csv")
    chunks = asset_chunks(read, columns, account_names=names)
    if request.format == "xlsx":
        return xlsx_table(columns, chunks, sheet="Assets", notes=notes)
    if failures:
        columns = (*columns, partial_heading(failures))
        chunks = ([*chunk, [""] * len(chunk[0])] for chunk in chunks)
    return (piece.encode() for piece in csv_table(columns, chunks))


ENDPOINTS = (
    Endpoint(
        path="/api/assets",
        operation="assets",
        summary="Assets, filtered and sorted, as JSON in pages, or all of them as CSV or Excel",
        right=Right.VIEW_INVENTORY,
        parameters=(*FILTERS, SORT, ORDER, FACETS, FORMAT, COLUMNS, LIMIT, CURSOR, TENANT),
        answer=assets,
        schema="Assets",
        example="service=ec2&state=running&tag=Owner&sort=cost&order=desc",
        files=(CSV, XLSX),
    ),
    Endpoint(
        path="/api/asset",
        operation="asset",
        summary="One asset with its relationships and its history",
        right=Right.VIEW_INVENTORY,
        parameters=(ASSET_ID, TENANT),
        answer=asset,
        schema="Asset",
        example="asset_id=0123456789abcdef0123456789abcdef",
    ),
    Endpoint(
        path="/api/asset-changes",
        operation="assetChanges",
        summary="What appeared, changed, went missing or came back, newest first",
        right=Right.VIEW_INVENTORY,
        parameters=(SINCE, UNTIL, CHANGE, *FILTERS_OF_CHANGES, CHANGES, CURSOR, TENANT),
        answer=asset_changes,
        schema="AssetChanges",
        example="since=2026-11-16&change=appeared,gone",
    ),
    Endpoint(
        path="/api/accounts",
        operation="accounts",
        summary="The AWS accounts known, and how each is opened",
        right=Right.VIEW_INVENTORY,
        parameters=(TENANT,),
        answer=accounts,
        schema="Accounts",
        example="",
    ),
)

"""`/api/exports`: makes a report's file and keeps it for a while; its owner fetches it, or who holds a signed link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from export import saved
from finops.api.costs import TENANT
from finops.api.endpoints import CSV, XLSX, Asked, Endpoint, Parameter
from finops.api.export_documents import exports_document, made_document
from finops.api.parameters import choice, one, period
from finops.api.problems import problem
from finops.api.replies import NO_STORE, document_reply, problem_reply
from finops.model.errors import InputError
from finops.model.people import Right
from finops.model.reports import Format, ReportRequest
from user_prefs import report_thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedReader

    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.facade import Finops
    from finops.model.period import Period
    from finops.model.reports import Export

_MEMBERS = ("report", "format", "start", "end", "table", "scope")
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MEDIA_TYPES = {Format.CSV: f"{CSV}; charset=utf-8", Format.XLSX: XLSX, Format.JSON: "application/json"}
_PIECE = 65_536

EXPORT_ID = Parameter("id", "Of an export.", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
EXPIRES = Parameter("expires", "Of a signed link: the second at which it ends.", {"type": "integer"})
SIGNATURE = Parameter("signature", "Of a signed link.", {"type": "string", "pattern": "^[0-9a-f]{64}$"})


def make(finops: Finops, asked: Asked) -> Response:
    """Makes a report's file for whoever asks, in this request."""
    return document_reply(make_document(finops, asked))


def make_document(finops: Finops, asked: Asked) -> Document:
    """The export that was made. InputError naming the member at fault, NotAllowed without a right of the report."""
    sent = asked.sent
    unknown = sorted(set(sent) - set(_MEMBERS))
    if unknown:
        raise InputError(unknown[0], f"unknown members: {', '.join(unknown)} (known: {', '.join(_MEMBERS)})")
    definition = finops.reports.definition(_text(sent, "report") or "")
    for right in definition.rights:
        finops.access.demand(asked.person, right, tenant=asked.tenant)
    named = choice(_text(sent, "format"), "format", tuple(Format))
    if named is None:
        raise InputError("format", f"format is needed: {', '.join(Format)}")
    principal = asked.person.principal
    request = ReportRequest(definition.name, asked.tenant, principal, _period(sent), _scope(sent))
    report = finops.reports.make(request, report_thresholds(finops, principal, asked.tenant))
    export = saved(finops, report, Format(named), principal, table=_text(sent, "table") or "")
    return made_document(export, report)


def mine(finops: Finops, asked: Asked) -> Response:
    """What whoever asks can still fetch."""
    found = finops.exports.of_owner(asked.tenant, asked.person.principal)
    return document_reply(exports_document(found, asked.tenant, as_of=finops.now()))


def fetch(finops: Finops, asked: Asked) -> Response:
    """The file, for its owner or with a signed link; nobody else is told that it exists."""
    found = finops.exports.get(asked.tenant, str(asked.request.path_params["id"]))
    expires = _link_end(finops, asked, found)
    if found is None or (expires is None and found.owner != asked.person.principal):
        return problem_reply(problem("not-found", "There is no file of this id.", instance=asked.request.url.path))
    if finops.exports.is_over(found) or (expires is not None and expires <= finops.now().timestamp()):
        told = "The time of this file, or of this link, is over. Make it again."
        return problem_reply(problem("gone", told, instance=asked.request.url.path))
    return _file(found, finops.exports.opened(found))


def _link_end(finops: Finops, asked: Asked, found: Export | None) -> int | None:
    """When a signed link ends; None without one, or one that is not ours. InputError for half a link."""
    expires, signature = one(asked.pairs, "expires"), one(asked.pairs, "signature")
    if expires is None and signature is None:
        return None
    if not _SECONDS.fullmatch(expires or ""):
        raise InputError("expires", "expires must be the second of a signed link")
    if not _SIGNATURE.fullmatch(signature or ""):
        raise InputError("signature", "signature must be that of a signed link")
    seconds = int(expires or "")
    return seconds if found is not None and finops.exports.holds(found, seconds, signature or "") else None


def _file(export: Export, file: BufferedReader) -> Response:
    headers = {
        **NO_STORE,
        "Content-Disposition": f'attachment; filename="{export.name}"',
        "Content-Length": str(export.size),
        "X-Finops-Partial": str(export.partial).lower(),
    }
    return StreamingResponse(_read(file), media_type=_MEDIA_TYPES[export.format], headers=headers)


def _read(file: BufferedReader) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _text(sent: Mapping[str, object], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(name, f"{name} must be a text")
    return value


def _period(sent: Mapping[str, object]) -> Period | None:
    """Both days, or none: then the report takes its usual period."""
    start, end = _text(sent, "start"), _text(sent, "end")
    return None if start is None and end is None else period(start, end)


def _scope(sent: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The report's own parameters: a text or a list of texts each. What they may be is for the report to say."""
    scope = sent.get("scope", {})
    if not isinstance(scope, dict):
        raise InputError("scope", "scope must be an object of the report's parameters")
    return {name: _values(name, value) for name, value in scope.items()}


def _values(name: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise InputError(name, f"{name} must be a text, or a list of texts")
    return tuple(values)


ENDPOINTS = (
    Endpoint(
        path="/api/exports",
        operation="makeExport",
        summary="Makes a report as CSV, Excel or JSON and keeps the file for some days",
        right=Right.EXPORT,
        parameters=(TENANT,),
        answer=make,
        schema="Export",
        example="",
        method="POST",
        body="ExportRequest",
    ),
    Endpoint(
        path="/api/exports",
        operation="exports",
        summary="The files that whoever asks had made, newest first",
        right=Right.EXPORT,
        parameters=(TENANT,),
        answer=mine,
        schema="Exports",
        example="",
    ),
    Endpoint(
        path="/api/exports/{id}",
        operation="export",
        summary="A file that was made, for its owner or with a signed link",
        right=Right.EXPORT,
        parameters=(EXPIRES, SIGNATURE, TENANT),
        answer=fetch,
        schema="ReportDocument",
        example="",
        files=(CSV, XLSX),
        within=(EXPORT_ID,),
    ),
)

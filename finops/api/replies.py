"""Responses: documents as JSON that no cache keeps, problems as `application/problem+json`."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from finops.api.endpoints import CSV, FILE_TYPES
from finops.api.envelope import Document, json_text
from finops.api.problems import MEDIA_TYPE, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.api.envelope import Meta

NO_STORE = {"Cache-Control": "no-store"}


def document_reply(document: Document) -> Response:
    """A 200 with the document."""
    return Response(json_text(document), media_type="application/json", headers=NO_STORE)


def problem_reply(told: Document, *, headers: Mapping[str, str] | None = None) -> Response:
    """The problem with its own status."""
    status = told["status"]
    if not isinstance(status, int):
        raise TypeError("a problem's status is a number")
    return Response(json_text(told), status_code=status, media_type=MEDIA_TYPE, headers={**NO_STORE, **(headers or {})})


def file_reply(pieces: Iterator[bytes], *, name: str, extension: str, meta: Meta) -> Response:
    """A file, streamed. What goes wrong before its first piece is still a problem with a status of its own."""
    first = next(pieces, b"")
    headers = {
        **NO_STORE,
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Finops-Partial": str(meta.partial).lower(),
        "X-Finops-Failures": str(len(meta.failures)),
    }
    kind = FILE_TYPES[extension]
    media_type = f"{kind}; charset=utf-8" if kind == CSV else kind
    return StreamingResponse(chain((first,), pieces), media_type=media_type, headers=headers)


def not_found(path: str) -> Response:
    """A 404 that says where the list of paths is."""
    return problem_reply(problem("not-found", "No such path. /api/docs lists those there are.", instance=path))

"""What is sent to the API: a JSON object, from the server's own pages or a program, never from a foreign web page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from finops.model.errors import InputError, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

MAX_BODY = 1_000_000
"""Bytes; a body that is longer is refused."""
_OWN = {"same-origin", "none"}


async def read_body(request: Request) -> bytes:
    """The body, of one that is too long no more than shows it."""
    pieces, size = [], 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BODY:
            break
    return b"".join(pieces)


def require_same_origin(headers: Mapping[str, str], public_url: str) -> None:
    """NotAllowed for what a browser sends on behalf of another site's page; programs send neither of these headers."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    own = {headers.get("host", "").lower(), urlsplit(public_url).netloc.lower()} - {""}
    if (origin is not None and _netloc(origin) not in own) or (site is not None and site not in _OWN):
        raise NotAllowed("A page of another site may not change anything here.")


def json_object(headers: Mapping[str, str], body: bytes) -> Mapping[str, object]:
    """The object of a body; InputError for any other text, or one not sent as `application/json`."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InputError("Content-Type", "what is sent must be a JSON object, as application/json")
    if len(body) > MAX_BODY:
        raise InputError("body", f"at most {MAX_BODY:,} bytes can be sent")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("body", "what is sent must be a JSON object")
    return found


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""

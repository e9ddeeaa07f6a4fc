"""Cursors: where the next page of a list starts, sealed with its question and the version of the data."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from finops.model.errors import InputError

_CURSOR = re.compile(r"(?P<stamp>[0-9a-f]{16}):(?P<offset>[0-9]{1,9})", re.ASCII)


def stamp(question: object, version: object) -> str:
    """What pages of one list have in common: the question (by its `repr`) and the version of what answers it."""
    return hashlib.sha256(f"{question!r} {version}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def cursor(sealed: str, offset: int) -> str:
    """The cursor of the page that starts at `offset`."""
    return base64.urlsafe_b64encode(f"{sealed}:{offset}".encode()).decode()


def offset_of(text: str, sealed: str) -> int:
    """Where the page of a cursor starts, 0 for no cursor; InputError for one of another question or of older data."""
    if not text:
        return 0
    try:
        found = _CURSOR.fullmatch(base64.urlsafe_b64decode(text.encode()).decode())
    except (binascii.Error, ValueError):
        found = None
    if not found:
        raise InputError("cursor", "cursor is not one that this API gave")
    if found["stamp"] != sealed:
        raise InputError(
            "cursor", "cursor belongs to another question, or the data has changed: ask for the first page again"
        )
    return int(found["offset"])

"""Errors as problem JSON (RFC 9457) with the field at fault; the command line prints the same members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.errors import (
    AwsError,
    Busy,
    CeilingReached,
    ConfigError,
    FinopsError,
    InputError,
    NotAllowed,
    StoreError,
)

if TYPE_CHECKING:
    from finops.api.envelope import Document

MEDIA_TYPE = "application/problem+json"
TYPES = {
    "input": (400, "The request cannot be understood"),
    "not-allowed": (403, "Not allowed"),
    "not-found": (404, "Nothing is here"),
    "gone": (410, "The time of this file is over"),
    "method": (405, "This method is not offered here"),
    "busy": (409, "A job for this is under way already"),
    "host": (421, "This address is not served here"),
    "failed": (500, "The request failed"),
    "config": (500, "A setting is missing or wrong"),
    "aws": (502, "AWS did not answer as needed"),
    "store": (503, "Stored data cannot be read"),
    "ceiling": (503, "The monthly budget for paid requests is spent"),
}
"""Kind of problem → HTTP status and title. `type` is the kind's anchor on the API's own documentation page."""

_KINDS: tuple[tuple[type[FinopsError], str], ...] = (
    (InputError, "input"),
    (NotAllowed, "not-allowed"),
    (Busy, "busy"),
    (StoreError, "store"),
    (CeilingReached, "ceiling"),
    (AwsError, "aws"),
    (ConfigError, "config"),
)


def problem(kind: str, detail: str, **more: str) -> Document:
    """One problem object: `type`, `title`, `status`, `detail`, and what else is known, such as `field`."""
    status, title = TYPES[kind]
    return {"type": f"/api/docs#{kind}", "title": title, "status": status, "detail": detail, **more}


def problem_of(error: FinopsError) -> Document:
    """The problem object of an error of ours; its message was written for people and holds no secret."""
    kind = next((kind for known, kind in _KINDS if isinstance(error, known)), "failed")
    return problem(kind, str(error), **_members(error))


def _members(error: FinopsError) -> dict[str, str]:
    if isinstance(error, InputError):
        return {"field": error.field}
    if isinstance(error, NotAllowed):
        return {"right": error.right} if error.right else {}
    if isinstance(error, Busy):
        return {"job_id": error.job_id}
    if isinstance(error, ConfigError):
        return {"variable": error.variable}
    if isinstance(error, AwsError):
        known = {"code": error.code, "service": error.service, "missing_action": error.missing_action}
        return {name: value for name, value in known.items() if value}
    return {}

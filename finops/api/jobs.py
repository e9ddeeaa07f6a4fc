"""`/api/jobs`: the work that ran or runs by itself, how far it is and what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import Asked, Endpoint, Parameter, page_limit
from finops.api.job_documents import jobs_document
from finops.api.parameters import Pairs, choice, limit, one
from finops.api.replies import document_reply
from finops.model.errors import InputError
from finops.model.jobs import JobStatus
from finops.model.people import Right

if TYPE_CHECKING:
    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.facade import Finops

DEFAULT_LIMIT, MAX_LIMIT = 50, 1_000
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,63}", re.ASCII)

KIND = Parameter("kind", "Only jobs of this kind.", {"type": "string", "examples": ["inventory.discover"]})
STATUS = Parameter(
    "status",
    "Only jobs with these statuses; repeated or a comma list.",
    {"type": "string", "enum": [str(value) for value in JobStatus]},
    many=True,
)
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT, "Items per page; `meta.total` counts all of them.")


@dataclass(frozen=True, slots=True)
class JobsRequest:
    """What one request asks of `/api/jobs`."""

    kind: str = ""
    statuses: tuple[JobStatus, ...] = ()
    limit: int = DEFAULT_LIMIT
    cursor: str = ""


def jobs(finops: Finops, asked: Asked) -> Response:
    """Jobs, newest first."""
    return document_reply(jobs_page(finops, asked.tenant, jobs_request(asked.pairs)))


def jobs_request(pairs: Pairs) -> JobsRequest:
    """Everything `/api/jobs` accepts."""
    kind = one(pairs, "kind") or ""
    if kind and not _KIND.fullmatch(kind):
        raise InputError("kind", "kind must be the name of a kind of job, as in inventory.discover")
    texts = [part.strip() for key, value in pairs if key == "status" for part in value.split(",")]
    named = dict.fromkeys(choice(text, "status", tuple(JobStatus)) for text in texts)
    return JobsRequest(
        kind,
        tuple(JobStatus(text) for text in named if text),
        limit(one(pairs, "limit"), usual=DEFAULT_LIMIT, most=MAX_LIMIT),
        one(pairs, "cursor") or "",
    )


def jobs_page(finops: Finops, tenant: str, request: JobsRequest) -> Document:
    """One page of jobs. InputError for a cursor of another question.

    A cursor outlives new jobs, which come all the time: they move a job to a later page, where it is seen again.
    """
    sealed = stamp((tenant, request.kind, request.statuses), "jobs")
    start = offset_of(request.cursor, sealed)
    found, total = finops.jobs.jobs(
        tenant, kind=request.kind, statuses=request.statuses, limit=request.limit, offset=start
    )
    following = start + request.limit
    return jobs_document(
        found,
        total,
        tenant=tenant,
        as_of=finops.now(),
        next_cursor=cursor(sealed, following) if following < total else None,
    )


ENDPOINTS = (
    Endpoint(
        path="/api/jobs",
        operation="jobs",
        summary="Jobs, newest first: status, progress, what came of them",
        right=Right.VIEW_HEALTH,
        parameters=(KIND, STATUS, LIMIT, CURSOR, TENANT),
        answer=jobs,
        schema="Jobs",
        example="kind=inventory.discover&status=running,partial",
    ),
)

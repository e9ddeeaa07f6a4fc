"""Jobs as records: the same fields on API and command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from finops.api.envelope import Document, Meta, envelope, failure_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.jobs import Job


def job_record(job: Job) -> Document:
    """The fields of one job. `counts` says what it changed, `progress` how far it is or was."""
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "status": str(job.status),
        "user": job.user,
        "arguments": dict(job.arguments),
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "progress": asdict(job.progress),
        "counts": dict(job.counts),
        "failures": [failure_record(failure) for failure in job.failures],
        "parent": job.parent or None,
    }


def jobs_document(
    jobs: Sequence[Job], total: int, *, tenant: str, as_of: datetime, next_cursor: str | None = None
) -> Document:
    """`data.items`, newest first, and `meta.total`; `meta.next_cursor` is None where no page follows."""
    pages = {"total": total, "next_cursor": next_cursor}
    return envelope({"items": [job_record(job) for job in jobs]}, Meta(tenant=tenant, as_of=as_of, more=pages))

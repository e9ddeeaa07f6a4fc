"""Jobs that failed, or failed anew in part, and sources of cost whose last run went wrong, since the last mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.jobs import JobStatus
from finops.model.reports import Column, Figure, Kind, Table, Tone
from finops.reports.digest.section import Says, Section
from finops.reports.files.wording import failure_words
from finops.reports.gaps import Gaps
from finops.reports.words import counted

if TYPE_CHECKING:
    from datetime import datetime

    from finops.model.jobs import Job
    from finops.model.outcome import Failure
    from finops.model.reports import Row
    from finops.reports.definition import Sources
    from finops.reports.digest.section import Scene

TITLE = "New failures"
PAGE = "/health"
JOBS = {
    "inventory.discover": "Discovery of assets",
    "costs.refresh": "Refresh of costs",
    "findings.run": "Run of the checks",
    "findings.history": "Run of the checks on past days",
    "tags.evaluate": "Evaluation of tags",
    "anomalies.detect": "Detection of anomalies",
    "budgets.evaluate": "Evaluation of budgets",
}
_SOUND = frozenset({"committed", "running"})


@dataclass(frozen=True, slots=True)
class _Trouble:
    name: str
    status: str
    at: datetime | None
    failures: tuple[Failure, ...]
    kind: str


def failure_section(sources: Sources, scene: Scene) -> Section:
    """What went wrong since and did not before; jobs that have done well again are not among them."""
    jobs = [job for job in sources.jobs(scene.asked.tenant) if job.ended is not None]
    kept = sources.costs.sources(scene.asked.tenant)
    unsound = [each for each in kept if each.status not in _SOUND]
    gaps = Gaps(tuple(failure for each in unsound for failure in each.failures))
    found = [
        *(trouble for kind in dict.fromkeys(job.kind for job in jobs) if (trouble := _of_jobs(jobs, kind, scene))),
        *(
            _Trouble(f"Costs from {each.source}", each.status, each.attempted_at, each.failures, each.source)
            for each in unsound
            if scene.window.holds(each.attempted_at)
        ),
    ]
    lately = sum(scene.window.holds(job.ended) for job in jobs)
    looked = f"{counted(lately, 'job')} and {counted(len(kept), 'source')} of cost"
    if not found:
        return Section(TITLE, looked, gaps=gaps)
    return Section(
        TITLE,
        looked,
        table=_table(found, scene),
        says=Says(_sentence(found)),
        figures=(Figure(TITLE, f"{len(found):,}", found[0].name, Tone.WORSE, len(found)),),
        gaps=gaps,
    )


def _of_jobs(jobs: list[Job], kind: str, scene: Scene) -> _Trouble | None:
    """The latest job of a kind, if it went wrong since the last mail in a way that the one before that mail had not."""
    latest = next(job for job in jobs if job.kind == kind)
    if latest.status is JobStatus.COMPLETED or not scene.window.holds(latest.ended):
        return None
    since = scene.window.since
    before = next((job for job in jobs if job.kind == kind and job.ended is not None and job.ended < since), None)
    known = set() if before is None else {_key(failure) for failure in before.failures}
    fresh = tuple(failure for failure in latest.failures if _key(failure) not in known)
    same = before is not None and before.status is latest.status and not fresh
    if same or (latest.status is JobStatus.PARTIAL and not fresh):
        return None
    return _Trouble(JOBS.get(kind, kind), str(latest.status), latest.ended, fresh or latest.failures, kind)


def _key(failure: Failure) -> tuple[str, ...]:
    return failure.code, failure.account, failure.region, failure.service, failure.missing_action


def _sentence(found: list[_Trouble]) -> str:
    first, rest = found[0], len(found) - 1
    how = {"partial": "was done in part only", "interrupted": "was interrupted"}.get(first.status, "failed")
    return f"{first.name} {how}{f', and {rest:,} more' if rest else ''}"


def _table(found: list[_Trouble], scene: Scene) -> Table:
    columns = (
        Column("name", "What"),
        Column("reason", "Why"),
        Column("status", "How it ended"),
        Column("at", "When", Kind.INSTANT),
        Column("failures", "New failures", Kind.NUMBER),
        Column("kind", "Kind"),
    )
    rows = [_row(each) for each in found]
    return Table("failures", TITLE, columns, lambda: rows, len(rows), "", ("name", "reason"), scene.page(PAGE))


def _row(each: _Trouble) -> Row:
    reason = failure_words(each.failures[0]) if each.failures else ""
    return each.name, reason, each.status, each.at, len(each.failures), each.kind

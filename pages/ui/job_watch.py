"""A job that a page starts and watches: the one under way, its progress, how it ended, and why it could not begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.errors import FinopsError
from finops.model.jobs import JobStatus
from pages.ui import numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.model.jobs import Job
    from finops.model.people import Right
    from pages.ui.page import Context

SECONDS = 2
_OPEN = tuple(status for status in JobStatus if status.open)
_MINUTES_FROM = 90


@dataclass(frozen=True, slots=True)
class Watched:
    """A kind of job: the right that starting it needs, and its words while it runs and once it has ended.

    `also` are kinds that come to the same and that the page does not start itself.
    """

    kind: str
    right: Right
    words: Callable[[Job], str]
    outcome_words: Callable[[Job], str]
    also: tuple[str, ...] = ()

    @property
    def _said(self) -> str:
        return f"watched.said.{self.kind}"

    @property
    def _refused(self) -> str:
        return f"watched.refused.{self.kind}"

    def under_way(self, context: Context) -> Job | None:
        """The tenant's job of this kind that has not ended yet, if any."""
        jobs = context.finops.jobs
        asked = (
            jobs.jobs(context.tenant, kind=kind, statuses=_OPEN, parts=False, limit=1)[0]
            for kind in (self.kind, *self.also)
        )
        return next((job for found in asked for job in found), None)

    def may_start(self, context: Context) -> bool:
        """Whether this person may start one, and this tenant is the one that AWS answers for."""
        return context.may(self.right) and context.tenant == context.finops.settings.refresh_tenant

    def start(self, context: Context, arguments: dict[str, object]) -> None:
        """Starts one; why it could not is said by `refusal` at the next run."""
        try:
            context.finops.access.demand(context.person, self.right, tenant=context.tenant)
            context.finops.jobs.start(self.kind, context.tenant, arguments, user=context.person.principal)
        except FinopsError as error:
            st.session_state[self._refused] = str(error)

    def refusal(self) -> None:
        """Says once why the last one could not be started."""
        refused = st.session_state.pop(self._refused, None)
        if refused:
            st.toast(escaped(refused), icon=":material/error:")

    def progress(self, context: Context, job: Job) -> None:
        """How far it is, drawn anew until it ends; then the page is."""

        @st.fragment(run_every=SECONDS)
        def shown() -> None:
            now = context.finops.jobs.job(context.tenant, job.job_id)
            if now is None or not now.status.open:
                st.session_state[self._said] = job.job_id
                st.rerun()
            else:
                st.progress(share(now), text=escaped(self.words(now)))

        shown()

    def ended(self, context: Context) -> None:
        """Says once how a job that was watched here ended."""
        job_id = st.session_state.pop(self._said, None)
        job = context.finops.jobs.job(context.tenant, job_id) if job_id else None
        if job is None or job.status.open:
            return
        icon = ":material/check_circle:" if job.status is JobStatus.COMPLETED else ":material/warning:"
        st.toast(escaped(self.outcome_words(job)), icon=icon)


def share(job: Job) -> float:
    """The part that is done, 0 to 1; 0 while the whole is not known."""
    return min(1.0, job.progress.done / job.progress.total) if job.progress.total else 0.0


def time_left(seconds: int) -> str:
    """`20 seconds`, `3 minutes`."""
    if seconds < _MINUTES_FROM:
        return numbers.counted(max(seconds, 1), "second")
    return numbers.counted(round(seconds / 60), "minute")


def told(job: Job, name: str, counts: str) -> str:
    """`Discovery ended: 2,487 assets seen`; how it ended where that was not well, and why it failed."""
    ends = {
        JobStatus.COMPLETED: "ended",
        JobStatus.PARTIAL: "ended in part",
        JobStatus.FAILED: "failed",
        JobStatus.INTERRUPTED: "was interrupted",
    }
    reason = job.failures[0].message if job.failures and job.status is JobStatus.FAILED else ""
    return ": ".join(part for part in (f"{name} {ends[job.status]}", reason or counts) if part)

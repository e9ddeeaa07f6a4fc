"""Runs of the checks from the page: starts one, shows how far one under way is, and what to do before the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.jobs import JobStatus
from finops.model.people import Right
from pages.ui import job_watch, numbers
from pages.ui.job_watch import Watched
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.jobs import Job
    from pages.ui.finding_answers import Answers
    from pages.ui.page import Context

COLUMNS = 2
HISTORY = "findings.history"


def words(job: Job) -> str:
    """`Checking: Idle EC2 instance, 3 of 30 checks, 1,204 resources, 2 failures, about 20 seconds left`."""
    found = job.progress
    if job.status is JobStatus.PENDING or not found.total:
        return "The checks are about to begin"
    if job.kind == HISTORY:
        return f"Looking back at past weeks: {found.done:,} of {found.total:,}. What is found today is here already"
    parts = [found.note, f"{found.done:,} of {numbers.counted(found.total, 'check')}"]
    if found.items:
        parts.append(f"{numbers.counted(found.items, 'resource')} looked at")
    if found.failures:
        parts.append(numbers.counted(found.failures, "failure"))
    if found.seconds_left is not None:
        parts.append(f"about {job_watch.time_left(found.seconds_left)} left")
    return f"Checking: {', '.join(part for part in parts if part)}"


def outcome_words(job: Job) -> str:
    """`The run ended: 549 findings, 12 new, 3 resolved`; how it ended where that was not well."""
    names = (("flagged", "findings"), ("new", "new"), ("reopened", "reopened"), ("resolved", "resolved"))
    counts = [f"{job.counts[name]:,} {what}" for name, what in names if job.counts.get(name)]
    return job_watch.told(job, "The run", ", ".join(counts) or "nothing found")


CHECKS = Watched("findings.run", Right.RUN_CHECKS, words, outcome_words, also=(HISTORY,))


def menu(context: Context, job: Job | None) -> None:
    """A button in the title row for those who may: what a run does, and starting one."""
    if not CHECKS.may_start(context):
        return
    key = f"savings.run.{job.job_id if job else ''}"  # closed again once a run is under way
    with st.popover("Run checks", icon=":material/troubleshoot:", key=key, disabled=job is not None):
        st.markdown("Measures again with every check and judges. It only reads; nothing in AWS changes.")
        if context.finops.settings.mode == "aws":
            st.markdown(":small[:gray[CloudWatch asks \\$0.01 for 1,000 metrics.]]")
        _start_button(context, "Run all checks")
    CHECKS.refusal()


def _start_button(context: Context, label: str) -> None:
    st.button(
        label,
        key="savings.run.start",
        icon=":material/troubleshoot:",
        type="primary",
        on_click=CHECKS.start,
        args=(context, {"checks": []}),
    )


def nothing_yet(answers: Answers, job: Job | None) -> None:
    """What the page shows before the first run: what will be checked, and the way to begin."""
    context = answers.context
    if job is not None:
        st.subheader("The first run is under way", anchor=False)
        st.markdown("Findings appear here when it has ended.")
        return
    st.subheader("Nothing checked yet", anchor=False)
    if not context.finops.inventory.version(context.tenant):
        st.markdown("The checks look at what a discovery has listed, and there has been none here yet.")
        if context.tenant == context.finops.settings.refresh_tenant and context.finops.settings.discovery_hours:
            st.markdown("The clock starts the first one by itself, usually within a minute; the checks follow.")
            _waiting(context)
        return
    if context.finops.settings.findings_hours and context.tenant == context.finops.settings.refresh_tenant:
        st.markdown("The clock runs the checks by itself, usually within a minute after the first discovery.")
        _waiting(context)
    if CHECKS.may_start(context):
        _start_button(context, "Run checks")
    else:
        st.markdown("Someone with the right to run checks can start them here.")
    with st.container(border=True):
        st.markdown(f"**{numbers.counted(len(answers.checks), 'check')}** will look for:")
        _titles([check.title for check in answers.checks.values()])


def _titles(titles: Sequence[str]) -> None:
    half = -(-len(titles) // COLUMNS)
    for number, column in enumerate(st.columns(COLUMNS, gap="small")):
        part = titles[number * half : (number + 1) * half]
        column.markdown("\n".join(f"- {escaped(title)}" for title in part))


@st.fragment(run_every=job_watch.SECONDS)
def _waiting(context: Context) -> None:
    if CHECKS.under_way(context) is not None or context.finops.waste.last_run(context.tenant) is not None:
        st.rerun()

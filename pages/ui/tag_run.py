"""Evaluations from the page: keeps how tags stand today for the trend, and on demand what the bill says of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.jobs import JobStatus
from finops.model.people import Right
from pages.ui import job_watch, numbers
from pages.ui.job_watch import Watched

if TYPE_CHECKING:
    from finops.model.jobs import Job
    from pages.ui.page import Context


def words(job: Job) -> str:
    """How far an evaluation is."""
    if job.status is JobStatus.PENDING or not job.progress.total:
        return "The evaluation is about to begin"
    return "Evaluated; asking Cost Explorer about each key" if job.progress.done else "Evaluating"


def outcome_words(job: Job) -> str:
    """`The evaluation ended: 2,801 assets, 1,496 violating`; how it ended where that was not well."""
    names = (("assets", "assets"), ("violating", "violating"), ("keys_asked", "keys asked of the bill"))
    counts = [f"{job.counts[name]:,} {what}" for name, what in names if job.counts.get(name)]
    return job_watch.told(job, "The evaluation", ", ".join(counts) or "nothing was kept")


EVALUATION = Watched("tags.evaluate", Right.REFRESH_COSTS, words, outcome_words)


def menu(context: Context, job: Job | None, *, keys: int) -> None:
    """A button in the title row for those who may: what an evaluation does, and starting one."""
    if not EVALUATION.may_start(context):
        return
    key = f"tags.run.{job.job_id if job else ''}"  # closed again once one is under way
    with st.popover("Evaluate", icon=":material/rule:", key=key, disabled=job is not None):
        st.markdown("Keeps how tags stand today, for the trend. Each discovery does so by itself.")
        bill = st.toggle("Ask Cost Explorer why dollars are untagged", value=True, key="tags.run.bill")
        if bill and context.finops.settings.mode == "aws":
            st.markdown(f":small[:gray[A few cents for each of {numbers.counted(keys, 'key')}.]]")
        st.button(
            "Evaluate now",
            key="tags.run.start",
            icon=":material/rule:",
            type="primary",
            on_click=EVALUATION.start,
            args=(context, {"bill": bool(bill)}),
        )
    EVALUATION.refusal()

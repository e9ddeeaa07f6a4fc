"""The card of jobs on Health: what ran lately, how it ended, and what failed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.jobs import JobStatus
from pages.ui import inventory_head, numbers
from pages.ui.job_watch import share
from pages.ui.page import card
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from finops.jobs import Jobs
    from finops.model.jobs import Job

LAST, MOST_FOLDS = 10, 3
_KINDS = {
    "inventory.discover": "Discovery",
    "costs.refresh": "Cost refresh",
    "findings.run": "Waste checks",
    "findings.history": "Past waste checks",
    "tags.evaluate": "Tag evaluation",
    "anomalies.detect": "Anomaly detection",
}
_COLOURS = {
    JobStatus.PENDING: "gray",
    JobStatus.RUNNING: "blue",
    JobStatus.COMPLETED: "green",
    JobStatus.PARTIAL: "orange",
    JobStatus.FAILED: "red",
    JobStatus.INTERRUPTED: "orange",
}
_COUNTS = {"seen": "assets seen", "calls": "calls", "accounts": "accounts"}


def jobs(found: Jobs, tenant: str, *, now: datetime, accounts: Mapping[str, str]) -> None:
    """The last jobs of a tenant with status, time and result; failures in folds below."""
    with card("Jobs", note=f"the last {LAST}", height="content"):
        last, _ = found.jobs(tenant, parts=False, limit=LAST)
        if not last:
            st.info("No job has run yet. Discoveries and refreshes appear here.", icon=":material/info:")
            return
        _table(last, now)
        for job in [job for job in last if job.failures][:MOST_FOLDS]:
            _failures(job, accounts)


def _table(last: Sequence[Job], now: datetime) -> None:
    column = st.column_config
    statuses = [status.value.capitalize() for status in JobStatus]
    st.dataframe(
        frame(last, now),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        column_config={
            "Job": column.TextColumn("Job", pinned=True, width=110),
            "Status": column.MultiselectColumn(
                "Status", options=statuses, color=[_COLOURS[status] for status in JobStatus], width=110
            ),
        },
        alt="The last jobs",
    )


def frame(last: Sequence[Job], now: datetime) -> pd.DataFrame:
    """One line per job, newest first."""
    return pd.DataFrame(
        {
            "Job": [kind_name(job.kind) for job in last],
            "Status": [[job.status.value.capitalize()] for job in last],
            "Started": [numbers.clock(job.started) if job.started else numbers.UNKNOWN for job in last],
            "Took": [took(job, now) for job in last],
            "Result": [result_words(job) for job in last],
            "Failures": [len(job.failures) for job in last],
            "Who": [plain_line(job.user.removeprefix("persona:"), limit=60) or numbers.UNKNOWN for job in last],
        }
    )


def kind_name(kind: str) -> str:
    """`Discovery` for `inventory.discover`; kinds not known here by their own name."""
    return _KINDS.get(kind) or plain_line(kind, limit=60)


def took(job: Job, now: datetime) -> str:
    """`12 seconds`, `4 minutes`; for an open job so far; a dash for one that never began."""
    if job.started is None:
        return numbers.UNKNOWN
    seconds = round(((job.ended or now) - job.started).total_seconds())
    if seconds < 90:  # noqa: PLR2004 - from here on minutes say enough
        return numbers.counted(max(seconds, 0), "second") if seconds else "under a second"
    return numbers.counted(round(seconds / 60), "minute")


def result_words(job: Job) -> str:
    """`2,487 assets seen, 12 appeared, 3,104 calls`; how far it is while it runs."""
    if job.status is JobStatus.PENDING:
        return "waits for its turn"
    if job.status.open:
        return f"{share(job):.0%} done, {numbers.counted(job.progress.items, 'item')} so far"
    counts = [f"{count:,} {_COUNTS.get(name, name.replace('_', ' '))}" for name, count in job.counts.items() if count]
    return plain_line(", ".join(counts), limit=200) or numbers.UNKNOWN


def _failures(job: Job, accounts: Mapping[str, str]) -> None:
    began = numbers.clock(job.started or job.created)
    told = numbers.counted(len(job.failures), "failure")
    with st.expander(f"{escaped(kind_name(job.kind))}, {began}: {told}", type="compact"):
        inventory_head.failure_list(job.failures, accounts)

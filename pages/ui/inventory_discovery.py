"""Discovery from the page: starts one, shows how far one under way is, and what to do before the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.jobs import JobStatus
from finops.model.people import Right
from pages.ui import job_watch, numbers
from pages.ui.job_watch import Watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.jobs import Job
    from pages.ui.page import Context


def menu(context: Context, job: Job | None, failed: Sequence[str]) -> None:
    """A button in the title row for those who may: what a discovery does, and starting one.

    `failed` are the accounts that something failed in: they can be tried again alone.
    """
    if not DISCOVERY.may_start(context):
        return
    key = f"inventory.discover.{job.job_id if job else ''}"  # closed again once a discovery is under way
    with st.popover("Discover", icon=":material/radar:", key=key, disabled=job is not None):
        st.markdown("Lists every kind of resource in every account and region. It only reads.")
        _start_button(context, "Discover all accounts", ())
        if failed:
            _start_button(context, f"Only the {numbers.counted(len(failed), 'account')} read in part", failed)
    DISCOVERY.refusal()


def _start_button(context: Context, label: str, accounts: Sequence[str]) -> None:
    st.button(
        label,
        key=f"inventory.start.{len(accounts)}",
        icon=":material/radar:",
        type="secondary" if accounts else "primary",
        on_click=DISCOVERY.start,
        args=(context, {"accounts": list(accounts), "regions": [], "services": []}),
    )


def words(job: Job) -> str:
    """`Discovering: 1,204 assets, 812 of 2,400 listings, 3 failed, about 20 seconds left`."""
    if job.status is JobStatus.PENDING:
        return "Discovery is about to begin"
    found = job.progress
    if not found.total:
        return "Discovering: asking which accounts and regions there are"
    parts = [numbers.counted(found.items, "asset")]
    parts.append(f"{found.done:,} of {found.total:,} listings")
    if found.calls:
        parts.append(numbers.counted(found.calls, "call"))
    if found.failures:
        parts.append(f"{found.failures:,} failed")
    if found.seconds_left is not None:
        parts.append(f"about {job_watch.time_left(found.seconds_left)} left")
    return f"Discovering: {', '.join(parts)}"


def outcome_words(job: Job) -> str:
    """`Discovery ended: 2,487 assets seen, 12 appeared, 5 missing`; how it ended where that was not well."""
    names = (("seen", "assets seen"), ("appeared", "appeared"), ("changed", "changed"), ("missing", "missing"))
    counts = [f"{job.counts[name]:,} {what}" for name, what in names if job.counts.get(name)]
    return job_watch.told(job, "Discovery", ", ".join(counts))


DISCOVERY = Watched("inventory.discover", Right.DISCOVER, words, outcome_words)


def nothing_yet(context: Context, job: Job | None) -> None:
    """What the page shows before the first discovery."""
    settings = context.finops.settings
    if job is not None:
        st.subheader("The first discovery is under way", anchor=False)
        st.markdown("Assets appear here as accounts are read.")
        return
    st.subheader("Nothing discovered yet", anchor=False)
    if context.tenant != settings.refresh_tenant:
        st.markdown(
            f"Discovery keeps its assets in tenant `{settings.refresh_tenant}`. "
            "A bill that was imported here brings no list of resources."
        )
        return
    st.markdown("A discovery lists the resources of every account and region. It only reads.")
    if settings.mode == "aws":
        st.markdown("`python -m finops iam-policy --member` prints the least policy that it needs.")
    if settings.discovery_hours:
        st.markdown("The clock starts the first one by itself, usually within a minute.")
        _waiting(context)
    if DISCOVERY.may_start(context):
        _start_button(context, "Discover now", ())
    else:
        st.markdown("Someone with the right to discover can start it here, or with this command:")
        st.code("python -m finops inventory discover", language="sh")


@st.fragment(run_every=job_watch.SECONDS)
def _waiting(context: Context) -> None:
    if DISCOVERY.under_way(context) is not None or context.finops.inventory.last_tried(context.tenant) is not None:
        st.rerun()

"""Discovery from the page: starts one, shows how far one under way is, and what to do before the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.errors import FinopsError
from finops.model.jobs import JobStatus
from finops.model.people import Right
from pages.ui import numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.jobs import Job
    from pages.ui.page import Context

KIND = "inventory.discover"
SECONDS = 2
_OPEN = tuple(status for status in JobStatus if status.open)
_SAID, _REFUSED = "inventory.discovery.said", "inventory.discovery.refused"


def under_way(context: Context) -> Job | None:
    """The tenant's discovery that has not ended yet, if any."""
    found, _ = context.finops.jobs.jobs(context.tenant, kind=KIND, statuses=_OPEN, parts=False, limit=1)
    return next(iter(found), None)


def may_start(context: Context) -> bool:
    """Whether this person may discover, and this tenant is the one that AWS answers for."""
    return context.may(Right.DISCOVER) and context.tenant == context.finops.settings.refresh_tenant


def menu(context: Context, job: Job | None, failed: Sequence[str]) -> None:
    """A button in the title row for those who may: what a discovery does, and starting one.

    `failed` are the accounts that something failed in: they can be tried again alone.
    """
    if not may_start(context):
        return
    key = f"inventory.discover.{job.job_id if job else ''}"  # closed again once a discovery is under way
    with st.popover("Discover", icon=":material/radar:", key=key, disabled=job is not None):
        st.markdown("Lists every kind of resource in every account and region. It only reads.")
        _start_button(context, "Discover all accounts", ())
        if failed:
            _start_button(context, f"Only the {numbers.counted(len(failed), 'account')} read in part", failed)
    refused = st.session_state.pop(_REFUSED, None)
    if refused:
        st.toast(escaped(refused), icon=":material/error:")


def _start_button(context: Context, label: str, accounts: Sequence[str]) -> None:
    st.button(
        label,
        key=f"inventory.start.{len(accounts)}",
        icon=":material/radar:",
        type="secondary" if accounts else "primary",
        on_click=_start,
        args=(context, tuple(accounts)),
    )


def _start(context: Context, accounts: tuple[str, ...]) -> None:
    """Starts a discovery; why it could not is said at the next run."""
    try:
        context.finops.access.demand(context.person, Right.DISCOVER, tenant=context.tenant)
        arguments = {"accounts": list(accounts), "regions": [], "services": []}
        context.finops.jobs.start(KIND, context.tenant, arguments, user=context.person.principal)
    except FinopsError as error:
        st.session_state[_REFUSED] = str(error)


def progress(context: Context, job: Job) -> None:
    """How far a discovery is, drawn anew until it ends; then the page is."""

    @st.fragment(run_every=SECONDS)
    def shown() -> None:
        now = context.finops.jobs.job(context.tenant, job.job_id)
        if now is None or not now.status.open:
            st.session_state[_SAID] = job.job_id
            st.rerun()
        else:
            st.progress(share(now), text=escaped(words(now)))

    shown()


def ended(context: Context) -> None:
    """Says once how a discovery that was watched here ended."""
    job_id = st.session_state.pop(_SAID, None)
    job = context.finops.jobs.job(context.tenant, job_id) if job_id else None
    if job is None or job.status.open:
        return
    icon = ":material/check_circle:" if job.status is JobStatus.COMPLETED else ":material/warning:"
    st.toast(escaped(outcome_words(job)), icon=icon)


def share(job: Job) -> float:
    """The part that is done, 0 to 1; 0 while the whole is not known."""
    return min(1.0, job.progress.done / job.progress.total) if job.progress.total else 0.0


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
        parts.append(f"about {time_left(found.seconds_left)} left")
    return f"Discovering: {', '.join(parts)}"


def time_left(seconds: int) -> str:
    """`20 seconds`, `3 minutes`."""
    if seconds < 90:  # noqa: PLR2004 - from here on minutes say enough
        return numbers.counted(max(seconds, 1), "second")
    return numbers.counted(round(seconds / 60), "minute")


def outcome_words(job: Job) -> str:
    """`Discovery ended: 2,487 assets seen, 12 appeared, 5 missing`; how it ended where that was not well."""
    ends = {
        JobStatus.COMPLETED: "Discovery ended",
        JobStatus.PARTIAL: "Discovery ended in part",
        JobStatus.FAILED: "Discovery failed",
        JobStatus.INTERRUPTED: "Discovery was interrupted",
    }
    names = (("seen", "assets seen"), ("appeared", "appeared"), ("changed", "changed"), ("missing", "missing"))
    counts = [f"{job.counts[name]:,} {what}" for name, what in names if job.counts.get(name)]
    reason = job.failures[0].message if job.failures and job.status is JobStatus.FAILED else ""
    return ": ".join(part for part in (ends[job.status], reason or ", ".join(counts)) if part)


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
    if may_start(context):
        _start_button(context, "Discover now", ())
    else:
        st.markdown("Someone with the right to discover can start it here, or with this command:")
        st.code("python -m finops inventory discover", language="sh")


@st.fragment(run_every=SECONDS)
def _waiting(context: Context) -> None:
    if under_way(context) is not None or context.finops.inventory.last_tried(context.tenant) is not None:
        st.rerun()

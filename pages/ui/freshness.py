"""How far the data reaches, how old it is, what is still arriving, and what to do while there is none."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from config import DEMO_TENANT
from finops.model.period import Period
from pages.ui import numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.facade import Finops

STALE_AFTER = timedelta(hours=48)
"""Cost Explorer updates at least once a day (AWS Billing guide); two missed days are worth a warning."""

PREPARING_SECONDS = 2

STEPS = """
1. **Give read access.** `python -m finops iam-policy` prints the least policy that is needed; attach it to the role
or user this server runs as. 2. **Look at the price, then fetch.** `python -m finops costs refresh --dry-run` lists
the requests and what Cost Explorer charges for them; without `--dry-run` it sends them. 3. **Or bring a file.**
`python -m finops bill import PATH` reads a FOCUS export (CSV, gzip or Parquet) and costs nothing.
"""


def badges(finops: Finops, tenant: str, now: datetime) -> None:
    """Up to which day the figures are complete, which days still arrive, the accounts, and an age when it is stale."""
    costs = finops.costs
    complete, held = costs.complete_until(tenant), costs.period(tenant)
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if complete is not None and held is not None:
            last = min(complete, held.end) - timedelta(days=1)
            st.badge(
                f"Data to {numbers.day(last, year=last.year != now.year)}", icon=":material/schedule:", color="gray"
            )
            if held.end > complete:
                text = numbers.days(Period(max(complete, held.start), held.end))
                st.badge(f"{text} still arriving", icon=":material/hourglass_bottom:", color="orange")
        _accounts_badge(finops, tenant)
        fetched = _fetched_at(finops, tenant)
        if fetched is not None and now - fetched > STALE_AFTER and _refreshable(finops, tenant):
            st.badge(f"Updated {numbers.ago(fetched, now)}", icon=":material/update:", color="orange")


def _accounts_badge(finops: Finops, tenant: str) -> None:
    seen = [account for account in finops.costs.choices(tenant, "account") if account]
    known = set(finops.costs.account_names(tenant)) | set(seen)
    if known:
        complete = len(seen) >= len(known)
        st.badge(
            f"{len(seen)} of {numbers.counted(len(known), 'account')}",
            icon=":material/check_circle:" if complete else ":material/error:",
            color="green" if complete else "orange",
        )


def _refreshable(finops: Finops, tenant: str) -> bool:
    return any(state.source == "cost_explorer" for state in finops.costs.sources(tenant))


def _fetched_at(finops: Finops, tenant: str) -> datetime | None:
    return max((state.fetched_at for state in finops.costs.sources(tenant) if state.fetched_at), default=None)


def last_failure(finops: Finops, tenant: str, now: datetime) -> None:
    """Says when the latest attempt to read a source failed, why, and that the figures shown are the last good ones."""
    for state in finops.costs.sources(tenant):
        if not state.failures:
            continue
        first = state.failures[0]
        more = f" (and {len(state.failures) - 1} more, see Health)" if len(state.failures) > 1 else ""
        grant = f" Missing permission: `{first.missing_action}`." if first.missing_action else ""
        shown = f" Shown is what was fetched {numbers.ago(state.fetched_at, now)}." if state.fetched_at else ""
        st.warning(f"{escaped(first.message)}{more}{grant}{shown}", icon=":material/warning:")


def nothing_yet(finops: Finops, tenant: str) -> None:
    """What the page shows while the tenant holds no costs.

    The demo being prepared, how to make it where no clock will, or the three steps to the first bill.
    """
    made_up = finops.settings.mode == "demo" and tenant == DEMO_TENANT
    if made_up and finops.settings.refresh_hours:
        _preparing(finops, tenant)
        return
    if made_up:
        st.subheader("No costs yet", anchor=False)
        st.markdown("The clock is switched off (`FINOPS_COSTS_REFRESH_HOURS=0`). Make the demo's costs yourself:")
        st.code("python -m finops costs refresh", language="sh")
        return
    st.subheader("No costs yet", anchor=False)
    st.markdown(
        f"Checked just now: nothing is stored for `{tenant}`, from Cost Explorer or a file. Three steps to your bill:"
    )
    st.markdown(STEPS)
    last_failure(finops, tenant, finops.now())


@st.fragment(run_every=PREPARING_SECONDS)
def _preparing(finops: Finops, tenant: str) -> None:
    if finops.costs.coverage(tenant):
        st.rerun()
    last_failure(finops, tenant, finops.now())
    st.markdown(
        ":small[:gray[Preparing fourteen months of made-up costs for eight accounts. This takes some seconds, once.]]"
    )
    grid = st.grid(4, min_column_width=150, gap="small")
    for _ in range(4):
        grid.skeleton(height=130)
    left, right = st.columns([1.9, 1], gap="small")
    left.skeleton(height=390)
    right.skeleton(height=390)


def arriving(period: Period, complete_until: date | None) -> Period | None:
    """The days of `period` whose costs are still incomplete."""
    if complete_until is None or complete_until >= period.end:
        return None
    return Period(max(period.start, complete_until), period.end)

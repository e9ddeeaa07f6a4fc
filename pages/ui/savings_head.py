"""How fresh and how whole the findings are, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import inventory_head, numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from finops.model.outcome import Failure
    from finops.store import Run
    from pages.ui.finding_answers import Answers


def badges(answers: Answers, run: Run) -> None:
    """When the checks last ran, and a button that opens what they could not see."""
    now, at = answers.context.now, moment(run)
    stale = now - at > answers.stale_after
    age = f" · {numbers.ago(at, now)}" if stale else ""
    st.badge(
        f"Checked {numbers.clock(at)}{age}",
        icon=":material/update:" if stale else ":material/schedule:",
        color="orange" if stale else "gray",
    )
    if answers.failures:
        label = f":orange-badge[:material/warning: {partial_words(answers.failures, answers.accounts)}]"
        with st.popover(label, type="tertiary", key="savings.failures"):
            st.markdown("What could not be seen is undetermined: never counted as fine.")
            inventory_head.failure_list(answers.failures, answers.accounts)


def moment(run: Run) -> datetime:
    """When a run looked."""
    return run.started


def partial_words(failures: Sequence[Failure], accounts: Mapping[str, str]) -> str:
    """`3 of 8 accounts partly seen`; `partly seen` where no account is named."""
    named = {failure.account for failure in failures if failure.account}
    whole = numbers.counted(max(len(accounts), len(named)), "account")
    return f"{len(named)} of {whole} partly seen" if named else "partly seen"


def warning(answers: Answers) -> None:
    """The partial state in one line: who denies what, and what did not answer; the rest stays."""
    if answers.failures:
        words = partial_words(answers.failures, answers.accounts)
        inventory_head.warning_line(words, answers.failures, answers.accounts)


def provenance(answers: Answers, run: Run) -> None:
    """A quiet line below the page: the run, its checks, the prices and the bills."""
    ran = run.detail.get("checks")
    checks = len(ran) if isinstance(ran, list) else len(answers.checks)
    prices, today = answers.context.finops.waste.prices, answers.context.now.date()
    period = answers.context.finops.costs.resource_period(answers.context.tenant)
    bills = f"bills of {numbers.days(period, today=today)}" if period else "no bill names resources"
    parts = (
        f"Checked {numbers.clock(moment(run))} with {numbers.counted(checks, 'check')}",
        f"list prices of {numbers.day(prices.as_of, year=True)}",
        f"{bills}",
        "a month is 730 hours, or 365/12 days",
    )
    st.markdown(f":small[:gray[{escaped(' · '.join(parts))}]]")

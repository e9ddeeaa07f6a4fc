"""AWS Cost Anomaly Detection beside ours: what it says of one anomaly, what only it found, or why nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.aws_anomalies import CONSOLE, AwsState
from pages.ui import names, numbers, palette
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.anomalies import Standing
    from finops.model.aws_anomalies import AwsFinding, AwsFindings
    from pages.ui.anomaly_answers import Answers

COMMAND = "python -m finops anomalies detect --aws"
MOST = 20


def state_words(known: AwsFindings, now: datetime) -> str:
    """What is known of AWS's findings in a sentence; plain text. Not asked is never none found."""
    asked = f" on {numbers.clock(known.asked)}" if known.asked is not None else ""
    reason = known.failure.message if known.failure is not None else ""
    older = f" Shown is what it told {numbers.ago(known.told_at, now)}." if known.told_at is not None else ""
    match known.state:
        case AwsState.NEVER_ASKED:
            return "AWS was never asked for its own findings. Asking is a paid request, so nobody does it unasked."
        case AwsState.NO_MONITORS:
            return f"This account had no monitor of AWS Cost Anomaly Detection when asked{asked}: AWS looks at nothing."
        case AwsState.DENIED:
            return f"AWS refused to tell its findings{asked}: {reason}{older}"
        case AwsState.FAILED:
            return f"AWS could not be asked{asked}: {reason}{older}"
    since = f" since {numbers.day(known.since)}" if known.since is not None else ""
    found = numbers.counted(len(known.findings), "anomaly", "anomalies")
    monitors = numbers.counted(known.monitors, "monitor")
    return f"AWS told of {found}{since}, by {monitors}, when asked{asked}."


def beside(answers: Answers, one: Standing) -> None:
    """AWS's finding of the same service and days; or that it has none, or was never asked."""
    known = answers.everything.aws.known
    if one.aws is not None:
        _finding(answers, one.aws)
    elif known.told_at is not None:
        st.markdown("AWS told of no anomaly of this service on these days.")
    st.markdown(f":small[:gray[{escaped(state_words(known, answers.context.now))}]]")
    _ask(known)


def _finding(answers: Answers, found: AwsFinding) -> None:
    cents = numbers.exact_money(found.impact)
    days = _days(found)
    st.markdown(f"**{escaped(cents)}** more than AWS expected, {days}.")
    lines = [
        ("Score", f"{found.score:.2f} of 1"),
        ("Spent", numbers.exact_money(found.actual) if found.actual is not None else ""),
        ("Expected", numbers.exact_money(found.expected) if found.expected is not None else ""),
        ("Account", names.value_name("account", answers.accounts)(found.account) if found.account else ""),
        ("Region", found.region),
        ("Usage type", found.usage_type),
        ("Feedback there", found.feedback.replace("_", " ").lower()),
        ("AWS's id", found.finding_id),
    ]
    known = [(label, value) for label, value in lines if value]
    frame = pd.DataFrame(
        {"label": [f":gray[{label}]" for label, _ in known], "value": [escaped(value) for _, value in known]}
    )
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt="What AWS says of it")
    st.link_button("AWS console", found.link, icon=":material/open_in_new:", type="tertiary")


def _days(found: AwsFinding) -> str:
    """`on 15 Nov`, `from 15 to 18 Nov`, `since 15 Nov`."""
    if found.end is None:
        return f"since {numbers.day(found.start)}"
    if found.end == found.start:
        return f"on {numbers.day(found.start)}"
    return f"from {numbers.day(found.start)} to {numbers.day(found.end)}"


def _ask(known: AwsFindings) -> None:
    if known.state is not AwsState.TOLD:
        if known.state is AwsState.NO_MONITORS:
            st.link_button("Monitors in AWS", CONSOLE, icon=":material/open_in_new:", type="tertiary")
            return
        st.code(COMMAND, language="sh")


def card_body(answers: Answers) -> None:
    """What only AWS found, and what is known of its findings at all."""
    side = answers.everything.aws
    st.markdown(escaped(state_words(side.known, answers.context.now)))
    if side.unmatched:
        _table(answers, side.unmatched)
    elif side.known.told_at is not None and side.known.findings:
        st.markdown("Each of them is beside one of the anomalies above.")
    _ask(side.known)


def _table(answers: Answers, found: Sequence[AwsFinding]) -> None:
    called = names.value_name("account", answers.accounts)
    frame = pd.DataFrame(
        {
            "service": [plain_line(palette.short_name("service", each.service), limit=60) for each in found],
            "impact": [float(each.impact) for each in found],
            "start": [each.start for each in found],
            "account": [plain_line(called(each.account), limit=60) if each.account else "" for each in found],
            "part": [plain_line(" ".join((each.usage_type, each.region)), limit=90) for each in found],
            "score": [each.score for each in found],
            "link": [each.link for each in found],
        }
    ).head(MOST)
    column = st.column_config
    settings = {
        "service": column.TextColumn("Only AWS found", pinned=True),
        "impact": column.NumberColumn("Impact, $", format="%+,.2f"),
        "start": column.DateColumn("Since", format="D MMM YYYY"),
        "account": column.TextColumn("Account"),
        "part": column.TextColumn("Usage type, region"),
        "score": column.NumberColumn("AWS's score", format="%.2f"),
        "link": column.LinkColumn("Console", display_text="Open"),
    }
    st.dataframe(
        frame,
        key="table.anomalies.aws",
        hide_index=True,
        column_config=settings,
        placeholder=numbers.UNKNOWN,
        alt="Anomalies that only AWS found",
    )

"""What a person says of an anomaly: it was one, it was none, or it was planned until a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.anomalies import FeedbackVerdict
from finops.model.errors import FinopsError
from finops.model.people import Right
from pages.ui import anomaly_names, numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.model.anomalies import Anomaly, Standing
    from pages.ui.page import Context

USUAL_DAYS, LONGEST_NOTE = 14, 500
_DONE, _SAID = "anomalies.deeds.done", "anomalies.deeds.said"
_MAY_NOT = "Judging anomalies needs the right to do so, which analysts and administrators have."


def key(field: str) -> str:
    """A widget's key: another one after each deed, so that its popover closes and its text is empty again."""
    return f"anomalies.deed.{st.session_state.get(_DONE, 0)}.{field}"


def row(context: Context, one: Standing) -> None:
    """Three ways to judge; for those who may not, the same ones disabled, with why."""
    may = context.may(Right.JUDGE_ANOMALIES)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(":small[:gray[Was it one?]]", width="content")
        st.button(
            "Yes",
            key=key("yes"),
            icon=":material/check:",
            disabled=not may,
            help="A real anomaly: it is counted as found." if may else _MAY_NOT,
            on_click=_say,
            args=(context, one.anomaly, FeedbackVerdict.YES),
        )
        with st.popover("No", icon=":material/close:", key=key("no"), disabled=not may, help=None if may else _MAY_NOT):
            _form(context, one.anomaly, FeedbackVerdict.NO, "It was no anomaly: it is silenced from now on.")
        with st.popover(
            "Planned", icon=":material/event:", key=key("planned"), disabled=not may, help=None if may else _MAY_NOT
        ):
            told = "What this account and service do from its start until a day is silenced."
            _form(context, one.anomaly, FeedbackVerdict.PLANNED, told)


def _form(context: Context, anomaly: Anomaly, verdict: FeedbackVerdict, told: str) -> None:
    with st.form(key(f"form.{verdict}"), border=False):
        st.markdown(escaped(told))
        if verdict is FeedbackVerdict.PLANNED:
            least = anomaly.start + timedelta(days=1)
            usual = max(least, context.now.date() + timedelta(days=USUAL_DAYS))
            st.date_input("Until, that day excluded", usual, min_value=least, key=key("until"), format="YYYY-MM-DD")
        st.text_input("Note", key=key(f"note.{verdict}"), max_chars=LONGEST_NOTE, placeholder="Why, for others")
        st.form_submit_button(
            "Keep", key=key(f"do.{verdict}"), type="primary", on_click=_say, args=(context, anomaly, verdict)
        )


def said_of(one: Standing) -> str:
    """`Planned until 12 Dec, said analyst on 20 Nov, 09:00 UTC: “load test”`; Markdown, empty where nobody did."""
    said = one.feedback
    if said is None:
        return "Silenced: planned activity of this account and service." if one.silenced else ""
    until = f" until {numbers.day(said.until, year=True)}" if said.until is not None else ""
    note = f": “{escaped(said.note, limit=300)}”" if said.note else "."
    name = anomaly_names.VERDICT_NAMES[said.verdict]
    return f"**{name}**{until}, said {escaped(anomaly_names.who(said.by))} on {numbers.clock(said.at)}{note}"


def told() -> None:
    """Says once what the last deed came to."""
    found = st.session_state.pop(_SAID, None)
    if found:
        st.toast(escaped(found[1]), icon=found[0])


def _say(context: Context, anomaly: Anomaly, verdict: FeedbackVerdict) -> None:
    """Keeps it; what came of it is said at the next run."""
    note = " ".join(str(st.session_state.get(key(f"note.{verdict}")) or "").split())
    until = st.session_state.get(key("until")) if verdict is FeedbackVerdict.PLANNED else None
    try:
        context.finops.access.demand(context.person, Right.JUDGE_ANOMALIES, tenant=context.tenant)
        context.finops.anomalies.judge(
            context.tenant,
            anomaly.anomaly_id,
            verdict,
            by=context.person.principal,
            until=until if isinstance(until, date) else None,
            note=note,
        )
    except FinopsError as error:
        st.session_state[_SAID] = (":material/error:", f"Nothing was kept: {error}.")
        return
    st.session_state[_SAID] = (":material/check_circle:", f"Kept: {anomaly_names.VERDICT_NAMES[verdict].lower()}.")
    st.session_state[_DONE] = st.session_state.get(_DONE, 0) + 1

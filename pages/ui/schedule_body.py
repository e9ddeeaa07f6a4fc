"""The half of Reports that shows schedules: the list, the one that is open, and what to do where there is none."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import report_mail, schedule_deeds, schedule_detail, schedule_editor, schedule_names, schedule_table
from pages.ui.page import card
from pages.ui.text import escaped

if TYPE_CHECKING:
    from pages.ui.report_answers import Answers
    from pages.ui.report_view import ReportView


def new_button(answers: Answers) -> None:
    """Opens the dialog of a new schedule, for those who may."""
    if answers.may_schedule and answers.names:
        st.button(
            "New schedule",
            key="schedules.new",
            type="primary",
            icon=":material/add:",
            on_click=schedule_editor.open_for,
            args=("",),
        )


def body(answers: Answers, view: ReportView, *, follow: bool) -> ReportView:
    """The half; returns the view with the schedule that is open."""
    schedule_deeds.collect(answers)
    schedule_deeds.told()
    wanted = schedule_deeds.asked()
    if wanted is not None:
        view, follow = replace(view, schedule=wanted), True
    if not answers.context.finops.mails.sender:
        st.warning(escaped(report_mail.domains_words(answers.context)), icon=":material/unsubscribe:")
    if not answers.schedules:
        _nothing(answers)
        return replace(view, schedule="")
    if view.schedule and answers.schedule(view.schedule) is None:
        st.info("The schedule that the link opens is not here any more.", icon=":material/link_off:")
        view = replace(view, schedule="")
    if not view.schedule:
        return replace(view, schedule=_listed(answers, view, follow=follow))
    left, right = st.columns([1.15, 1], gap="small")
    with left:
        view = replace(view, schedule=_listed(answers, view, follow=follow))
    schedule = answers.schedule(view.schedule)
    if schedule is None:
        st.rerun()
    with right, card(schedule.name, control=_close_button):
        schedule_detail.detail(answers, view, schedule)
    return view


def _listed(answers: Answers, view: ReportView, *, follow: bool) -> str:
    """The table; returns the id of the schedule that is open."""
    found = answers.schedules
    told = schedule_names.summary(found)
    with card("Schedules", note=escaped(told), height="content"):
        ids = [each.schedule_id for each in found]
        selected = ids.index(view.schedule) if view.schedule in ids else None
        key = f"table.schedules.{hashlib.sha256(repr(ids).encode()).hexdigest()[:12]}"
        if follow:
            rows = [] if selected is None else [selected]
            st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
        picked = schedule_table.draw(answers, found, key=key, alt=told, selected=selected, compact=selected is not None)
        st.markdown(
            f":small[:gray[Times of {escaped(answers.zone)}. Pick a row for what it sends and what came of it.]]"
        )
    opened = "" if picked is None else ids[picked]
    if bool(opened) != bool(view.schedule):
        schedule_deeds.ask_for(opened)
        st.rerun()
    return opened


def _close_button() -> None:
    st.button(
        "Close", key="schedules.close", icon=":material/close:", type="tertiary", on_click=schedule_deeds.ask_for,
        args=("",),
    )  # fmt: skip


def _nothing(answers: Answers) -> None:
    with card("No schedules yet", height="content"):
        st.markdown(
            "A schedule makes a report by itself and mails it: every Monday at seven the executive summary to the "
            "managers, every morning the anomalies to whoever is on duty."
        )
        if answers.may_schedule:
            st.markdown("Make one with **New schedule** above. The next five times are shown before anything is kept.")
            st.markdown("Or on the command line:")
            st.code(
                'python -m finops schedule add "Weekly costs" --report executive-summary --cron "0 7 * * 1" '
                "--timezone Europe/Berlin --to ann@example.com --format xlsx",
                language="sh",
            )
        else:
            st.markdown("Making one needs the right to schedule reports, which managers have. Ask one of them.")

"""Reports: made now and taken away, sent by themselves, and what became of every mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.people import Right
from pages.ui import (
    report_deliveries,
    report_files,
    report_form,
    report_links,
    report_made,
    report_making,
    report_work,
    schedule_body,
    schedule_editor,
    url_state,
)
from pages.ui.page import card, guarded, notices, page
from pages.ui.report_answers import Answers
from pages.ui.report_form import MakeForm
from pages.ui.report_view import ReportView, Tab, key

if TYPE_CHECKING:
    from pages.ui.page import Context

PAGE = "reports"
TAB_NAMES = {Tab.MAKE: "Make", Tab.SCHEDULES: "Schedules", Tab.DELIVERIES: "Deliveries"}


def badges(_: Context) -> None:
    """Nothing: each report says itself how fresh it is."""


def chosen_view(answers: Answers) -> tuple[ReportView, bool]:
    """The view of this run, URL and widgets in step, and whether the selected row must follow it."""

    def from_widgets() -> url_state.State | None:
        written = report_links.read(st.session_state.get(url_state.key(PAGE)) or {}, answers.names)[0]
        return report_links.write(shown_view(written), answers.names)

    state, from_link = url_state.current(PAGE, from_widgets)
    view, said = report_links.read(state, answers.names)
    if from_link:
        notices(said)
    place(view)
    return view, from_link


def shown_view(last: ReportView) -> ReportView:
    """The view with what the widgets show, where they were drawn; another choice of mails begins at the first page."""
    state = st.session_state
    view = report_form.shown_view(last)
    chosen = replace(
        view,
        tab=Tab(state.get(key("tab")) or last.tab),
        of=state.get(key("of"), last.of),
        statuses=report_links.in_order(state.get(key("statuses"), last.statuses)),
    )
    same = (chosen.of, chosen.statuses) == (last.of, last.statuses)
    return chosen if same else replace(chosen, page=1, mail="")


def place(view: ReportView) -> None:
    """Gives the widgets the view's values before they are drawn."""
    url_state.set_widget(key("tab"), view.tab)
    report_form.place(view)
    if view.tab is Tab.DELIVERIES:
        url_state.set_widget(key("of"), view.of)
        url_state.set_widget(key("statuses"), list(view.statuses))


def body(context: Context) -> None:
    """The page below its title."""
    answers = Answers(context)
    view, follow = chosen_view(answers)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Reports",
            list(Tab),
            key=key("tab"),
            format_func=TAB_NAMES.__getitem__,
            required=True,
            label_visibility="collapsed",
        )
        if view.tab is Tab.DELIVERIES:
            report_deliveries.filters(answers, view)
        st.space("stretch")
        if view.tab is Tab.SCHEDULES:
            schedule_body.new_button(answers)
    schedule_editor.show(answers)
    if view.tab is Tab.MAKE:
        make(answers, view)
    elif view.tab is Tab.SCHEDULES:
        view = schedule_body.body(answers, view, follow=follow)
    else:
        view = report_deliveries.body(answers, view, follow=follow)
    url_state.publish(PAGE, report_links.write(view, answers.names), context)


def make(answers: Answers, view: ReportView) -> None:
    """Making a report: what is wanted, how far it is, what it says, and one's own files."""
    if not answers.names:
        st.info("There is no report whose content you may see here.", icon=":material/lock:")
        return
    with card("Make a report", note="Reads what is stored, costs nothing", height="content"):
        MakeForm(answers, view).draw()
    report_making.collect()
    held = report_making.made(answers.context)
    if held is not None:
        report_made.show(answers, held)
    elif not report_work.under_way(report_making.WORK) and report_making.fault() is None:
        st.markdown(
            ":small[:gray[What it says appears here: figures, tables, what is missing, its files, and the mail that "
            "it would be.]]"
        )
    if answers.may_export:
        with card("Your files", height="content"), guarded("Your files"):
            report_files.body(Answers(answers.context))


with page("Reports", right=Right.VIEW_REPORTS, needs_costs=False, badges=badges) as ready:
    body(ready)

"""One schedule: what it sends, when, to whom and with whose rights; its deeds; what its firings came to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.delivery import ScheduleStatus
from pages.ui import (
    numbers,
    report_mail,
    report_names,
    report_ways,
    report_work,
    schedule_deeds,
    schedule_editor,
    schedule_names,
)
from pages.ui.report_view import Tab
from pages.ui.schedule_deeds import key
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.delivery import Schedule
    from pages.ui.report_answers import Answers
    from pages.ui.report_view import ReportView

MOST_READERS = 8


def detail(answers: Answers, view: ReportView, schedule: Schedule) -> None:
    """All of it."""
    paused = schedule_names.paused_words(schedule)
    if paused:
        st.warning(escaped(paused), icon=":material/pause_circle:")
    if answers.may_schedule:
        _deeds(answers, schedule)
    else:
        st.markdown(":small[:gray[Changing it needs the right to schedule reports, which managers have.]]")
    st.table(_facts(answers, schedule), border="horizontal")
    _history(answers, view, schedule)


def _deeds(answers: Answers, schedule: Schedule) -> None:
    context, active = answers.context, schedule.status is ScheduleStatus.ACTIVE
    busy = report_work.under_way(schedule_deeds.RUN) or report_work.under_way(schedule_deeds.TRY)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Change",
            key=key("change"),
            icon=":material/edit:",
            on_click=schedule_editor.open_for,
            args=(schedule.schedule_id,),
        )
        if active:
            st.button(
                "Pause",
                key=key("pause"),
                icon=":material/pause:",
                on_click=schedule_deeds.pause,
                args=(context, schedule),
            )
        else:
            st.button(
                "Resume",
                key=key("resume"),
                icon=":material/play_arrow:",
                type="primary",
                on_click=schedule_deeds.resume,
                args=(context, schedule),
            )
        with st.popover("Run now", icon=":material/send:", key=key("run"), disabled=busy or not active):
            st.markdown(
                f"Makes the report and mails it to {schedule_deeds.readers(schedule)} now. Its next time stays."
            )
            st.button("Send it", key=key("run.sure"), on_click=schedule_deeds.run_now, args=(context, schedule))
        with st.popover("Try on myself", icon=":material/outgoing_mail:", key=key("try"), disabled=busy):
            _try(answers, schedule)
        with st.popover("Remove", icon=":material/delete:", type="tertiary", key=key("remove")):
            st.markdown("It fires no more, and mails of it that wait are withheld. What was sent stays listed.")
            st.button("Remove it", key=key("remove.sure"), on_click=schedule_deeds.remove, args=(context, schedule))


def _try(answers: Answers, schedule: Schedule) -> None:
    to = key("to")
    with st.form(key("try.form"), border=False):
        st.markdown("The mail as it would be now, to one address instead of its readers.")
        st.text_input(
            "Address",
            report_mail.address(),
            key=to,
            placeholder="you@example.com",
            help=escaped(report_mail.domains_words(answers.context)),
        )
        args = (answers.context, schedule, to)
        st.form_submit_button("Send", key=key("try.sure"), on_click=schedule_deeds.try_out, args=args)


def _facts(answers: Answers, schedule: Schedule) -> dict[str, str]:
    zone = answers.zone
    readers = schedule.recipients[:MOST_READERS]
    rest = len(schedule.recipients) - len(readers)
    return {
        "Report": escaped(answers.title(schedule.report)),
        "When": escaped(report_names.when(schedule.cron, schedule.timezone)),
        "Next": escaped(report_names.at_in(schedule.next_run, zone)) if schedule.next_run else numbers.UNKNOWN,
        "Readers": escaped(", ".join(readers)) + (f" and {rest:,} more" if rest else ""),
        "File": report_names.FORMAT_NAMES[schedule.format],
        "Narrowed to": escaped(schedule_names.scope_words(schedule, answers.accounts)),
        "Without news": "sends nothing" if schedule.quiet else "is sent all the same",
        "Runs for": escaped(schedule_names.who(schedule.owner)),
    }


def _history(answers: Answers, view: ReportView, schedule: Schedule) -> None:
    found, total, mails = answers.history(schedule)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        told = f"the last {len(found):,} of {total:,}" if total > len(found) else numbers.counted(total, "time")
        st.markdown(f"**History** :small[:gray[{told}]]", width="content")
        mine = replace(view, tab=Tab.DELIVERIES, of=schedule.schedule_id, statuses=(), page=1, mail="")
        if found:
            st.button(
                "Its deliveries",
                key=key("deliveries"),
                type="tertiary",
                icon=":material/mail:",
                on_click=partial(report_ways.go, mine, answers.names),
            )
    if not found:
        st.markdown(":small[:gray[It has not fired yet.]]")
        return
    frame = pd.DataFrame(
        {
            "Due": [report_names.at(each.due, answers.zone) for each in found],
            "Result": [report_names.firing_words(each, mails.get(each.firing_id, {})) for each in found],
            "Notes": [plain_line(report_names.firing_notes(each)) or None for each in found],
        }
    )
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        placeholder=numbers.UNKNOWN,
        column_config={"Due": column.TextColumn("Due", pinned=True, width=122)},
        key=f"table.firings.{schedule.schedule_id}",
        alt=plain_line(f"What the firings of {schedule.name} came to"),
    )

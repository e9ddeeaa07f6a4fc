"""The half of Reports that shows mails: how they stand, one row for each reader and mail, and the one that is open."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.delivery import DeliveryStatus
from pages.ui import kpis, numbers, report_delivery, report_names, report_ways
from pages.ui.kpis import Kpi
from pages.ui.page import card, guarded
from pages.ui.pick_table import pick_row
from pages.ui.report_view import PAGE_SIZE, key, pages_of
from pages.ui.text import escaped, plain_line
from scheduler import LATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.delivery import Delivery
    from pages.ui.report_answers import Answers
    from pages.ui.report_view import ReportView

COLUMNS = ("recipient", "status", "when", "late", "schedule", "subject", "note")
_NAMES = report_names.DELIVERY_NAMES


def filters(answers: Answers, view: ReportView) -> None:
    """Which schedule, and how the mails stand."""
    names = {"": "All", **answers.called}
    if view.of and view.of not in names:
        names[view.of] = "A removed schedule"
    st.selectbox("Schedule", list(names), key=key("of"), format_func=names.__getitem__, width=220)
    st.pills(
        "Status",
        list(_NAMES),
        selection_mode="multi",
        key=key("statuses"),
        format_func=lambda status: f"{_NAMES[status]} {answers.counts[status]:,}",
    )


def body(answers: Answers, view: ReportView, *, follow: bool) -> ReportView:
    """The half; returns the view with the mail that is open."""
    report_delivery.collect(answers)
    report_delivery.told()
    wanted = report_delivery.asked()
    if wanted is not None:
        view, follow = replace(view, mail=wanted), True
    if not any(answers.counts.values()):
        _nothing()
        return replace(view, mail="")
    with guarded("Key figures"):
        kpis.row(strip(answers))
    found, total = answers.mails(view)
    if not found and total:
        view = replace(view, page=pages_of(total))
        found, total = answers.mails(view)
    if view.mail and answers.mail(view.mail) is None:
        st.info("The mail that the link opens is not known here.", icon=":material/link_off:")
        view = replace(view, mail="")
    if not view.mail:
        return replace(view, mail=_listed(answers, view, found, total, follow=follow))
    left, right = st.columns([1, 1], gap="small")
    with left:
        view = replace(view, mail=_listed(answers, view, found, total, follow=follow))
    mail = answers.mail(view.mail)
    if mail is not None:
        with right, card(report_names.DELIVERY_NAMES[mail.status], control=report_delivery.close_button):
            report_delivery.detail(answers, mail)
    return view


def strip(answers: Answers) -> list[Kpi]:
    """How mails stand: those sent lately, and those that wait for something or somebody."""
    lately, more = answers.sent_lately
    counts = answers.counts
    return [
        Kpi("Sent", f"{lately:,}{'+' if more else ''}", base="in 30 days"),
        Kpi(
            "Waiting",
            f"{counts[DeliveryStatus.QUEUED] + counts[DeliveryStatus.SENDING]:,}",
            base="usually under a minute",
        ),
        Kpi("Failed", f"{counts[DeliveryStatus.FAILED]:,}", base="each says why", help="Some of them are tried again."),
        Kpi(
            "Uncertain",
            f"{counts[DeliveryStatus.UNCERTAIN]:,}",
            base="nobody can tell",
            help="It ended between handing over and writing that down. Never sent again by itself: a person decides.",
        ),
    ]


def frame(answers: Answers, found: Sequence[Delivery]) -> pd.DataFrame:
    """One line per mail, newest first; times are on the person's clocks."""
    return pd.DataFrame(
        {
            "recipient": [plain_line(each.recipient, limit=80) for each in found],
            "status": [[_NAMES[each.status]] for each in found],
            "when": [report_names.at(each.sent_at or each.queued_at, answers.zone) for each in found],
            "late": [["Late"] if is_late(each) else [] for each in found],
            "schedule": [report_delivery.source(answers, each) for each in found],
            "subject": [plain_line(each.subject.removeprefix(LATE), limit=160) for each in found],
            "note": [report_delivery.note(each, answers.zone) or None for each in found],
        }
    )


def is_late(mail: Delivery) -> bool:
    """Whether it was due while nothing ran: its subject says so to its reader."""
    return mail.subject.startswith(LATE)


def _listed(answers: Answers, view: ReportView, found: Sequence[Delivery], total: int, *, follow: bool) -> str:
    """The table; returns the id of the mail that is open."""
    with card("Mails", note=escaped(numbers.counted(total, "mail")), height="content"):
        if not found:
            st.info("No mail stands so.", icon=":material/filter_alt_off:")
            _every_button(answers, view)
            return view.mail
        ids = [each.delivery_id for each in found]
        selected = ids.index(view.mail) if view.mail in ids else None
        shown = hashlib.sha256(repr((view.listed, ids)).encode()).hexdigest()[:12]
        table = f"table.mails.{shown}"
        if follow:
            chosen = [] if selected is None else [selected]
            st.session_state[table] = {"selection": {"rows": chosen, "columns": [], "cells": []}}
        rows = frame(answers, found)
        picked = pick_row(
            rows,
            _settings(),
            shown=[name for name in COLUMNS if name != "late" or rows["late"].map(bool).any()],
            key=table,
            alt=numbers.counted(total, "mail"),
            selected=selected,
        )
        _pager(answers, view, total)
    opened = ids[picked] if picked is not None else "" if selected is not None else view.mail
    if bool(opened) != bool(view.mail):
        report_delivery.ask_for(opened)
        st.rerun()
    return opened


def _settings() -> dict[str, Any]:
    column = st.column_config
    return {
        "recipient": column.TextColumn("Reader", pinned=True, width=140),
        "status": column.MultiselectColumn(
            "Status", options=list(_NAMES.values()), color=report_names.DELIVERY_COLOURS, width=90
        ),
        "when": column.TextColumn("When", width=122, help="When it was sent, else when it was queued."),
        "late": column.MultiselectColumn("Late", options=["Late"], color=["orange"], width=60),
        "schedule": column.TextColumn("From", width=130),
        "subject": column.TextColumn("Subject", width=280),
        "note": column.TextColumn("Why", width=320),
    }


def _pager(answers: Answers, view: ReportView, total: int) -> None:
    pages = pages_of(total)
    if pages == 1:
        return
    first = (view.page - 1) * PAGE_SIZE + 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[:gray[{first:,}–{min(first + PAGE_SIZE - 1, total):,} of {total:,}]]", width="content")
        for label, page, icon in (
            ("Newer", view.page - 1, ":material/chevron_left:"),
            ("Older", view.page + 1, ":material/chevron_right:"),
        ):
            turned = replace(view, page=max(page, 1), mail="")
            st.button(
                label,
                key=key(f"turn.{label}"),
                icon=icon,
                type="tertiary",
                disabled=not 1 <= page <= pages,
                on_click=partial(report_ways.go, turned, answers.names),
            )


def _every_button(answers: Answers, view: ReportView) -> None:
    every = replace(view, statuses=(), of="", page=1)
    st.button(
        "Show every mail",
        key=key("every"),
        type="tertiary",
        icon=":material/filter_alt_off:",
        on_click=partial(report_ways.go, every, answers.names),
    )


def _nothing() -> None:
    with card("No mails yet", height="content"):
        st.markdown(
            "Every mail is listed here with what became of it, a row for each reader: mails of schedules, alerts of "
            "budgets, and those that somebody sent to try something out. Begin under **Schedules**."
        )

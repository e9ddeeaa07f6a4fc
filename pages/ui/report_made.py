"""A report that was made: its news and figures, what is missing, its files, the mail that it would be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from finops.model.reports import Format, Tone
from finops.reports.files.wording import missing_words, period_words, scope_words
from pages.ui import kpis, report_mail, report_making, report_names, report_tables, report_work, schedule_editor
from pages.ui.kpis import Kpi
from pages.ui.page import card, guarded
from pages.ui.report_view import key
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.reports import Export, Figure
    from pages.ui.kpis import DeltaColour
    from pages.ui.report_answers import Answers
    from pages.ui.report_making import Made

MOST_MISSING = 8
LONGEST_VALUE = 20
MOST_ACROSS = 4
MOST_FILES = 6
SEND = "send"
_SENT = "report.sent"


def show(answers: Answers, held: Made) -> None:
    """All of it, in the order in which it matters."""
    report = held.report
    with card(report.title, note=escaped(_note(held)), height="content", control=partial(_page_button, held)):
        st.markdown(f"**{escaped(report.headline)}**")
        _missing(held)
        with guarded("Figures"):
            _figures(report.figures)
        _files(answers, held)
        with guarded("The tables"):
            report_tables.tables(report, held.rows, answers.zone)
        fold = st.expander("Preview of the mail", icon=":material/mail:", on_change="rerun", key=key("mail"))
        if fold.open:
            with fold, guarded("The mail"):
                _mail(answers, held)
        with st.expander("Where it comes from", icon=":material/database:", type="compact"):
            report_tables.provenance(report, answers.zone)


def _figures(figures: Sequence[Figure]) -> None:
    """One row of up to four; more stand in threes, so that a service's name has room."""
    across = MOST_ACROSS if len(figures) <= MOST_ACROSS else MOST_ACROSS - 1
    for start in range(0, len(figures), across):
        kpis.row([figure_card(figure) for figure in figures[start : start + across]])


def _note(held: Made) -> str:
    return f"{period_words(held.report.period)}, {scope_words(held.report)}, made in {held.seconds:.1f} s"


def _page_button(held: Made) -> None:
    if held.report.page.startswith("/"):
        st.link_button(
            "Open its page", held.report.page, icon=":material/open_in_new:", type="tertiary", key=key("page")
        )


def _missing(held: Made) -> None:
    """What is not in it, above every figure."""
    told = missing_words(held.report)
    if not told:
        return
    rest = len(told) - MOST_MISSING
    lines = [*told[:MOST_MISSING], *([f"and {rest:,} more, all named in the file"] if rest > 0 else [])]
    st.warning(
        "**Something is missing in this report.**  \n" + "  \n".join(escaped(line, limit=300) for line in lines),
        icon=":material/warning:",
    )


def figure_card(figure: Figure) -> Kpi:
    """A headline figure as a card; a change keeps its sign first and is coloured only when it is bad or good news."""
    value = figure.value if len(figure.value) <= LONGEST_VALUE else f"{figure.value[: LONGEST_VALUE - 1].rstrip()}…"
    told = "" if value == figure.value else figure.value
    change = figure.change.replace("\N{MINUS SIGN}", "-")
    if change[:1] not in {"+", "-"}:
        return Kpi(figure.label, value, base=figure.change, help=told)
    delta, _, base = change.partition(" vs ")
    return Kpi(figure.label, value, delta=delta, base=f"vs {base}" if base else "", colour=_colour(figure), help=told)


def _colour(figure: Figure) -> DeltaColour:
    if figure.tone is Tone.PLAIN:
        return "gray"
    up = figure.change.startswith("+")
    return "normal" if up is (figure.tone is Tone.BETTER) else "inverse"


# Files


def _files(answers: Answers, held: Made) -> None:
    """Links to the files, and making one more: of another format, or of another table as CSV."""
    report = held.report
    for fault in held.faults:
        st.error(f"**A file could not be made.** {escaped(fault)}", icon=":material/error:")
    if not answers.may_export:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for file in held.files[-MOST_FILES:]:
            download(answers, file, primary=True)
        _more(answers, held)
        if answers.may_schedule:
            request = report.request
            st.button(
                "Schedule it",
                key=key("schedule_it"),
                icon=":material/schedule_send:",
                on_click=schedule_editor.open_for,
                args=("", request.report, request.scope),
            )
    st.markdown(":small[:gray[Files are kept below, under Your files, and are yours alone.]]")


def download(answers: Answers, file: Export, *, primary: bool = False, place: str = "made") -> None:
    """A link to one file, signed until it ends."""
    label = f"{report_names.FORMAT_NAMES[file.format]}, {report_names.size(file.size)}" if primary else file.name
    st.link_button(
        f"Download {escaped(label, limit=120)}" if primary else escaped(label, limit=120),
        answers.context.finops.exports.link(file),
        icon=report_names.FORMAT_ICONS[file.format] if primary else ":material/download:",
        type="secondary" if primary else "tertiary",
        key=key(f"{place}.{file.export_id}"),
        help=escaped(file.name),
    )


def _more(answers: Answers, held: Made) -> None:
    tables = {table.name: table.title for table in held.report.tables}
    with st.popover("Another file", icon=":material/add:", key=key(f"more.{len(held.files)}")):
        for file_format in (Format.XLSX, Format.JSON):
            if file_format not in {file.format for file in held.files}:
                _make_button(answers, held, file_format, "")
        table = st.selectbox(
            "Table of the CSV", list(tables), key=key("table"), format_func=lambda name: tables.get(name, name)
        )
        _make_button(answers, held, Format.CSV, table or "")


def _make_button(answers: Answers, held: Made, file_format: Format, table: str) -> None:
    st.button(
        f"Make {report_names.FORMAT_NAMES[file_format]}",
        key=key(f"more.{file_format}"),
        icon=report_names.FORMAT_ICONS[file_format],
        on_click=report_making.add_file,
        args=(answers.context, held, file_format, table),
    )


# Mail


def _mail(answers: Answers, held: Made) -> None:
    """Sending it to oneself, and what it would look like."""
    _send_form(answers, held)
    report_mail.preview(answers.context, held, answers.zone)


def _send_form(answers: Answers, held: Made) -> None:
    if not answers.may_schedule:
        st.markdown(":small[:gray[Sending it needs the right to schedule reports: ask a manager.]]")
        return
    told = report_mail.domains_words(answers.context)
    with (
        st.form(key("send.form"), border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input("Send to myself", key=key("to"), placeholder="you@example.com", width=280, help=escaped(told))
        st.form_submit_button("Send", key=key("send"), icon=":material/send:", on_click=_begin, args=(answers, held))
    done = report_work.collected(SEND)
    if done is not None:
        st.session_state[_SENT] = _told(answers, done)
    said = st.session_state.get(_SENT)
    if said is not None:
        good, words = said
        (st.success if good else st.error)(
            escaped(words), icon=":material/check_circle:" if good else ":material/error:"
        )
    else:
        st.markdown(f":small[:gray[{escaped(told)} One mail, to this address only.]]")


def _begin(answers: Answers, held: Made) -> None:
    """Begins to send; nothing of the page's state is touched by the thread that does it."""
    context, to, zone = answers.context, str(st.session_state.get(key("to")) or "").strip(), answers.zone
    report_mail.remember_address(to)
    st.session_state.pop(_SENT, None)
    if not context.may(Right.SCHEDULE_REPORTS):
        return
    report_work.begin(SEND, f"Sending to {to}", lambda _: (to, report_mail.send_report(context, held, to, zone)))


def _told(answers: Answers, done: report_work.Done) -> tuple[bool, str]:
    error: FinopsError | None = done.error
    if error is not None:
        return False, f"Nothing was sent. {error.message if isinstance(error, InputError) else error}"
    to, mail = done.result
    return report_mail.sent_words(answers.context, mail, to)

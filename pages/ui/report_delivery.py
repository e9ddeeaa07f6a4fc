"""One mail to one reader: how it stands and why, what was in it, and having it sent again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from finops.delivery import TRIAL
from finops.model.delivery import DeliveryStatus
from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from pages.ui import numbers, report_mail, report_names, report_work
from pages.ui.report_view import key
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.delivery import Delivery
    from pages.ui.page import Context
    from pages.ui.report_answers import Answers

RESEND = "mail.resend"
_SAID, _ASKED = "mails.said", "mails.asked"
_STOPPED = frozenset({DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN})
_TWICE = (
    "Nobody can tell whether this mail left: the reader may get it twice. Ask the reader first, or look into the "
    "transport's log."
)


def ask_for(delivery_id: str) -> None:
    """Has a mail opened at the next run; empty closes the one that is."""
    st.session_state[_ASKED] = delivery_id


def asked() -> str | None:
    """The mail to be opened, once; None where nobody asked."""
    found: str | None = st.session_state.pop(_ASKED, None)
    return found


def close_button() -> None:
    """Closes the mail that is open."""
    icon = ":material/close:"
    st.button("Close", key=key("mail.close"), icon=icon, type="tertiary", on_click=ask_for, args=("",))


def source(answers: Answers, mail: Delivery) -> str:
    """What sent it: a schedule's name, or its kind."""
    if not mail.schedule_id:
        return report_names.KIND_NAMES.get(mail.kind, mail.kind)
    return plain_line(answers.called.get(mail.schedule_id, "A removed schedule"), limit=80)


def note(mail: Delivery, zone: str) -> str:
    """Why it stands so, and when it is tried again."""
    again = f"Tried again {report_names.at(mail.retry_at, zone)}." if mail.retry_at else ""
    return plain_line(" ".join(part for part in (report_names.sentence(mail.reason), again) if part))


def standing(mail: Delivery) -> str:
    """How it stands and why, in sentences."""
    return f"{report_names.DELIVERY_WORDS[mail.status]} {report_names.sentence(mail.reason)}".strip()


def detail(answers: Answers, mail: Delivery) -> None:
    """All of it."""
    told = standing(mail)
    if mail.status in _STOPPED:
        (st.error if mail.status is DeliveryStatus.FAILED else st.warning)(
            escaped(told), icon=":material/error:" if mail.status is DeliveryStatus.FAILED else ":material/help:"
        )
        _again(answers, mail)
    st.table(_facts(answers, mail), border="horizontal")
    fold = st.expander(
        "What is in it", icon=":material/mail:", on_change="rerun", key=key(f"mail.in.{mail.delivery_id}")
    )
    if fold.open:
        with fold:
            _content(answers, mail)


def _facts(answers: Answers, mail: Delivery) -> dict[str, str]:
    zone = answers.zone
    told = {
        "Subject": escaped(mail.subject),
        "Reader": escaped(mail.recipient),
        "From": escaped(source(answers, mail)),
        "Queued": escaped(report_names.at_in(mail.queued_at, zone)),
        "Sent": escaped(report_names.at_in(mail.sent_at, zone)) if mail.sent_at else numbers.UNKNOWN,
        "Tried": numbers.counted(mail.attempts, "time"),
    }
    if mail.retry_at:
        told["Tried again"] = escaped(report_names.at_in(mail.retry_at, zone))
    if mail.status not in _STOPPED:
        told["Status"] = escaped(standing(mail))
    if mail.message_id:
        told["Taken as"] = escaped(mail.message_id, limit=120)
    return told


def _content(answers: Answers, mail: Delivery) -> None:
    if not may_read(answers, mail):
        st.markdown(":small[:gray[What is in it needs a right that you do not hold here.]]")
        return
    context = answers.context
    try:
        letter = context.finops.delivery.letter(context.tenant, mail.delivery_id)
    except FinopsError as error:
        st.info(f"It cannot be shown: {escaped(str(error))}. Contents are kept for two weeks.", icon=":material/info:")
        return
    report_mail.head(letter)
    report_mail.framed(letter)
    report_mail.plain_text(letter)


def may_read(answers: Answers, mail: Delivery) -> bool:
    """Whether the person may see what is in a mail: what its report shows, else what only senders see."""
    schedule = answers.schedule(mail.schedule_id) if mail.schedule_id else None
    if schedule is not None and mail.kind != TRIAL:
        return schedule.report in answers.definitions
    return answers.may_schedule


# Again


def _again(answers: Answers, mail: Delivery) -> None:
    if not answers.may_schedule:
        st.markdown(":small[:gray[Having it sent again needs the right to schedule reports.]]")
        return
    busy, send = report_work.under_way(RESEND), partial(_begin, answers, mail)
    if mail.status is DeliveryStatus.UNCERTAIN:
        with st.popover("Send again", icon=":material/replay:", key=key("again"), disabled=busy):
            st.markdown(escaped(_TWICE))
            sure = st.checkbox("Send it although it may arrive twice", key=key(f"sure.{mail.delivery_id}"))
            st.button("Send it", key=key("again.sure"), disabled=not sure, on_click=send)
        return
    label = "Try now" if mail.retry_at else "Send again"
    st.button(label, key=key("again.now"), icon=":material/replay:", disabled=busy, on_click=send)


def _begin(answers: Answers, mail: Delivery) -> None:
    context = answers.context
    st.session_state[_SAID] = None
    try:
        context.finops.access.demand(context.person, Right.SCHEDULE_REPORTS, tenant=context.tenant)
    except FinopsError as error:
        st.session_state[_SAID] = (False, str(error))
        return
    report_work.begin(RESEND, f"Sending to {mail.recipient}", lambda _: _sent(context, mail))


def _sent(context: Context, mail: Delivery) -> Delivery:
    delivery = context.finops.delivery
    delivery.resend(context.tenant, mail.delivery_id, by=context.person.principal)
    delivery.send_due()
    return delivery.one(context.tenant, mail.delivery_id)


def collect(answers: Answers) -> None:
    """Takes in what was sent again meanwhile, or draws how far it is."""
    done = report_work.collected(RESEND)
    if done is None:
        return
    error: FinopsError | None = done.error
    if error is not None:
        told = error.message if isinstance(error, InputError) else str(error)
        st.session_state[_SAID] = (False, f"It was not sent again. {report_names.sentence(told)}")
    else:
        mail: Delivery = done.result
        st.session_state[_SAID] = report_mail.sent_words(answers.context, mail, mail.recipient)


def told() -> None:
    """Says once what sending it again came to."""
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        good, words = said
        (st.success if good else st.error)(
            escaped(words), icon=":material/check_circle:" if good else ":material/error:"
        )

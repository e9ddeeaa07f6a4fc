"""The mail of a report: what it would look like, and sending it to one address to try it out."""

from __future__ import annotations

import base64
import html
from concurrent.futures import wait
from contextlib import closing
from typing import TYPE_CHECKING

import streamlit as st

from finops.delivery import TRIAL
from finops.delivery.addresses import checked_address
from finops.model.delivery import UNSUBSCRIBE, Attachment, DeliveryStatus, Mailing
from finops.model.people import Right
from finops.model.reports import Format
from finops.reports.mails.letters import letter_of
from pages.ui import report_names, report_work
from pages.ui.text import escaped, plain_line
from scheduler import MEDIA_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.facade import Finops
    from finops.model.delivery import Delivery, Letter
    from finops.model.reports import Export, Figure, Report
    from pages.ui.page import Context
    from pages.ui.report_making import Made

FRAME_HEIGHT = 620
MOST_LOOKED_AT = 50
SEND_SECONDS = 5.0
FORMATS_BEST_FIRST = (Format.XLSX, Format.CSV, Format.JSON)
_LETTER, _ADDRESS = "report.letter", "report.address"
_FRAME = (
    "<!doctype html><style>html,body{{margin:0;height:100%;overflow:hidden}}"
    "iframe{{border:0;width:100%;height:100%;display:block}}</style>"
    '<iframe sandbox srcdoc="{mail}" title="The mail"></iframe>'
)
"""A frame in a frame: Streamlit's own would let a mail run scripts, the inner one lets it do nothing."""


def preview(context: Context, held: Made, zone: str) -> None:
    """What a reader would get: subject, files, the mail itself, and the plain text beside it."""
    letter = _kept_letter(context, held, zone)
    head(letter, " · ".join(map(_figure, held.report.figures)))
    left, right = st.columns([1.35, 1], gap="small")
    with left:
        framed(letter)
    with right:
        plain_text(letter)


def _kept_letter(context: Context, held: Made, zone: str) -> Letter:
    """The letter of the report that this session holds; its charts are drawn once."""
    found: tuple[Made, str, Letter] | None = st.session_state.get(_LETTER)
    if found is not None and found[0] is held and found[1] == zone:
        return found[2]
    letter = letter_for(context.finops, held.report, held.files, zone)
    st.session_state[_LETTER] = (held, zone, letter)
    return letter


def letter_for(finops: Finops, report: Report, files: Sequence[Export], zone: str) -> Letter:
    """The letter of a report with the first of its files that is there: attached, or behind its link if large."""
    public = finops.settings.public_url
    best = sorted(files, key=lambda each: FORMATS_BEST_FIRST.index(each.format))
    if not best:
        return letter_of(report, public_url=public, zone=zone)
    file = best[0]
    if file.size > finops.mails.most_attached:
        return letter_of(report, public_url=public, link=f"{public}{finops.exports.link(file)}", zone=zone)
    with closing(finops.exports.opened(file)) as opened:
        attached = Attachment(file.name, MEDIA_TYPES[file.format], opened.read())
    return letter_of(report, public_url=public, attachments=(attached,), zone=zone)


def head(letter: Letter, preheader: str = "") -> None:
    """Subject, what an inbox shows after it, and the files."""
    st.markdown(f"**{escaped(letter.subject)}**")
    if preheader:
        st.markdown(f":small[:gray[{escaped(preheader, limit=200)}]]")
    for file in letter.attachments:
        told = f"{file.name}, {report_names.size(len(file.content))}"
        st.markdown(f":small[:material/attach_file: {escaped(told)}]")


def framed(letter: Letter) -> None:
    """The mail as a mail program shows it: without scripts, forms or ways out, its pictures within it."""
    page = letter.html.replace("<head>", '<head><base target="_blank">', 1)
    for cid in sorted(letter.images, key=len, reverse=True):
        picture = base64.b64encode(letter.images[cid]).decode("ascii")
        page = page.replace(f"cid:{cid}", f"data:image/png;base64,{picture}")
    st.iframe(
        _FRAME.format(mail=html.escape(page, quote=True)),
        height=FRAME_HEIGHT,
        alt=plain_line(f"The mail: {letter.subject}"),
    )


def plain_text(letter: Letter) -> None:
    """The text that stands beside the HTML and says the same."""
    text = letter.text.replace(UNSUBSCRIBE, "(each reader's own link)")
    st.code(text, language=None, height=FRAME_HEIGHT)
    st.markdown(":small[:gray[The same as plain text. Links work in the mail only.]]")


def _figure(figure: Figure) -> str:
    return f"{figure.label} {figure.value}{f', {figure.change}' if figure.change else ''}"


# Sending


def send_report(context: Context, held: Made, to: str, zone: str) -> Delivery | None:
    """Sends the mail of a report that was made to one address; how it stands. Errors as of the letter and addresses."""
    context.finops.access.demand(context.person, Right.SCHEDULE_REPORTS, tenant=context.tenant)
    letter = letter_for(context.finops, held.report, held.files, zone)
    context.finops.delivery.try_out(context.tenant, (Mailing(letter, (to,)),), to, by=context.person.principal)
    return sent_now(context, to)


def sent_now(context: Context, to: str) -> Delivery | None:
    """Lets the outbox send what waits, for some seconds; how the latest dry run to this address stands."""
    delivery = context.finops.delivery
    wait((report_work.HANDS.submit(delivery.send_due),), timeout=SEND_SECONDS)
    address = checked_address(to)
    found, _ = delivery.deliveries(context.tenant, limit=MOST_LOOKED_AT)
    return next((each for each in found if each.kind == TRIAL and each.recipient == address), None)


def sent_words(context: Context, mail: Delivery | None, to: str) -> tuple[bool, str]:
    """Whether it went well, and where the mail is now."""
    if mail is None:
        return False, f"The mail to {to} is not among the latest; see Deliveries."
    if mail.status is DeliveryStatus.SENT:
        if context.finops.mails.kind == "folder":
            return True, f"Written to outbox/{mail.message_id} in the data folder. Nothing left this machine."
        return True, f"Sent to {mail.recipient}."
    if mail.status in {DeliveryStatus.QUEUED, DeliveryStatus.SENDING}:
        return True, f"The mail to {mail.recipient} waits to be sent, usually for less than a minute. See Deliveries."
    told = report_names.DELIVERY_NAMES[mail.status].lower()
    return False, f"The mail to {mail.recipient} is {told}. {report_names.sentence(mail.reason)}"


def domains_words(context: Context) -> str:
    """Where mails may go: `Mails may go to example.com.`."""
    mails = context.finops.mails
    if not mails.sender:
        return "Mails cannot be sent here: FINOPS_EMAIL_FROM names no sender."
    if "*" in mails.domains:
        return "Mails stay in a folder, so any address will do." if mails.kind == "folder" else "Any domain is allowed."
    return f"Mails may go to {', '.join(mails.domains)}."


def address() -> str:
    """The address that this session last sent something to."""
    found: str = st.session_state.get(_ADDRESS, "")
    return found


def remember_address(to: str) -> None:
    """Keeps it for the next time."""
    st.session_state[_ADDRESS] = to

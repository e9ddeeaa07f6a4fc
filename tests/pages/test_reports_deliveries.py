"""Deliveries on the page: a row for each reader and mail, why it stands so, what is in it, and sending it again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from finops.model.delivery import DeliveryStatus, Letter, MailError
from pages.ui.report_view import PAGE_SIZE
from scheduler import LATE, mailings
from tests import stocked
from tests.pages.conftest import figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import button, table
from tests.pages.test_reports import MANAGER, PAGE, finished, spans
from tests.pages.test_reports_schedules import WISH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops
    from finops.model.delivery import Delivery

VIEW = {"view": ["deliveries"]}
REFUSED = MailError("the address does not exist", kind=MailError.NEVER, code="550")
BUSY = MailError("the server is busy", kind=MailError.LATER, code="451")
BROKEN = MailError("the connection ended meanwhile", kind=MailError.UNKNOWN)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Finops]:
    """The demo's bill, to write to; no mail."""
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


@pytest.fixture
def mailed(house: Finops, monkeypatch: pytest.MonkeyPatch) -> Finops:
    """Four mails: sent, refused, put off, and one of which nobody can tell."""
    answers = {"ben@example.com": REFUSED, "cat@example.com": BUSY, "dan@example.com": BROKEN}
    transport = type(house.mails.transport)
    send = transport.send

    def sends(self: object, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> object:
        if recipient in answers:
            raise answers[recipient]
        return send(self, message, sender=sender, recipient=recipient, delivery_id=delivery_id)

    schedule = house.delivery.schedules.add("demo", replace(WISH, recipients=("ann@example.com", *answers)), by=MANAGER)
    with monkeypatch.context() as server:
        server.setattr(transport, "send", sends)
        house.delivery.fire_now(
            "demo", schedule.schedule_id, lambda one, firing: mailings(house, one, firing), by=MANAGER
        )
        house.delivery.send_due()
    return house


def to(finops: Finops, recipient: str) -> Delivery:
    return next(each for each in finops.delivery.deliveries("demo")[0] if each.recipient == recipient)


def at(mail: Delivery, persona: str = "manager") -> AppTest:
    return opened(PAGE, {**VIEW, "mail": [mail.delivery_id]}, persona=persona)


def test_without_any_it_says_what_will_be_here(house: Finops) -> None:
    app = opened(PAGE, VIEW)
    assert sound(app)
    assert "No mails yet" in [each.value for each in app.subheader]
    assert not app.dataframe


def test_a_row_for_each_reader_says_how_it_stands_and_why(mailed: Finops) -> None:
    app = opened(PAGE, VIEW)
    assert sound(app)
    rows = {row["recipient"]: row for row in table(app).to_dict("records")}
    assert {name: row["status"] for name, row in rows.items()} == {
        "ann@example.com": ["Sent"],
        "ben@example.com": ["Failed"],
        "cat@example.com": ["Failed"],
        "dan@example.com": ["Uncertain"],
    }
    assert rows["ben@example.com"]["note"] == "The address does not exist (550)."
    assert rows["cat@example.com"]["note"] == "The server is busy (451). Tried again Fri 20 Nov 09:01."
    assert {row["schedule"] for row in rows.values()} == {"Weekly"}
    assert figures(app) == {"Sent": "1", "Waiting": "0", "Failed": "2", "Uncertain": "1"}
    assert "late" not in app.dataframe[0].proto.column_order, "nothing is late, so nothing says so"


def test_status_and_schedule_filter_and_stand_in_the_link(mailed: Finops) -> None:
    other = mailed.delivery.schedules.add("demo", replace(WISH, name="Other"), by=MANAGER)
    app = opened(PAGE, VIEW)
    app.button_group(key="reports.statuses").set_value([DeliveryStatus.FAILED]).run()
    assert set(table(app)["recipient"]) == {"ben@example.com", "cat@example.com"}
    assert link(app) == {**VIEW, "status": ["failed"]}
    app.selectbox(key="reports.of").select(other.schedule_id).run()
    assert "No mail stands so" in words(app)
    app = button(app, "Show every mail").click().run()
    assert len(table(app)) == 4
    assert link(app) == VIEW
    again = opened(
        PAGE, {**VIEW, "status": ["uncertain"], "of": [mailed.delivery.schedules.list("demo")[1].schedule_id]}
    )
    assert list(table(again)["recipient"]) == ["dan@example.com"]


def test_late_is_marked(mailed: Finops) -> None:
    letter = Letter(f"{LATE}Spend in October", "<p>late</p>", "late")
    mailed.delivery.queue("demo", letter, ["eve@example.com"], kind="alert", key="1")
    rows = {row["recipient"]: row for row in table(opened(PAGE, VIEW)).to_dict("records")}
    assert {name for name, row in rows.items() if list(row["late"])} == {"eve@example.com"}
    assert rows["eve@example.com"]["subject"] == "Spend in October"
    assert (rows["eve@example.com"]["schedule"], rows["eve@example.com"]["status"]) == ("Alert", ["Waiting"])


def test_many_mails_turn_pages(house: Finops) -> None:
    for number in range(2):
        readers = [f"reader{number}{each:02}@example.com" for each in range(30)]
        house.delivery.queue("demo", Letter("News", "<p>news</p>", "news"), readers, kind="alert", key=str(number))
    app = opened(PAGE, VIEW)
    assert len(table(app)) == PAGE_SIZE
    app = button(app, "Older").click().run()
    assert len(table(app)) == 10
    assert link(app) == {**VIEW, "page": ["2"]}
    assert len(table(opened(PAGE, {**VIEW, "page": ["9"]}))) == 10, "a page that is not there is the last"


# One mail


def test_a_mail_opens_with_what_was_in_it(mailed: Finops) -> None:
    app = at(to(mailed, "ann@example.com"))
    app.session_state[f"reports.mail.in.{to(mailed, 'ann@example.com').delivery_id}"] = True
    app.run()
    assert sound(app)
    letter = mailed.delivery.letter("demo", to(mailed, "ann@example.com").delivery_id)
    assert plain(letter.subject) in words(app)
    (frame,) = spans(app)
    assert "sandbox" in frame.srcdoc
    assert letter.text[:40] in app.code[-1].value
    assert not {"Send again", "Try now", "Send it"} & {each.label for each in app.button}, "it was sent"


def test_an_uncertain_mail_is_sent_again_only_by_who_says_that_it_may_arrive_twice(mailed: Finops) -> None:
    mail = to(mailed, "dan@example.com")
    app = at(mail)
    assert "Nobody can tell whether it left" in plain(app.warning[0].value)
    assert "may get it twice" in words(app)
    assert button(app, "Send it").disabled
    app.checkbox[0].check().run()
    app = finished(button(app, "Send it").click().run())
    assert not app.exception
    assert to(mailed, "dan@example.com").status is DeliveryStatus.SENT
    assert "Nothing left this machine" in plain(app.success[0].value)


@pytest.mark.parametrize(("reader", "label"), [("ben@example.com", "Send again"), ("cat@example.com", "Try now")])
def test_a_failed_mail_is_sent_again_at_once(mailed: Finops, reader: str, label: str) -> None:
    app = finished(button(at(to(mailed, reader)), label).click().run())
    assert not app.exception
    assert to(mailed, reader).status is DeliveryStatus.SENT
    assert set(table(app)["status"].map(lambda names: names[0])) == {"Sent", "Failed", "Uncertain"}


def test_what_changed_meanwhile_is_not_sent_twice(mailed: Finops) -> None:
    mail = to(mailed, "ben@example.com")
    app = at(mail)
    mailed.delivery.resend("demo", mail.delivery_id, by="somebody")
    app = finished(button(app, "Send again").click().run())
    assert "It was not sent again. This mail is on its way." in plain(app.error[0].value)


def test_a_reader_sees_why_and_sends_nothing(mailed: Finops) -> None:
    app = at(to(mailed, "ben@example.com"), "analyst")
    assert "It was not taken. The address does not exist (550)." in plain(app.error[0].value)
    assert "needs the right to schedule reports" in words(app)
    assert not {"Send again", "Try now", "Send it"} & {each.label for each in app.button}


def test_what_only_senders_may_read_is_not_shown_to_others(mailed: Finops) -> None:
    mailed.delivery.queue(
        "demo", Letter("Secret", "<p>s</p>", "the secret"), ["eve@example.com"], kind="alert", key="1"
    )
    mail = to(mailed, "eve@example.com")
    for persona, seen in (("analyst", 0), ("manager", 1)):
        app = at(mail, persona)
        app.session_state[f"reports.mail.in.{mail.delivery_id}"] = True
        app.run()
        assert len(spans(app)) == seen
        assert any("the secret" in each.value for each in app.code) == bool(seen)


def test_a_mail_that_is_not_known_is_said_and_the_list_is_shown(mailed: Finops) -> None:
    app = opened(PAGE, {**VIEW, "mail": ["gone"]})
    assert sound(app)
    assert "is not known here" in words(app)
    assert len(table(app)) == 4

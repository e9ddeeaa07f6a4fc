"""Every mail leaves once, or says why not; what nobody can know is said and left to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from finops.delivery import outbox as module
from finops.model.delivery import DeliveryStatus, MailError, Mailing
from finops.model.errors import InputError, StoreError
from finops.store.findings_audit import AuditTrail
from tests.delivery.offices import START, TENANT, Clock, Folder, delivery_at, letter, office

if TYPE_CHECKING:
    from finops.delivery import Delivery
    from finops.model.delivery import Delivery as OneDelivery
    from finops.store.database import Database

ANN, BEN = "ann@example.com", "ben@example.com"


def later(code: str = "Throttling") -> MailError:
    return MailError("the daily quota is spent", kind=MailError.LATER, code=code)


def queued(delivery: Delivery, *recipients: str, key: str = "k") -> None:
    delivery.queue(TENANT, letter("Budget at 80 %"), recipients or (ANN,), kind="alert", key=key)


def only(delivery: Delivery) -> OneDelivery:
    (found,), _ = delivery.deliveries(TENANT)
    return found


def test_an_alert_is_queued_once_by_its_key_and_sent(delivery: Delivery, folder: Folder) -> None:
    assert delivery.queue(TENANT, letter("80 %"), [ANN, BEN], kind="alert", key="budget:1:2026-11:80") == 2
    assert delivery.queue(TENANT, letter("80 %"), [ANN, BEN], kind="alert", key="budget:1:2026-11:80") == 0
    told = delivery.send_due()
    assert (told.sent, told.failed) == (2, 0)
    assert delivery.queue(TENANT, letter("80 %"), [ANN], kind="alert", key="budget:1:2026-11:80") == 0
    delivery.send_due()
    assert len(folder.mails()) == 2


@pytest.mark.parametrize("address", ["ann@elsewhere.org", "no address", "ann@example.com\nBcc: eve@example.com"])
def test_nothing_is_queued_for_an_address_that_may_not_be(delivery: Delivery, address: str) -> None:
    with pytest.raises(InputError):
        queued(delivery, ANN, address)
    assert delivery.deliveries(TENANT) == ((), 0)


def test_what_is_not_taken_is_tried_again_five_times_and_has_then_failed(
    delivery: Delivery, clock: Clock, folder: Folder
) -> None:
    queued(delivery)
    folder.answers = [later() for _ in range(6)]
    for minutes in (1, 5, 30, 120, 360):
        assert delivery.send_due().failed == 1
        assert only(delivery).reason == "the daily quota is spent (Throttling)"
        clock.at += timedelta(minutes=minutes, seconds=-1)
        assert delivery.send_due() == module.Sent()
        clock.at += timedelta(seconds=1)
    assert delivery.send_due().failed == 1
    failed = only(delivery)
    assert (failed.status, failed.attempts, failed.retry_at) == (DeliveryStatus.FAILED, 6, None)
    clock.at += timedelta(days=9)
    assert delivery.send_due() == module.Sent()
    assert folder.mails() == []


def test_what_is_taken_at_a_later_attempt_is_sent(delivery: Delivery, clock: Clock, folder: Folder) -> None:
    queued(delivery)
    folder.answers = [later()]
    delivery.send_due()
    clock.at += timedelta(minutes=1)
    delivery.send_due()
    sent = only(delivery)
    assert (sent.status, sent.attempts, sent.sent_at, sent.reason) == (DeliveryStatus.SENT, 2, clock.at, "")
    assert len(folder.mails()) == 1


@pytest.mark.parametrize(
    ("kind", "status"), [(MailError.NEVER, DeliveryStatus.FAILED), (MailError.UNKNOWN, DeliveryStatus.UNCERTAIN)]
)
def test_what_never_will_be_taken_or_nobody_can_tell_is_not_tried_again(
    delivery: Delivery, clock: Clock, folder: Folder, kind: str, status: DeliveryStatus
) -> None:
    queued(delivery)
    folder.answers = [MailError("address rejected", kind=kind)]
    delivery.send_due()
    clock.at += timedelta(days=9)
    delivery.send_due()
    found = only(delivery)
    assert (found.status, found.retry_at, found.reason) == (status, None, "address rejected")
    assert folder.mails() == []


@pytest.mark.parametrize("fault", [RuntimeError("broken pipe"), StoreError("?"), KeyError("x"), OSError(5, "io")])
def test_a_transport_that_breaks_leaves_the_mail_uncertain(
    delivery: Delivery, folder: Folder, fault: Exception
) -> None:
    queued(delivery)
    folder.answers = [fault]
    assert delivery.send_due().uncertain == 1
    assert only(delivery).status is DeliveryStatus.UNCERTAIN
    assert delivery.send_due() == module.Sent()


def test_a_transport_that_refuses_three_in_a_row_is_left_alone_until_the_next_turn(
    delivery: Delivery, folder: Folder
) -> None:
    queued(delivery, *(f"reader{number}@example.com" for number in range(10)))
    folder.answers = [later() for _ in range(3)]
    assert delivery.send_due().failed == 3
    assert delivery.send_due().sent == 7


def test_a_mail_waits_no_longer_than_its_pace(database: Database, folder: Folder, clock: Clock) -> None:
    slept: list[float] = []
    given = office(folder)
    slow = replace(given, post=replace(given.post, sleep=slept.append, per_second=2.0))
    mine = delivery_at(database, slow, clock)
    queued(mine, *(f"reader{number}@example.com" for number in range(5)))
    assert mine.send_due().sent == 5
    assert slept == [0.5] * 5


def test_who_unsubscribed_meanwhile_gets_nothing(delivery: Delivery, folder: Folder, database: Database) -> None:
    queued(delivery, ANN, BEN)
    assert delivery.unsubscribe(TENANT, "", "Ann@Example.com")
    told = delivery.send_due()
    assert (told.sent, told.withheld) == (1, 1)
    assert [mail.splitlines()[1] for mail in folder.mails()] == [f"To: {BEN}"]
    (held,), _ = delivery.deliveries(TENANT, statuses=[DeliveryStatus.WITHHELD])
    assert (held.recipient, held.reason) == (ANN, "the reader has unsubscribed")
    assert "mail.unsubscribe" in {event.action for event in AuditTrail(database).list(TENANT)[0]}


def test_a_domain_that_is_not_allowed_any_more_gets_nothing(
    delivery: Delivery, database: Database, folder: Folder, clock: Clock
) -> None:
    queued(delivery)
    narrowed = delivery_at(database, office(folder, domains=("example.org",)), clock)
    assert narrowed.send_due().withheld == 1
    assert "domain" in only(delivery).reason
    assert folder.mails() == []


class Killed(Folder):
    """A process that dies at a mail: before the transport has it, or right after."""

    def __init__(self, folder: Folder, *, taken: bool) -> None:
        super().__init__(folder.root)
        self._taken = taken

    def send(self, message: bytes, **more: Any) -> Any:
        if self._taken:
            super().send(message, **more)
        raise SystemExit(9)


@pytest.mark.parametrize(
    ("taken", "tells", "status", "mails"),
    [
        (True, True, DeliveryStatus.SENT, 1),
        (False, True, DeliveryStatus.SENT, 1),  # put back, and sent by the next turn
        (True, False, DeliveryStatus.UNCERTAIN, 1),
        (False, False, DeliveryStatus.UNCERTAIN, 0),
    ],
)
def test_the_mail_of_a_dead_process_is_asked_after(
    database: Database, folder: Folder, clock: Clock, taken: bool, tells: bool, status: str, mails: int
) -> None:
    doomed = delivery_at(database, office(Killed(folder, taken=taken), name="host:1", clock=clock), clock)
    queued(doomed)
    with pytest.raises(SystemExit):
        doomed.send_due()
    assert only(doomed).status is DeliveryStatus.SENDING
    folder.tells = tells
    unsure = delivery_at(database, office(folder, name="host:2", clock=clock), clock)
    assert unsure.send_due() == module.Sent()  # the other may live
    other = delivery_at(database, office(folder, name="host:2", clock=clock, gone=lambda name: name == "host:1"), clock)
    other.send_due()
    clock.at += timedelta(days=1)
    other.send_due()
    assert only(other).status is status
    assert len(folder.mails()) == mails


def test_a_process_that_cannot_be_looked_at_is_given_up_by_the_wall_clock(
    database: Database, folder: Folder, clock: Clock
) -> None:
    wall = Clock()
    doomed = delivery_at(database, office(Killed(folder, taken=True), name="host:1", clock=wall), clock)
    queued(doomed)
    with pytest.raises(SystemExit):
        doomed.send_due()
    other = delivery_at(database, office(folder, name="else:1", clock=wall), clock)
    clock.at += timedelta(days=1)
    assert other.send_due() == module.Sent()
    wall.at += module.DEAD + timedelta(seconds=1)
    assert other.send_due().sent == 1
    assert len(folder.mails()) == 1


def test_an_uncertain_mail_is_sent_again_by_a_person_only(
    delivery: Delivery, folder: Folder, clock: Clock, database: Database
) -> None:
    queued(delivery)
    folder.answers = [MailError("connection lost", kind=MailError.UNKNOWN)]
    delivery.send_due()
    again = delivery.resend(TENANT, only(delivery).delivery_id, by="ann")
    assert (again.status, again.reason) == (DeliveryStatus.QUEUED, "")
    assert delivery.send_due().sent == 1
    assert len(folder.mails()) == 1
    event = AuditTrail(database).list(TENANT)[0][0]
    assert (event.action, event.by, event.detail["was"]) == ("delivery.resend", "ann", "uncertain")


def test_sending_again_is_a_mail_of_its_own_with_attempts_of_its_own(
    delivery: Delivery, folder: Folder, clock: Clock
) -> None:
    queued(delivery)
    delivery.send_due()
    first = only(delivery)
    delivery.resend(TENANT, first.delivery_id, by="ann")
    folder.answers = [later()]
    delivery.send_due()
    assert only(delivery).retry_at == clock.at + timedelta(minutes=1)
    clock.at += timedelta(minutes=1)
    delivery.send_due()
    assert [len(folder.copies(name)) for name in (first.delivery_id, f"{first.delivery_id}-1")] == [1, 1]


def test_what_is_on_its_way_or_unknown_is_not_sent_again(delivery: Delivery) -> None:
    queued(delivery)
    with pytest.raises(InputError, match="on its way"):
        delivery.resend(TENANT, only(delivery).delivery_id, by="ann")
    delivery.send_due()
    for tenant, name in ((TENANT, "nothing"), ("other", only(delivery).delivery_id)):
        with pytest.raises(InputError, match="there is no mail"):
            delivery.resend(tenant, name, by="eve")


def test_old_mails_are_emptied_and_stay_known(delivery: Delivery, clock: Clock) -> None:
    queued(delivery)
    delivery.send_due()
    assert delivery.letter(TENANT, only(delivery).delivery_id).subject == "Budget at 80 %"
    clock.at = START + module.KEPT
    assert delivery.purge() == 0
    clock.at += timedelta(seconds=1)
    assert delivery.purge() == 1
    assert only(delivery).subject == "Budget at 80 %"
    with pytest.raises(StoreError):
        delivery.letter(TENANT, only(delivery).delivery_id)
    with pytest.raises(InputError):
        delivery.resend(TENANT, only(delivery).delivery_id, by="ann")


def test_a_dry_run_goes_to_one_address_however_often(delivery: Delivery, folder: Folder) -> None:
    mails = [Mailing(letter("Weekly"), (BEN, "cat@example.com"))]
    for _ in range(2):
        assert delivery.try_out(TENANT, mails, ANN, by="ann") == 1
    delivery.send_due()
    assert [mail.splitlines()[1] for mail in folder.mails()] == [f"To: {ANN}"] * 2
    assert {each.kind for each in delivery.deliveries(TENANT)[0]} == {"trial"}

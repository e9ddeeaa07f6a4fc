"""Letters and deliveries in SQL, on every database: queued once, taken by one, kept whole, purged when settled."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from finops.model.delivery import Attachment, DeliveryStatus, Letter, Mailing
from finops.model.errors import InputError, StoreError
from finops.model.findings import AuditEvent
from finops.store import delivery_schema
from finops.store.job_rows import Moment
from finops.store.outbox import OutboxStore

if TYPE_CHECKING:
    from finops.model.delivery import Delivery
    from finops.store.database import Database

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MOMENT = Moment(NOW, NOW)
LETTER = Letter(
    "Costs of 12 % more \U0001f4c8",
    "<p>ä</p>",
    "ä\n",
    {"chart-1": b"\x89PNG\r\n\x00"},
    (Attachment("a.csv", "text/csv", b"a,b\n"), Attachment("empty.bin", "application/octet-stream", b"")),
)
ANN, BEN = "ann@example.com", "ben@example.com"
EVENT = AuditEvent(0, NOW, "ann", "test", "x", {})
TABLES = ("delivery", "letter", "letter_piece", "unsubscribed", "firing", "schedule")


@pytest.fixture
def outbox(shared_database: Database) -> OutboxStore:
    def emptied(connection) -> None:
        for name in TABLES:
            connection.execute(delete(getattr(delivery_schema, name)))

    shared_database.write(emptied)
    return OutboxStore(shared_database)


def queued(outbox: OutboxStore, *recipients: str, key: str = "k", letter: Letter = LETTER) -> tuple[Delivery, ...]:
    outbox.queue("acme", "alert", [Mailing(letter, recipients or (ANN,))], key=key, moment=MOMENT)
    return outbox.waiting(NOW, 100)


def test_a_letter_comes_back_as_it_was_for_each_reader(outbox: OutboxStore) -> None:
    both = queued(outbox, ANN, BEN)
    assert {each.recipient for each in both} == {ANN, BEN}
    assert {outbox.letter(each.delivery_id) == LETTER for each in both} == {True}
    assert all(each.subject == LETTER.subject and each.kind == "alert" and not each.attempts for each in both)


def test_forty_megabytes_fit(outbox: OutboxStore) -> None:
    content = os.urandom(40_000_000)
    big = replace(LETTER, attachments=(Attachment("big.xlsx", "application/zip", content),))
    (one,) = queued(outbox, letter=big)
    assert outbox.letter(one.delivery_id).attachments[0].content == content


def test_a_key_queues_once_whatever_is_sent_with_it(outbox: OutboxStore) -> None:
    mailing = [Mailing(LETTER, (ANN, BEN))]
    assert outbox.queue("acme", "alert", mailing, key="budget:1", moment=MOMENT) == 2
    assert outbox.queue("acme", "alert", mailing, key="budget:1", moment=MOMENT) == 0
    assert outbox.queue("acme", "alert", [Mailing(LETTER, ("eve@example.com",))], key="budget:1", moment=MOMENT) == 0
    assert outbox.queue("acme", "alert", mailing, key="budget:2", moment=MOMENT) == 2
    assert outbox.queue("acme", "digest", mailing, key="budget:1", moment=MOMENT) == 2
    assert outbox.queue("other", "alert", mailing, key="budget:1", moment=MOMENT) == 2
    assert outbox.queue("acme", "alert", mailing, key="Budget:1", moment=MOMENT) == 2
    long = "x" * 500
    assert outbox.queue("acme", "alert", mailing, key=long + "1", moment=MOMENT) == 2
    assert outbox.queue("acme", "alert", mailing, key=long + "2", moment=MOMENT) == 2


def test_of_twenty_at_once_one_queues_a_key(outbox: OutboxStore) -> None:
    mailing = [Mailing(LETTER, (ANN, BEN))]
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda _: outbox.queue("acme", "alert", mailing, key="k", moment=MOMENT), range(20)))
    assert sorted(told) == [0] * 19 + [2]
    assert len(outbox.waiting(NOW, 100)) == 2


def test_of_twenty_at_once_one_takes_a_delivery(outbox: OutboxStore) -> None:
    (one,) = queued(outbox)
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda number: outbox.take(one, f"host:{number}", MOMENT), range(20)))
    (taken,) = [each for each in told if each is not None]
    assert (taken.status, taken.attempts) == (DeliveryStatus.SENDING, 1)
    (held,) = outbox.sending()
    assert held.delivery == taken
    assert held.worker == f"host:{told.index(taken)}"
    assert outbox.waiting(NOW, 100) == ()


def test_a_failed_one_waits_for_its_time(outbox: OutboxStore) -> None:
    (one,) = queued(outbox)
    taken = outbox.take(one, "host:1", MOMENT)
    later = NOW + timedelta(minutes=5)
    assert outbox.settle(taken, replace(taken, status=DeliveryStatus.FAILED, retry_at=later, reason="quota"))
    assert outbox.waiting(NOW, 100) == ()
    (again,) = outbox.waiting(later, 100)
    assert (again.attempts, again.reason) == (1, "quota")
    assert outbox.take(again, "host:2", MOMENT).attempts == 2
    assert not outbox.settle(taken, replace(taken, status=DeliveryStatus.SENT))  # it is another's now


def test_several_letters_of_one_key_give_each_reader_the_first_of_his(outbox: OutboxStore) -> None:
    others = replace(LETTER, subject="for Ben")
    outbox.queue("acme", "digest", [Mailing(LETTER, (ANN,)), Mailing(others, (BEN, ANN))], key="d", moment=MOMENT)
    assert {each.recipient: each.subject for each in outbox.waiting(NOW, 9)} == {ANN: LETTER.subject, BEN: "for Ben"}
    assert {outbox.letter(each.delivery_id).subject for each in outbox.waiting(NOW, 9)} == {LETTER.subject, "for Ben"}


def test_what_is_settled_and_old_is_emptied_and_its_key_still_counts(outbox: OutboxStore) -> None:
    first, second = queued(outbox, ANN, BEN)
    taken = outbox.take(first, "host:1", MOMENT)
    outbox.settle(taken, replace(taken, status=DeliveryStatus.SENT, sent_at=NOW, message_id="<1@x>"))
    later = NOW + timedelta(days=1)
    assert outbox.purge(later) == 0  # one reader still waits for it
    taken = outbox.take(second, "host:1", MOMENT)
    outbox.settle(taken, replace(taken, status=DeliveryStatus.FAILED, reason="never"))
    assert outbox.purge(NOW) == 0
    assert outbox.purge(later) == 1
    assert outbox.purge(later) == 0
    with pytest.raises(StoreError):
        outbox.letter(first.delivery_id)
    with pytest.raises(InputError):
        outbox.resend(outbox.find(first.delivery_id), EVENT)
    assert outbox.queue("acme", "alert", [Mailing(LETTER, (ANN,))], key="k", moment=MOMENT) == 0
    found, total = outbox.deliveries("acme", limit=10)
    assert total == 2
    assert {each.message_id for each in found} == {"<1@x>", ""}


def test_readers_unsubscribe_of_one_schedule_or_of_all(outbox: OutboxStore) -> None:
    assert outbox.unsubscribe("acme", "s1", "Ann@Example.com", at=NOW, event=EVENT)
    assert not outbox.unsubscribe("acme", "s1", ANN, at=NOW, event=EVENT)
    assert outbox.unsubscribed("acme", "s1", ANN)
    assert not outbox.unsubscribed("acme", "s2", ANN)
    assert not outbox.unsubscribed("acme", "", ANN)
    assert not outbox.unsubscribed("other", "s1", ANN)
    outbox.unsubscribe("acme", "", BEN, at=NOW, event=EVENT)
    assert outbox.unsubscribed("acme", "s2", BEN)
    assert outbox.unsubscribed("acme", "", BEN)


def test_who_subscribes_again_is_counted_in_for_that_schedule_alone(outbox: OutboxStore) -> None:
    for named in ("s1", "s2"):
        outbox.unsubscribe("acme", named, ANN, at=NOW, event=EVENT)
    assert not outbox.subscribe("other", "s1", ANN, EVENT)
    assert outbox.subscribe("acme", "s1", "Ann@Example.com", EVENT)
    assert not outbox.subscribe("acme", "s1", ANN, EVENT)
    assert not outbox.unsubscribed("acme", "s1", ANN)
    assert outbox.unsubscribed("acme", "s2", ANN)


def test_deliveries_are_listed_newest_first_and_counted(outbox: OutboxStore) -> None:
    for number in range(3):
        moment = Moment(NOW + timedelta(minutes=number), NOW)
        outbox.queue(
            "acme", "alert", [Mailing(replace(LETTER, subject=str(number)), (ANN,))], key=str(number), moment=moment
        )
    found, total = outbox.deliveries("acme", limit=2)
    assert ([each.subject for each in found], total) == (["2", "1"], 3)
    assert [each.subject for each in outbox.deliveries("acme", limit=2, offset=2)[0]] == ["0"]
    assert outbox.deliveries("acme", statuses=[DeliveryStatus.SENT], limit=2) == ((), 0)
    assert outbox.deliveries("other", limit=2) == ((), 0)
    assert outbox.counts() == {"queued": 3}

"""Schedules and firings in SQL, on every database: a time is claimed once and left behind with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from finops.model.delivery import (
    DeliveryStatus,
    Firing,
    FiringStatus,
    Letter,
    Mailing,
    Schedule,
    ScheduleStatus,
)
from finops.model.errors import InputError
from finops.model.findings import AuditEvent
from finops.model.reports import Format
from finops.store import delivery_schema
from finops.store.findings_audit import AuditTrail
from finops.store.job_rows import Moment
from finops.store.outbox import OutboxStore
from finops.store.schedules import ScheduleStore

if TYPE_CHECKING:
    from finops.store.database import Database

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DUE, NEXT = NOW - timedelta(minutes=1), NOW + timedelta(days=1)
MOMENT = Moment(NOW, NOW)
SCHEDULE = Schedule(
    "s1", "acme", "Wöchentlich \U0001f4c8", "savings", "0 7 * * 1", "Europe/Berlin",
    ("ann@example.com", "b@example.com"), Format.XLSX, "persona:manager", NOW,
    {"account": ("1", "2"), "tag:Owner": ("a,b",)}, quiet=True, next_run=DUE,
)  # fmt: skip
TABLES = ("delivery", "letter", "letter_piece", "unsubscribed", "firing", "schedule")


def event(action: str) -> AuditEvent:
    return AuditEvent(0, NOW, "ann", action, "s1", {})


@pytest.fixture
def database(shared_database: Database) -> Database:
    def emptied(connection: Any) -> None:
        for name in TABLES:
            connection.execute(delete(getattr(delivery_schema, name)))

    shared_database.write(emptied)
    return shared_database


@pytest.fixture
def store(database: Database) -> ScheduleStore:
    return ScheduleStore(database)


def firing(worker: str = "host:1", due: datetime = DUE, **more: Any) -> Firing:
    return Firing(f"f-{due:%Y%m%d%H%M%S}", "s1", "acme", due, FiringStatus.CLAIMED, NOW, worker, **more)


def test_a_schedule_comes_back_as_it_was(store: ScheduleStore, database: Database) -> None:
    store.add(SCHEDULE, event("schedule.add"))
    assert store.find("s1") == SCHEDULE
    assert store.list("acme") == (SCHEDULE,)
    assert store.list("other") == ()
    assert AuditTrail(database).list("acme")[0][0].action == "schedule.add"


def test_a_name_is_taken_once_in_a_tenant(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    with pytest.raises(InputError) as told:
        store.add(replace(SCHEDULE, schedule_id="s2"), event("a"))
    assert told.value.field == "name"
    store.add(replace(SCHEDULE, schedule_id="s2", name=SCHEDULE.name.upper()), event("a"))
    store.add(replace(SCHEDULE, schedule_id="s3", tenant="other"), event("a"))
    with pytest.raises(InputError):
        store.change(replace(SCHEDULE, schedule_id="s2"), event("c"))
    with pytest.raises(InputError):
        store.change(replace(SCHEDULE, schedule_id="s9", name="gone"), event("c"))


def test_what_is_due_is_active_and_its_time_has_come(store: ScheduleStore) -> None:
    for number, (status, at) in enumerate(
        [("active", NOW), ("active", NOW + timedelta(seconds=1)), ("paused", NOW), ("active", None), ("active", DUE)]
    ):
        store.add(
            replace(SCHEDULE, schedule_id=f"s{number}", name=str(number), status=ScheduleStatus(status), next_run=at),
            event("a"),
        )
    assert [each.schedule_id for each in store.due(NOW, 10)] == ["s4", "s0"]
    assert [each.schedule_id for each in store.due(NOW, 1)] == ["s4"]


def test_of_twenty_clocks_one_claims_a_time_and_the_schedule_moves_with_it(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda number: store.claim(SCHEDULE, firing(f"h:{number}"), NEXT, MOMENT), range(20)))
    assert sum(told) == 1
    (held,) = store.claimed()
    assert held.firing == firing(f"h:{told.index(True)}")
    moved = store.find("s1")
    assert (moved.next_run, moved.last_run) == (NEXT, DUE)
    assert store.due(NOW, 10) == ()


def test_a_schedule_that_changed_since_it_was_read_is_not_claimed(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    store.change(replace(SCHEDULE, status=ScheduleStatus.PAUSED, next_run=None), event("c"))
    assert not store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    store.change(replace(SCHEDULE, cron="1 7 * * 1"), event("c"))
    assert not store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    assert store.claimed() == ()


def test_a_time_that_comes_again_is_not_fired_again(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    assert store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    store.change(SCHEDULE, event("c"))  # somebody turned the clock back
    assert not store.claim(store.find("s1"), firing(), NEXT, MOMENT)
    assert len(store.claimed()) == 1


def test_changing_a_schedule_keeps_its_last_run(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    store.change(replace(SCHEDULE, name="other"), event("c"))
    assert store.find("s1").last_run == DUE


def test_a_firing_that_was_taken_over_is_not_ended_by_the_one_before(store: ScheduleStore, database: Database) -> None:
    store.add(SCHEDULE, event("a"))
    first = firing()
    store.claim(SCHEDULE, first, NEXT, MOMENT)
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda number: store.again(first, f"other:{number}", MOMENT), range(10)))
    (second,) = [each for each in told if each is not None]
    assert (second.attempts, second.status) == (2, FiringStatus.CLAIMED)
    outbox = OutboxStore(database)
    mails = [Mailing(Letter("s", "h", "t"), ("ann@example.com",))]
    assert not store.end(first, FiringStatus.FAILED, reason="late")
    assert not store.pause(first, "late", event("p"))
    assert outbox.queue("acme", "report", mails, key=first.firing_id, moment=MOMENT, firing=first) == 0
    assert outbox.queue("acme", "report", mails, key=first.firing_id, moment=MOMENT, firing=second) == 1
    assert outbox.queue("acme", "report", mails, key=first.firing_id, moment=MOMENT, firing=second) == 0
    (ended,), total = store.firings("acme", limit=10)
    assert (ended.status, total) == (FiringStatus.QUEUED, 1)
    assert store.find("s1").status is ScheduleStatus.ACTIVE


def test_failed_firings_wait_for_their_time(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    later = NOW + timedelta(minutes=5)
    assert store.end(firing(), FiringStatus.FAILED, reason="AWS did not answer", retry_at=later)
    assert store.failed(NOW, 10) == ()
    (failed,) = store.failed(later, 10)
    assert (failed.reason, failed.attempts) == ("AWS did not answer", 1)
    again = store.again(failed, "host:2", MOMENT)
    assert store.end(again, FiringStatus.SILENT)
    assert store.failed(later, 10) == ()


def test_a_removed_schedule_leaves_its_history_and_sends_no_more(store: ScheduleStore, database: Database) -> None:
    store.add(SCHEDULE, event("a"))
    store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    outbox = OutboxStore(database)
    mails = [Mailing(Letter("s", "h", "t"), SCHEDULE.recipients)]
    outbox.queue("acme", "report", mails, key="f", moment=MOMENT, firing=firing())
    first = outbox.waiting(NOW, 1)[0]
    taken = outbox.take(first, "host:1", MOMENT)
    outbox.settle(taken, replace(taken, status=DeliveryStatus.SENT, sent_at=NOW))
    assert store.remove(SCHEDULE, event("schedule.remove")) == 1
    assert store.remove(SCHEDULE, event("schedule.remove")) == 0
    assert store.find("s1") is None
    assert outbox.waiting(NEXT, 10) == ()
    assert {each.status for each in outbox.deliveries("acme", limit=9)[0]} == {"sent", "withheld"}
    assert store.firings("acme", schedule_id="s1", limit=9)[1] == 1
    assert [each.action for each in AuditTrail(database).list("acme")[0]].count("schedule.remove") == 1


def test_pausing_by_the_clock_is_one_deed(store: ScheduleStore) -> None:
    store.add(SCHEDULE, event("a"))
    store.claim(SCHEDULE, firing(), NEXT, MOMENT)
    assert store.pause(firing(), "its owner is disabled", event("schedule.pause"))
    paused = store.find("s1")
    assert (paused.status, paused.reason, paused.next_run) == (ScheduleStatus.PAUSED, "its owner is disabled", None)
    (ended,), _ = store.firings("acme", statuses=[FiringStatus.FAILED], limit=9)
    assert (ended.reason, ended.retry_at) == ("its owner is disabled", None)

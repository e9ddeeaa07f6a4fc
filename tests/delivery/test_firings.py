"""Every due time becomes mails once: with its owner's rights, after standstills, failures and deaths."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from finops.delivery import firings as module
from finops.model.delivery import DeliveryStatus, FiringStatus, Mailing, ScheduleStatus
from finops.model.errors import AwsError, InputError, NotAllowed, StoreError
from finops.store.findings_audit import AuditTrail
from tests.delivery.offices import TENANT, WISH, Clock, Folder, People, Reporter, delivery_at, letter, office, wish

if TYPE_CHECKING:
    from finops.delivery import Delivery
    from finops.model.delivery import Firing, Schedule
    from finops.store.database import Database

MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)  # 07:00 in Berlin


@pytest.fixture
def weekly(delivery: Delivery) -> Schedule:
    return delivery.schedules.add(TENANT, WISH, by="ann")


def last(delivery: Delivery) -> Firing:
    return delivery.firings(TENANT)[0][0]


def test_a_mail_leaves_at_its_time_and_not_before(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter, folder: Folder
) -> None:
    clock.at = MONDAY - timedelta(seconds=1)
    assert delivery.fire(report) == ()
    clock.at = MONDAY
    (fired,) = delivery.fire(report)
    assert (fired.due, fired.late, fired.skipped) == (MONDAY, False, 0)
    assert folder.mails() == []
    assert delivery.send_due().sent == 1
    (mail,) = folder.mails()
    assert "To: ann@example.com" in mail
    assert "Weekly 2026-11-23" in mail
    assert delivery.fire(report) == ()
    assert delivery.send_due().sent == 0
    kept = delivery.schedules.one(TENANT, "Weekly")
    assert (kept.last_run, kept.next_run) == (MONDAY, MONDAY + timedelta(days=7))
    (sent,), _ = delivery.deliveries(TENANT)
    assert (sent.status, sent.firing_id, sent.schedule_id) == (DeliveryStatus.SENT, fired.firing_id, weekly.schedule_id)
    assert sent.message_id == f"<{sent.delivery_id}@folder>"


def test_each_reader_has_a_mail_of_his_own(delivery: Delivery, clock: Clock, report: Reporter, folder: Folder) -> None:
    delivery.schedules.add(TENANT, wish("Team", recipients=("ann@example.com", "ben@example.com")), by="ann")
    clock.at = MONDAY
    delivery.fire(report)
    delivery.send_due()
    assert sorted(mail.splitlines()[1] for mail in folder.mails()) == ["To: ann@example.com", "To: ben@example.com"]


def test_a_standstill_is_caught_up_once_with_the_latest_time(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter
) -> None:
    clock.at = MONDAY + timedelta(days=21, hours=5)
    (fired,) = delivery.fire(report)
    assert (fired.due, fired.late, fired.skipped) == (MONDAY + timedelta(days=21), True, 3)
    assert delivery.fire(report) == ()
    assert last(delivery).skipped == 3
    assert delivery.schedules.one(TENANT, weekly.name).next_run == MONDAY + timedelta(days=28)


@pytest.mark.parametrize(("minutes", "late"), [(1, False), (30, True)])
def test_late_is_said_only_where_it_is_so(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter, minutes: int, late: bool
) -> None:
    clock.at = MONDAY + timedelta(minutes=minutes)
    delivery.fire(report)
    assert (last(delivery).late, last(delivery).skipped) == (late, 0)


def test_a_report_without_news_sends_nothing(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter
) -> None:
    report.news = False
    clock.at = MONDAY
    delivery.fire(report)
    assert last(delivery).status is FiringStatus.SILENT
    assert delivery.deliveries(TENANT) == ((), 0)
    assert delivery.fire(report) == ()


@pytest.mark.parametrize("where", ["rights", "report"])
def test_an_owner_who_may_not_any_more_pauses_the_schedule(
    where: str, delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter, people: People, database: Database
) -> None:
    refusal = NotAllowed("owner is disabled.", right="reports.schedule")
    if where == "rights":
        people.stopped["owner"] = refusal
    else:
        report.faults.append(refusal)
    clock.at = MONDAY
    delivery.fire(report)
    assert (last(delivery).status, last(delivery).reason) == (FiringStatus.FAILED, "owner is disabled.")
    kept = delivery.schedules.one(TENANT, weekly.name)
    assert (kept.status, kept.reason, kept.next_run) == (ScheduleStatus.PAUSED, "owner is disabled.", None)
    assert report.made == []
    assert delivery.deliveries(TENANT) == ((), 0)
    event = AuditTrail(database).list(TENANT)[0][0]
    assert (event.action, event.by, event.object) == ("schedule.pause", "scheduler", weekly.schedule_id)
    clock.at = MONDAY + timedelta(days=30)
    assert delivery.fire(report) == ()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (AwsError("AWS did not answer", kind=AwsError.UNAVAILABLE, code="x"), "AWS did not answer"),
        (InputError("report", "there is no such report"), "there is no such report"),
        (KeyError("x"), "something went wrong that should not"),
        (ZeroDivisionError(), "something went wrong that should not"),
    ],
)
def test_a_report_that_fails_is_made_again_three_times_within_the_hour_and_then_shown(
    fault: Exception, reason: str, delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter
) -> None:
    report.faults = [fault] * 4
    clock.at = MONDAY
    for minutes in (0, 5, 15, 30):
        clock.at += timedelta(minutes=minutes, seconds=-1 if minutes else 0)
        if minutes:
            assert delivery.fire(report) == ()
            clock.at += timedelta(seconds=1)
        assert len(delivery.fire(report)) == 1
        assert last(delivery).status is FiringStatus.FAILED
        assert last(delivery).reason.startswith(reason)
    assert clock.at - MONDAY < timedelta(hours=1)
    assert last(delivery).retry_at is None
    clock.at += timedelta(days=1)
    assert delivery.fire(report) == ()
    clock.at = MONDAY + timedelta(days=7)  # the next time is another firing
    delivery.fire(report)
    assert last(delivery).status is FiringStatus.QUEUED


def test_a_report_that_recovers_is_sent_once(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter, folder: Folder
) -> None:
    report.faults = [StoreError("the lake cannot be read")]
    clock.at = MONDAY
    delivery.fire(report)
    clock.at += timedelta(minutes=5)
    delivery.fire(report)
    delivery.send_due()
    assert len(folder.mails()) == 1
    assert (last(delivery).status, last(delivery).reason, last(delivery).attempts) == (FiringStatus.QUEUED, "", 2)
    assert not last(delivery).late


def test_a_report_that_recovers_long_after_its_time_is_late(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter
) -> None:
    report.faults = [StoreError("the lake cannot be read")] * 2
    clock.at = MONDAY
    delivery.fire(report)
    clock.at += timedelta(minutes=5)
    delivery.fire(report)
    clock.at += timedelta(minutes=15)
    (fired,) = delivery.fire(report)
    assert (fired.late, last(delivery).late, last(delivery).status) == (True, True, FiringStatus.QUEUED)


def killed(schedule: Schedule, firing: Firing) -> list[Mailing]:
    """A process that dies while it makes the report."""
    raise SystemExit(9)


def test_the_firing_of_a_dead_process_is_made_by_another(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    first = delivery_at(database, office(folder, name="host:1", clock=clock), clock)
    first.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY
    with pytest.raises(SystemExit):
        first.fire(killed)
    second = delivery_at(database, office(folder, name="host:2", clock=clock), clock)
    assert second.fire(report) == ()  # it may live
    third = delivery_at(database, office(folder, name="host:3", clock=clock, gone=lambda name: name == "host:1"), clock)
    (fired,) = third.fire(report)
    assert (fired.worker, fired.attempts) == ("host:3", 2)
    third.send_due()
    assert len(folder.mails()) == 1


def test_a_process_that_cannot_be_looked_at_is_given_up_after_half_an_hour(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    wall = Clock()
    first = delivery_at(database, office(folder, name="host:1", clock=wall), clock)
    first.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY
    with pytest.raises(SystemExit):
        first.fire(killed)
    second = delivery_at(database, office(folder, name="else:1", clock=wall), clock)
    clock.at += timedelta(days=1)  # the product's now says nothing about who lives
    assert second.fire(report) == ()
    wall.at += module.DEAD + timedelta(seconds=1)
    assert len(second.fire(report)) == 1


def test_a_report_that_kills_its_process_again_and_again_has_failed(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    for number in range(4):
        doomed = delivery_at(database, office(folder, name=f"host:{number}", clock=clock, gone=lambda _: True), clock)
        if number == 0:
            doomed.schedules.add(TENANT, WISH, by="ann")
            clock.at = MONDAY
        with pytest.raises(SystemExit):
            doomed.fire(killed)
    doomed.fire(report)
    assert last(doomed).status is FiringStatus.FAILED
    assert "ended 4 times" in last(doomed).reason
    assert report.made == []


def test_who_was_given_up_and_lives_after_all_queues_nothing(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    second = delivery_at(database, office(folder, name="host:2", clock=clock, gone=lambda _: True), clock)

    def slow(schedule: Schedule, firing: Firing) -> list[Mailing]:
        module.HANDS._held.clear()  # noqa: SLF001 - the other process has hands of its own
        second.fire(report)
        return [*report(schedule, firing)]

    first = delivery_at(database, office(folder, name="host:1", clock=clock), clock)
    first.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY
    first.fire(slow)
    assert len(report.made) == 2
    first.send_due()
    assert len(folder.mails()) == 1


def test_a_firing_of_a_removed_schedule_is_not_made(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter
) -> None:
    report.faults = [StoreError("not now")]
    clock.at = MONDAY
    delivery.fire(report)
    delivery.schedules.remove(TENANT, weekly.name, by="ann")
    clock.at += timedelta(minutes=5)
    delivery.fire(report)
    assert (last(delivery).status, last(delivery).reason) == (FiringStatus.FAILED, "its schedule was removed")


def test_a_report_that_failed_is_not_made_again_while_its_schedule_is_paused(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter
) -> None:
    report.faults = [StoreError("not now")]
    clock.at = MONDAY
    delivery.fire(report)
    delivery.schedules.pause(TENANT, weekly.name, by="ann")
    clock.at += timedelta(minutes=5)
    delivery.fire(report)
    assert report.made == []
    assert (last(delivery).status, last(delivery).reason) == (FiringStatus.FAILED, "its schedule was paused")
    delivery.schedules.resume(TENANT, weekly.name, by="ann")
    clock.at += timedelta(hours=1)
    assert delivery.fire(report) == ()


def test_a_reader_who_is_taken_off_while_the_clock_is_at_work_gets_nothing(
    delivery: Delivery, clock: Clock, report: Reporter, folder: Folder
) -> None:
    delivery.schedules.add(TENANT, wish("First", cron="0 6 * * 1"), by="ann")
    delivery.schedules.add(TENANT, wish("Second", recipients=("eve@example.com", "ben@example.com")), by="ann")

    def slow(schedule: Schedule, firing: Firing) -> list[Mailing]:
        if schedule.name == "First":
            delivery.schedules.change(TENANT, "Second", wish("Second", recipients=("ben@example.com",)), by="ann")
        return [*report(schedule, firing)]

    clock.at = MONDAY
    delivery.fire(slow)
    delivery.send_due()
    assert sorted(mail.splitlines()[1] for mail in folder.mails()) == ["To: ann@example.com", "To: ben@example.com"]


def test_readers_who_are_told_different_things_get_their_own(
    delivery: Delivery, weekly: Schedule, clock: Clock, folder: Folder
) -> None:
    def digest(schedule: Schedule, firing: Firing) -> list[Mailing]:
        return [mailing(name) for name in ("ann", "ben")]

    def mailing(name: str) -> Mailing:
        return Mailing(letter(f"for {name}"), (f"{name}@example.com",))

    clock.at = MONDAY
    delivery.fire(digest)
    delivery.send_due()
    assert {(mail.splitlines()[1], mail.splitlines()[3]) for mail in folder.mails()} == {
        ("To: ann@example.com", "Subject: for ann"),
        ("To: ben@example.com", "Subject: for ben"),
    }


def test_a_schedule_that_cannot_be_read_does_not_stop_the_others(
    delivery: Delivery, weekly: Schedule, clock: Clock, report: Reporter, database: Database
) -> None:
    broken = delivery.schedules.add(TENANT, wish("Broken"), by="ann")
    store = delivery._kept  # noqa: SLF001 - what no wish can do: a zone that this machine does not know
    store.change(replace(broken, timezone="Europe/Gone"), AuditTrail(database).list(TENANT)[0][0])
    clock.at = MONDAY
    assert [fired.schedule_id for fired in delivery.fire(report)] == [weekly.schedule_id]
    kept = delivery.schedules.one(TENANT, "Broken")
    assert (kept.status, kept.next_run) == (ScheduleStatus.PAUSED, None)
    assert "Europe/Gone" in kept.reason


def test_run_now_is_for_the_readers_at_once_and_leaves_the_next_time_alone(
    delivery: Delivery, weekly: Schedule, report: Reporter, folder: Folder, database: Database, clock: Clock
) -> None:
    fired = delivery.fire_now(TENANT, weekly.schedule_id, report, by="ann")
    assert delivery.send_due().sent == 1
    assert "To: ann@example.com" in folder.mails()[0]
    assert (fired.due, fired.late, last(delivery).status) == (clock.at, False, FiringStatus.QUEUED)
    assert delivery.schedules.one(TENANT, weekly.name).next_run == weekly.next_run
    event = AuditTrail(database).list(TENANT)[0][0]
    assert (event.action, event.by) == ("schedule.run", "ann")
    clock.at = MONDAY
    assert [each.due for each in delivery.fire(report)] == [MONDAY]


def test_run_now_twice_at_one_moment_mails_once(
    delivery: Delivery, weekly: Schedule, report: Reporter, folder: Folder
) -> None:
    delivery.fire_now(TENANT, weekly.schedule_id, report, by="ann")
    with pytest.raises(InputError, match="fired, at this moment"):
        delivery.fire_now(TENANT, weekly.schedule_id, report, by="ann")
    delivery.send_due()
    assert len(folder.mails()) == 1


def test_run_now_waits_while_a_schedule_is_paused(delivery: Delivery, weekly: Schedule, report: Reporter) -> None:
    delivery.schedules.pause(TENANT, weekly.name, by="ann")
    with pytest.raises(InputError, match="resume it first"):
        delivery.fire_now(TENANT, weekly.schedule_id, report, by="ann")
    assert report.made == []

"""What people schedule is checked before it is kept, and every change of it is in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.delivery import ScheduleStatus
from finops.model.errors import InputError, NotAllowed
from finops.model.reports import Format
from finops.store.findings_audit import AuditTrail
from tests.delivery.offices import START, TENANT, WISH, Clock, People, Reporter, wish

if TYPE_CHECKING:
    from finops.delivery import Delivery
    from finops.store.database import Database

MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_a_schedule_is_kept_as_wished(delivery: Delivery) -> None:
    made = delivery.schedules.add(
        TENANT, wish("  Weekly \u00fcberblick ", cron="0  7 * * 1", scope={"account": ("1",)}, quiet=True), by="ann"
    )
    assert delivery.schedules.list(TENANT) == (made,)
    assert delivery.schedules.one(TENANT, made.schedule_id) == delivery.schedules.one(TENANT, made.name) == made
    assert (made.name, made.cron, made.timezone) == ("Weekly \u00fcberblick", "0 7 * * 1", "Europe/Berlin")
    assert (made.format, made.owner, made.scope, made.quiet) == (Format.XLSX, "owner", {"account": ("1",)}, True)
    assert (made.status, made.next_run, made.last_run, made.created) == (ScheduleStatus.ACTIVE, MONDAY, None, START)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 121}),
        ("name", {"name": "a\x1b[31mb"}),
        ("report", {"report": "nothing"}),
        ("cron", {"cron": "0 0 7 * * 1"}),
        ("cron", {"cron": "0 0 31 2 *"}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("recipients", {"recipients": ()}),
        ("recipients", {"recipients": ("ann@elsewhere.org",)}),
        ("recipients", {"recipients": ("ann@example.com\r\nBcc: eve@example.com",)}),
        ("format", {"format": "pdf"}),
    ],
)
def test_a_wrong_wish_is_refused_by_its_field_and_nothing_kept(
    delivery: Delivery, field: str, wrong: dict[str, Any]
) -> None:
    kept = delivery.schedules.add(TENANT, WISH, by="ann")
    for attempt in (
        lambda: delivery.schedules.add(TENANT, wish(**{"name": "Other", **wrong}), by="ann"),
        lambda: delivery.schedules.change(TENANT, "Weekly", wish(**{"name": "Other", **wrong}), by="ann"),
    ):
        with pytest.raises(InputError) as told:
            attempt()
        assert told.value.field == field
    assert delivery.schedules.list(TENANT) == (kept,)


def test_a_name_is_taken_once(delivery: Delivery) -> None:
    delivery.schedules.add(TENANT, WISH, by="ann")
    with pytest.raises(InputError, match="already"):
        delivery.schedules.add(TENANT, WISH, by="ann")
    delivery.schedules.add("other", WISH, by="ann")


def test_whose_owner_may_not_is_not_kept_nor_resumed(delivery: Delivery, people: People) -> None:
    delivery.schedules.add(TENANT, WISH, by="ann")
    delivery.schedules.pause(TENANT, "Weekly", by="ann")
    people.stopped["owner"] = NotAllowed("owner may not", right="reports.schedule")
    with pytest.raises(NotAllowed):
        delivery.schedules.add(TENANT, wish("Other"), by="ann")
    with pytest.raises(NotAllowed):
        delivery.schedules.resume(TENANT, "Weekly", by="ann")
    assert [each.status for each in delivery.schedules.list(TENANT)] == [ScheduleStatus.PAUSED]


def test_what_passes_during_a_pause_is_not_caught_up(delivery: Delivery, clock: Clock, report: Reporter) -> None:
    delivery.schedules.add(TENANT, WISH, by="ann")
    paused = delivery.schedules.pause(TENANT, "Weekly", by="ann")
    assert (paused.next_run, paused.reason) == (None, "paused by ann")
    clock.at = MONDAY + timedelta(days=14, hours=1)
    assert delivery.fire(report) == ()
    resumed = delivery.schedules.resume(TENANT, "Weekly", by="ben")
    assert (resumed.status, resumed.reason) == (ScheduleStatus.ACTIVE, "")
    assert resumed.next_run == MONDAY + timedelta(days=21)
    assert delivery.fire(report) == ()


def test_changing_a_schedule_moves_its_time_and_keeps_what_it_is(
    delivery: Delivery, clock: Clock, report: Reporter
) -> None:
    made = delivery.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY
    delivery.fire(report)
    changed = delivery.schedules.change(TENANT, "Weekly", wish("Daily", cron="30 8 * * *", timezone="UTC"), by="ben")
    assert (changed.schedule_id, changed.created, changed.name) == (made.schedule_id, made.created, "Daily")
    assert changed.next_run == MONDAY.replace(hour=8, minute=30)
    assert delivery.schedules.one(TENANT, "Daily").last_run == MONDAY
    delivery.schedules.pause(TENANT, "Daily", by="ben")
    assert delivery.schedules.change(TENANT, "Daily", WISH, by="ben").status is ScheduleStatus.PAUSED
    assert delivery.schedules.one(TENANT, "Weekly").next_run is None


def test_a_time_that_has_come_is_not_lost_to_another_name(delivery: Delivery, clock: Clock, report: Reporter) -> None:
    made = delivery.schedules.add(TENANT, WISH, by="ann")
    clock.at += timedelta(days=7)
    delivery.schedules.change(TENANT, made.name, wish("Other name"), by="ann")
    assert [fired.due for fired in delivery.fire(report)] == [made.next_run]


def test_every_change_is_in_the_audit_trail(delivery: Delivery, database: Database) -> None:
    delivery.schedules.add(TENANT, WISH, by="ann")
    delivery.schedules.change(TENANT, "Weekly", wish("Weekly", recipients=("ben@example.com",)), by="ben")
    for _ in range(2):  # the second time nothing changes
        delivery.schedules.pause(TENANT, "Weekly", by="cat")
    delivery.schedules.resume(TENANT, "Weekly", by="dan")
    delivery.schedules.remove(TENANT, "Weekly", by="eve")
    events = AuditTrail(database).list(TENANT)[0][::-1]
    assert [(event.action, event.by) for event in events] == [
        ("schedule.add", "ann"), ("schedule.change", "ben"), ("schedule.pause", "cat"),
        ("schedule.resume", "dan"), ("schedule.remove", "eve"),
    ]  # fmt: skip
    assert [event.detail["recipients"] for event in events[:2]] == [["ann@example.com"], ["ben@example.com"]]


def test_another_tenants_schedule_is_not_there(delivery: Delivery) -> None:
    made = delivery.schedules.add(TENANT, WISH, by="ann")
    for deed in (delivery.schedules.pause, delivery.schedules.resume, delivery.schedules.remove):
        with pytest.raises(InputError) as told:
            deed("other", made.schedule_id, by="eve")
        assert told.value.field == "schedule_id"
    assert delivery.schedules.list(TENANT) == (made,)


def test_a_preview_shows_the_next_five_on_the_zones_clocks(delivery: Delivery, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 20, 9, tzinfo=UTC)
    told = delivery.schedules.preview("0  7 * * 1", "Europe/Berlin")
    assert (told.cron, told.words) == ("0 7 * * 1", "At 07:00 on Monday")
    assert told.shown[:2] == ("Mon 23 Mar 2026 07:00 CET", "Mon 30 Mar 2026 07:00 CEST")
    assert len(told.times) == len(told.shown) == 5

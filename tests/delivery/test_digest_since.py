"""Since when a reader is told: from the last mail that was sent to them for certain, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from finops.model.delivery import DeliveryStatus, MailError
from finops.store.database import Database
from finops.store.upgrade import upgrade
from tests.delivery.offices import TENANT, Clock, Folder, People, Reporter, delivery_at, office, wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.delivery import Delivery
    from finops.model.reports import Interval

ANN, BEN = "Ann@example.com", "ben@example.com"
WEEK = timedelta(days=7)
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)  # 07:00 in Berlin


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path / 'state.db'}"
    else:
        made = str(request.getfixturevalue({"postgresql": "postgres_url", "mysql": "mysql_url"}[request.param]))
    upgrade(made)
    return made


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def told(delivery: Delivery) -> dict[str, Interval]:
    """The interval of each reader, were the schedule to fire now."""
    schedule = delivery.schedules.one(TENANT, "Weekly")
    return {reader: interval for interval, readers in delivery.intervals(schedule) for reader in readers}


def week(delivery: Delivery, clock: Clock, report: Reporter) -> None:
    """The next Monday: a firing, and what waits is sent."""
    clock.at = MONDAY if clock.at < MONDAY else clock.at + WEEK
    delivery.fire(report)
    clock.at += timedelta(seconds=40)  # the mail leaves later than its report was made
    delivery.send_due()
    clock.at -= timedelta(seconds=40)


def test_each_reader_is_told_since_the_last_mail_sent_to_them(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    delivery = delivery_at(database, office(folder, allowed=People(), clock=clock), clock)
    delivery.schedules.add(TENANT, wish("Weekly", recipients=(ANN, BEN)), by="ann")
    before = told(delivery)
    assert all(each.first and each.until - each.since == WEEK for each in before.values())
    assert before[BEN].following == MONDAY

    week(delivery, clock, report)
    assert {each.since for each in told(delivery).values()} == {MONDAY}, "as of the firing, not of the sending"
    assert not any(each.first for each in told(delivery).values())

    folder.answers = [MailError("no such mailbox", kind=MailError.NEVER), MailError("?", kind=MailError.UNKNOWN)]
    week(delivery, clock, report)
    lost = {each.recipient: each.status for each in delivery.deliveries(TENANT, limit=2)[0]}
    assert set(lost.values()) == {DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN}
    assert {each.since for each in told(delivery).values()} == {MONDAY}, "neither counts as received"

    folder.answers = [MailError("no such mailbox", kind=MailError.NEVER)]
    week(delivery, clock, report)
    sent = {each.recipient: each.status is DeliveryStatus.SENT for each in delivery.deliveries(TENANT, limit=2)[0]}
    lucky, unlucky = sorted(sent, key=lambda reader: not sent[reader])
    after = told(delivery)
    assert {reader.lower(): each.since for reader, each in after.items()} == {
        lucky.lower(): MONDAY + 2 * WEEK,
        unlucky.lower(): MONDAY,
    }


def test_a_reader_who_joins_is_told_for_the_first_time_and_others_schedules_do_not_count(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    delivery = delivery_at(database, office(folder, allowed=People(), clock=clock), clock)
    delivery.schedules.add(TENANT, wish("Weekly", recipients=(ANN,)), by="ann")
    delivery.schedules.add(TENANT, wish("Other", recipients=(BEN,)), by="ann")
    week(delivery, clock, report)
    joined = wish("Weekly", recipients=(ANN.lower(), BEN), cron="0 7 * * *")
    delivery.schedules.change(TENANT, "Weekly", joined, by="ann")
    clock.at = MONDAY + timedelta(hours=12)
    seen = told(delivery)
    assert seen[ANN.lower()].since == MONDAY, "an address is the same in small letters"
    assert seen[BEN].first
    assert seen[BEN].until - seen[BEN].since == timedelta(days=1), "as far back as the mails lie apart"


def test_a_firing_tells_what_was_before_it_was_claimed(
    database: Database, folder: Folder, clock: Clock, report: Reporter
) -> None:
    delivery = delivery_at(database, office(folder, allowed=People(), clock=clock), clock)
    made = delivery.schedules.add(TENANT, wish("Weekly", recipients=(ANN,)), by="ann")
    week(delivery, clock, report)
    (firing,), _ = delivery.firings(TENANT)
    clock.at += timedelta(minutes=3)  # making the report takes its time
    ((interval, readers),) = delivery.intervals(made, replace(firing, claimed_at=MONDAY + WEEK))
    assert (interval.since, interval.until, interval.following) == (MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK)
    assert readers == (ANN,)

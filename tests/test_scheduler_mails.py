"""The clock sends what is scheduled, with the rights its owner has then, and nothing that fails stops it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

import scheduler
from config import load_settings
from finops.access import PERSONAS
from finops.delivery import Wish
from finops.facade import Finops, open_finops
from finops.model.delivery import DeliveryStatus, FiringStatus, ScheduleStatus
from finops.model.errors import NotAllowed, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TENANT = "demo"
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)  # 07:00 in Berlin
WISH = Wish("Weekly", "health", "0 7 * * 1", "Europe/Berlin", ("ann@example.com",), "xlsx", "persona:manager")


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def finops(tmp_path: Path, clock: Clock) -> Iterator[Finops]:
    """A house whose clock has no jobs to do."""
    never: dict[str, Any] = {"costs_refresh_hours": 0, "discovery_hours": 0, "findings_hours": 0}
    opened = open_finops(load_settings(data_dir=tmp_path, **never), now=clock)
    yield opened
    opened.close()


def mails(finops: Finops) -> list[Any]:
    folder = finops.settings.data_dir / "outbox"
    return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in sorted(folder.glob("*.eml"))]


def last(finops: Finops) -> Any:
    return finops.delivery.firings(TENANT)[0][0]


def test_a_tick_makes_the_report_and_sends_it_with_its_file(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    scheduler.tick(finops)
    assert mails(finops) == []
    clock.at = MONDAY
    scheduler.tick(finops)
    scheduler.tick(finops)
    (mail,) = mails(finops)
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == scheduler.MEDIA_TYPES["xlsx"]
    assert file.get_content()[:2] == b"PK"
    assert not mail["Subject"].startswith("[late]")
    assert "/mail/unsubscribe?token=" in mail["List-Unsubscribe"]
    (kept,), _ = finops.delivery.deliveries(TENANT)
    assert mail["Message-ID"] == f"<{kept.delivery_id}@demo.example>"
    (export,) = finops.exports.of_owner(TENANT, "persona:manager")
    assert export.name == file.get_filename()


def test_a_mail_that_was_due_while_nothing_ran_says_late(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY + timedelta(days=8)
    scheduler.tick(finops)
    (mail,) = mails(finops)
    assert mail["Subject"].startswith(scheduler.LATE)
    assert last(finops).skipped == 1


def test_a_file_too_large_for_a_mail_is_behind_a_link(finops: Finops, clock: Clock, tmp_path: Path) -> None:
    small = {"costs_refresh_hours": 0, "discovery_hours": 0, "findings_hours": 0}
    scarce = open_finops(load_settings(data_dir=tmp_path / "scarce", **small), now=clock)
    object.__setattr__(scarce.mails, "most_attached", 10)  # the least that settings allow is a megabyte
    made = scarce.delivery.schedules.add(TENANT, WISH, by="ann")
    (mailing,) = scheduler.mailings(scarce, made)
    (export,) = scarce.exports.of_owner(TENANT, "persona:manager")
    scarce.close()
    assert mailing.letter.attachments == ()
    assert f"http://127.0.0.1:8501/api/exports/{export.export_id}?" in mailing.letter.text.replace("\n", "")


def test_an_owner_who_is_gone_or_may_not_any_more_pauses_the_schedule(
    finops: Finops, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    monkeypatch.setattr("finops.access.PERSONAS", tuple(each for each in PERSONAS if each.name != "Manager"))
    clock.at = MONDAY
    scheduler.tick(finops)
    assert mails(finops) == []
    kept = finops.delivery.schedules.one(TENANT, "Weekly")
    assert kept.status is ScheduleStatus.PAUSED
    assert "persona:manager" in kept.reason
    with pytest.raises(NotAllowed):
        finops.delivery.schedules.resume(TENANT, "Weekly", by="ann")
    monkeypatch.undo()
    assert finops.delivery.schedules.resume(TENANT, "Weekly", by="ann").next_run == MONDAY + timedelta(days=7)


@pytest.mark.parametrize("owner", ["persona:analyst", "persona:nobody", "manager"])
def test_nobody_schedules_in_the_name_of_one_who_may_not(finops: Finops, owner: str) -> None:
    wish = Wish("X", "health", "0 7 * * 1", "UTC", ("ann@example.com",), "csv", owner)
    with pytest.raises(NotAllowed):
        finops.delivery.schedules.add(TENANT, wish, by="ann")


def test_a_quiet_schedule_without_news_sends_nothing(finops: Finops, clock: Clock) -> None:
    class Empty:
        unchanged = False
        partial = False
        tables = ()

    assert not scheduler.has_news(Empty())  # type: ignore[arg-type]
    made = finops.delivery.schedules.add(TENANT, WISH, by="ann")
    assert scheduler.mailings(finops, made)[0].recipients == ("ann@example.com",)


def test_mails_that_cannot_be_made_do_not_stop_the_clock(
    finops: Finops, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise StoreError("the sqlite database did not answer")

    monkeypatch.setattr(finops.store.schedules, "due", broken)
    posted = scheduler.post(finops)
    assert posted.faults == ("the sqlite database did not answer",)
    scheduler.tick(finops)
    monkeypatch.undo()
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    monkeypatch.setattr(finops.store.exports, "add", broken)
    clock.at = MONDAY
    scheduler.tick(finops)
    assert (last(finops).status, last(finops).reason) == (FiringStatus.FAILED, "the sqlite database did not answer")
    monkeypatch.undo()
    clock.at += timedelta(minutes=5)
    scheduler.tick(finops)
    assert last(finops).status is FiringStatus.QUEUED
    assert len(mails(finops)) == 1


def test_a_dry_run_asks_for_the_owners_rights(finops: Finops, monkeypatch: pytest.MonkeyPatch) -> None:
    made = finops.delivery.schedules.add(TENANT, WISH, by="ann")
    assert scheduler.tried(finops, made, "me@example.com", by="ann") == 1
    monkeypatch.setattr("finops.access.PERSONAS", ())
    with pytest.raises(NotAllowed):
        scheduler.tried(finops, made, "me@example.com", by="ann")


def test_after_the_stop_no_mail_is_begun(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY
    finops.delivery.stop()
    scheduler.post(finops)
    assert mails(finops) == []
    assert finops.delivery.firings(TENANT) == ((), 0)


def test_a_started_clock_sends_by_itself(finops: Finops, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "POST", timedelta(seconds=0.5))
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    clock.at = MONDAY
    stop = scheduler.start(finops)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found, _ = finops.delivery.deliveries(TENANT, statuses=[DeliveryStatus.SENT])
        if found:
            break
        time.sleep(0.1)
    stop()
    assert len(mails(finops)) == 1

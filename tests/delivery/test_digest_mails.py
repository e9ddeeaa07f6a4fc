"""A digest on its way: silence is in the history, and readers with other last mails get other letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

import scheduler
from config import load_settings
from finops.delivery import Wish
from finops.facade import Finops, open_finops
from finops.model.delivery import FiringStatus
from finops.model.errors import StoreError
from finops.reports import Reports
from tests.delivery.offices import Clock
from tests.reports.quiet import NOW, House
from tests.reports.test_digest import finding
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TENANT = "demo"
ANN, BEN = "ann@example.com", "ben@example.com"
WISH = Wish("What changed", "digest", "0 7 * * 1", "Europe/Berlin", (ANN, BEN), "csv", "persona:manager", quiet=True)
WEEK = timedelta(days=7)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW - timedelta(hours=1))


@pytest.fixture
def finops(tmp_path: Path, clock: Clock) -> Iterator[Finops]:
    never: dict[str, Any] = {"costs_refresh_hours": 0, "discovery_hours": 0, "findings_hours": 0}
    opened = open_finops(load_settings(data_dir=tmp_path, **never), now=clock)
    yield opened
    opened.close()


def fired(finops: Finops, house: House, clock: Clock) -> FiringStatus:
    """The firing of this Monday, over a house; the clock stands where the firing was claimed."""
    clock.at = NOW
    scheduler.post(replace(finops, reports=Reports(house.sources())))
    return finops.delivery.firings(TENANT)[0][0].status


def mails(finops: Finops) -> dict[str, Any]:
    """The mails sent so far, by reader."""
    folder = finops.settings.data_dir / "outbox"
    found = [message_from_bytes(each.read_bytes(), policy=policy.default) for each in folder.glob("*.eml")]
    return {str(mail["To"]): mail for mail in found}


def test_silence_is_in_the_history_and_sends_nothing(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    assert fired(finops, House(), clock) is FiringStatus.SILENT
    assert finops.delivery.firings(TENANT)[0][0].reason == "there was nothing to say"
    assert mails(finops) == {}


def test_who_did_not_choose_silence_is_told_that_nothing_is_new(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, replace(WISH, quiet=False), by="ann")
    assert fired(finops, House(), clock) is FiringStatus.QUEUED
    assert mails(finops)[ANN]["Subject"] == "Nothing new since 16 Nov"


def test_what_could_not_be_read_is_mailed_and_named(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    broken = House(broken={"anomalies": StoreError("the lake did not answer")})
    assert fired(finops, broken, clock) is FiringStatus.QUEUED
    mail = mails(finops)[ANN]
    assert mail["Subject"] == "[partial] Nothing new since 16 Nov in what could be read"
    assert "Anomalies could not be read: the lake did not answer" in mail.get_body(("plain",)).get_content()


def test_readers_with_other_last_mails_get_other_letters(finops: Finops, clock: Clock) -> None:
    """Ann had yesterday's mail, Ben is new: he reads of the week that his schedule's mails lie apart."""
    clock.at = NOW - timedelta(days=1, hours=1)
    finops.delivery.schedules.add(TENANT, replace(WISH, recipients=(ANN,), quiet=False, cron="0 7 * * *"), by="ann")
    clock.at = NOW - timedelta(days=1)
    scheduler.post(replace(finops, reports=Reports(House().sources())))
    assert set(mails(finops)) == {ANN}
    finops.delivery.schedules.change(TENANT, WISH.name, WISH, by="ann")
    early = House(findings=(finding("vol-1", "60.00", seen=NOW - timedelta(days=3)),))
    assert fired(finops, early, clock) is FiringStatus.QUEUED
    assert set(mails(finops)) == {ANN, BEN}
    assert mails(finops)[BEN]["Subject"] == "1 new finding could save $60.00 a month"
    sent = finops.delivery.deliveries(TENANT)[0]
    assert [each.recipient for each in sent if each.queued_at == NOW] == [BEN], "Ann has nothing new: she is left alone"
    assert "no mail of this schedule has reached you before" in " ".join(
        mails(finops)[BEN].get_body(("plain",)).get_content().split()
    )


def test_a_real_house_without_data_says_that_nothing_is_known(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    clock.at = NOW
    scheduler.post(finops)
    mail = mails(finops)[ANN]
    assert mail["Subject"] == "[partial] What changed since 16 Nov is not known"
    (file,) = mail.iter_attachments()
    assert file.get_filename().startswith("digest")


def test_the_owners_own_thresholds_hold(finops: Finops, clock: Clock) -> None:
    finops.delivery.schedules.add(TENANT, WISH, by="ann")
    kept = UserPreferences.of(finops.settings)
    kept.change(WISH.owner, lambda mine: mine.with_threshold("digest.min_saving_usd", 61.0))
    house = House(findings=(finding("vol-1", "60.00"),))
    assert fired(finops, house, clock) is FiringStatus.SILENT
    kept.change(WISH.owner, lambda mine: mine.with_threshold("digest.min_saving_usd", 60.0))
    (interval, _), *_ = finops.delivery.intervals(finops.delivery.schedules.one(TENANT, WISH.name))
    assert interval.first, "a silent firing has told nothing"
    (mailing,) = scheduler.mailings(
        replace(finops, reports=Reports(house.sources())), finops.delivery.schedules.one(TENANT, WISH.name)
    )
    assert mailing.letter.subject == "1 new finding could save $60.00 a month"
    assert mailing.recipients == (ANN, BEN)


def test_a_dry_run_is_no_mail_that_a_reader_had(finops: Finops, clock: Clock) -> None:
    made = finops.delivery.schedules.add(TENANT, WISH, by="ann")
    scheduler.tried(finops, made, ANN, by="persona:manager")
    finops.delivery.send_due()
    assert set(mails(finops)) == {ANN}
    ((interval, readers),) = finops.delivery.intervals(made)
    assert interval.first
    assert readers == (ANN, BEN)

"""A post office for tests: a folder that keeps every mail handed over, a clock that tests move, reports of one line."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from finops.delivery import Delivery, Office, Post, Process, Rules, Wish
from finops.model.delivery import Letter, Mailing, Receipt, Schedule
from finops.store.outbox import OutboxStore
from finops.store.schedules import ScheduleStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from finops.model.delivery import Delivery as OneDelivery
    from finops.model.delivery import Firing
    from finops.store.database import Database

TENANT = "acme"
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
WISH = Wish("Weekly", "executive-summary", "0 7 * * 1", "Europe/Berlin", ("ann@example.com",), "xlsx", "owner")


class Clock:
    """A now that tests move on."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Folder:
    """A transport that keeps each mail handed over as a file of its own, under the mail's id: doubles are seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers: list[Exception] = []
        """What it raises instead of taking the next mails."""
        self.tells = True
        """Whether it can say what it took."""

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:
        if self.answers:
            raise self.answers.pop(0)
        place = self.root / delivery_id
        place.mkdir(parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid.uuid4().hex}"
        draft = self.root / f".{name}"
        draft.write_bytes(f"From: {sender}\nTo: {recipient}\n".encode() + message)
        draft.rename(place / name)
        return Receipt(f"<{delivery_id}@folder>")

    def delivered(self, delivery_id: str) -> bool | None:
        return bool(self.copies(delivery_id)) if self.tells else None

    def copies(self, delivery_id: str) -> list[Path]:
        place = self.root / delivery_id
        return sorted(place.iterdir()) if place.is_dir() else []

    def mails(self) -> list[str]:
        """Every mail handed over, as text."""
        if not self.root.is_dir():
            return []
        return [path.read_text("utf-8") for path in sorted(self.root.glob("*/*"))]


class People:
    """Whose rights hold: everyone's, but of those who were stopped."""

    def __init__(self) -> None:
        self.stopped: dict[str, Exception] = {}

    def __call__(self, schedule: Schedule) -> None:
        if schedule.owner in self.stopped:
            raise self.stopped[schedule.owner]


class Reporter:
    """Makes a one-line report for all recipients of a schedule; `news` False: there is nothing to say."""

    def __init__(self) -> None:
        self.news = True
        self.faults: list[BaseException] = []
        self.made: list[tuple[str, datetime, str]] = []

    def __call__(self, schedule: Schedule, firing: Firing) -> Sequence[Mailing]:
        if self.faults:
            raise self.faults.pop(0)
        self.made.append((schedule.name, firing.due, schedule.owner))
        return [Mailing(letter(f"{schedule.name} {firing.due:%Y-%m-%d}"), schedule.recipients)] if self.news else []


def letter(subject: str, **more: Any) -> Letter:
    return Letter(subject, f"<p>{subject}</p>", subject, **more)


def composed(sent: Letter, delivery: OneDelivery, mail_id: str) -> bytes:
    return f"Id: {mail_id}\nSubject: {sent.subject}\n\n{sent.text}\n".encode()


def office(folder: Folder, *, name: str = "here:1", **more: Any) -> Office:
    """An office of this name; `gone` and `clock` as in Process, the rest as in Rules."""
    process = Process(name, more.pop("gone", lambda _: False), more.pop("clock", Clock()))
    rules = {"reports": lambda: ("executive-summary", "savings"), "domains": ("example.com",), "allowed": People()}
    post = Post(folder, "costs@example.com", composed, sleep=lambda _: None)
    return Office(Rules(**{**rules, **more}), post, process)


def delivery_at(database: Database, given: Office, now: Callable[[], datetime]) -> Delivery:
    return Delivery(ScheduleStore(database), OutboxStore(database), given, now=now)


def wish(name: str, **more: Any) -> Wish:
    return replace(WISH, name=name, **more)

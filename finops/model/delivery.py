"""Words of reports that arrive: a schedule, one firing of it, the letter it makes, and its delivery to one reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.errors import FinopsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from finops.model.reports import Format


class ScheduleStatus(StrEnum):
    """Paused by a person, or by the clock because its owner may not do it any more; `reason` says which."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A report that goes out by itself. Fires at `cron` (five fields) in `timezone`, with the rights of `owner`.

    `quiet` sends nothing when the report has no news. `next_run` is None while it is paused.
    """

    schedule_id: str
    tenant: str
    name: str
    report: str
    cron: str
    timezone: str
    recipients: tuple[str, ...]
    format: Format
    owner: str
    created: datetime
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quiet: bool = False
    status: ScheduleStatus = ScheduleStatus.ACTIVE
    reason: str = ""
    next_run: datetime | None = None
    last_run: datetime | None = None


class FiringStatus(StrEnum):
    """Claimed: its report is being made. Queued: letters lie in the outbox. Silent: there was no news."""

    CLAIMED = "claimed"
    QUEUED = "queued"
    SILENT = "silent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Firing:
    """One time a schedule was due, claimed once by UNIQUE(schedule, due). `late`: caught up after a standstill."""

    firing_id: str
    schedule_id: str
    tenant: str
    due: datetime
    status: FiringStatus
    claimed_at: datetime
    worker: str
    late: bool = False
    skipped: int = 0  # earlier times that passed meanwhile and are not caught up
    reason: str = ""
    attempts: int = 1  # how often its report was begun
    retry_at: datetime | None = None  # while a failed one will be tried again


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has a reader. `UNSUBSCRIBE` in `html` and `text` becomes each reader's own link.

    `images` are PNG by the content id that `html` names (`cid:chart-1`).
    """

    subject: str
    html: str
    text: str
    images: Mapping[str, bytes] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Mailing:
    """A letter and who gets it. A digest that tells each reader something else is several of them."""

    letter: Letter
    recipients: tuple[str, ...]


UNSUBSCRIBE = "https://unsubscribe.invalid/"
"""What stands in a letter for the reader's unsubscribe link until it is sent."""


class DeliveryStatus(StrEnum):
    """Uncertain: the process died between handing over and writing down; never sent again by itself.

    Withheld: the reader has unsubscribed, or the address is not allowed any more.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter to one reader. `retry_at` is set while a failed one will be tried again."""

    delivery_id: str
    tenant: str
    firing_id: str
    schedule_id: str  # "" when a person sent it
    recipient: str
    subject: str
    status: DeliveryStatus
    queued_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    retry_at: datetime | None = None
    message_id: str = ""
    reason: str = ""
    kind: str = "report"  # "report", "alert", "digest"
    earlier: int = 0  # attempts before a person last had it sent again


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a transport took a mail, under this id of its own."""

    message_id: str


class MailError(FinopsError):
    """A mail was not taken. `kind`: nothing was handed over and later may work, never will, or nobody can tell."""

    LATER = "later"
    NEVER = "never"
    UNKNOWN = "unknown"

    def __init__(self, message: str, *, kind: str, code: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code

"""The tables of reports that arrive: schedules, their firings, letters, and a delivery for each reader of a letter."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.dialects import mysql

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Name, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

ADDRESS_LENGTH = 320
"""Characters of a mail address: 64 before the @ and 255 after it (RFC 5321)."""

_TENANT, _ID, _ADDRESS = Exact(63), String(36), Exact(ADDRESS_LENGTH)
Bytes = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")

schedule = Table(
    "schedule",
    metadata,
    Column("schedule_id", _ID, primary_key=True),
    Column("tenant", _TENANT, nullable=False),
    Column("name", Exact(120), nullable=False),
    Column("report", Exact(64), nullable=False),
    Column("cron", Exact(120), nullable=False),
    Column("timezone", Exact(64), nullable=False),
    Column("recipients", ExactText, nullable=False),
    Column("format", String(16), nullable=False),
    Column("owner", Exact(191), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("scope", ExactText, nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", ExactText, nullable=False),
    Column("next_run", UtcDateTime),
    Column("last_run", UtcDateTime),
    UniqueConstraint("tenant", "name"),
    Index(None, "status", "next_run"),
    **TABLE_OPTIONS,
)
"""A report that goes out by itself; `recipients` and `scope` are JSON."""

firing = Table(
    "firing",
    metadata,
    Column("firing_id", _ID, primary_key=True),
    Column("schedule_id", _ID, nullable=False),
    Column("tenant", _TENANT, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("worker", Name, nullable=False),
    Column("alive", UtcDateTime, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("reason", ExactText, nullable=False),
    UniqueConstraint("schedule_id", "due"),
    Index(None, "tenant", "due"),
    **TABLE_OPTIONS,
)
"""One time a schedule was due. Whoever inserts it has claimed it; `alive` is when, by the wall clock.

It outlives its schedule: what went out stays known.
"""

letter = Table(
    "letter",
    metadata,
    Column("letter_id", _ID, primary_key=True),
    Column("tenant", _TENANT, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("letter_key", Exact(191), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("pieces", Integer, nullable=False),
    UniqueConstraint("tenant", "kind", "letter_key"),
    **TABLE_OPTIONS,
)
"""A mail before it has a reader. The row stays when its pieces are purged (`pieces` 0): its key never queues again."""

letter_piece = Table(
    "letter_piece",
    metadata,
    Column("letter_id", _ID, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("content", Bytes, nullable=False),
    **TABLE_OPTIONS,
)
"""A part of a letter's bytes: MariaDB takes 16 MiB in one statement unless told otherwise, and a mail may have 40."""

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", _ID, primary_key=True),
    Column("tenant", _TENANT, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("letter_id", _ID, nullable=False, index=True),
    Column("origin", _ID, nullable=False),
    Column("firing_id", _ID, nullable=False),
    Column("schedule_id", _ID, nullable=False, index=True),
    Column("recipient", _ADDRESS, nullable=False),
    Column("subject", ExactText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("earlier", Integer, nullable=False),
    Column("worker", Name, nullable=False),
    Column("alive", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("retry_at", UtcDateTime),
    Column("message_id", ExactText, nullable=False),
    Column("reason", ExactText, nullable=False),
    UniqueConstraint("origin", "recipient"),
    Index(None, "status", "retry_at"),
    Index(None, "tenant", "queued_at"),
    **TABLE_OPTIONS,
)
"""One letter to one reader. `origin` is the firing, or the letter of what no schedule sent: each reader has it once.

`earlier` counts the attempts before a person last sent it again, `alive` is when `worker` took it, by the wall clock.
"""

unsubscribed = Table(
    "unsubscribed",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("schedule_id", _ID, primary_key=True),
    Column("recipient", _ADDRESS, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    **TABLE_OPTIONS,
)
"""Who wants no more mails of a schedule (of anything where it is ""); the address in small letters."""

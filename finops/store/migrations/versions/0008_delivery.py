"""Reports that arrive: schedules, firings, letters, deliveries, and who wants no more of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Name, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TENANT, _ID, _ADDRESS = Exact(63), sa.String(36), Exact(320)


def upgrade() -> None:
    """Creates the tables of delivery."""
    _schedules()
    _letters()
    _deliveries()


def _schedules() -> None:
    op.create_table(
        "schedule",
        sa.Column("schedule_id", _ID, nullable=False),
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("name", Exact(120), nullable=False),
        sa.Column("report", Exact(64), nullable=False),
        sa.Column("cron", Exact(120), nullable=False),
        sa.Column("timezone", Exact(64), nullable=False),
        sa.Column("recipients", ExactText, nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("owner", Exact(191), nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("scope", ExactText, nullable=False),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", ExactText, nullable=False),
        sa.Column("next_run", UtcDateTime),
        sa.Column("last_run", UtcDateTime),
        sa.PrimaryKeyConstraint("schedule_id", name="pk_schedule"),
        sa.UniqueConstraint("tenant", "name", name="uq_schedule_tenant_name"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_schedule_status_next_run", "schedule", ["status", "next_run"])
    op.create_table(
        "firing",
        sa.Column("firing_id", _ID, nullable=False),
        sa.Column("schedule_id", _ID, nullable=False),
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("claimed_at", UtcDateTime, nullable=False),
        sa.Column("worker", Name, nullable=False),
        sa.Column("alive", UtcDateTime, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", UtcDateTime),
        sa.Column("reason", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("firing_id", name="pk_firing"),
        sa.UniqueConstraint("schedule_id", "due", name="uq_firing_schedule_id_due"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_firing_status", "firing", ["status"])
    op.create_index("ix_firing_tenant_due", "firing", ["tenant", "due"])


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("letter_id", _ID, nullable=False),
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("letter_key", Exact(191), nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name="pk_letter"),
        sa.UniqueConstraint("tenant", "kind", "letter_key", name="uq_letter_tenant_kind_letter_key"),
        **TABLE_OPTIONS,
    )
    content = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")
    op.create_table(
        "letter_piece",
        sa.Column("letter_id", _ID, nullable=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("content", content, nullable=False),
        sa.PrimaryKeyConstraint("letter_id", "place", name="pk_letter_piece"),
        **TABLE_OPTIONS,
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("delivery_id", _ID, nullable=False),
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("letter_id", _ID, nullable=False),
        sa.Column("origin", _ID, nullable=False),
        sa.Column("firing_id", _ID, nullable=False),
        sa.Column("schedule_id", _ID, nullable=False),
        sa.Column("recipient", _ADDRESS, nullable=False),
        sa.Column("subject", ExactText, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("earlier", sa.Integer, nullable=False),
        sa.Column("worker", Name, nullable=False),
        sa.Column("alive", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("retry_at", UtcDateTime),
        sa.Column("message_id", ExactText, nullable=False),
        sa.Column("reason", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_delivery"),
        sa.UniqueConstraint("origin", "recipient", name="uq_delivery_origin_recipient"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_delivery_letter_id", "delivery", ["letter_id"])
    op.create_index("ix_delivery_schedule_id", "delivery", ["schedule_id"])
    op.create_index("ix_delivery_status_retry_at", "delivery", ["status", "retry_at"])
    op.create_index("ix_delivery_tenant_queued_at", "delivery", ["tenant", "queued_at"])
    op.create_table(
        "unsubscribed",
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("schedule_id", _ID, nullable=False),
        sa.Column("recipient", _ADDRESS, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "schedule_id", "recipient", name="pk_unsubscribed"),
        **TABLE_OPTIONS,
    )

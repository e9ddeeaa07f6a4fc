"""Findings: where they stand and what happened to them, realised savings; the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, Identity, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of findings and the audit trail."""
    _create_states()
    _create_history()
    _create_savings()


def _create_states() -> None:
    op.create_table(
        "finding_state",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("fingerprint", Exact(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("updated", UtcDateTime, nullable=False),
        sa.Column("updated_by", Exact(191), nullable=False),
        sa.Column("check_id", Exact(128), nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("region", Exact(64), nullable=False),
        sa.Column("kind", Exact(128), nullable=False),
        sa.Column("resource_id", ExactText, nullable=False),
        sa.Column("resource_arn", ExactText, nullable=False),
        sa.Column("saving", Dollars),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("until", UtcDateTime),
        sa.Column("reason", ExactText, nullable=False),
        sa.Column("owner", Exact(191), nullable=False),
        sa.Column("notes", sa.Integer, nullable=False),
        sa.Column("resolved_at", UtcDateTime),
        sa.Column("resolved_how", sa.String(16)),
        sa.Column("saving_when_resolved", Dollars),
        sa.PrimaryKeyConstraint("tenant", "fingerprint", name="pk_finding_state"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_finding_state_tenant_status", "finding_state", ["tenant", "status"])


def _create_history() -> None:
    op.create_table(
        "finding_event",
        sa.Column("event_id", Identity, autoincrement=True, nullable=False),
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("fingerprint", Exact(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by_user", Exact(191), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("before_status", sa.String(16), nullable=False),
        sa.Column("after_status", sa.String(16), nullable=False),
        sa.Column("text", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_finding_event"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_finding_event_tenant_fingerprint", "finding_event", ["tenant", "fingerprint"])
    op.create_table(
        "audit_event",
        sa.Column("event_id", Identity, autoincrement=True, nullable=False),
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by_user", Exact(191), nullable=False),
        sa.Column("action", Exact(128), nullable=False),
        sa.Column("object", Exact(191), nullable=False),
        sa.Column("detail", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_audit_event"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_audit_event_tenant_event_id", "audit_event", ["tenant", "event_id"])


def _create_savings() -> None:
    op.create_table(
        "saving_entry",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("fingerprint", Exact(32), nullable=False),
        sa.Column("resolved_at", UtcDateTime, nullable=False),
        sa.Column("check_id", Exact(128), nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("region", Exact(64), nullable=False),
        sa.Column("resource_id", ExactText, nullable=False),
        sa.Column("estimate", Dollars),
        sa.Column("before_daily", Dollars),
        sa.Column("after_daily", Dollars),
        sa.Column("days_followed", sa.Integer, nullable=False),
        sa.Column("realised_month", Dollars),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("updated", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "fingerprint", "resolved_at", name="pk_saving_entry"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_saving_entry_tenant_state", "saving_entry", ["tenant", "state"])

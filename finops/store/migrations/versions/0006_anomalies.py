"""Anomalies: when each was first found, and what people say of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of anomalies."""
    op.create_table(
        "anomaly_record",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("anomaly_id", Exact(32), nullable=False),
        sa.Column("detected", UtcDateTime, nullable=False),
        sa.Column("confirmed", UtcDateTime, nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("service", ExactText, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("start_date", sa.Date, nullable=False),
        sa.Column("last_date", sa.Date, nullable=False),
        sa.Column("impact", Dollars, nullable=False),
        sa.Column("currency", Exact(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "anomaly_id", name="pk_anomaly_record"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_anomaly_record_tenant_last_date", "anomaly_record", ["tenant", "last_date"])
    op.create_table(
        "anomaly_feedback",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("anomaly_id", Exact(32), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("service", ExactText, nullable=False),
        sa.Column("said_by", Exact(191), nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
        sa.Column("until_date", sa.Date),
        sa.Column("note", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "anomaly_id", name="pk_anomaly_feedback"),
        **TABLE_OPTIONS,
    )

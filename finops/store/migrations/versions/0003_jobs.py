"""Jobs, the names that open jobs hold, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.sql_types import Identity, LongText, Name, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of jobs."""
    op.create_table(
        "job",
        sa.Column("number", Identity, autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("kind", Name, nullable=False),
        sa.Column("arguments", LongText, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("user_name", Name, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("started", UtcDateTime),
        sa.Column("heartbeat", UtcDateTime),
        sa.Column("ended", UtcDateTime),
        sa.Column("progress", LongText, nullable=False),
        sa.Column("counts", LongText, nullable=False),
        sa.Column("failures", LongText, nullable=False),
        sa.Column("parent", sa.String(36), nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("worker", Name, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_job"),
        sa.UniqueConstraint("job_id", name="uq_job_job_id"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_job_tenant_number", "job", ["tenant", "number"])
    op.create_index("ix_job_status", "job", ["status"])
    op.create_index("ix_job_parent", "job", ["parent"])
    op.create_table(
        "job_lock",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("name", Name, nullable=False),
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_job_lock"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_job_lock_job_id", "job_lock", ["job_id"])
    op.create_table(
        "lease",
        sa.Column("name", Name, nullable=False),
        sa.Column("holder", Name, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
        **TABLE_OPTIONS,
    )

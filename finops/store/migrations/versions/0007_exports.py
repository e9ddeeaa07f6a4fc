"""Exports: the files made for people, whose they are and how long they are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table of exports."""
    op.create_table(
        "export_file",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("export_id", Exact(32), nullable=False),
        sa.Column("owner", Exact(191), nullable=False),
        sa.Column("report", Exact(64), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("name", Exact(191), nullable=False),
        sa.Column("path", ExactText, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("expires", UtcDateTime, nullable=False),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("request", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "export_id", name="pk_export_file"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_export_file_tenant_owner_made_at", "export_file", ["tenant", "owner", "made_at"])
    op.create_index("ix_export_file_expires", "export_file", ["expires"])

"""Runs and parts of the lake, the meter of paid calls, settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.schema import TABLE_OPTIONS
from finops.store.sql_types import Dollars, Identity, LongText, Name, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of the first release."""
    _create_lake()
    _create_meter()
    op.create_table(
        "setting",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("setting_key", Name, nullable=False),
        sa.Column("value", LongText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "setting_key", name="pk_setting"),
        **TABLE_OPTIONS,
    )


def _create_lake() -> None:
    op.create_table(
        "lake_run",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("kind", Name, nullable=False),
        sa.Column("source", Name, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started", UtcDateTime, nullable=False),
        sa.Column("ended", UtcDateTime),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("price", Dollars, nullable=False),
        sa.Column("failures", LongText, nullable=False),
        sa.Column("detail", LongText, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_lake_run"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_lake_run_tenant_started", "lake_run", ["tenant", "started"])
    op.create_table(
        "lake_head",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("source", Name, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", name="pk_lake_head"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "lake_part",
        sa.Column("part_id", Identity, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("dataset", Name, nullable=False),
        sa.Column("source", Name, nullable=False),
        sa.Column("cube", LongText, nullable=False),
        sa.Column("grain", sa.String(16), nullable=False),
        sa.Column("scope", LongText, nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("path", LongText, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False, quote=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("detail", LongText, nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("superseded_by", sa.String(36)),
        sa.Column("superseded", UtcDateTime),
        sa.PrimaryKeyConstraint("part_id", name="pk_lake_part"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_lake_part_tenant_superseded_by", "lake_part", ["tenant", "superseded_by"])


def _create_meter() -> None:
    op.create_table(
        "paid_month",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("reserved", Dollars, nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_paid_month"),
        sa.CheckConstraint("reserved >= 0", name="ck_paid_month_reserved"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "call_count",
        sa.Column("call_key", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("service", Name, nullable=False),
        sa.Column("operation", Name, nullable=False),
        sa.Column("outcome", Name, nullable=False),
        sa.Column("feature", Name, nullable=False),
        sa.Column("user_name", Name, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("cost", Dollars, nullable=False),
        sa.PrimaryKeyConstraint("call_key", name="pk_call_count"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_call_count_month", "call_count", ["month"])

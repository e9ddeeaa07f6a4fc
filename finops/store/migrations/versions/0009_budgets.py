"""Budgets: what may be spent, which thresholds were crossed, and when AWS was asked for its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TENANT, _ID, _FIGURE = Exact(63), Exact(32), Exact(96)


def upgrade() -> None:
    """Creates the tables of budgets."""
    op.create_table(
        "budget",
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("budget_id", _ID, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("name", Exact(160), nullable=False),
        sa.Column("owner", Exact(191), nullable=False),
        sa.Column("changed", UtcDateTime, nullable=False),
        sa.Column("document", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "budget_id", name="pk_budget"),
        sa.UniqueConstraint("tenant", "source", "name", name="uq_budget_tenant_source_name"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "budget_crossing",
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("budget_id", _ID, nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("percent", Dollars, nullable=False, autoincrement=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("seen", sa.Date, nullable=False),
        sa.Column("crossed", UtcDateTime),
        sa.Column("figure", _FIGURE, nullable=False),
        sa.Column("budget_limit", _FIGURE, nullable=False),
        sa.Column("currency", Exact(32), nullable=False),
        sa.Column("fell", UtcDateTime),
        sa.Column("told", UtcDateTime),
        sa.Column("waits", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "budget_id", "period_start", "basis", "percent", name="pk_budget_crossing"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_budget_crossing_tenant_waits", "budget_crossing", ["tenant", "waits"])
    op.create_table(
        "budget_import",
        sa.Column("tenant", _TENANT, nullable=False),
        sa.Column("asked", UtcDateTime, nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("told", UtcDateTime),
        sa.Column("failure", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_budget_import"),
        **TABLE_OPTIONS,
    )

"""Tag compliance: policies, scores by day, and what is billed without a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of tag compliance."""
    op.create_table(
        "tag_policy",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("saved", UtcDateTime, nullable=False),
        sa.Column("saved_by", Exact(191), nullable=False),
        sa.Column("note", ExactText, nullable=False),
        sa.Column("document", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name="pk_tag_policy"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "tag_score",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("tag_key", Exact(128), nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("judged", sa.Integer, nullable=False),
        sa.Column("compliant", sa.Integer, nullable=False),
        sa.Column("exempt", sa.Integer, nullable=False),
        sa.Column("untaggable", sa.Integer, nullable=False),
        sa.Column("unknown_tags", sa.Integer, nullable=False),
        sa.Column("currency", Exact(32), nullable=False),
        sa.Column("judged_cost", Dollars, nullable=False),
        sa.Column("compliant_cost", Dollars, nullable=False),
        sa.Column("untagged_cost", Dollars, nullable=False),
        sa.Column("evaluated", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", "tag_key", name="pk_tag_score"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "tag_bill",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("tag_key", Exact(128), nullable=False),
        sa.Column("activation", sa.String(16), nullable=False),
        sa.Column("fetched", UtcDateTime, nullable=False),
        sa.Column("period_start", sa.Date),
        sa.Column("period_end", sa.Date),
        sa.Column("currency", Exact(32), nullable=False),
        sa.Column("untagged", ExactText),
        sa.Column("charges", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "tag_key", name="pk_tag_bill"),
        **TABLE_OPTIONS,
    )

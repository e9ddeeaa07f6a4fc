"""Accounts, and the inventory: assets with their tags, links and history, the places they are listed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, Identity, UtcDateTime
from finops.store.tables import TABLE_OPTIONS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of accounts and assets."""
    _create_accounts()
    _create_assets()
    _create_beside_assets()
    _create_history()


def _create_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("account_id", Exact(32), nullable=False),
        sa.Column("name", ExactText, nullable=False),
        sa.Column("status", Exact(64), nullable=False),
        sa.Column("email", ExactText, nullable=False),
        sa.Column("unit", ExactText, nullable=False),
        sa.Column("tags", ExactText),
        sa.Column("role", ExactText, nullable=False),
        sa.Column("external_id", ExactText, nullable=False),
        sa.Column("regions", ExactText),
        sa.Column("source", Exact(64), nullable=False),
        sa.Column("joined", UtcDateTime),
        sa.Column("first_seen", UtcDateTime),
        sa.Column("last_seen", UtcDateTime),
        sa.PrimaryKeyConstraint("tenant", "account_id", name="pk_account"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "asset_place",
        sa.Column("place_key", Exact(32), nullable=False),
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("region", Exact(64), nullable=False),
        sa.Column("kind", Exact(128), nullable=False),
        sa.Column("complete", UtcDateTime),
        sa.Column("tried", UtcDateTime, nullable=False),
        sa.Column("items", sa.BigInteger, nullable=False),
        sa.Column("failure", ExactText),
        sa.Column("tags_failure", ExactText),
        sa.PrimaryKeyConstraint("place_key", name="pk_asset_place"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_asset_place_tenant", "asset_place", ["tenant"])


def _create_assets() -> None:
    op.create_table(
        "asset",
        sa.Column("asset_no", Identity, autoincrement=True, nullable=False),
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("asset_id", Exact(32), nullable=False),
        sa.Column("kind", Exact(128), nullable=False),
        sa.Column("service", Exact(64), nullable=False),
        sa.Column("account", Exact(32), nullable=False),
        sa.Column("region", Exact(64), nullable=False),
        sa.Column("state", Exact(64), nullable=False),
        sa.Column("lifecycle", Exact(8), nullable=False),
        sa.Column("tags_known", sa.Boolean, nullable=False),
        sa.Column("name_key", Exact(64), nullable=False),
        sa.Column("cost", Dollars),
        sa.Column("currency", Exact(32), nullable=False),
        sa.Column("created", UtcDateTime),
        sa.Column("first_seen", UtcDateTime, nullable=False),
        sa.Column("last_seen", UtcDateTime, nullable=False),
        sa.Column("missing_since", UtcDateTime),
        sa.Column("place_key", Exact(32), nullable=False),
        sa.Column("other_place", Exact(32)),
        sa.Column("other_seen", UtcDateTime),
        sa.PrimaryKeyConstraint("asset_no", name="pk_asset"),
        sa.UniqueConstraint("asset_id", name="uq_asset_asset_id"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_asset_tenant", "asset", ["tenant"])
    op.create_index("ix_asset_place_key_lifecycle", "asset", ["place_key", "lifecycle"])


def _create_beside_assets() -> None:
    op.create_table(
        "asset_search",
        sa.Column("asset_no", Identity, autoincrement=False, nullable=False),
        sa.Column("search", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("asset_no", name="pk_asset_search"),
        **TABLE_OPTIONS,
    )
    op.create_table(
        "asset_body",
        sa.Column("asset_no", Identity, autoincrement=False, nullable=False),
        sa.Column("id_key", Exact(32), nullable=False),
        sa.Column("resource_id", ExactText, nullable=False),
        sa.Column("name", ExactText, nullable=False),
        sa.Column("arn", ExactText, nullable=False),
        sa.Column("tags", ExactText),
        sa.Column("details", ExactText, nullable=False),
        sa.Column("links", ExactText, nullable=False),
        sa.PrimaryKeyConstraint("asset_no", name="pk_asset_body"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_asset_body_id_key", "asset_body", ["id_key"])
    op.create_table(
        "asset_tag",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("tag_key", Exact(128), nullable=False),
        sa.Column("asset_no", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("tag_value", Exact(256), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "tag_key", "asset_no", name="pk_asset_tag"),
        sqlite_with_rowid=False,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "asset_link",
        sa.Column("asset_no", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("link_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("target_key", Exact(32), nullable=False),
        sa.Column("target_kind", Exact(128), nullable=False),
        sa.Column("relation", Exact(64), nullable=False),
        sa.PrimaryKeyConstraint("asset_no", "link_no", name="pk_asset_link"),
        sqlite_with_rowid=False,
        **TABLE_OPTIONS,
    )
    op.create_index("ix_asset_link_target_key", "asset_link", ["target_key"])


def _create_history() -> None:
    op.create_table(
        "asset_change",
        sa.Column("change_no", Identity, autoincrement=True, nullable=False),
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("asset_no", sa.BigInteger, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", Exact(8), nullable=False),
        sa.Column("field", Exact(8), nullable=False),
        sa.Column("before", ExactText, quote=True),
        sa.Column("after", ExactText, quote=True),
        sa.PrimaryKeyConstraint("change_no", name="pk_asset_change"),
        **TABLE_OPTIONS,
    )
    op.create_index("ix_asset_change_tenant_kind_at", "asset_change", ["tenant", "kind", "at"])
    op.create_index("ix_asset_change_asset_no_at", "asset_change", ["asset_no", "at"])
    op.create_table(
        "inventory_head",
        sa.Column("tenant", Exact(63), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("stored", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_inventory_head"),
        **TABLE_OPTIONS,
    )

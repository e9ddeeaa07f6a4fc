"""The tables of tag compliance: policies with their versions, scores by day, and what AWS bills without a key."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

_TENANT = Exact(63)
_KEY = Exact(128)

tag_policy = Table(
    "tag_policy",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("saved", UtcDateTime, nullable=False),
    Column("saved_by", Exact(191), nullable=False),
    Column("note", ExactText, nullable=False),
    Column("document", ExactText, nullable=False),
    **TABLE_OPTIONS,
)
"""Every version of a tenant's tag policy, as JSON; the highest one holds."""

tag_score = Table(
    "tag_score",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("tag_key", _KEY, primary_key=True),
    Column("policy_version", Integer, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("compliant", Integer, nullable=False),
    Column("exempt", Integer, nullable=False),
    Column("untaggable", Integer, nullable=False),
    Column("unknown_tags", Integer, nullable=False),
    Column("currency", Exact(32), nullable=False),
    Column("judged_cost", Dollars, nullable=False),
    Column("compliant_cost", Dollars, nullable=False),
    Column("untagged_cost", Dollars, nullable=False),
    Column("evaluated", UtcDateTime, nullable=False),
    **TABLE_OPTIONS,
)
"""How a tenant stood on a day, by key; an empty key is assets as a whole."""

tag_bill = Table(
    "tag_bill",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("tag_key", _KEY, primary_key=True),
    Column("activation", String(16), nullable=False),
    Column("fetched", UtcDateTime, nullable=False),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("currency", Exact(32), nullable=False),
    Column("untagged", ExactText),
    Column("charges", ExactText, nullable=False),
    **TABLE_OPTIONS,
)
"""What Cost Explorer said of a key last: its activation, and untagged amounts by charge type and resource, as JSON."""

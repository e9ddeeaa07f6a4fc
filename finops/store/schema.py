"""The tables of the state. Every migration in `finops/store/migrations` leads here, and a test compares the two.

Names: singular tables, `<what>_key` or `<what>_id` for identities, `ix_<table>_<columns>` for indexes. Text is compared
byte by byte on every database (MySQL's default would take CostCenter for costcenter).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, String, Table

from finops.store.anomaly_schema import anomaly_feedback, anomaly_record
from finops.store.budget_schema import budget, budget_crossing, budget_import
from finops.store.delivery_schema import delivery, firing, letter, letter_piece, schedule, unsubscribed
from finops.store.estate_schema import (
    account,
    asset,
    asset_body,
    asset_change,
    asset_link,
    asset_place,
    asset_search,
    asset_tag,
    inventory_head,
)
from finops.store.export_schema import export_file
from finops.store.finding_schema import audit_event, finding_event, finding_state, saving_entry
from finops.store.job_schema import job, job_lock, lease
from finops.store.sql_types import Dollars, Identity, LongText, Name, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata
from finops.store.tag_schema import tag_bill, tag_policy, tag_score

__all__ = [
    "TABLE_OPTIONS",
    "account",
    "anomaly_feedback",
    "anomaly_record",
    "asset",
    "asset_body",
    "asset_change",
    "asset_link",
    "asset_place",
    "asset_search",
    "asset_tag",
    "audit_event",
    "budget",
    "budget_crossing",
    "budget_import",
    "call_count",
    "delivery",
    "export_file",
    "finding_event",
    "finding_state",
    "firing",
    "inventory_head",
    "job",
    "job_lock",
    "lake_head",
    "lake_part",
    "lake_run",
    "lease",
    "letter",
    "letter_piece",
    "metadata",
    "paid_month",
    "saving_entry",
    "schedule",
    "setting",
    "tag_bill",
    "tag_policy",
    "tag_score",
    "unsubscribed",
]

lake_run = Table(
    "lake_run",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("kind", Name, nullable=False),
    Column("source", Name, nullable=False),
    Column("status", String(16), nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("requests", Integer, nullable=False),
    Column("price", Dollars, nullable=False),
    Column("failures", LongText, nullable=False),
    Column("detail", LongText, nullable=False),
    Index(None, "tenant", "started"),
    **TABLE_OPTIONS,
)
"""One refresh or import."""

lake_head = Table(
    "lake_head",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("source", Name, primary_key=True),
    Column("version", BigInteger, nullable=False),
    **TABLE_OPTIONS,
)
"""Counts the commits of a tenant's source: what two writers race for, and what readers' caches hang on."""

lake_part = Table(
    "lake_part",
    metadata,
    Column("part_id", Identity, primary_key=True, autoincrement=True),
    Column("tenant", String(63), nullable=False),
    Column("dataset", Name, nullable=False),
    Column("source", Name, nullable=False),
    Column("cube", LongText, nullable=False),
    Column("grain", String(16), nullable=False),
    Column("scope", LongText, nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("path", LongText, nullable=False),
    Column("rows", BigInteger, nullable=False, quote=True),
    Column("bytes", BigInteger, nullable=False),
    Column("detail", LongText, nullable=False),
    Column("run_id", String(36), nullable=False),
    Column("superseded_by", String(36)),
    Column("superseded", UtcDateTime),
    Index(None, "tenant", "superseded_by"),
    **TABLE_OPTIONS,
)
"""One Parquet file of the lake; it counts while nothing superseded it."""

paid_month = Table(
    "paid_month",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("reserved", Dollars, nullable=False),
    CheckConstraint("reserved >= 0", name="reserved"),
    **TABLE_OPTIONS,
)
"""What paid AWS requests of a month cost so far, those under way included."""

call_count = Table(
    "call_count",
    metadata,
    Column("call_key", String(64), primary_key=True),
    Column("month", String(7), nullable=False, index=True),
    Column("tenant", String(63), nullable=False),
    Column("service", Name, nullable=False),
    Column("operation", Name, nullable=False),
    Column("outcome", Name, nullable=False),
    Column("feature", Name, nullable=False),
    Column("user_name", Name, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("cost", Dollars, nullable=False),
    **TABLE_OPTIONS,
)
"""AWS calls of a month by who made which for what; `call_key` is a digest of those columns."""

setting = Table(
    "setting",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("setting_key", Name, primary_key=True),
    Column("value", LongText, nullable=False),
    **TABLE_OPTIONS,
)
"""A tenant's own settings, as JSON."""

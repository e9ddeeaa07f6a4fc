"""Findings: the SQL tables of what people do with them, and the Parquet columns of what runs found."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Column, Index, Integer, String, Table

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, Identity, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

FINDINGS = "finops_findings"
"""The dataset of findings, one part a run, workspace and day."""
GOLD = "finops_kpi_gold"
"""The dataset of figures over findings, one part a run date."""
FINDINGS_SOURCE = "findings"
"""The source under which the run ledger knows runs of checks."""
GOLD_SOURCE = "findings_gold"
"""And the making of figures over findings."""

AMOUNT = pa.decimal128(38, 18)
INSTANT = pa.timestamp("us", tz="UTC")


def _text(name: str) -> pa.Field:
    return pa.field(name, pa.string())


def _key(name: str, kind: pa.DataType | None = None) -> pa.Field:
    return pa.field(name, kind or pa.string(), nullable=False)


FINDING_SCHEMA: pa.Schema = pa.schema(
    [
        _key("tenant_id"),
        _key("workspace"),
        _key("run_id"),
        _key("run_date", pa.date32()),
        _key("observed", INSTANT),
        _key("fingerprint"),
        _key("finding_id"),
        _key("check_id"),
        _key("title"),
        _key("category"),
        _key("account"),
        _key("region"),
        _key("kind"),
        _text("resource_id"),
        _text("resource_arn"),
        _text("name"),
        _text("issue"),
        _key("verdict"),
        _key("severity"),
        _key("message"),
        _key("monthly_saving", AMOUNT),
        _key("saving_basis"),
        _key("currency"),
        pa.field("monthly_cost", AMOUNT),
        _key("action_type"),
        _key("implementation_effort"),
        _key("restart_needed", pa.bool_()),
        _key("rollback_possible", pa.bool_()),
        _key("source"),
        pa.field("created", INSTANT),
        _text("tags"),
        _key("evidence"),
    ]
)
"""`finops_findings`. Tags and evidence are canonical JSON; an empty optional text is null."""

GOLD_SCHEMA: pa.Schema = pa.schema(
    [
        _key("tenant_id"),
        _key("period", pa.date32()),
        _key("workspace"),
        _key("kpi"),
        _key("key"),
        _key("findings", pa.int64()),
        _key("saving", AMOUNT),
        _key("currency"),
        _key("rank", pa.int32()),
        _text("fingerprint"),
    ]
)
"""`finops_kpi_gold`: one long table, a row per figure of a run date."""

_TENANT = Exact(63)
_PRINT = Exact(32)
_WORD = Exact(128)

finding_state = Table(
    "finding_state",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("fingerprint", _PRINT, primary_key=True),
    Column("status", String(16), nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Column("updated_by", Exact(191), nullable=False),
    Column("check_id", _WORD, nullable=False),
    Column("account", Exact(32), nullable=False),
    Column("region", Exact(64), nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("resource_id", ExactText, nullable=False),
    Column("resource_arn", ExactText, nullable=False),
    Column("saving", Dollars),
    Column("currency", String(3), nullable=False),
    Column("until", UtcDateTime),
    Column("reason", ExactText, nullable=False),
    Column("owner", Exact(191), nullable=False),
    Column("notes", Integer, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("resolved_how", String(16)),
    Column("saving_when_resolved", Dollars),
    Index(None, "tenant", "status"),
    **TABLE_OPTIONS,
)
"""Where a finding stands with people, and what it was about when last flagged."""

finding_event = Table(
    "finding_event",
    metadata,
    Column("event_id", Identity, primary_key=True, autoincrement=True),
    Column("tenant", _TENANT, nullable=False),
    Column("fingerprint", _PRINT, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_user", Exact(191), nullable=False),
    Column("action", String(16), nullable=False),
    Column("before_status", String(16), nullable=False),
    Column("after_status", String(16), nullable=False),
    Column("text", ExactText, nullable=False),
    Index(None, "tenant", "fingerprint"),
    **TABLE_OPTIONS,
)
"""What happened to a finding; comments are events."""

audit_event = Table(
    "audit_event",
    metadata,
    Column("event_id", Identity, primary_key=True, autoincrement=True),
    Column("tenant", _TENANT, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_user", Exact(191), nullable=False),
    Column("action", _WORD, nullable=False),
    Column("object", Exact(191), nullable=False),
    Column("detail", ExactText, nullable=False),
    Index(None, "tenant", "event_id"),
    **TABLE_OPTIONS,
)
"""Who did what to what, of the whole product."""

saving_entry = Table(
    "saving_entry",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("fingerprint", _PRINT, primary_key=True),
    Column("resolved_at", UtcDateTime, primary_key=True),
    Column("check_id", _WORD, nullable=False),
    Column("account", Exact(32), nullable=False),
    Column("region", Exact(64), nullable=False),
    Column("resource_id", ExactText, nullable=False),
    Column("estimate", Dollars),
    Column("before_daily", Dollars),
    Column("after_daily", Dollars),
    Column("days_followed", Integer, nullable=False),
    Column("realised_month", Dollars),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Index(None, "tenant", "state"),
    **TABLE_OPTIONS,
)
"""Realised savings: what a resolved finding promised and what the bill says since."""

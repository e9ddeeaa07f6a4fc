"""The tables of anomalies: what was found and when first, and what people say of it."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, String, Table

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

_TENANT = Exact(63)
_PRINT = Exact(32)

anomaly_record = Table(
    "anomaly_record",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("anomaly_id", _PRINT, primary_key=True),
    Column("detected", UtcDateTime, nullable=False),
    Column("confirmed", UtcDateTime, nullable=False),
    Column("account", Exact(32), nullable=False),
    Column("service", ExactText, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("start_date", Date, nullable=False),
    Column("last_date", Date, nullable=False),
    Column("impact", Dollars, nullable=False),
    Column("currency", Exact(32), nullable=False),
    Index(None, "tenant", "last_date"),
    **TABLE_OPTIONS,
)
"""An anomaly as the last detection that saw it (`confirmed`) told it; `detected` is when it was first found."""

anomaly_feedback = Table(
    "anomaly_feedback",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("anomaly_id", _PRINT, primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("account", Exact(32), nullable=False),
    Column("service", ExactText, nullable=False),
    Column("said_by", Exact(191), nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("until_date", Date),
    Column("note", ExactText, nullable=False),
    **TABLE_OPTIONS,
)
"""What people last said of an anomaly. What they said before is in the audit trail."""

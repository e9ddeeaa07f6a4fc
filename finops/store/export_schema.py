"""The table of exports: the files made for people, whose they are and how long they are kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

export_file = Table(
    "export_file",
    metadata,
    Column("tenant", Exact(63), primary_key=True),
    Column("export_id", Exact(32), primary_key=True),
    Column("owner", Exact(191), nullable=False),
    Column("report", Exact(64), nullable=False),
    Column("format", String(16), nullable=False),
    Column("name", Exact(191), nullable=False),
    Column("path", ExactText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("request", ExactText, nullable=False),
    Index(None, "tenant", "owner", "made_at"),
    Index(None, "expires"),
    **TABLE_OPTIONS,
)
"""A file of the exports folder; `path` is empty once it was swept. `request` is what it was made from, as JSON."""

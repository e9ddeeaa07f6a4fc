"""The tables of budgets: what may be spent, which thresholds were crossed, and when AWS was asked for its own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, String, Table, UniqueConstraint

from finops.store.exact_text import Exact, ExactText
from finops.store.sql_types import Dollars, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

_TENANT = Exact(63)
_ID = Exact(32)

budget = Table(
    "budget",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("budget_id", _ID, primary_key=True),
    Column("source", String(16), nullable=False),
    Column("name", Exact(160), nullable=False),
    Column("owner", Exact(191), nullable=False),
    Column("changed", UtcDateTime, nullable=False),
    Column("document", ExactText, nullable=False),
    UniqueConstraint("tenant", "source", "name"),
    **TABLE_OPTIONS,
)
"""One budget; `document` is everything of it as JSON, as `finops.budgets.documents` writes it."""

budget_crossing = Table(
    "budget_crossing",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("budget_id", _ID, primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("basis", String(16), primary_key=True),
    Column("percent", Dollars, primary_key=True, autoincrement=False),
    Column("period_end", Date, nullable=False),
    Column("seen", Date, nullable=False),
    Column("crossed", UtcDateTime),
    Column("figure", Exact(96), nullable=False),
    Column("budget_limit", Exact(96), nullable=False),
    Column("currency", Exact(32), nullable=False),
    Column("fell", UtcDateTime),
    Column("told", UtcDateTime),
    Column("waits", Boolean, nullable=False),
    Index(None, "tenant", "waits"),
    **TABLE_OPTIONS,
)
"""A threshold in a period: one row, so it is crossed once. While `crossed` is null a forecast was seen over it once.

`waits`: its mail has yet to be queued. Figures are exact decimals as text.
"""

budget_import = Table(
    "budget_import",
    metadata,
    Column("tenant", _TENANT, primary_key=True),
    Column("asked", UtcDateTime, nullable=False),
    Column("account", Exact(32), nullable=False),
    Column("told", UtcDateTime),
    Column("failure", ExactText, nullable=False),
    **TABLE_OPTIONS,
)
"""When AWS was last asked for its budgets, when it last answered, and its failure as JSON ("" for none)."""

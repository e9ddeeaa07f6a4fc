"""The tables of jobs: one row per job, the names that open jobs hold, and who may do what only one process may do."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from finops.store.sql_types import Identity, LongText, Name, UtcDateTime
from finops.store.tables import TABLE_OPTIONS, metadata

job = Table(
    "job",
    metadata,
    Column("number", Identity, primary_key=True, autoincrement=True),
    Column("job_id", String(36), nullable=False, unique=True),
    Column("tenant", String(63), nullable=False),
    Column("kind", Name, nullable=False),
    Column("arguments", LongText, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("user_name", Name, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("started", UtcDateTime),
    Column("heartbeat", UtcDateTime),
    Column("ended", UtcDateTime),
    Column("progress", LongText, nullable=False),
    Column("counts", LongText, nullable=False),
    Column("failures", LongText, nullable=False),
    Column("parent", String(36), nullable=False, index=True),
    Column("parts", Integer, nullable=False),
    Column("worker", Name, nullable=False),
    Index(None, "tenant", "number"),
    **TABLE_OPTIONS,
)
"""One job; `number` is the order in which jobs came.

`parts` is how many jobs it was split into, 0 for one that does its work itself; `parent` is the job it is a part of,
"" for none. `worker` is the process that does it, "" while none has taken it from the broker, and for a split one.
`heartbeat` goes by the wall clock, whatever the product takes as now; of a job that waits for a worker it says when
the broker was last told.
"""

job_lock = Table(
    "job_lock",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("job_id", String(36), nullable=False, index=True),
    **TABLE_OPTIONS,
)
"""A name that one open job holds alone, from the moment it is pending until it has ended."""

lease = Table(
    "lease",
    metadata,
    Column("name", Name, primary_key=True),
    Column("holder", Name, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    **TABLE_OPTIONS,
)
"""Something that one process does at a time, such as turning the clock; free for anyone once `until` has passed."""

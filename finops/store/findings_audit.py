"""The audit trail: who did what to what, written in the transaction of the deed itself where there is one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select

from finops.model.findings import AuditEvent
from finops.store.exact_text import fitted, storable
from finops.store.finding_schema import audit_event
from finops.store.lake import tenant_name
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from finops.store.database import Database

_ACTION_LENGTH = 128


class AuditTrail:
    """Audit events of every tenant, append-only. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        tenant: str,
        action: str,
        *,
        by: str,
        at: datetime,
        object: str = "",  # noqa: A002 - the word of the record
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Writes an event down. `detail` is JSON-friendly and holds no secret."""
        row = audit_row(tenant, AuditEvent(0, at, by, action, object, detail or {}))
        self._database.write(lambda connection: connection.execute(insert(audit_event).values(row)))

    def list(
        self, tenant: str, limit: int = 50, cursor: int | None = None
    ) -> tuple[tuple[AuditEvent, ...], int | None]:
        """The latest events, newest first, and the cursor of the page that follows; None at the end."""
        wanted = select(audit_event).where(audit_event.c.tenant == tenant_name(tenant))
        if cursor is not None:
            wanted = wanted.where(audit_event.c.event_id < cursor)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(audit_event.c.event_id.desc()).limit(limit + 1)).all()
        events = tuple(_event(row) for row in rows[:limit])
        return events, events[-1].event_id if len(rows) > limit else None


def audit_row(tenant: str, event: AuditEvent) -> dict[str, Any]:
    """The row of an event; its id is the database's to give."""
    return {
        "tenant": tenant_name(tenant),
        "at": event.at,
        "by_user": fitted(event.by, NAME_LENGTH),
        "action": fitted(event.action, _ACTION_LENGTH),
        "object": fitted(event.object, NAME_LENGTH),
        "detail": storable(json.dumps(dict(event.detail), sort_keys=True, default=str)),
    }


def write_audit(connection: Connection, tenant: str, event: AuditEvent) -> None:
    """Writes an event down in a transaction under way."""
    connection.execute(insert(audit_event).values(audit_row(tenant, event)))


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(row.event_id, row.at, row.by_user, row.action, row.object, json.loads(row.detail))

"""Tag policies of every tenant with their versions: none is ever changed, the highest holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select

from finops.model.errors import InputError
from finops.model.findings import AuditEvent
from finops.store.exact_text import fitted, storable
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name
from finops.store.sql_types import NAME_LENGTH
from finops.store.tag_schema import tag_policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from finops.store.database import Database


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """One version as it is stored: its document is what `finops.tagging.policy` makes of a policy."""

    version: int
    document: Mapping[str, Any]
    saved: datetime
    saved_by: str
    note: str


class TagPolicies:
    """Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, tenant: str) -> KeptPolicy | None:
        """The policy that holds; None while nobody has saved one."""
        found = self._rows(tenant, limit=1)
        return found[0] if found else None

    def of_version(self, tenant: str, version: int) -> KeptPolicy | None:
        """One version; None when there is none of this number."""
        wanted = select(tag_policy).where(tag_policy.c.tenant == tenant_name(tenant), tag_policy.c.version == version)
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else _kept(row)

    def versions(self, tenant: str) -> tuple[KeptPolicy, ...]:
        """Every version, newest first."""
        return tuple(self._rows(tenant))

    def number(self, tenant: str) -> int:
        """The number of the version that holds, 0 for none."""
        with self._database.reading() as connection:
            return _number(connection, tenant_name(tenant))

    def save(
        self, tenant: str, document: Mapping[str, Any], *, over: int, by: str, at: datetime, note: str = ""
    ) -> KeptPolicy:
        """Keeps a document as the version after `over`. InputError, and nothing kept, when that one holds no longer."""
        tenant, text = tenant_name(tenant), storable(json.dumps(document, ensure_ascii=False, sort_keys=True))

        def work(connection: Connection) -> KeptPolicy:
            current = _number(connection, tenant)
            if current != over:
                told = (
                    f"version {current} was saved meanwhile; yours began with version {over}: look at it and save again"
                )
                raise InputError("version", told)
            row: dict[str, Any] = {
                "tenant": tenant,
                "version": over + 1,
                "saved": at,
                "saved_by": fitted(by, NAME_LENGTH),
                "note": storable(note),
                "document": text,
            }
            connection.execute(insert(tag_policy).values(row))
            detail: dict[str, object] = {"version": over + 1, "note": note}
            write_audit(connection, tenant, AuditEvent(0, at, by, "tag_policy.save", f"version {over + 1}", detail))
            return KeptPolicy(over + 1, json.loads(text), at, row["saved_by"], row["note"])

        return self._database.write(work)

    def _rows(self, tenant: str, limit: int | None = None) -> list[KeptPolicy]:
        wanted = select(tag_policy).where(tag_policy.c.tenant == tenant_name(tenant))
        ordered = wanted.order_by(tag_policy.c.version.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_kept(row) for row in connection.execute(ordered)]


def _number(connection: Connection, tenant: str) -> int:
    found: int | None = connection.execute(
        select(func.max(tag_policy.c.version)).where(tag_policy.c.tenant == tenant)
    ).scalar()
    return found or 0


def _kept(row: Row[Any]) -> KeptPolicy:
    return KeptPolicy(row.version, json.loads(row.document), row.saved, row.saved_by, row.note)

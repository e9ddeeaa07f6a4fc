"""The files made for people, in SQL: whose they are, where they lie and until when. The files are the shelf's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from finops.model.findings import AuditEvent
from finops.model.reports import Export, Format
from finops.store.exact_text import fitted, storable
from finops.store.export_schema import export_file
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from finops.store.database import Database

MADE = "export.make"
_REPORT_LENGTH = 64
_C = export_file.c


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that lies in the folder: which one, how large, until when. `made_at` says which is the oldest."""

    tenant: str
    export_id: str
    path: str
    size: int
    made_at: datetime
    expires: datetime


class ExportStore:
    """Rows of exports of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, export: Export, detail: Mapping[str, object]) -> None:
        """Keeps the row of a file that is whole, and an audit event that tells what is in it (`detail`)."""
        row = _row(export, detail)
        told = {**detail, "format": str(export.format), "size": export.size, "sha256": export.sha256}
        event = AuditEvent(0, export.made_at, export.owner, MADE, export.name, {"export_id": export.export_id, **told})

        def work(connection: Connection) -> None:
            connection.execute(insert(export_file).values(row))
            write_audit(connection, export.tenant, event)

        self._database.write(work)

    def get(self, tenant: str, export_id: str) -> Export | None:
        """One export, whether its time is over or not; None when there is none of this id."""
        wanted = select(export_file).where(_C.tenant == tenant_name(tenant), _C.export_id == storable(export_id))
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else _export(row)

    def of_owner(self, tenant: str, owner: str, *, at: datetime, limit: int = 100) -> tuple[Export, ...]:
        """What a person can still fetch at an instant, newest first."""
        mine = (_C.tenant == tenant_name(tenant), _C.owner == fitted(owner, NAME_LENGTH), _C.expires > at)
        wanted = select(export_file).where(*mine).order_by(_C.made_at.desc(), _C.export_id)
        with self._database.reading() as connection:
            return tuple(_export(row) for row in connection.execute(wanted.limit(limit)))

    def lying(self) -> tuple[Lying, ...]:
        """Every file that should lie in the folder, of all tenants, the oldest first."""
        columns = (_C.tenant, _C.export_id, _C.path, _C.size, _C.made_at, _C.expires)
        wanted = select(*columns).where(_C.path != "").order_by(_C.made_at, _C.export_id)
        with self._database.reading() as connection:
            return tuple(Lying(*row) for row in connection.execute(wanted))

    def expire(self, files: Iterable[Lying], *, at: datetime) -> None:
        """Says of files that they lie in the folder no longer. Their rows stay, so that a link to one can say so."""
        gone = list(files)

        def work(connection: Connection) -> None:
            for each in gone:
                same = (_C.tenant == each.tenant, _C.export_id == each.export_id)
                ended = min(each.expires, at)
                connection.execute(update(export_file).where(*same).values(path="", expires=ended))

        if gone:
            self._database.write(work)

    def remove(self, *, expired_before: datetime) -> None:
        """Forgets exports whose time was over before an instant and whose files are gone."""
        over = delete(export_file).where(_C.path == "", _C.expires < expired_before)
        self._database.write(lambda connection: connection.execute(over))


def _row(export: Export, detail: Mapping[str, object]) -> dict[str, Any]:
    return {
        "tenant": tenant_name(export.tenant),
        "export_id": export.export_id,
        "owner": fitted(export.owner, NAME_LENGTH),
        "report": fitted(export.report, _REPORT_LENGTH),
        "format": export.format.value,
        "name": fitted(export.name, NAME_LENGTH),
        "path": storable(export.path),
        "size": export.size,
        "sha256": export.sha256,
        "made_at": export.made_at,
        "expires": export.expires,
        "partial": export.partial,
        "request": storable(json.dumps(dict(detail), sort_keys=True, default=str)),
    }


def _export(row: Row[Any]) -> Export:
    return Export(
        export_id=row.export_id,
        tenant=row.tenant,
        owner=row.owner,
        report=row.report,
        format=Format(row.format),
        name=row.name,
        path=row.path,
        size=row.size,
        sha256=row.sha256,
        made_at=row.made_at,
        expires=row.expires,
        partial=row.partial,
    )

"""Anomalies in SQL: when each was first found, and feedback. What an anomaly is today is detected from the costs."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select

from finops.model.anomalies import Feedback, FeedbackVerdict
from finops.model.findings import AuditEvent
from finops.store.anomaly_schema import anomaly_feedback, anomaly_record
from finops.store.batches import execute_many
from finops.store.exact_text import fitted, storable
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from finops.model.anomalies import Anomaly
    from finops.store.database import Database

_MICRO = Decimal("0.000001")
JUDGED = "anomaly.judge"


class AnomalyStore:
    """Records and feedback of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, tenant: str, anomalies: Iterable[Anomaly], *, at: datetime) -> int:
        """Keeps what a detection found, each with the instant it was first found; returns how many are new."""
        found = list(anomalies)
        columns = anomaly_record.c

        def work(connection: Connection) -> int:
            known = _detected(connection, tenant)
            rows = [_row(tenant_name(tenant), each, known.get(each.anomaly_id, at), at) for each in found]
            again = {each.anomaly_id for each in found} & known.keys()
            for anomaly_id in sorted(again):
                connection.execute(
                    delete(anomaly_record).where(columns.tenant == tenant, columns.anomaly_id == anomaly_id)
                )
            execute_many(connection, insert(anomaly_record), rows)
            return len(found) - len(again)

        return self._database.write(work)

    def detected(self, tenant: str) -> dict[str, datetime]:
        """When each anomaly ever found was first found, by its id."""
        with self._database.reading() as connection:
            return _detected(connection, tenant)

    def say(self, tenant: str, said: Feedback) -> None:
        """Stores feedback in place of what was said of the same anomaly before, and an audit event with it."""
        row = _feedback_row(tenant_name(tenant), said)
        detail = {"verdict": str(said.verdict), "until": said.until, "account": said.account, "service": said.service}
        event = AuditEvent(0, said.at, said.by, JUDGED, said.anomaly_id, {**detail, "note": said.note})
        columns = anomaly_feedback.c

        def work(connection: Connection) -> None:
            same = (columns.tenant == row["tenant"], columns.anomaly_id == row["anomaly_id"])
            connection.execute(delete(anomaly_feedback).where(*same))
            connection.execute(insert(anomaly_feedback).values(row))
            write_audit(connection, tenant, event)

        self._database.write(work)

    def feedback(self, tenant: str) -> dict[str, Feedback]:
        """What people last said, by the anomaly's id."""
        wanted = select(anomaly_feedback).where(anomaly_feedback.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            return {row.anomaly_id: _feedback(row) for row in connection.execute(wanted)}


def _detected(connection: Connection, tenant: str) -> dict[str, datetime]:
    wanted = select(anomaly_record.c.anomaly_id, anomaly_record.c.detected)
    rows = connection.execute(wanted.where(anomaly_record.c.tenant == tenant_name(tenant)))
    return {row.anomaly_id: row.detected for row in rows}


def _row(tenant: str, each: Anomaly, detected: datetime, at: datetime) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "anomaly_id": each.anomaly_id,
        "detected": detected,
        "confirmed": at,
        "account": fitted(each.account, 32),
        "service": storable(each.service),
        "kind": each.kind.value,
        "direction": each.direction.value,
        "status": each.status.value,
        "start_date": each.start,
        "last_date": each.last_seen,
        "impact": each.impact.quantize(_MICRO, ROUND_HALF_EVEN),
        "currency": fitted(each.currency, 32),
    }


def _feedback_row(tenant: str, said: Feedback) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "anomaly_id": said.anomaly_id,
        "verdict": said.verdict.value,
        "account": fitted(said.account, 32),
        "service": storable(said.service),
        "said_by": fitted(said.by, NAME_LENGTH),
        "said_at": said.at,
        "until_date": said.until,
        "note": storable(said.note),
    }


def _feedback(row: Row[Any]) -> Feedback:
    return Feedback(
        anomaly_id=row.anomaly_id,
        account=row.account,
        service=row.service,
        verdict=FeedbackVerdict(row.verdict),
        by=row.said_by,
        at=row.said_at,
        until=row.until_date,
        note=row.note,
    )

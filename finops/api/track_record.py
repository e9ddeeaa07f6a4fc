"""`/api/track-record`: what resolved findings promised, and what their resources' bills say since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.costs import TENANT
from finops.api.endpoints import Asked, Endpoint
from finops.api.envelope import Document, Meta, envelope
from finops.api.replies import document_reply
from finops.model.people import Right

if TYPE_CHECKING:
    from starlette.responses import Response

    from finops.facade import Finops
    from finops.model.findings import SavingEntry
    from finops.waste.track_record import CheckRecord

SOURCE = "savings ledger"


def track_record(finops: Finops, asked: Asked) -> Response:
    """Realised savings."""
    return document_reply(track_record_document(finops, asked.tenant))


def track_record_document(finops: Finops, tenant: str) -> Document:
    """`data.checks[]` the record of each check, `data.items[]` each resolved finding, the latest first."""
    records, entries = finops.waste.track_record(tenant)
    as_of = max((entry.updated for entry in entries), default=None)
    currencies = {entry.currency for entry in entries}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    meta = Meta(tenant=tenant, as_of=as_of, currency=currency, source=SOURCE, more={"total": len(entries)})
    return envelope({"checks": [_record(each) for each in records], "items": [_entry(each) for each in entries]}, meta)


def _record(each: CheckRecord) -> Document:
    return {
        "check_id": each.check_id,
        "currency": each.currency,
        "count": each.count,
        "undetermined": each.undetermined,
        "estimate": each.estimate,
        "realised": each.realised,
        "ratio": each.ratio,
    }


def _entry(each: SavingEntry) -> Document:
    return {
        "fingerprint": each.fingerprint,
        "check_id": each.check_id,
        "account": each.account,
        "region": each.region,
        "resource_id": each.resource_id,
        "resolved_at": each.resolved_at,
        "estimate": each.estimate,
        "before_daily": each.before_daily,
        "after_daily": each.after_daily,
        "days_followed": each.days_followed,
        "realised_month": each.realised_month,
        "currency": each.currency,
        "state": str(each.state),
    }


ENDPOINTS = (
    Endpoint(
        path="/api/track-record",
        operation="trackRecord",
        summary="What resolved findings promised, and what their resources' bills say since",
        right=Right.VIEW_FINDINGS,
        parameters=(TENANT,),
        answer=track_record,
        schema="TrackRecord",
        example="",
    ),
)

"""`/api/kpis`: figures over findings by run date, as the gold tables hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import Asked, Endpoint, Parameter, page_limit
from finops.api.envelope import Document, Meta, envelope
from finops.api.finding_documents import NO_RUN
from finops.api.finding_parameters import WORKSPACE_OF, workspace_of
from finops.api.parameters import DEFAULT_LIMIT, MAX_LIMIT, Pairs, choice, day, limit, one
from finops.api.replies import document_reply
from finops.model.errors import InputError
from finops.model.outcome import Failure
from finops.model.people import Right
from finops.model.period import Period
from finops.store.finding_schema import GOLD_SOURCE
from finops.waste.gold_tables import KPIS
from finops.waste.listing import latest_run

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.responses import Response

    from finops.facade import Finops
    from finops.store.findings_gold import DatedKpi

USUAL_DAYS = 90
STALE = "stale_figures"

KPI = Parameter(
    "kpi", "Only these figures; repeated or a comma list.", {"type": "string", "enum": list(KPIS)}, many=True
)
START = Parameter(
    "start", f"First run date; default {USUAL_DAYS} days before `end`.", {"type": "string", "format": "date"}
)
END = Parameter("end", "Day after the last run date; default tomorrow.", {"type": "string", "format": "date"})
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT)


@dataclass(frozen=True, slots=True)
class KpiRequest:
    """What one request asks of `/api/kpis`."""

    kpis: tuple[str, ...]
    period: Period
    workspace: str
    limit: int = DEFAULT_LIMIT
    cursor: str = ""


def kpis(finops: Finops, asked: Asked) -> Response:
    """Figures of run dates, oldest first."""
    return document_reply(kpis_document(finops, asked.tenant, kpi_request(asked.pairs, finops.now())))


def kpi_request(pairs: Pairs, now: datetime, *, most: int = MAX_LIMIT) -> KpiRequest:
    """Everything `/api/kpis` accepts."""
    texts = [part.strip() for key, value in pairs if key == "kpi" for part in value.split(",")]
    named = tuple(dict.fromkeys(filter(None, (choice(text, "kpi", KPIS) for text in texts))))
    first, past = one(pairs, "start"), one(pairs, "end")
    end = day(past, "end") if past else now.date() + timedelta(days=1)
    start = day(first, "start") if first else end - timedelta(days=USUAL_DAYS)
    if start >= end:
        raise InputError("end", "end must be after start (end is exclusive)")
    size = limit(one(pairs, "limit"), most=most)
    return KpiRequest(named, Period(start, end), workspace_of(pairs), size, one(pairs, "cursor") or "")


def kpis_document(finops: Finops, tenant: str, request: KpiRequest) -> Document:
    """`data.items[]`: `period` (the run date), `kpi`, `key`, `findings`, `saving`, `currency`, `rank`, `fingerprint`.

    A day on which a check ran and nothing was flagged has no items.
    """
    asked = (tenant, request.kpis, request.period, request.workspace)
    sealed = stamp(asked, finops.store.ledger.version(tenant))
    start = offset_of(request.cursor, sealed)
    found, failures = finops.waste.kpis(tenant, request.period, request.kpis, workspace=request.workspace)
    following = start + request.limit
    made = finops.store.ledger.last_good(tenant, GOLD_SOURCE)
    told = (*_lacking(finops, tenant, request), *failures)
    meta = Meta(
        tenant=tenant,
        as_of=made.started if made else None,
        currency=_currency(found),
        source=GOLD_SOURCE,
        partial=bool(told),
        failures=told,
        more={
            "total": len(found),
            "next_cursor": cursor(sealed, following) if following < len(found) else None,
            "period": {"start": request.period.start, "end": request.period.end},
            "workspace": request.workspace,
        },
    )
    return envelope({"items": [kpi_record(each) for each in found[start:following]]}, meta)


def kpi_record(each: DatedKpi) -> Document:
    """One figure. `rank` and `fingerprint` are those of `top` only."""
    row = each.row
    return {
        "period": each.period,
        "kpi": row.kpi,
        "key": row.key,
        "findings": row.findings,
        "saving": row.saving,
        "currency": row.currency,
        "rank": row.rank or None,
        "fingerprint": row.fingerprint or None,
    }


def _lacking(finops: Finops, tenant: str, request: KpiRequest) -> tuple[Failure, ...]:
    """Why there may be no figures: nothing ran in the period, or what ran since is not in them."""
    period = request.period
    days = [each.run_date for each in finops.store.findings.days(tenant, request.workspace)]
    if not any(period.start <= each < period.end for each in days):
        since = f"from {period.start} up to, and without, {period.end}" if days else "yet"
        return (Failure(NO_RUN, f"No check of tenant {tenant} has run {since}; run `findings run`."),)
    ran = latest_run(finops.store, tenant, request.workspace)
    made = finops.store.ledger.last_good(tenant, GOLD_SOURCE)
    if made is None or (ran is not None and made.started < ran.started):
        return (Failure(STALE, "A run is not among the figures yet; run `kpis rebuild`."),)
    return ()


def _currency(found: tuple[DatedKpi, ...]) -> str | None:
    currencies = {each.row.currency for each in found}
    return next(iter(currencies)) if len(currencies) == 1 else None


ENDPOINTS = (
    Endpoint(
        path="/api/kpis",
        operation="kpis",
        summary="Figures over findings by run date: totals, by status, severity, check, account and more",
        right=Right.VIEW_FINDINGS,
        parameters=(KPI, START, END, WORKSPACE_OF, LIMIT, CURSOR, TENANT),
        answer=kpis,
        schema="Kpis",
        example="kpi=total,by_severity&start=2026-10-01&end=2026-12-01",
    ),
)

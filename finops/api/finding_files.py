"""`findings.json`, `summary.json`, `top_savings.json`: documents with the API's envelope for a static site."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.api.envelope import Document, envelope, json_text
from finops.api.finding_documents import finding_meta, finding_record, single_currency, totals_record
from finops.model.period import Period
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from finops.waste.site import FINDINGS_FILE, SUMMARY_FILE, TOP_FILE, TREND, Summary, summary_of, top_of, waiting

if TYPE_CHECKING:
    from finops.api.envelope import Meta
    from finops.facade import Finops
    from finops.model.findings import KpiRow
    from finops.waste.site import Moment

TREND_DAYS = 365


def site_documents(finops: Finops, tenant: str, *, workspace: str) -> dict[str, Document]:
    """The documents by file name. Items are findings that wait for somebody: open or reopened ones."""
    only = FindingFilter()
    found = finops.waste.findings(
        tenant, FindingQuestion(only, (), order=FindingOrder(limit=None), workspace=workspace)
    )
    past = finops.now().date() + timedelta(days=1)
    period = Period(past - timedelta(days=TREND_DAYS), past)
    dated, damaged = finops.waste.kpis(tenant, period, TREND, workspace=workspace)
    meta = finding_meta(finops, tenant, workspace, only=only, failures=(*found.failures, *damaged))
    summary = summary_of(found.items, dated, workspace=workspace)
    meta = replace(meta, currency=single_currency(summary.totals), more={**meta.more, "generated": finops.now()})
    standing = [finding_record(each) for each in waiting(found.items)]
    top = [{"rank": rank, **finding_record(each)} for rank, each in top_of(found.items, workspace=workspace)]
    return {
        FINDINGS_FILE: envelope({"items": standing, **totals_record(summary.totals)}, _counted(meta, len(standing))),
        SUMMARY_FILE: envelope(_summary(summary), meta),
        TOP_FILE: envelope({"items": top}, _counted(meta, len(top))),
    }


def site_texts(documents: dict[str, Document]) -> dict[str, str]:
    """The documents as the texts of their files."""
    return {name: f"{json_text(document, indent=1)}\n" for name, document in documents.items()}


def _counted(meta: Meta, total: int) -> Meta:
    return replace(meta, more={**meta.more, "total": total})


def _summary(summary: Summary) -> Document:
    groups = {name: [_group(row) for row in rows] for name, rows in summary.breakdowns.items()}
    return {**totals_record(summary.totals), **groups, "trend": [_moment(each) for each in summary.trend]}


def _group(row: KpiRow) -> Document:
    return {"key": row.key, "findings": row.findings, "saving": row.saving, "currency": row.currency}


def _moment(each: Moment) -> Document:
    return {
        "date": each.day,
        "currency": each.currency,
        "findings": each.findings,
        "gross": each.gross,
        "net": each.net,
        "cash": each.cash,
        "commitment": each.commitment,
    }

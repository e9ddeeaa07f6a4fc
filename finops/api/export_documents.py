"""Exports as records: the same fields on API and command line; their JSON Schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.envelope import Document, Meta, envelope
from finops.api.shapes import COUNT, DAY, FLAG, INSTANT, TEXT, answer, by_name, fields, items, one_of
from finops.model.reports import Format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.reports import Export, Report

_ANY: Document = {}
_EXPORT = fields(
    {
        "export_id": TEXT,
        "report": TEXT,
        "format": one_of(Format),
        "name": {**TEXT, "description": "The file's name."},
        "size": {**COUNT, "description": "In bytes."},
        "sha256": TEXT,
        "made_at": INSTANT,
        "expires": INSTANT,
        "partial": FLAG,
        "url": {**TEXT, "description": "Where its owner fetches it."},
    }
)
_SCOPE: Document = {"anyOf": [TEXT, items(TEXT)]}

EXPORT_SCHEMAS: dict[str, Document] = {
    "Export": answer(_EXPORT),
    "Exports": answer(fields({"items": items(_EXPORT)}), {"total": COUNT}),
    "ExportRequest": fields(
        {"report": TEXT, "format": one_of(Format)},
        {
            "start": DAY,
            "end": {**DAY, "description": "Exclusive."},
            "table": {**TEXT, "description": "Of a CSV: which table, the report's first otherwise."},
            "scope": {**by_name(_SCOPE), "description": "The report's own parameters, a text or several each."},
        },
    ),
    "ReportDocument": answer(
        fields(
            {"report": TEXT, "title": TEXT, "headline": TEXT, "tables": by_name(items(by_name(_ANY)))},
            {"figures": items(by_name(_ANY)), "charts": items(by_name(_ANY)), "columns": by_name(items(by_name(_ANY)))},
        )
    ),
}


def export_record(export: Export) -> Document:
    """The fields of one export."""
    return {
        "export_id": export.export_id,
        "report": export.report,
        "format": str(export.format),
        "name": export.name,
        "size": export.size,
        "sha256": export.sha256,
        "made_at": export.made_at,
        "expires": export.expires,
        "partial": export.partial,
        "url": f"/api/exports/{export.export_id}?tenant={export.tenant}",
    }


def made_document(export: Export, report: Report) -> Document:
    """An export that was just made; `meta` is that of its report."""
    origin = report.provenance
    meta = Meta(
        tenant=export.tenant,
        as_of=origin.fetched_at,
        currency=origin.currency or None,
        estimated=origin.estimated,
        partial=report.partial,
        failures=report.failures,
        more={"missing": list(report.missing)},
    )
    return envelope(export_record(export), meta)


def exports_document(exports: Sequence[Export], tenant: str, *, as_of: datetime) -> Document:
    """`data.items`, newest first."""
    meta = Meta(tenant=tenant, as_of=as_of, more={"total": len(exports)})
    return envelope({"items": [export_record(each) for each in exports]}, meta)

"""Anomalies as files: every one that fits, whatever the page, as CSV or Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from export import csv_pieces, xlsx_pieces
from finops.api.anomaly_documents import ANOMALY_FIELDS, anomaly_record, cause_text, detection_meta
from finops.api.anomaly_parameters import FILTERS
from finops.api.asset_documents import partial_heading
from finops.api.asset_parameters import words_of
from finops.api.envelope import failure_line, instant
from finops.api.replies import file_reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from starlette.responses import Response

    from export import Cell, Record
    from finops.anomalies import AnomalyList
    from finops.api.anomaly_parameters import AnomalyRequest
    from finops.api.envelope import Document, Meta
    from finops.api.parameters import Pairs
    from finops.facade import Finops

_FEEDBACK = ("verdict", "said_by", "said_at", "planned_until", "note")
_AWS = ("aws_anomaly_id", "aws_score", "aws_impact", "aws_link")
COLUMNS = (
    *(name for name in ANOMALY_FIELDS if name not in {"cause", "feedback", "aws"}),
    *("cause", "cause_share", "resources", *_FEEDBACK, *_AWS),
)
"""The columns of a file: the fields of an anomaly, its cause in words, what was said, and AWS's finding."""
_NAMES = frozenset(parameter.name for parameter in FILTERS)


def anomalies_file(finops: Finops, tenant: str, request: AnomalyRequest, pairs: Pairs) -> Response:
    """Every anomaly that fits as a file. A CSV that is not complete says so in the heading of one more column."""
    found = finops.anomalies.list(tenant, request.question)
    meta = detection_meta(tenant, found, {"total": len(found.items), "next_cursor": None})
    names, now = finops.costs.account_names(tenant), finops.now()
    records = (_record(anomaly_record(each, names)) for each in found.items)
    notes = _notes(tenant, found, meta, asked=words_of(pairs, _NAMES), now=now)
    name = f"anomalies_{tenant}_{now.date()}{'_partial' if meta.partial else ''}.{request.format}"
    pieces = _pieces(records, request.format, meta, notes)
    return file_reply(pieces, name=name, extension=request.format, meta=meta)


def _pieces(records: Iterator[Record], extension: str, meta: Meta, notes: Sequence[str]) -> Iterator[bytes]:
    if extension == "xlsx":
        return xlsx_pieces(COLUMNS, records, sheet="Anomalies", notes=notes)
    columns: tuple[str, ...] = COLUMNS
    if meta.failures:
        heading = partial_heading(meta.failures)
        columns = (*COLUMNS, heading)
        records = ({**record, heading: ""} for record in records)
    return (piece.encode() for piece in csv_pieces(columns, records))


def _record(told: Document) -> Record:
    cause, said, aws = (_member(told, name) for name in ("cause", "feedback", "aws"))
    flat = {
        **told,
        "cause": cause_text(cause),
        "cause_share": cause["share"] if cause["parts"] else None,
        "resources": ", ".join(each["resource_id"] for each in cause["resources"]),
        **dict(zip(_FEEDBACK, (said.get(name) for name in ("verdict", "by", "at", "until", "note")), strict=True)),
        **dict(zip(_AWS, (aws.get(name) for name in ("finding_id", "score", "impact", "link")), strict=True)),
    }
    return {name: cast("Cell", flat[name]) for name in COLUMNS}


def _member(told: Document, name: str) -> dict[str, Any]:
    """A member of a record that is a record itself; empty where there is none."""
    found = told[name]
    return found if isinstance(found, dict) else {}


def _notes(tenant: str, found: AnomalyList, meta: Meta, *, asked: str, now: datetime) -> tuple[str, ...]:
    """What a file says about itself: whose anomalies, which ones, from which costs, and what is not known."""
    detection = found.detection
    lines = [
        f"Anomalies of tenant {tenant}",
        f"Filter: {asked or 'none'}",
        f"{detection.series} series of {detection.days} days, {detection.learning} still learnt",
        f"Complete through {detection.through or 'no day'}",
        f"AWS Cost Anomaly Detection: {found.aws.known.state}",
        f"Made {instant(now)}, costs fetched {instant(meta.as_of) if meta.as_of else 'never'}",
    ]
    if meta.failures:
        lines.append("NOT COMPLETE: something could not be seen")
    return (*lines, *(failure_line(failure) for failure in meta.failures))

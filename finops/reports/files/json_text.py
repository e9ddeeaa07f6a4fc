"""A report as JSON in pieces, in the API's envelope: `{"data": {… "tables": {name: [records]}}, "meta": {…}}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.money import plain
from finops.reports.files.cells import CHUNK_RECORDS, instant_text, paired
from finops.reports.files.wording import missing_words, note_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.reports import Report, Table

Document = dict[str, object]


def json_pieces(report: Report) -> Iterator[bytes]:
    """The document, each table some hundred records at a time, so that a long one never lies in memory.

    Amounts are decimal strings, days YYYY-MM-DD, instants ISO 8601 with `Z`. Text is text as it is; a surrogate that
    stands alone becomes U+FFFD, since many readers refuse it.
    """
    head = _text(_head(report))
    start = f'{{"data":{head[:-1]},"tables":{{'
    for place, table in enumerate(report.tables):
        start += f"{',' if place else ''}{_text(table.name)}:["
        for records in _batches(table):
            yield (start + records).encode()
            start = ","
        start = "]" if start == "," else f"{start}]"
    yield f'{start}}}}},"meta":{_text(report_meta(report))}}}\n'.encode()


def _head(report: Report) -> Document:
    """What comes before the tables."""
    period = report.period
    return {
        "report": report.request.report,
        "title": report.title,
        "headline": report.headline,
        "period": None if period is None else {"start": period.start, "end": period.end},
        "scope": {name: list(values) for name, values in report.request.scope.items()},
        "figures": [{**asdict(figure), "tone": str(figure.tone)} for figure in report.figures],
        "charts": [{**asdict(chart), "kind": str(chart.kind)} for chart in report.charts],
        "columns": {
            table.name: [{**asdict(column), "kind": str(column.kind)} for column in table.columns]
            for table in report.tables
        },
    }


def report_meta(report: Report) -> Document:
    """What the document says about itself: the members of the API's `meta`, and those of a report."""
    origin = report.provenance
    return {
        "tenant": report.request.tenant,
        "as_of": origin.fetched_at,
        "currency": origin.currency or None,
        "metric": origin.metric or None,
        "source": origin.source or None,
        "estimated": origin.estimated,
        "partial": report.partial,
        "failures": [asdict(failure) for failure in report.failures],
        "missing": list(missing_words(report)),
        "made_at": report.made_at,
        "facts": [{"label": label, "text": text} for label, text in origin.facts],
        "notes": list(note_words(report)),
    }


def _batches(table: Table) -> Iterator[str]:
    """The records of a table as the inside of a JSON array, some hundred at a time. ValueError for a row too short."""
    names = [column.name for column in table.columns]
    batch: list[Document] = []
    for row in table.rows():
        batch.append(dict(zip(names, row, strict=True)))
        if len(batch) == CHUNK_RECORDS:
            yield _text(batch)[1:-1]
            batch = []
    if batch:
        yield _text(batch)[1:-1]


def _text(value: object) -> str:
    return paired(json.dumps(value, default=_plain_value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _plain_value(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")

"""Findings as files: every one that fits, whatever the page, as CSV or Excel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from export import csv_pieces, finding_file_name, xlsx_pieces
from finops.api.asset_documents import account_names, partial_heading
from finops.api.asset_parameters import words_of
from finops.api.envelope import failure_line, instant
from finops.api.finding_documents import FINDING_FIELDS, finding_meta, finding_record
from finops.api.finding_parameters import FILTERS
from finops.api.replies import file_reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from starlette.responses import Response

    from export import Cell, Record
    from finops.api.envelope import Meta
    from finops.api.finding_parameters import FindingRequest
    from finops.api.parameters import Pairs
    from finops.facade import Finops
    from finops.waste import FindingList
    from finops.waste.listing import Standing

COLUMNS = (
    *(name for name in FINDING_FIELDS if name not in {"evidence", "remedy"}),
    *("account_name", "console", "command", "evidence"),
)
"""The columns of a file: the fields of a finding, the account's name, and the remedy in two columns."""

_NAMES = frozenset(parameter.name for parameter in FILTERS)


def findings_file(finops: Finops, tenant: str, request: FindingRequest, pairs: Pairs) -> Response:
    """Every finding that fits as a file. A CSV that is not complete says so in the heading of one more column."""
    question = replace(request.question, order=replace(request.question.order, limit=None, offset=0))
    found = finops.waste.findings(tenant, question)
    meta = finding_meta(finops, tenant, question.workspace, only=question.filter, failures=found.failures)
    now = finops.now()
    names = account_names(finops.inventory.accounts(tenant))
    records = (_record(each, names) for each in found.items)
    pieces = _pieces(records, request.format, meta, _notes(tenant, found, meta, asked=words_of(pairs, _NAMES), now=now))
    name = finding_file_name(tenant, now.date(), partial=meta.partial, extension=request.format)
    return file_reply(pieces, name=name, extension=request.format, meta=meta)


def _pieces(records: Iterator[Record], extension: str, meta: Meta, notes: Sequence[str]) -> Iterator[bytes]:
    if extension == "xlsx":
        return xlsx_pieces(COLUMNS, records, sheet="Findings", notes=notes)
    columns = COLUMNS
    if meta.failures:
        heading = partial_heading(meta.failures)
        columns = (*COLUMNS, heading)
        records = ({**record, heading: ""} for record in records)
    return (piece.encode() for piece in csv_pieces(columns, records))


def _record(standing: Standing, names: Mapping[str, str]) -> Record:
    told = finding_record(standing)
    remedy = told.pop("remedy")
    links = remedy if isinstance(remedy, dict) else {}
    more = {"console": links.get("console", ""), "command": links.get("command", "")}
    record = {**told, **more, "account_name": names.get(standing.finding.account, "")}
    return {name: cast("Cell", record[name]) for name in COLUMNS}


def _notes(tenant: str, found: FindingList, meta: Meta, *, asked: str, now: datetime) -> tuple[str, ...]:
    """What a file says about itself: whose findings, which ones, what they come to, and what could not be seen."""
    totals = [
        f"Net saving a month: {total.net:,.2f} {currency} (gross {total.gross:,.2f}, cash {total.cash:,.2f})"
        for currency, total in found.totals.by_currency.items()
    ]
    lines = [
        f"Findings of tenant {tenant}",
        f"Filter: {asked or 'none'}",
        *totals,
        f"Findings without a dollar basis: {found.totals.without_basis}",
        f"Made {instant(now)}, checked {instant(meta.as_of) if meta.as_of else 'never'}",
    ]
    if meta.failures:
        lines.append("NOT COMPLETE: something could not be seen")
    return (*lines, *(failure_line(failure) for failure in meta.failures))

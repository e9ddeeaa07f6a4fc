"""Verdicts and fixes as files: all that fit, whatever the page. What a spreadsheet would run is made harmless text."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from export import csv_pieces, xlsx_pieces
from finops.api.asset_documents import account_names, partial_heading
from finops.api.asset_parameters import words_of
from finops.api.envelope import failure_line, instant
from finops.api.replies import file_reply
from finops.api.tag_documents import VIOLATION_FIELDS, tag_meta, violation_record
from finops.api.tag_parameters import COMPLIANCE_FILTERS
from finops.tagging.fixing import FIX_COLUMNS, fix_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.responses import Response

    from export import Cell, Record
    from finops.api.envelope import Meta
    from finops.api.parameters import Pairs
    from finops.api.tag_parameters import ComplianceRequest
    from finops.facade import Finops
    from finops.tagging.fixing import Fix

_NAMES = frozenset(parameter.name for parameter in COMPLIANCE_FILTERS)


def violations_file(finops: Finops, tenant: str, request: ComplianceRequest, pairs: Pairs) -> Response:
    """Every verdict that fits as a file. A CSV that is not complete says so in the heading of one more column."""
    meta = tag_meta(finops, tenant, request.question.filter)
    notes = _notes(finops, tenant, meta, asked=words_of(pairs, _NAMES))
    pieces = violation_pieces(finops, tenant, request, meta=meta, notes=notes)
    name = f"tag-violations_{tenant}_{finops.now().date()}{'_partial' if meta.partial else ''}.{request.format}"
    return file_reply(pieces, name=name, extension=request.format, meta=meta)


def violation_pieces(
    finops: Finops, tenant: str, request: ComplianceRequest, *, meta: Meta, notes: Sequence[str]
) -> Iterator[bytes]:
    """The pieces of the file."""
    names = account_names(finops.inventory.accounts(tenant))
    found = finops.tagging.every_violation(tenant, request.question)
    records: Iterator[Record] = (
        {name: cast("Cell", value) for name, value in violation_record(each, names).items()} for each in found
    )
    if request.format == "xlsx":
        return xlsx_pieces(VIOLATION_FIELDS, records, sheet="Tag violations", notes=notes)
    columns: tuple[str, ...] = VIOLATION_FIELDS
    if meta.failures:
        heading = partial_heading(meta.failures)
        columns = (*VIOLATION_FIELDS, heading)
        records = ({**record, heading: ""} for record in records)
    return (piece.encode() for piece in csv_pieces(columns, records))


def fix_pieces(fixes: Iterable[Fix]) -> Iterator[str]:
    """A fix list as CSV, in the columns of AWS's Tag Editor and the tag to set."""
    records: Iterator[Record] = ({**fix_record(fix)} for fix in fixes)
    return csv_pieces(FIX_COLUMNS, records)


def _notes(finops: Finops, tenant: str, meta: Meta, *, asked: str) -> tuple[str, ...]:
    """What a file says about itself."""
    policy = finops.tagging.policy(tenant)
    lines = [
        f"Tag violations of tenant {tenant}",
        f"Filter: {asked or 'none'}",
        f"Policy: {f'version {policy.version}' if policy.version else 'the starter policy'}, keys "
        f"{', '.join(policy.policy.keys)}"[:1_000],
        f"Made {instant(finops.now())}, listed up to {instant(meta.as_of) if meta.as_of else 'never'}",
    ]
    if meta.failures:
        lines.append("NOT COMPLETE: something could not be listed")
    return (*lines, *(failure_line(failure) for failure in meta.failures))

"""Answers become records and files: one set of field names everywhere, and cells that no spreadsheet executes."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.costs import Comparison, CostAnswer, CostQuestion, Granularity
from finops.model.errors import InputError
from finops.reports.files import plain_name, report_file_name, report_pieces, with_counts
from finops.reports.files.cells import Cell, Chunk, Record, cell_text, record_chunks, safe_text
from finops.reports.files.csv_text import csv_pieces, csv_table
from finops.reports.files.excel import sheet_pieces
from finops.reports.files.shelf import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from finops.facade import Finops
    from finops.model.assets import Asset
    from finops.model.reports import Export, Format, Report

__all__ = [
    "ASSET_FIELDS",
    "Cell",
    "Chunk",
    "Record",
    "asset_chunks",
    "asset_columns",
    "asset_file_name",
    "asset_records",
    "cell_text",
    "comparison_columns",
    "comparison_records",
    "cost_columns",
    "cost_records",
    "costs_csv",
    "csv_pieces",
    "csv_table",
    "file_name",
    "finding_file_name",
    "report_file_name",
    "report_pieces",
    "safe_text",
    "saved",
    "xlsx_pieces",
    "xlsx_table",
]

ASSET_FIELDS = (
    *("asset_id", "arn", "resource_id", "name", "kind", "service", "account", "account_name", "region", "state"),
    *("lifecycle", "created", "first_seen", "last_seen", "missing_since", "tags", "details", "cost", "currency"),
)
"""The fields of every asset record, in order."""

_READ_FROM = {"account_name": "account", "tag": "tags"}
"""Which field says what stands in a column, where it is not the field of that name."""


def cost_columns(question: CostQuestion) -> tuple[str, ...]:
    """The fields of one cost record, in order; an answer without rows still has this header."""
    dated = () if question.granularity is Granularity.TOTAL else ("date",)
    return (*dated, *_group_columns(question), "cost", "currency", "estimated")


def cost_records(answer: CostAnswer, *, account_names: Mapping[str, str] | None = None) -> Iterator[Record]:
    """One record per figure. `""` is cost without that tag or attribute; `date` is the bucket's first day."""
    names = account_names or {}
    for row in answer.rows:
        record: Record = {} if row.day is None else {"date": row.day}
        record.update(_group(answer.question, row.keys, names))
        yield {**record, "cost": row.amount, "currency": row.currency, "estimated": row.estimated}


def comparison_columns(question: CostQuestion) -> tuple[str, ...]:
    """The fields of one record that compares two periods, in order."""
    return (*_group_columns(question), "cost", "previous_cost", "delta", "percent", "change", "currency")


def comparison_records(comparison: Comparison, *, account_names: Mapping[str, str] | None = None) -> Iterator[Record]:
    """One record per group. `percent` has two decimals, and is None where the earlier figure is zero."""
    names = account_names or {}
    for row in comparison.rows:
        yield {
            **_group(comparison.current.question, row.keys, names),
            "cost": row.current,
            "previous_cost": row.previous,
            "delta": row.delta,
            "percent": None if row.percent is None else row.percent.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN),
            "change": str(row.change),
            "currency": row.currency,
        }


def asset_columns(tags: Sequence[str] = ()) -> tuple[str, ...]:
    """The fields of an asset record, in order, and a column `tag:<Key>` for each of `tags`."""
    return (*ASSET_FIELDS, *(f"tag:{key}" for key in tags))


def asset_records(
    assets: Iterable[Asset], *, account_names: Mapping[str, str] | None = None, columns: Sequence[str] = ()
) -> Iterator[Record]:
    """One record per asset: all its fields, and one more for each `tag:<Key>` among `columns`.

    `tags` and `details` stay objects. Where an asset's tags are unknown, they and each `tag:<Key>` are None; a key that
    it lacks is `""`. InputError, before any asset is taken, for a column that assets do not have.
    """
    tags = _tag_columns(columns)
    names = account_names or {}
    return (_asset_record(asset, names, tags) for asset in assets)


def asset_chunks(
    read: Callable[[Sequence[str]], Iterator[Chunk]],
    columns: Sequence[str],
    *,
    account_names: Mapping[str, str] | None = None,
) -> Iterator[Chunk]:
    """The same cells as those of `asset_records`, for long lists: `read` gives the fields it is asked for in chunks.

    `tags` and `details` are read, and stay, compact JSON. InputError as for `asset_records`.
    """
    _tag_columns(columns)
    fields = tuple(dict.fromkeys(_READ_FROM.get(column.partition(":")[0], column) for column in columns))
    names = account_names or {}
    return (_asset_chunk(dict(zip(fields, chunk, strict=True)), columns, names) for chunk in read(fields))


def costs_csv(shown: CostAnswer | Comparison, *, account_names: Mapping[str, str] | None = None) -> Iterator[str]:
    """CSV text of an answer or a comparison, piece by piece: no BOM, a header row, lines as in RFC 4180."""
    if isinstance(shown, Comparison):
        return csv_pieces(
            comparison_columns(shown.current.question), comparison_records(shown, account_names=account_names)
        )
    return csv_pieces(cost_columns(shown.question), cost_records(shown, account_names=account_names))


def file_name(question: CostQuestion, *, partial: bool, extension: str) -> str:
    """A file name of plain ASCII that says what is inside: `costs_demo_2026-10-01_2026-11-01_service.csv`."""
    period = question.period
    parts = ["costs", question.tenant, period.start.isoformat(), period.end.isoformat(), *question.group_by]
    return plain_name(parts, partial=partial, extension=extension)


def finding_file_name(tenant: str, day: date, *, partial: bool, extension: str) -> str:
    """A file name of plain ASCII that says what is inside: `findings_demo_2026-11-20_partial.xlsx`."""
    return plain_name(["findings", tenant, day.isoformat()], partial=partial, extension=extension)


def asset_file_name(tenant: str, day: date, *, partial: bool, extension: str) -> str:
    """A file name of plain ASCII that says what is inside: `assets_demo_2026-11-20_partial.xlsx`."""
    return plain_name(["assets", tenant, day.isoformat()], partial=partial, extension=extension)


def saved(finops: Finops, report: Report, file_format: Format, owner: str, *, table: str = "") -> Export:
    """The report as a file in the exports folder, for one person; its content is in the audit trail.

    InputError for a table that the report has not, or a file larger than the folder may be; StoreError where the folder
    cannot be used.
    """
    counted, rows = with_counts(report)
    pieces = report_pieces(counted, file_format, table=table)
    request = report.request
    label = Label(
        *(request.tenant, request.report, file_format, report_file_name(report, file_format)), partial=report.partial
    )

    def detail() -> dict[str, object]:
        period = report.period
        return {
            "report": request.report,
            "start": str(period.start) if period else None,
            "end": str(period.end) if period else None,
            "scope": {name: list(values) for name, values in request.scope.items()},
            "rows": dict(rows),
            "partial": report.partial,
        }

    return finops.exports.keep(label, pieces, owner=owner, detail=detail)


def xlsx_pieces(
    columns: Sequence[str], records: Iterable[Record], *, sheet: str, notes: Sequence[str] = ()
) -> Iterator[bytes]:
    """An Excel file of the records, piece by piece (see `finops.reports.files.excel`); objects are compact JSON.

    `notes` go to a second sheet, "About": whose data, which filter, as of when, and what could not be read.
    """
    return sheet_pieces(columns, record_chunks(columns, records), sheet=sheet, notes=notes)


def xlsx_table(
    columns: Sequence[str], chunks: Iterable[Chunk], *, sheet: str, notes: Sequence[str] = ()
) -> Iterator[bytes]:
    """An Excel file of chunks; otherwise like `xlsx_pieces`."""
    return sheet_pieces(columns, chunks, sheet=sheet, notes=notes)


def _group_columns(question: CostQuestion) -> tuple[str, ...]:
    named = ("account_name",) if "account" in question.group_by else ()
    return (*question.group_by, *named)


def _group(question: CostQuestion, keys: tuple[str, ...], names: Mapping[str, str]) -> Record:
    group: Record = dict(zip(question.group_by, keys, strict=True))
    if "account" in group:
        group["account_name"] = names.get(str(group["account"]), "")
    return group


def _asset_record(asset: Asset, names: Mapping[str, str], tags: Sequence[str]) -> Record:
    record: Record = {
        "asset_id": asset.asset_id,
        "arn": asset.arn,
        "resource_id": asset.resource_id,
        "name": asset.name,
        "kind": asset.kind,
        "service": asset.service,
        "account": asset.account,
        "account_name": names.get(asset.account, ""),
        "region": asset.region,
        "state": asset.state,
        "lifecycle": asset.lifecycle,
        "created": asset.created,
        "first_seen": asset.first_seen,
        "last_seen": asset.last_seen,
        "missing_since": asset.missing_since,
        "tags": asset.tags,
        "details": asset.details,
        "cost": asset.cost,
        "currency": asset.currency,
    }
    for column in tags:
        record[column] = None if asset.tags is None else asset.tags.get(column.removeprefix("tag:"), "")
    return record


def _tag_columns(columns: Sequence[str]) -> list[str]:
    """Those that are `tag:<Key>`; InputError for one that assets do not have."""
    tags = [column for column in columns if column not in ASSET_FIELDS]
    for column in tags:
        if not column.startswith("tag:") or column == "tag:":
            raise InputError("columns", f"assets have no column {column!r}: {', '.join(asset_columns(['<Key>']))}")
    return tags


def _asset_chunk(told: Mapping[str, Sequence[Cell]], columns: Sequence[str], names: Mapping[str, str]) -> Chunk:
    tags: list[dict[str, str] | None] = []
    if any(column.startswith("tag:") for column in columns):
        tags = [None if text is None else json.loads(str(text)) for text in told["tags"]]

    def cells(column: str) -> Sequence[Cell]:
        if column == "account_name":
            return [names.get(str(account), "") for account in told["account"]]
        if column.startswith("tag:"):
            key = column.removeprefix("tag:")
            return [None if each is None else each.get(key, "") for each in tags]
        return told[column]

    return [cells(column) for column in columns]

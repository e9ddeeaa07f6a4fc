"""Answers become records and files: one set of field names everywhere, and cells that no spreadsheet executes."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.costs import Comparison, CostAnswer, CostQuestion, Granularity
from finops.model.money import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Cell = str | Decimal | int | bool | date | datetime | None
Record = dict[str, Cell]

_FORMULA_STARTS = frozenset("=+-@＝＋－＠")  # noqa: RUF001 - the full-width forms that Excel reads as operators
_BREAKS = frozenset("\t\r\n")
_CHUNK_RECORDS = 500


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


def costs_csv(shown: CostAnswer | Comparison, *, account_names: Mapping[str, str] | None = None) -> Iterator[str]:
    """CSV text of an answer or a comparison, piece by piece: no BOM, a header row, lines as in RFC 4180."""
    if isinstance(shown, Comparison):
        return csv_pieces(
            comparison_columns(shown.current.question), comparison_records(shown, account_names=account_names)
        )
    return csv_pieces(cost_columns(shown.question), cost_records(shown, account_names=account_names))


def csv_pieces(columns: tuple[str, ...], records: Iterable[Record]) -> Iterator[str]:
    """CSV text in pieces of some hundred records, so that a large answer never lies in memory as text."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([safe_text(column) for column in columns])
    for number, record in enumerate(records, 1):
        writer.writerow([cell_text(record.get(column)) for column in columns])
        if number % _CHUNK_RECORDS == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def cell_text(cell: Cell) -> str:
    """One cell as text: numbers and dates as they are, text made safe, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return safe_text(cell)


def safe_text(text: str) -> str:
    """Text that a spreadsheet shows and never runs: a `'` before anything it would read as a formula.

    Spreadsheets skip blanks and invisible characters before `=`, and take the full-width operators for the plain ones
    (OWASP, "CSV Injection"). Lone surrogates, which UTF-8 cannot carry, become U+FFFD; NUL is dropped.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
    first = next((char for char in text if not _invisible(char)), "")
    return f"'{text}" if first in _FORMULA_STARTS or text[:1] in _BREAKS else text


def file_name(question: CostQuestion, *, partial: bool, extension: str) -> str:
    """A file name of plain ASCII that says what is inside: `costs_demo_2026-10-01_2026-11-01_service.csv`."""
    parts = ["costs", question.tenant, question.period.start.isoformat(), question.period.end.isoformat()]
    parts += [*question.group_by, *(["partial"] if partial else [])]
    name = "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-.") for part in parts)
    return f"{name[:150]}.{extension}"


def _group_columns(question: CostQuestion) -> tuple[str, ...]:
    named = ("account_name",) if "account" in question.group_by else ()
    return (*question.group_by, *named)


def _group(question: CostQuestion, keys: tuple[str, ...], names: Mapping[str, str]) -> Record:
    group: Record = dict(zip(question.group_by, keys, strict=True))
    if "account" in group:
        group["account_name"] = names.get(str(group["account"]), "")
    return group


def _invisible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf", "Zs", "Zl", "Zp"}

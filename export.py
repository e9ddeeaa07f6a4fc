"""Answers become records and files: one set of field names everywhere, and cells that no spreadsheet executes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, cast

from finops.model.costs import Comparison, CostAnswer, CostQuestion, Granularity
from finops.model.errors import InputError
from finops.model.money import plain
from finops.reports.excel import workbook_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from finops.model.assets import Asset
    from finops.reports.excel import Value

Cell = str | Decimal | int | bool | date | datetime | Mapping[str, object] | None
Record = dict[str, Cell]
Chunk = Sequence[Sequence[Cell]]
"""The cells of some records, column by column."""

ASSET_FIELDS = (
    *("asset_id", "arn", "resource_id", "name", "kind", "service", "account", "account_name", "region", "state"),
    *("lifecycle", "created", "first_seen", "last_seen", "missing_since", "tags", "details", "cost", "currency"),
)
"""The fields of every asset record, in order."""

_FORMULA_STARTS = frozenset("=+-@＝＋－＠")  # noqa: RUF001 - the full-width forms that Excel reads as operators
_BREAKS = frozenset("\t\r\n")
_CHUNK_RECORDS = 500
_READ_FROM = {"account_name": "account", "tag": "tags"}
"""Which field says what stands in a column, where it is not the field of that name."""
_ODD_START = re.compile(r"\n[^\w!-*,./:-<>?\[-`{-~\n]")  # a line that begins with neither a word nor harmless ASCII
_SURROGATES = re.compile("[\ud800-\udfff]")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict)


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


def csv_pieces(columns: Sequence[str], records: Iterable[Record]) -> Iterator[str]:
    """CSV text in pieces of some hundred records, so that a large answer never lies in memory as text.

    Objects are compact JSON. The first piece comes after the first records, so an error of theirs comes before it.
    """
    return csv_table(columns, _chunks(columns, records))


def csv_table(columns: Sequence[str], chunks: Iterable[Chunk]) -> Iterator[str]:
    """CSV text of chunks, a piece for each; otherwise like `csv_pieces`."""
    head = _csv_lines([[_csv_field(safe_text(column))] for column in columns])
    for chunk in chunks:
        yield head + _csv_lines([_csv_column(cells) for cells in chunk])
        head = ""
    if head:
        yield head


def cell_text(cell: Cell) -> str:
    """One cell as text: numbers and days as they are, instants in UTC, objects as JSON, text made safe, "" for None."""
    if isinstance(cell, str):
        return safe_text(cell)
    make = _AS_TEXT.get(type(cell))
    return make(cell) if make else safe_text(_JSON.encode(cell))


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
    period = question.period
    parts = ["costs", question.tenant, period.start.isoformat(), period.end.isoformat(), *question.group_by]
    return _plain_name(parts, partial=partial, extension=extension)


def finding_file_name(tenant: str, day: date, *, partial: bool, extension: str) -> str:
    """A file name of plain ASCII that says what is inside: `findings_demo_2026-11-20_partial.xlsx`."""
    return _plain_name(["findings", tenant, day.isoformat()], partial=partial, extension=extension)


def asset_file_name(tenant: str, day: date, *, partial: bool, extension: str) -> str:
    """A file name of plain ASCII that says what is inside: `assets_demo_2026-11-20_partial.xlsx`."""
    return _plain_name(["assets", tenant, day.isoformat()], partial=partial, extension=extension)


def xlsx_pieces(
    columns: Sequence[str], records: Iterable[Record], *, sheet: str, notes: Sequence[str] = ()
) -> Iterator[bytes]:
    """An Excel file of the records, piece by piece (see `finops.reports.excel`); objects are compact JSON.

    `notes` go to a second sheet, "About": whose data, which filter, as of when, and what could not be read.
    """
    return xlsx_table(columns, _chunks(columns, records), sheet=sheet, notes=notes)


def xlsx_table(
    columns: Sequence[str], chunks: Iterable[Chunk], *, sheet: str, notes: Sequence[str] = ()
) -> Iterator[bytes]:
    """An Excel file of chunks; otherwise like `xlsx_pieces`."""
    rows = (row for chunk in chunks for row in zip(*map(_excel_values, chunk), strict=True))
    return workbook_pieces(columns, rows, sheet=sheet, notes=notes)


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


def _plain_name(parts: Sequence[str], *, partial: bool, extension: str) -> str:
    name = "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-.") for part in parts)
    return f"{name[:140]}{'_partial' if partial else ''}.{extension}"


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


def _chunks(columns: Sequence[str], records: Iterable[Record]) -> Iterator[Chunk]:
    rest = iter(records)
    while some := list(islice(rest, _CHUNK_RECORDS)):
        yield [[record.get(column) for record in some] for column in columns]


def _csv_lines(columns: Sequence[Sequence[str]]) -> str:
    if len(columns) == 1:
        columns = [[field or '""' for field in columns[0]]]  # an empty line would be no record
    return "\r\n".join([*map(",".join, zip(*columns, strict=True)), ""])


def _csv_column(cells: Sequence[Cell]) -> Sequence[str]:
    """The fields of one column. Its cells are looked at together, and one by one only where something needs care."""
    try:
        texts, joined = cast("Sequence[str]", cells), "\n".join(["", *cast("Sequence[str]", cells), ""])
    except TypeError:  # not texts alone
        kinds = set(map(type, cells))
        if kinds <= {datetime, NoneType}:
            moments = cast("Sequence[datetime | None]", cells)
            made = {moment: _instant(moment) if moment else "" for moment in set(moments)}
            return [made[moment] for moment in moments]
        texts = _column_texts(cells, kinds)
        joined = "\n".join(["", *texts, ""])
    if not texts or not _harmless(joined, len(texts)):
        return [_csv_field(cell_text(cell)) for cell in cells]
    if '"' not in joined and "," not in joined:
        return texts
    return [f'"{text}"' if '"' in text or "," in text else text for text in joined.replace('"', '""')[1:-1].split("\n")]


def _column_texts(cells: Sequence[Cell], kinds: set[type]) -> Sequence[str]:
    """The cells of a column of texts, or of objects as JSON, `""` for None; nothing where others are among them."""
    some = kinds - {NoneType}
    if some == {dict}:
        objects = iter(_json_texts([cell for cell in cells if cell is not None]))
        return ["" if cell is None else next(objects) for cell in cells]
    if all(issubclass(kind, str) for kind in some):
        return [text or "" for text in cast("Sequence[str | None]", cells)]
    return ()


def _json_texts(objects: list[Cell]) -> Iterable[str]:
    """Objects as compact JSON: encoded together and taken apart at `},{`; one by one where one holds that itself."""
    bodies = _JSON.encode(objects)[2:-2].split("},{")
    return [f"{{{body}}}" for body in bodies] if len(bodies) == len(objects) else map(_JSON.encode, objects)


def _harmless(joined: str, lines: int) -> bool:
    """Whether between line breaks stand as many texts as `lines`, each one that `safe_text` leaves as it is."""
    return (
        joined.count("\n") == lines + 1
        and "\0" not in joined
        and "\r" not in joined
        and not _ODD_START.search(joined)
        and (joined.isascii() or not _SURROGATES.search(joined))
    )


def _csv_field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in '",\r\n') else text


def _instant(moment: datetime) -> str:
    told = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{told.isoformat()[:-6]}Z"


def _excel_values(cells: Sequence[Cell]) -> Sequence[Value]:
    return [_JSON.encode(cell) if not isinstance(cell, str) and isinstance(cell, Mapping) else cell for cell in cells]


def _invisible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf", "Zs", "Zl", "Zp"}


_AS_TEXT: dict[type, Callable[..., str]] = {
    NoneType: lambda _: "",
    bool: lambda cell: "true" if cell else "false",
    Decimal: plain,
    int: str,
    datetime: _instant,
    date: date.isoformat,
}

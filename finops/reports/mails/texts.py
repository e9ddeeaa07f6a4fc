"""What a mail shows of a report, as texts: cells by their kind, tables cut to their first rows, plain aligned lines.

Nothing here is escaped: the templates do that.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from finops.model.delivery import UNSUBSCRIBE
from finops.model.reports import Kind
from finops.reports.words import UNKNOWN, change_money, counted, round_money, share

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

    from finops.model.reports import Cell, Column, Row, Table

MOST_ROWS, MOST_COLUMNS, MOST_TABLES = 10, 4, 10
MOST_LISTED = 60
"""Rows of all tables of one mail: Gmail cuts a mail off at 102 kB."""
MOST_CELL, MOST_TEXT_CELL = 60, 30
"""Characters of a cell in HTML and in plain text."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TRICKS = re.compile(r"[\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
"""Lone surrogates, and marks that turn the direction of the text after them around."""
_WIDE = frozenset("FW")
_NUMBERS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.PERCENT})


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as a mail shows it. `numbers` tells of each column whether it stands to the right.

    `hidden` is the place of the column that a phone leaves out, -1 for none; `page` path and query of its page.
    """

    title: str
    note: str
    heads: tuple[str, ...]
    numbers: tuple[bool, ...]
    hidden: int
    rows: tuple[tuple[str, ...], ...]
    more: str
    page: str = ""


def clean(text: str) -> str:
    """A text on one line, without what garbles a mail or stands in for the reader's own link."""
    return _TRICKS.sub("\N{REPLACEMENT CHARACTER}", _CONTROLS.sub(" ", text)).replace(UNSUBSCRIBE, "")


def cut(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`20 Nov 2026, 10:00 CET`, in the reader's zone."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M %Z}"


def most_rows(tables: int) -> int:
    """How many rows of each of so many tables a mail shows."""
    return min(MOST_ROWS, MOST_LISTED // max(min(tables, MOST_TABLES), 1))


def shown(table: Table, zone: ZoneInfo, place: str, leading: Collection[str] = (), *, most: int = MOST_ROWS) -> Shown:
    """The first rows, and the columns that tell most: what it is about, those in `leading`, then names before ids.

    `place` is where the rest is (`in the attached file`), "" for nowhere.
    """
    read = list(islice(table.rows(), most + 1))
    where = next((at for at, column in enumerate(table.columns) if column.name == "currency"), None)
    told = [
        [clean(cell_text(row[at], _priced(column, row, where), zone)) for row in read[:most]]
        for at, column in enumerate(table.columns)
    ]
    kept = _telling(table, told, leading)
    columns = [table.columns[at] for at in kept]
    return Shown(
        title=clean(table.title),
        note=clean(table.note),
        heads=tuple(clean(column.title) for column in columns),
        numbers=tuple(column.kind in _NUMBERS for column in columns),
        hidden=_hidden(columns),
        rows=tuple(zip(*(told[at] for at in kept), strict=True)),
        more=_more(len(read) > most, _rest(table.total, most), len(table.columns) - len(kept) if read else 0, place),
        page=table.page if table.page.startswith("/") else "",
    )


def _telling(table: Table, told: Sequence[Sequence[str]], leading: Collection[str]) -> list[int]:
    """Places of the columns shown: what it is about, texts, numbers; one text is enough beside three numbers."""
    about = [at for name in table.about for at, column in enumerate(table.columns) if column.name == name]
    places = [at for at, column in enumerate(table.columns) if column.kind is not Kind.OBJECT]
    places.sort(key=lambda at: (table.columns[at].name not in leading, _is_id(table.columns[at])))
    changes = [at for at in places if _is_number(table, at) and _is_change(table.columns[at])]
    texts, numbers = [at for at in places if not _is_number(table, at)], [at for at in places if _is_number(table, at)]
    seen: dict[tuple[str, ...], int] = {}
    for at in (*about, *texts):
        seen.setdefault(tuple(told[at]), at)
    texts = [at for at in seen.values() if at not in about and set(told[at]) != {UNKNOWN}]
    texts = [*about, *texts][: max(1, len(about), MOST_COLUMNS - len(numbers))]
    numbers = list(dict.fromkeys((*numbers[:1], *changes, *numbers)))
    return [*texts, *numbers][:MOST_COLUMNS] or places[:MOST_COLUMNS]


def _priced(column: Column, row: Row, where: int | None) -> Column:
    """A column of amounts with the currency that its row names, where it has none itself."""
    if column.kind is not Kind.MONEY or column.currency or where is None:
        return column
    return replace(column, currency=str(row[where] or ""))


def _hidden(columns: Sequence[Column]) -> int:
    """Of four columns the one that a phone has no room for: the last number, or a third text beside one number."""
    if len(columns) < MOST_COLUMNS:
        return -1
    texts = sum(column.kind not in _NUMBERS for column in columns)
    return 2 if texts == MOST_COLUMNS - 1 else MOST_COLUMNS - 1


def _is_change(column: Column) -> bool:
    return column.name in {"change", "delta"} or column.name.startswith(("change_", "delta_"))


def _is_id(column: Column) -> bool:
    return column.name in {"id", "arn"} or column.name.endswith("_id") or column.title.lower().endswith(" id")


def _is_number(table: Table, at: int) -> bool:
    return table.columns[at].kind in _NUMBERS


def _rest(total: int | None, most: int) -> int | None:
    return max(total - most, 0) if total is not None else None


def _more(longer: bool, rest: int | None, columns: int, place: str) -> str:
    """`… 212 more rows and 3 more columns in the attached file`."""
    rows = "more rows" if rest is None and longer else counted(rest, "more row") if rest else ""
    beside = counted(columns, "more column") if columns else ""
    told = " and ".join(part for part in (rows, beside) if part)
    return f"… {told} {place}".rstrip() if told else ""


def cell_text(cell: Cell, column: Column, zone: ZoneInfo) -> str:
    """One cell for people; what is not known is a dash."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal | int):
        return _number(Decimal(cell), column)
    if isinstance(cell, date):
        return moment(cell, zone) if isinstance(cell, datetime) else f"{cell.day} {cell:%b %Y}"
    if isinstance(cell, Mapping):
        return json.dumps(cell, ensure_ascii=False, default=str, sort_keys=True)
    return cell or UNKNOWN


def _number(number: Decimal, column: Column) -> str:
    if column.kind is Kind.MONEY:
        return (change_money if _is_change(column) else round_money)(number, column.currency)
    if column.kind is Kind.PERCENT:
        return share(number)
    return f"{number.normalize():,f}" if number else "0"


def aligned(table: Shown) -> list[str]:
    """The table as lines of plain text: columns under their heads, numbers to the right."""
    lines = [table.heads, *table.rows]
    cells = [[cut(cell, MOST_TEXT_CELL) for cell in line] for line in lines]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    written = [_line(line, widths, table.numbers) for line in cells]
    return [written[0], "  ".join("-" * width for width in widths), *written[1:]]


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    padded = (
        f"{' ' * (width - _width(cell))}{cell}" if right else f"{cell}{' ' * (width - _width(cell))}"
        for cell, width, right in zip(cells, widths, numbers, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal: letters of East Asian scripts take two, marks on letters none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in _WIDE else 1
        for letter in text
    )

"""Plain text for terminals and pipes: aligned columns, tab-separated lines, and no control character from outside."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from export import Cell, cell_text
from finops.model.money import CENT

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. `closing` rows (totals) are for people: a pipe that sums a column never meets them.

    People see the columns `shown` (none named: all of them), a pipe gets every one.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    closing: tuple[tuple[Cell, ...], ...] = ()
    shown: tuple[str, ...] = ()


def printable(text: str) -> str:
    """Text without control, bidirectional or line-breaking characters: no tag from outside ever steers a terminal."""
    return "".join("\ufffd" if unicodedata.category(char) in _UNSAFE else char for char in text)


def tab_separated(table: Table) -> Iterator[str]:
    """Header and rows, amounts exact; a tab or line break inside a cell is replaced."""
    for row in (table.columns, *table.rows):
        yield "\t".join(printable(_exact(cell)) for cell in row) + "\n"


def aligned(table: Table) -> Iterator[str]:
    """Columns as wide as their content, amounts to the cent and right-aligned."""
    table = _narrowed(table)
    rows = [[printable(_rounded(cell)) for cell in row] for row in (table.columns, *table.rows, *table.closing)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    numeric = [_numeric(table, place) for place in range(len(table.columns))]
    for row in rows:
        cells = (
            " " * (width - _width(cell)) + cell if right else cell + " " * (width - _width(cell))
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        yield "  ".join(cells).rstrip() + "\n"


def amount(value: Decimal) -> str:
    """An amount for people: grouped digits, two decimals."""
    return f"{value.quantize(CENT) + 0:,}"  # plus nothing: a rounded -0.00 becomes 0.00


def _narrowed(table: Table) -> Table:
    """The columns for people."""
    if not table.shown:
        return table
    places = [table.columns.index(column) for column in table.shown]
    rows, closing = (
        tuple(tuple(row[place] for place in places) for row in part) for part in (table.rows, table.closing)
    )
    return Table(table.shown, rows, closing)


def _exact(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell_text(cell)


def _rounded(cell: Cell) -> str:
    return amount(cell) if isinstance(cell, Decimal) else _exact(cell)


def _numeric(table: Table, place: int) -> bool:
    kinds = {type(row[place]) for row in table.rows if row[place] is not None}
    return bool(kinds) and kinds <= {Decimal, int} and date not in kinds


def _width(text: str) -> int:
    """Columns on a terminal: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )

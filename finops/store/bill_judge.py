"""The first look at a bill: which lines can be imported into which scope, what they lose, which are rejected."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.costs import Reject
from finops.store.bill_columns import Duty, Matched
from finops.store.bill_csv import CsvShape, records
from finops.store.bill_sql import NEVER, ROW, Reading, json_object, member, named_parts, quoted_path, reason, rejected
from finops.store.line_schema import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

SLAB = 245_760
"""Lines that are sorted and written together: two row groups, some 200 MiB while they are sorted."""
_EXAMPLES = 3
_FETCH = 2_000


@dataclass(frozen=True, slots=True)
class OpenedBill:
    """A bill spread out for reading: `raw` holds its lines as c0, c1 …; `kinds` are their DuckDB types."""

    name: str
    path: Path
    raw: Path
    digest: str
    header: tuple[str, ...]
    kinds: tuple[str, ...]
    matched: Matched
    readings: tuple[Reading, ...]
    shape: CsvShape | None = None  # None: Parquet
    uneven: int = 0  # lines of a CSV that do not have the header's number of fields

    @property
    def rows(self) -> str:
        """What comes after FROM: the raw lines."""
        names = ", ".join([*(f"c{place}" for place in range(len(self.kinds))), ROW])
        return f"{scan(self.raw)} AS raw_lines({names})"

    def value(self, target: str) -> str:
        """The expression that fills a column of `cost_lines`."""
        return next((entry.value for entry in self.readings if entry.column.target == target), "NULL")


@dataclass(frozen=True, slots=True)
class Loss:
    """What lines lost though their cost is imported: digits past the 18th decimal (`rounded`), or an unreadable value.

    `noise` marks the digits of binary doubles, which say nothing. `examples` are (line, text) of a few.
    """

    column: str
    lines: int
    rounded: bool
    noise: bool
    examples: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """All lines of a bill, each counted once: the importable ones by scope and slab, and `rejected`."""

    scopes: dict[Scope, dict[int, int]]
    rejected: int
    warned: int  # importable lines that lost more than noise
    losses: tuple[Loss, ...]

    @property
    def lines(self) -> int:
        """All lines of the file."""
        return self.rejected + sum(sum(slabs.values()) for slabs in self.scopes.values())


def scan(raw: Path) -> str:
    """The table function over a raw file, its lines numbered from 0 in the last column."""
    return f"read_parquet({quoted_path(raw)}, file_row_number=true, hive_partitioning=false, binary_as_string=true)"


def judged(connection: duckdb.DuckDBPyConnection, bill: OpenedBill) -> Judgement:
    """Judges every line of a bill in one pass over the columns that matter."""
    checks = tuple(_checks(bill))
    scopes: dict[Scope, dict[int, int]] = {}
    bad_lines, warned, lost = bill.uneven, 0, [0] * len(checks)
    counted = connection.execute(_counting(bill, checks)).fetchall()
    for slab, provider, account, month, bad, lines, heavy_lines, *counts in counted:
        if bad:
            bad_lines += lines
            continue
        scope = Scope(provider, account, f"{month // 100:04}-{month % 100:02}")
        scopes.setdefault(scope, {})[slab] = lines
        warned += heavy_lines
        lost = [before + more for before, more in zip(lost, counts, strict=True)]
    losses = _losses(connection, bill, [(check, count) for check, count in zip(checks, lost, strict=True) if count])
    return Judgement(scopes, bad_lines, warned, losses)


def _counting(bill: OpenedBill, checks: Sequence[_Check]) -> str:
    """Lines by slab, scope and whether they are rejected; in layers, so that each value is computed once."""
    named = [named_parts(entry, number) for number, entry in enumerate(bill.readings)]
    parts = ", ".join(f"{text} AS {name}" for _, columns in named for name, text in columns.items())
    readings = {entry.column.target: entry for entry, _ in named}
    period = readings["billing_period_start"].value
    provider, account = (
        f"coalesce({readings[target].value if target in readings else 'NULL'}, '')"
        for target in ("provider_name", "billing_account_id")
    )
    conditions = [check.of(readings[check.reading.column.target]) for check in checks]
    losses = "".join(f", {condition} AS l{number}" for number, condition in enumerate(conditions))
    heavy = " OR ".join([f"l{number}" for number, check in enumerate(checks) if not check.noise] or [NEVER])
    counts = "".join(f", count(*) FILTER (NOT bad AND l{number})" for number in range(len(checks)))
    return f"""
        SELECT slab, provider, account, month, bad, count(*), count(*) FILTER (NOT bad AND ({heavy})){counts}
        FROM (SELECT {ROW} // {SLAB} AS slab, {provider} AS provider, {account} AS account,
                     year({period}) * 100 + month({period}) AS month, {rejected(readings.values())} AS bad{losses}
              FROM (SELECT {ROW}, {parts} FROM {bill.rows}))
        GROUP BY ALL"""  # noqa: S608 - columns by number, literals quoted, the path is our own


@dataclass(frozen=True, slots=True)
class _Check:
    """Something that importable lines may lose: digits, or a value that cannot be read."""

    reading: Reading
    rounded: bool

    @property
    def noise(self) -> bool:
        """Whether what is lost says nothing."""
        return self.rounded and self.reading.noise

    def of(self, reading: Reading) -> str:
        """The condition for it, in the words of a reading of the same column."""
        return reading.rounded if self.rounded else reading.unreadable


def _checks(bill: OpenedBill) -> Iterator[_Check]:
    for entry in bill.readings:
        if entry.column.duty is Duty.LENIENT and entry.broken != NEVER:
            yield _Check(entry, rounded=False)
        if entry.rounded:
            yield _Check(entry, rounded=True)


def _losses(
    connection: duckdb.DuckDBPyConnection, bill: OpenedBill, found: Sequence[tuple[_Check, int]]
) -> tuple[Loss, ...]:
    bad = rejected(bill.readings)
    samples: list[list[tuple[int, str]]] = []
    for check, _ in found:
        sql = f"""SELECT {ROW}, left({check.reading.raw}, 80) FROM {bill.rows}
                  WHERE NOT {bad} AND {check.of(check.reading)} ORDER BY {ROW} LIMIT {_EXAMPLES}"""  # noqa: S608 - as above
        samples.append(connection.execute(sql).fetchall())
    lines = _line_numbers(bill, {row for sample in samples for row, _ in sample})
    return tuple(
        Loss(
            check.reading.column.name,
            count,
            check.rounded,
            check.noise,
            tuple((lines[row], text) for row, text in sample),
        )
        for (check, count), sample in zip(found, samples, strict=True)
    )


def _line_numbers(bill: OpenedBill, rows: set[int]) -> dict[int, int]:
    """The line an editor shows for rows of a bill; of a Parquet file, the row counted from 1."""
    if bill.shape is None or not rows:
        return {row: row + 1 for row in rows}
    found: dict[int, int] = {}
    for record in records(bill.path, bill.shape):
        if record.place in rows:
            found[record.place] = record.line
            if len(found) == len(rows):
                break
    return found


def rejects(connection: duckdb.DuckDBPyConnection, bill: OpenedBill) -> Iterator[tuple[Reject, str]]:
    """Every rejected line in order, with its original: the text of a CSV, a Parquet row as JSON. Streamed."""
    original = "''"
    if bill.shape is None:
        original = json_object((name, member(place, bill.kinds[place])) for place, name in enumerate(bill.header))
    sql = f"""SELECT {ROW}, {reason(bill.readings)}, {original} FROM {bill.rows}
              WHERE {rejected(bill.readings)} ORDER BY {ROW}"""  # noqa: S608 - as above
    found = _fetched(connection.cursor().execute(sql))
    if bill.shape is None:
        yield from ((Reject(bill.name, row + 1, why), text or "{}") for row, why, text in found)
    else:
        yield from _csv_rejects(bill, bill.shape, found)


def _csv_rejects(
    bill: OpenedBill, shape: CsvShape, found: Iterator[tuple[int, str, str]]
) -> Iterator[tuple[Reject, str]]:
    uneven = bill.uneven
    row, why, _ = next(found, (-1, "", ""))
    lines = records(bill.path, shape)
    while (row >= 0 or uneven) and (record := next(lines, None)):
        if record.place is None:
            uneven -= 1
            yield (
                Reject(bill.name, record.line, f"the line has {record.fields} fields, the header {len(shape.header)}"),
                record.text,
            )
        elif record.place == row:
            yield Reject(bill.name, record.line, why), record.text
            row, why, _ = next(found, (-1, "", ""))


def _fetched(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str, str]]:
    return itertools.chain.from_iterable(iter(lambda: result.fetchmany(_FETCH), []))

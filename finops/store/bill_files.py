"""Bill files into `cost_lines`: judged line by line first, then copied slab by slab, in bounded memory.

    with BillReader(store.lines.staging, FOCUS) as reader:
        bill = reader.stage(path, "september.csv.gz")       # InputError when it is no bill
        for reject, original in reader.rejects(bill): ...
        imported = reader.write(bill, writer)               # the lines that are fine
        reader.drop(bill)

A slab is sorted in memory and becomes one part: sorting a whole bill would spill to disk and take five times as long.
Texts with few different values travel as enumerations, which halves what sorting and writing cost.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import duckdb

from finops.model.errors import InputError, StoreError
from finops.store.bill_columns import BillFormat, Kind
from finops.store.bill_csv import csv_shape, spread
from finops.store.bill_judge import SLAB, Judgement, OpenedBill, judged, rejects, scan
from finops.store.bill_sniff import Packing, packing
from finops.store.bill_sql import MACROS, ROW, json_object, literal, member, readings, rejected
from finops.store.bill_workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from finops.model.costs import Reject
    from finops.store.line_schema import Scope
    from finops.store.lines import LineWriter

_FEW = 4_096
"""A text column with at most about this many different values in a bill's first slab travels as an enumeration …"""
_MANY = 32_768
"""… unless the whole bill has more than this many."""
_THREADS = 2
_BLOCK = 1024 * 1024
_SLAB_VIEW = "bill_slab"


@dataclass(frozen=True, slots=True)
class StagedBill:
    """A file that is a bill, and what its lines are worth."""

    opened: OpenedBill
    judgement: Judgement

    @property
    def name(self) -> str:
        """What people know the file by."""
        return self.opened.name

    @property
    def digest(self) -> str:
        """Of the bill's bytes, unpacked: the same for `bill.csv` and `bill.csv.gz`."""
        return self.opened.digest

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """Columns kept aside in `extra`."""
        return tuple(name for _, name in self.opened.matched.others)


class BillReader:
    """Reads bills of one format. One thread only; leaving the block deletes what was staged."""

    def __init__(self, staging: Path, bill_format: BillFormat, *, memory: str = "512MB") -> None:
        self._format = bill_format
        self._workspace = Workspace(staging)
        self._config: dict[str, Any] = {"threads": min(_THREADS, _processors()), "memory_limit": memory}
        self._staged = 0

    def __enter__(self) -> Self:
        folder = self._workspace.open()
        self._connection = duckdb.connect(":memory:", config=self._config)
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET temp_directory = ?", [str(folder / "spill")])
        for macro in MACROS:
            self._connection.execute(macro)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._workspace.close()

    @property
    def folder(self) -> Path:
        """A folder of this reader's own, for files that have to be fetched first."""
        return self._workspace.folder

    def stage(self, path: Path, name: str) -> StagedBill:
        """Opens a file and judges its lines, storing nothing. InputError, calling it `name`, when it is no bill."""
        self._staged += 1
        raw = self._workspace.folder / f"{self._staged}.parquet"
        packed = packing(path, name)
        try:
            opened = self._parquet(path, name, raw) if packed is Packing.PARQUET else self._csv(path, name, raw)
            return StagedBill(opened, judged(self._connection, opened))
        except duckdb.Error as error:
            raise InputError("paths", f"{name} cannot be read ({_first_line(error)})") from None
        except OSError as error:
            raise StoreError(f"{name} cannot be staged ({error.strerror})") from None

    def _csv(self, path: Path, name: str, raw: Path) -> OpenedBill:
        shape = csv_shape(path, packing(path, name), name)
        matched = self._format.match(shape.header, name)
        kinds = ("VARCHAR",) * len(shape.header)
        found = spread(path, shape, raw, name)
        return OpenedBill(
            name, path, raw, found.digest, shape.header, kinds, matched, readings(matched, kinds), shape, found.uneven
        )

    def _parquet(self, path: Path, name: str, raw: Path) -> OpenedBill:
        # A link of our own name: DuckDB would take `*` or `[` in a file's name for a pattern.
        raw.symlink_to(path.resolve())
        try:
            described = self._connection.execute(f"DESCRIBE FROM {scan(raw)}").fetchall()[:-1]
        except duckdb.Error:
            raise InputError("paths", f"{name} is a damaged or incomplete Parquet file") from None
        header, kinds = (tuple(str(column[place]) for column in described) for place in (0, 1))
        matched = self._format.match(header, name)
        return OpenedBill(name, path, raw, _digest(path), header, kinds, matched, readings(matched, kinds))

    def rejects(self, bill: StagedBill) -> Iterator[tuple[Reject, str]]:
        """Every line that cannot be imported, with why and its original text, in the file's order."""
        return rejects(self._connection, bill.opened)

    def write(self, bill: StagedBill, writer: LineWriter) -> int:
        """Copies the importable lines, a slab at a time; returns how many. StoreError when some went missing."""
        written = 0
        try:
            columns = self._columns(bill.opened) if bill.judgement.scopes else ""
            for scope, slabs in sorted(bill.judgement.scopes.items(), key=lambda item: repr(item[0])):
                for span in _spans(slabs):
                    self._select(bill, scope, span, columns)
                    written += writer.copy(self._connection, _SLAB_VIEW, scope)
        except duckdb.Error as error:
            raise StoreError(f"{bill.name} cannot be stored ({_first_line(error)})") from None
        expected = bill.judgement.lines - bill.judgement.rejected
        if written != expected:
            raise StoreError(f"{bill.name} changed while it was read: {written} of {expected} lines were stored")
        return written

    def drop(self, bill: StagedBill) -> None:
        """Deletes what was staged of a bill."""
        bill.opened.raw.unlink(missing_ok=True)

    def _select(self, bill: StagedBill, scope: Scope, span: tuple[int, int], columns: str) -> None:
        """Makes the view of a scope's importable lines within a span of slabs."""
        opened = bill.opened
        chosen = [f"{ROW} >= {span[0] * SLAB}", f"{ROW} < {span[1] * SLAB}"]
        if bill.judgement.rejected > opened.uneven:
            chosen.append(f"NOT {rejected(opened.readings)}")
        if len(bill.judgement.scopes) > 1:
            chosen += self._of_scope(opened, scope)
        sql = f"SELECT {columns} FROM {opened.rows} WHERE {' AND '.join(chosen)}"  # noqa: S608 - as in bill_judge
        self._connection.execute(f"CREATE OR REPLACE VIEW {_SLAB_VIEW} AS {sql}")

    def _of_scope(self, bill: OpenedBill, scope: Scope) -> Iterator[str]:
        # Through variables: a provider's name may hold anything, and a view takes no parameters.
        self._connection.execute("SET VARIABLE provider = ?", [scope.provider])
        self._connection.execute("SET VARIABLE account = ?", [scope.billing_account])
        year, month = scope.billing_period.split("-")
        start = bill.value("billing_period_start")
        yield f"coalesce({bill.value('provider_name')}, '') = getvariable('provider')"
        yield f"coalesce({bill.value('billing_account_id')}, '') = getvariable('account')"
        yield f"year({start}) * 100 + month({start}) = {int(year) * 100 + int(month)}"

    def _columns(self, bill: OpenedBill) -> str:
        """The known columns as `cost_lines` wants them, and the others as one text."""
        columns = _values(bill) | self._enumerations(bill)
        return ", ".join(f"{value} AS {target}" for target, value in columns.items())

    def _enumerations(self, bill: OpenedBill) -> dict[str, str]:
        """Makes a type of the values of each text column that has few; returns the columns' expressions of that type.

        The first slab says which columns are worth a look. One that turns out to have too many values for memory later
        on costs nothing but speed.
        """
        values = _values(bill)
        sources = _sources(bill) | {"extra": values["extra"]}
        counts = self._one(
            [f"approx_count_distinct({source})" for source in sources.values()], f"{bill.rows} WHERE {ROW} < {SLAB}"
        )
        few = [name for name, count in zip(sources, counts, strict=True) if 0 < count <= _FEW]
        try:
            found = self._one([f"list(DISTINCT {sources[name]})" for name in few], bill.rows)
        except duckdb.OutOfMemoryException:
            return {}
        made = (
            (name, self._enumerate(name, given, source=sources[name], value=values[name]))
            for name, given in zip(few, found, strict=True)
        )
        return {name: expression for name, expression in made if expression}

    def _one(self, expressions: list[str], rows: str) -> tuple[Any, ...]:
        if not expressions:
            return ()
        return self._connection.execute(f"SELECT {', '.join(expressions)} FROM {rows}").fetchone() or ()  # noqa: S608

    def _enumerate(self, target: str, held: list[str | None] | None, *, source: str, value: str) -> str:
        """The expression of a column as an enumeration, empty where there is nothing to gain."""
        given = [entry for entry in held or () if entry is not None]
        # A NUL would end the query's text; a type of very many values is no gain.
        if not given or len(given) > _MANY or any("\0" in entry for entry in given):
            return ""
        if source != value:
            read = self._read(source, value, given)
            # Texts that stand for themselves, as most do, need not be looked at again line by line.
            value = source if read == given else value
            given = [entry for entry in read if entry is not None]
        if not given:
            return ""
        self._connection.execute(f"DROP TYPE IF EXISTS few_{target}")
        names = ", ".join(literal(entry) for entry in sorted(set(given)))
        self._connection.execute(f"CREATE TYPE few_{target} AS ENUM ({names})")
        return f"CAST({value} AS few_{target})"

    def _read(self, source: str, value: str, given: list[str]) -> list[str | None]:
        """What a column's texts are read as, one by one."""
        sql = f"SELECT list({value}) FROM (SELECT unnest($given) AS {source})"  # noqa: S608 - as in bill_judge
        found = self._connection.execute(sql, {"given": given}).fetchone()
        return found[0] or [] if found else []


def _sources(bill: OpenedBill) -> dict[str, str]:
    """What to list the values of text columns by: the file's own texts where it has them, cheaper than reading each."""
    found = {}
    for entry in bill.readings:
        if entry.column.kind in {Kind.TEXT, Kind.CURRENCY}:
            place = bill.matched.known[entry.column]
            found[entry.column.target] = f"c{place}" if bill.kinds[place] == "VARCHAR" else entry.value
    return found


def _values(bill: OpenedBill) -> dict[str, str]:
    """The expression of each column of `cost_lines` that a bill fills."""
    others = ((name, member(place, bill.kinds[place])) for place, name in bill.matched.others)
    return {entry.column.target: entry.value for entry in bill.readings} | {"extra": json_object(others)}


def _spans(slabs: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Runs of slabs that together hold about a slab's worth of a scope's lines."""
    first, held = -1, 0
    for slab in sorted(slabs):
        if held and held + slabs[slab] > SLAB:
            yield first, slab
            first, held = slab, 0
        first = slab if first < 0 else first
        held += slabs[slab]
    if held:
        yield first, max(slabs) + 1


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _processors() -> int:
    """Processors this process may use: more threads than those only wait for each other."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first_line(error: duckdb.Error) -> str:
    return literal(str(error).splitlines()[0])[1:-1]

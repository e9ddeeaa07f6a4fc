"""Imported line items (`cost_lines`): written part by part, visible with one commit that also rebuilds the gold cubes.

    with store.lines.begin(tenant, "focus", run) as writer:
        writer.copy(connection, "staged_lines", Scope("AWS", "1234567890123", "2024-09"))
        outcome = writer.commit()

Leaving the block without `commit` discards what was written; stored lines stay as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb

from finops.model.errors import StoreError
from finops.model.money import exact_sum
from finops.model.outcome import Failure
from finops.store.gold import GoldBuilder, gold_in, months_of
from finops.store.lake import Lake, PartName
from finops.store.line_facts import LineFacts, line_facts
from finops.store.line_sql import copy_statement, scope_text
from finops.store.parts import LINES, Part
from finops.store.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal
    from types import TracebackType

    import pyarrow as pa

    from finops.store.duck import Duck
    from finops.store.ledger import Ledger, Run
    from finops.store.line_schema import Scope

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class LineCommit:
    """What a commit made visible: `totals` are the imported sums by metric and currency, `replaced` earlier lines."""

    run: Run
    imported: int
    replaced: int
    billing_periods: tuple[str, ...]
    totals: dict[str, dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a writer reads and writes."""

    ledger: Ledger
    lake: Lake
    duck: Duck
    gold: GoldBuilder
    promoted_tags: tuple[str, ...]
    now: Callable[[], datetime]


class LineWriter:
    """Writes the lines of one import. Several files may share a scope; each call adds a part to it. One thread only."""

    def __init__(self, places: _Places, tenant: str, source: str, run: Run) -> None:
        if (run.tenant, run.source) != (tenant, source):
            raise StoreError("a run writes only its own tenant and source")
        places.ledger.require_open(run)
        self._places = places
        self._run = run
        self._parts: list[Part] = []
        self._facts: list[LineFacts] = []
        self._done = self._kept = False

    def write(self, lines: pa.Table | Path, scope: Scope) -> int:
        """Adds an Arrow table or Parquet file with columns of `LINE_SCHEMA` (absent ones are null); returns its lines.

        `charge_date` defaults to the UTC day of `charge_period_start`, `charge_type` to `charge_category`; promoted tag
        columns are filled from `tags`. StoreError names columns that are not in the schema and values that do not cast.
        """
        with duckdb.connect(":memory:", config={"threads": 2}) as connection:
            if isinstance(lines, Path):
                connection.read_parquet(str(lines)).create_view("given_lines")
            else:
                connection.register("given_lines", lines)
            return self.copy(connection, "given_lines", scope)

    def copy(self, connection: duckdb.DuckDBPyConnection, relation: str, scope: Scope) -> int:
        """Adds every row of a table or view of the caller's own DuckDB connection, streamed to disk in one pass.

        The quickest way in: parsing, sorting and writing happen in one query, in bounded memory, and the caller's
        connection may read files that the store's locked one may not. Same columns and rules as `write`. The connection
        must be allowed to write below `LineStore.staging` (any unlocked connection is).
        """
        if not _NAME.fullmatch(relation):
            raise StoreError("lines are copied from a table or view with a plain name")
        staged = self._places.lake.staged()
        try:
            statement = copy_statement(connection, relation, self._places.promoted_tags, staged)
            connection.execute(statement.sql, statement.values)
            facts = line_facts(self._places.duck, staged, scope, self._places.now())
            return self._add(staged, scope, facts)
        except duckdb.Error as error:
            raise StoreError(f"lines cannot be stored ({type(error).__name__}): {_first_line(error)}") from None
        finally:
            staged.unlink(missing_ok=True)

    def _add(self, staged: Path, scope: Scope, facts: LineFacts) -> int:
        if facts.lines == 0:
            return 0
        text = scope_text(scope)
        tenant, source, run_id = self._run.tenant, self._run.source, self._run.run_id
        shard = f"{text}#{len(self._parts)}"
        path = PartName(LINES, tenant, source, "lines", "daily", scope.billing_period, shard, run_id).path
        size = self._places.lake.adopt(staged, path)
        self._facts.append(facts)
        self._parts.append(
            Part(
                dataset=LINES,
                source=source,
                cube="lines",
                grain="daily",
                scope=text,
                period=facts.period,
                path=path,
                rows=facts.lines,
                bytes=size,
                facts=facts.part_facts(self._places.now(), self._places.promoted_tags),
            )
        )
        return facts.lines

    def commit(self, *, failures: Sequence[Failure] = (), detail: Mapping[str, object] | None = None) -> LineCommit:
        """Supersedes earlier parts of the scopes written and rebuilds the gold of every month touched, in one commit.

        `failures` and `detail` are kept with the run; with failures its status is `partial`.
        """
        run = replace(self._run, failures=tuple(failures), detail=dict(self._run.detail) | dict(detail or {}))
        scopes = {part.scope for part in self._parts}
        self._kept = True
        ended, replaced = _committed(self._places, run, self._parts, scopes)
        self._done = True
        return LineCommit(
            run=ended,
            imported=sum(part.rows for part in self._parts),
            replaced=replaced,
            billing_periods=tuple(sorted({facts.billing_period for facts in self._facts})),
            totals=_totals(self._facts),
        )

    def discard(self) -> None:
        """Deletes what was written and marks the run failed; a no-op after `commit`.

        After a commit that failed the files stay for `sweep`: a database that fell silent may have committed them.
        """
        if self._done:
            return
        self._done = True
        for part in () if self._kept else self._parts:
            self._places.lake.delete(part.path)
        self._places.ledger.fail(
            self._run, [Failure("import_failed", "the import ended before it was complete; stored lines stay")]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


class LineStore:
    """The `cost_lines` dataset of every tenant."""

    def __init__(
        self, ledger: Ledger, lake: Lake, duck: Duck, promoted_tags: Sequence[str], now: Callable[[], datetime]
    ) -> None:
        self.promoted_tags = tuple(dict.fromkeys(promoted_tags))
        self.staging = lake.staging
        """Local folder for files on their way into the lake (on S3 lakes they are uploaded from here)."""
        gold = GoldBuilder(lake, Reader(lake, duck), self.promoted_tags)
        self._places = _Places(ledger, lake, duck, gold, self.promoted_tags, now)

    def begin(self, tenant: str, source: str, run: Run) -> LineWriter:
        """A writer for one import; `run` comes from `store.ledger.begin(tenant, kind, source)`."""
        return LineWriter(self._places, tenant, source, run)

    def rebuild_gold(self, tenant: str, source: str) -> Run:
        """Builds every gold cube again from the stored lines, for instance after a tag key was promoted."""
        run = self._places.ledger.begin(tenant, "gold.rebuild", source)
        ended, _ = _committed(self._places, run, (), None)
        return ended


def _committed(places: _Places, run: Run, fresh: Sequence[Part], scopes: set[str] | None) -> tuple[Run, int]:
    """Commits lines and the gold of their months (of all months when `scopes` is None); the run, the lines replaced."""
    for _ in range(_ATTEMPTS):
        seen = places.ledger.snapshot(run.tenant)
        stored = [part for part in seen.parts if part.dataset == LINES and part.source == run.source]
        replaced = [part for part in stored if scopes and part.scope in scopes]
        kept = [part for part in stored if part not in replaced]
        months = months_of(stored if scopes is None else [*fresh, *replaced])
        lines = [*kept, *fresh]
        gold = [
            part for month in months for part in places.gold.month(run.tenant, run.source, run.run_id, month, lines)
        ]
        old = [*replaced, *gold_in(seen.parts, run.source, months)]
        ended = places.ledger.commit(run, seen, add=[*fresh, *gold], supersede=old)
        if ended is not None:
            return ended, sum(part.rows for part in replaced)
    raise StoreError("other imports kept changing the same bill; try again")


def _totals(facts: Sequence[LineFacts]) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, list[Decimal]]] = {}
    for entry in facts:
        for metric, sums in entry.totals.items():
            for currency, amount in sums.items():
                found.setdefault(metric, {}).setdefault(currency, []).append(amount)
    return {
        metric: {currency: exact_sum(amounts) for currency, amounts in sums.items()} for metric, sums in found.items()
    }


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]

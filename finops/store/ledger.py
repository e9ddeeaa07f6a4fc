"""The run ledger: which refreshes and imports happened, and which files of the lake count because of them.

A commit is one SQL transaction: the head's version moves on (unless somebody moved it since the writer looked), old
parts are superseded, new ones appear, the run ends. Readers see all of it or nothing.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from finops.model.errors import StoreError
from finops.model.outcome import Failure
from finops.model.period import Period
from finops.store.lake import tenant_name
from finops.store.parts import Part, PartFacts
from finops.store.schema import lake_head, lake_part, lake_run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from finops.store.database import Database

RUNNING, COMMITTED, PARTIAL, FAILED = "running", "committed", "partial", "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One refresh or import: running, committed, partial (committed, with failures) or failed (nothing changed)."""

    run_id: str
    tenant: str
    kind: str  # "costs.refresh", "bill.import"
    source: str  # "cost_explorer", "focus"
    started: datetime
    status: str = RUNNING
    ended: datetime | None = None
    requests: int = 0
    price: Decimal = Decimal(0)  # US dollars
    failures: tuple[Failure, ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)  # JSON-friendly, free to the caller


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parts of a tenant that count, and the head versions they were read at."""

    heads: Mapping[str, int]
    parts: tuple[Part, ...]

    @property
    def version(self) -> str:
        """A text that differs after every commit."""
        return ",".join(f"{source}:{number}" for source, number in sorted(self.heads.items()))


class Ledger:
    """Runs and parts in SQL. Safe to share between threads and processes."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._cache: dict[str, Snapshot] = {}
        self._lock = threading.Lock()

    def begin(self, tenant: str, kind: str, source: str, detail: Mapping[str, object] | None = None) -> Run:
        """Opens a run with status `running`. InputError for a tenant that is not a name."""
        begun = Run("", tenant_name(tenant), kind, source, self._now(), detail=dict(detail or {}))

        def work(connection: Connection) -> Run:
            before = connection.execute(select(func.count()).select_from(lake_run)).scalar_one()
            run = replace(begun, run_id=_run_id(begun, before))
            connection.execute(insert(lake_run).values(_run_row(run)))
            return run

        return self._database.write(work)

    def finish(self, run: Run) -> Run:
        """Ends a run that changed no data (a probe that found nothing new): committed or, with failures, partial.

        `requests`, `price`, `failures` and `detail` are taken from `run` as given (`dataclasses.replace` them first).
        """
        ended = self._ended(run)
        self._database.write(lambda connection: _save(connection, ended))
        return ended

    def fail(self, run: Run, failures: Sequence[Failure]) -> Run:
        """Ends a run that failed; stored data stays. A run that has already ended keeps its end."""
        ended = replace(run, status=FAILED, ended=self._now(), failures=tuple(failures))
        open_one = update(lake_run).where(lake_run.c.run_id == run.run_id, lake_run.c.status == RUNNING)
        self._database.write(lambda connection: connection.execute(open_one.values(_run_row(ended))))
        return ended

    def runs(self, tenant: str, *, source: str | None = None, limit: int = 20) -> tuple[Run, ...]:
        """The latest runs, newest first, running and failed ones included."""
        return self._runs(tenant, source, None, limit)

    def named(self, tenant: str, run_ids: Collection[str]) -> tuple[Run, ...]:
        """The runs of these ids, oldest first; ids that no run has are passed over."""
        columns = lake_run.c
        wanted = select(lake_run).where(columns.tenant == tenant_name(tenant), columns.run_id.in_(sorted(run_ids)))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(columns.started, columns.run_id))
            return tuple(_run(row) for row in rows)

    def last_good(self, tenant: str, source: str) -> Run | None:
        """The latest committed or partial run: how fresh the stored data is."""
        return next(iter(self._runs(tenant, source, (COMMITTED, PARTIAL), 1)), None)

    def version(self, tenant: str) -> str:
        """Changes whenever a run of the tenant commits data: the cache key of every reader."""
        return Snapshot(self._heads(tenant), ()).version

    def snapshot(self, tenant: str) -> Snapshot:
        """The parts that count now; kept in memory until the version changes.

        The heads are read first: parts may be newer than the heads they come with, never older, so a writer that
        compares heads cannot miss a commit and a reader never keeps an outdated list.
        """
        heads = self._heads(tenant)
        with self._lock:
            held = self._cache.get(tenant)
        if held is not None and held.heads == heads:
            return held
        columns = lake_part.c
        wanted = (
            select(lake_part).where(columns.tenant == tenant, columns.superseded_by.is_(None)).order_by(columns.part_id)
        )
        with self._database.reading() as connection:
            found = Snapshot(heads, tuple(_part(row) for row in connection.execute(wanted)))
        with self._lock:
            self._cache[tenant] = found
        return found

    def commit(self, run: Run, seen: Snapshot, *, add: Sequence[Part], supersede: Sequence[Part]) -> Run | None:
        """Makes a run's parts count. None when another writer committed since `seen`: look again and repeat."""
        ended = self._ended(run)
        self._database.insert_missing(lake_head, {"tenant": run.tenant, "source": run.source, "version": 0})
        version = seen.heads.get(run.source, 0)

        def work(connection: Connection) -> bool:
            head = lake_head.c
            mine = (head.tenant == run.tenant, head.source == run.source, head.version == version)
            if connection.execute(update(lake_head).where(*mine).values(version=version + 1)).rowcount == 0:
                return False
            _supersede(connection, supersede, ended)
            if add:
                connection.execute(insert(lake_part), [_part_row(part, ended) for part in add])
            _save(connection, ended)
            return True

        return ended if self._database.write(work) else None

    def require_open(self, run: Run) -> None:
        """StoreError unless the run is still running: a run commits data once."""
        with self._database.reading() as connection:
            status = connection.execute(select(lake_run.c.status).where(lake_run.c.run_id == run.run_id)).scalar()
        if status != RUNNING:
            raise StoreError("this run has already ended; begin another")

    def stale_parts(self, before: datetime) -> tuple[tuple[int, str], ...]:
        """Ids and paths of parts superseded before an instant, of every tenant."""
        columns = lake_part.c
        wanted = select(columns.part_id, columns.path).where(columns.superseded < before)
        with self._database.reading() as connection:
            return tuple((row.part_id, row.path) for row in connection.execute(wanted))

    def tenants(self) -> tuple[str, ...]:
        """Tenants that hold rows, sorted."""
        held = select(lake_part.c.tenant).where(lake_part.c.superseded_by.is_(None), lake_part.c.rows > 0).distinct()
        with self._database.reading() as connection:
            return tuple(sorted(connection.execute(held).scalars()))

    def known_paths(self) -> frozenset[str]:
        """The path of every part the ledger names, counting or superseded, of every tenant."""
        with self._database.reading() as connection:
            return frozenset(connection.execute(select(lake_part.c.path)).scalars())

    def forget(self, part_ids: Sequence[int]) -> None:
        """Removes superseded parts whose files are gone."""
        if part_ids:
            gone = delete(lake_part).where(lake_part.c.part_id.in_(part_ids), lake_part.c.superseded_by.is_not(None))
            self._database.write(lambda connection: connection.execute(gone))

    def _ended(self, run: Run) -> Run:
        return replace(run, status=PARTIAL if run.failures else COMMITTED, ended=self._now())

    def _heads(self, tenant: str) -> dict[str, int]:
        wanted = select(lake_head.c.source, lake_head.c.version).where(lake_head.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            return {row.source: row.version for row in connection.execute(wanted)}

    def _runs(self, tenant: str, source: str | None, statuses: Sequence[str] | None, limit: int) -> tuple[Run, ...]:
        columns = lake_run.c
        wanted = select(lake_run).where(columns.tenant == tenant_name(tenant))
        if source is not None:
            wanted = wanted.where(columns.source == source)
        if statuses is not None:
            wanted = wanted.where(columns.status.in_(statuses))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(columns.started.desc(), columns.run_id.desc()).limit(limit))
            return tuple(_run(row) for row in rows)


def _run_id(run: Run, before: int) -> str:
    """A UUID of version 7 (RFC 9562) made of the start, the number of runs before and what is run.

    Later runs sort later, also while a frozen clock gives all of them the same start, and a repeated history repeats
    its ids. Two writers that count alike collide on the key, and the later one counts again.
    """
    words = "\n".join((run.tenant, run.kind, run.source))
    what = int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest()) >> 22
    milliseconds = int(run.started.timestamp() * 1000)
    high, low = divmod(before % 2**32, 2**20)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low << 42 | what))


def _supersede(connection: Connection, parts: Sequence[Part], run: Run) -> None:
    # SQLite allows 32,766 bound values a statement, PostgreSQL 65,535.
    ids = [part.part_id for part in parts]
    for start in range(0, len(ids), 10_000):
        these = lake_part.c.part_id.in_(ids[start : start + 10_000])
        connection.execute(update(lake_part).where(these).values(superseded_by=run.run_id, superseded=run.ended))


def _save(connection: Connection, run: Run) -> None:
    connection.execute(update(lake_run).where(lake_run.c.run_id == run.run_id).values(_run_row(run)))


def _run_row(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "tenant": run.tenant,
        "kind": run.kind,
        "source": run.source,
        "status": run.status,
        "started": run.started,
        "ended": run.ended,
        "requests": run.requests,
        "price": run.price,
        "failures": json.dumps([asdict(failure) for failure in run.failures]),
        "detail": json.dumps(dict(run.detail), default=str),
    }


def _run(row: Row[Any]) -> Run:
    fields = row._asdict()
    failures = tuple(Failure(**failure) for failure in json.loads(fields.pop("failures")))
    return Run(**fields | {"failures": failures, "detail": json.loads(fields["detail"])})


def _part_row(part: Part, run: Run) -> dict[str, Any]:
    return {
        "tenant": run.tenant,
        "dataset": part.dataset,
        "source": part.source,
        "cube": part.cube,
        "grain": part.grain,
        "scope": part.scope,
        "period_start": part.period.start,
        "period_end": part.period.end,
        "path": part.path,
        "rows": part.rows,
        "bytes": part.bytes,
        "detail": part.facts.to_json(),
        "run_id": run.run_id,
    }


def _part(row: Row[Any]) -> Part:
    fields = row._asdict()
    return Part(
        dataset=fields["dataset"],
        source=fields["source"],
        cube=fields["cube"],
        grain=fields["grain"],
        scope=fields["scope"],
        period=Period(fields["period_start"], fields["period_end"]),
        path=fields["path"],
        rows=fields["rows"],
        bytes=fields["bytes"],
        facts=PartFacts.from_json(fields["detail"]),
        run_id=fields["run_id"],
        part_id=fields["part_id"],
    )

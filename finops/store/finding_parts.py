"""Which runs count for which checks, told from the ledger alone, and parts that cannot be read put aside.

A part says which checks its run covered, rows or none. For one workspace and day, the newest part that covers a check
counts for it; an older part keeps counting for the checks that no newer one covers.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from finops.model.errors import StoreError
from finops.model.outcome import Failure
from finops.model.period import Period
from finops.store.finding_schema import FINDINGS
from finops.store.reading import failure_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from finops.store.lake import Lake
    from finops.store.parts import Part
    from finops.store.reading import Reader
    from finops.store.selecting import Statement

_ASIDE_SECONDS = 900
log = logging.getLogger(__name__)

QUARANTINED = "Quarantined"
"""The code of a failure over a part that is missing, damaged or of another schema."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A part and the checks it counts for."""

    part: Part
    checks: tuple[str, ...]

    @property
    def day(self) -> date:
        """The run date."""
        return self.part.period.start


def checks_of(part: Part) -> tuple[str, ...]:
    """The checks that a part's run covered."""
    return tuple(json.loads(part.scope))


def scope_of(checks: Iterable[str]) -> str:
    """The checks as they are kept with a part."""
    return json.dumps(sorted(set(checks)))


def span_of(day: date) -> Period:
    """The period that a part of one run date has."""
    return Period(day, day + timedelta(days=1))


def counted(parts: Iterable[Part], workspace: str, *, dataset: str = FINDINGS) -> list[Counted]:
    """The parts of a workspace with the checks each counts for on its day, the oldest day first."""
    mine = [part for part in parts if part.dataset == dataset and part.cube == workspace]
    taken: dict[date, set[str]] = {}
    found = []
    for part in sorted(mine, key=lambda part: part.part_id, reverse=True):
        held = taken.setdefault(part.period.start, set())
        left = tuple(check for check in checks_of(part) if check not in held)
        held.update(left)
        if left:
            found.append(Counted(part, left))
    return sorted(found, key=lambda each: (each.day, each.part.part_id))


def latest(counting: Sequence[Counted], until: date | None = None) -> list[Counted]:
    """Of what counts on any day, the latest for each check; with `until`, as it was at the end of that day."""
    taken: set[str] = set()
    found = []
    for each in reversed(counting):
        if until is not None and each.day > until:
            continue
        left = tuple(check for check in each.checks if check not in taken)
        taken.update(left)
        if left:
            found.append(Counted(each.part, left))
    return found[::-1]


def bindings(tenant: str, workspace: str, counting: Sequence[Counted]) -> dict[str, Any]:
    """What every question binds."""
    pairs = [(each.part.run_id, check) for each in counting if each.part.rows for check in each.checks]
    return {
        "tenant": tenant,
        "workspace": workspace,
        "runs": [run for run, _ in pairs],
        "checks": [check for _, check in pairs],
    }


class WardedReader:
    """A reader that puts parts aside: named in every answer they are missing from, and not opened again.

    Put aside means remembered by this process, for a quarter of an hour (S3 may have had a bad moment). Nothing in the
    lake is moved: people find a damaged file where it was, and one that is gone or of another size than the ledger
    says counts again once a backup brings it back.
    """

    def __init__(self, lake: Lake, reader: Reader, schema: pa.Schema) -> None:
        self._lake = lake
        self._reader = reader
        self._schema = schema
        self._known: dict[str, tuple[str, float]] = {}  # what is wrong with an opened part ("" nothing), until when
        self._lock = threading.Lock()

    def tables(self, parts: Sequence[Part], *statements: Statement) -> tuple[list[pa.Table], tuple[Failure, ...]]:
        """One table per statement from the parts that can be read, and what is missing from the answer."""
        filled = [part for part in parts if part.rows]
        faults = {part.path: self._fault(part) for part in filled}
        fit = [part for part in filled if not faults[part.path]]
        try:
            tables, failures = self._reader.tables(fit, *statements)
            bad = [part for part in fit if failure_of(part) in failures]
        except StoreError:
            # Some damage DuckDB reports as if the query were at fault; Arrow's page checksums find it.
            bad = [part for part in fit if not self._whole(part)]
            if not bad:
                raise
            rest = [part for part in fit if part not in bad]
            tables, failures = self._reader.tables(rest, *statements)
            bad += [part for part in rest if failure_of(part) in failures]
        faults |= {part.path: self._put_aside(part, "is damaged") for part in bad}
        return tables, tuple(_failure(part, faults[part.path]) for part in filled if faults[part.path])

    def _fault(self, part: Part) -> str:
        if not self._lake.remote and self._lake.size(part.path) != part.bytes:
            log.warning("a part is missing or not what was stored", extra={"path": part.path})
            return "is missing or not the file that was stored"
        with self._lock:
            known = self._known.get(part.path)
        if known is None or known[1] < time.monotonic():
            return self._put_aside(part, self._fault_inside(part))
        return known[0]

    def _fault_inside(self, part: Part) -> str:
        """What is wrong with a part's columns: ours must be there with their types, others may stand beside them."""
        try:
            with self._lake.files.open_input_file(self._lake.absolute(part.path)) as handle:
                held = pq.read_schema(handle)
        except (OSError, pa.ArrowException) as error:
            return f"cannot be opened ({type(error).__name__})"
        for wanted in self._schema:
            at = held.get_field_index(wanted.name)
            if at < 0:
                return f"has another schema (no column {wanted.name})"
            if held.field(at).type != wanted.type:
                return f"has another schema ({wanted.name} is {held.field(at).type})"
        return ""

    def _whole(self, part: Part) -> bool:
        try:
            self._lake.read(part.path)
        except StoreError:
            return False
        return True

    def _put_aside(self, part: Part, why: str) -> str:
        with self._lock:
            self._known[part.path] = why, time.monotonic() + _ASIDE_SECONDS if why else math.inf
        if why:
            log.warning("part put aside: it %s", why, extra={"path": part.path})
        return why


def _failure(part: Part, why: str) -> Failure:
    what = f"{part.cube} {part.period.start}"
    return Failure(QUARANTINED, f"stored findings ({what}) are left out, their part {why}: {part.path}")

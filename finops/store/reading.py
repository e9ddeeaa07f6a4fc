"""Queries over parts of which some may be missing or damaged: those are named, the rest still answers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from finops.model.outcome import Failure
from finops.store.duck import Duck, UnreadablePartsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from finops.store.lake import Lake
    from finops.store.parts import Part
    from finops.store.selecting import Statement

log = logging.getLogger(__name__)


def failure_of(part: Part) -> Failure:
    """What a person is told about a part that cannot be read."""
    what = f"{part.source} {part.cube} {part.period.start} to {part.period.end}"
    return Failure("damaged_part", f"stored costs ({what}) are missing or damaged and left out: {part.path}")


class Reader:
    """Runs statements over parts. Safe to share between threads."""

    def __init__(self, lake: Lake, duck: Duck) -> None:
        self._lake = lake
        self._duck = duck

    def tables(self, parts: Sequence[Part], *statements: Statement) -> tuple[list[pa.Table], tuple[Failure, ...]]:
        """One table per statement, all from the same readable parts; no table at all when none is left.

        StoreError when a query fails for another reason than its files.
        """
        whole, broken = self._sorted_out([part for part in parts if part.rows])
        while whole:
            try:
                found = [self._run(statement, whole) for statement in statements]
                return found, tuple(failure_of(part) for part in broken)
            except UnreadablePartsError:
                bad = [part for part in whole if not self._answers(part, statements)]
                if not bad:
                    raise
                log.warning("damaged parts left out", extra={"paths": [part.path for part in bad]})
                broken.extend(bad)
                whole = [part for part in whole if part not in bad]
        return [], tuple(failure_of(part) for part in broken)

    def _run(self, statement: Statement, parts: Sequence[Part]) -> pa.Table:
        return self._duck.query(statement.sql, [part.path for part in parts], statement.values)

    def _sorted_out(self, parts: Sequence[Part]) -> tuple[list[Part], list[Part]]:
        # A file of another size is not the one the ledger means, even when it is a readable one. On S3 each look costs
        # a request.
        if self._lake.remote:
            return list(parts), []
        whole: list[Part] = []
        broken: list[Part] = []
        for part in parts:
            (whole if self._lake.size(part.path) == part.bytes else broken).append(part)
        return whole, broken

    def _answers(self, part: Part, statements: Sequence[Statement]) -> bool:
        try:
            for statement in statements:
                self._run(statement, [part])
        except UnreadablePartsError:
            return False
        return True

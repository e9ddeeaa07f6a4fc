"""Clears the lake of files that no longer count: superseded parts, and what crashed runs left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from finops.store.lake import Lake
    from finops.store.ledger import Ledger


def sweep(ledger: Ledger, lake: Lake, older_than: datetime) -> int:
    """Deletes files superseded, or written and never committed, before an instant; returns how many.

    `older_than` should lie at least a day back: a running import has files that the ledger does not know yet, and a
    running query may still read what was superseded a moment ago. The root belongs to the lake: Parquet files of other
    programs below it go as well.
    """
    stale = ledger.stale_parts(older_than)
    for _, path in stale:
        if path:
            lake.delete(path)
    ledger.forget([part_id for part_id, _ in stale])
    known = ledger.known_paths()
    orphans = [path for path, written in lake.listing() if path not in known and written < older_than]
    for path in orphans:
        lake.delete(path)
    return sum(1 for _, path in stale if path) + len(orphans)

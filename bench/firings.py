"""A year of schedules in five zones, two processes, one of them killed again and again: no mail lost, none doubled.

The clock is simulated and moves on to the next due time; mails go into a folder. Once on SQLite, once on PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.figures import Figure
from tests import services
from tests.delivery.soak import Told, soak

if TYPE_CHECKING:
    from pathlib import Path

DAYS = 365
EVERY = (0.05, 1.5)
"""Seconds between two kills."""
AT_LEAST = 10_000


def run(folder: Path) -> list[Figure]:
    """The bar of the issue, on both databases."""
    return [*_on_sqlite(folder / "sqlite"), *_on_postgres(folder / "postgres")]


def _on_sqlite(folder: Path) -> list[Figure]:
    folder.mkdir()
    return _figures("SQLite", soak(folder, f"sqlite:///{folder / 'state.db'}", days=DAYS, every=EVERY, seed=7))


def _on_postgres(folder: Path) -> list[Figure]:
    folder.mkdir()
    try:
        with services.postgres() as server, services.fresh_database(server) as url:
            return _figures("PostgreSQL", soak(folder, url, days=DAYS, every=EVERY, seed=8))
    except services.UnavailableError as error:
        return [Figure("PostgreSQL: firings", 0, "firings", note=f"not measured: {error}")]


def _figures(name: str, told: Told) -> list[Figure]:
    note = f"{told.kills:,} kills, {told.taken_over:,} firings made again, {told.put_off:,} mails tried again"
    rate = told.firings / told.seconds
    return [
        Figure(f"{name}: firings", told.firings, "firings", f"≥ {AT_LEAST:,}", met=told.firings >= AT_LEAST, note=note),
        Figure(f"{name}: mails handed over", told.mails, "mails", note=f"{rate:.0f} firings a second"),
        Figure(f"{name}: mails lost", told.lost, "mails", "0", met=told.lost == 0),
        Figure(f"{name}: mails doubled", told.doubled, "mails", "0", met=told.doubled == 0),
        Figure(f"{name}: mails uncertain", told.uncertain, "mails", "0", met=told.uncertain == 0),
    ]

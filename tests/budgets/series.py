"""Small panels to forecast from."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from finops.costs.panel import Floats, Panel

FIRST = date(2026, 1, 1)  # a Thursday
DAYS = 310
"""Through the 6th of November."""


def steady(level: float = 100.0, *, noise: float = 0.03, days: int = DAYS, seed: int = 1) -> Floats:
    """A cost that is the same every day but for noise."""
    random = np.random.default_rng(seed)
    return np.asarray(level * random.normal(1, noise, days), dtype=np.float64)


def panel(*rows: Floats) -> Panel:
    """The rows as series named a, b …"""
    return Panel(tuple(chr(ord("a") + row) for row in range(len(rows))), FIRST, np.stack(rows))


def days_of(count: int = DAYS) -> list[date]:
    """So many days from the first one."""
    return [FIRST + timedelta(days=place) for place in range(count)]

"""Small series to detect in."""

from __future__ import annotations

from datetime import date

import numpy as np

from finops.costs.panel import Floats, Panel

FIRST = date(2026, 1, 5)  # a Monday
DAYS = 200


def steady(level: float = 100.0, *, noise: float = 0.04, days: int = DAYS, seed: int = 1) -> Floats:
    """A cost that is the same every day but for noise."""
    random = np.random.default_rng(seed)
    return np.asarray(level * random.normal(1, noise, days), dtype=np.float64)


def panel(*rows: Floats) -> Panel:
    """The rows as series named a, b …"""
    return Panel(tuple(chr(ord("a") + row) for row in range(len(rows))), FIRST, np.stack(rows))


def with_added(values: Floats, start: int, end: int, amount: float) -> Floats:
    """A copy with an amount added to some days."""
    changed = values.copy()
    changed[start:end] += amount
    return changed

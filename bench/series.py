"""Made-up daily cost series with the truth beside them: what is planted, when, and how many dollars it is.

Sizes and shapes follow bills, not the detector: noise of 2 to 14 % that wanders, weekends, growth from −20 to +120 % a
year, fees and batch days that may move by a day, quiet holidays, credits, sparse use, and two last days still arriving.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from finops.costs.panel import Panel

if TYPE_CHECKING:
    from finops.costs.panel import Floats

FIRST = date(2025, 9, 3)
DAYS = 400
QUIET_DAYS = 75
"""No anomaly starts before: detectors may learn."""
TAIL = 2
SHAPES = ("steady", "weekly", "growing", "fees", "holidays", "credits", "sparse", "noisy")
KINDS = ("spike", "step", "leak", "new", "drop")


@dataclass(frozen=True, slots=True)
class Label:
    """One planted episode: from `start` up to `end` (exclusive) as places of days. `dollars` is what it changed."""

    series: int
    kind: str
    start: int
    end: int
    dollars: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """Series and everything planted in them; `shapes[i]` says what kind of series the i-th is."""

    panel: Panel
    shapes: tuple[str, ...]
    labels: tuple[Label, ...]


def labelled(seed: int, series: int = 200, *, days: int = DAYS) -> Labelled:
    """So many series of a seed: about three of ten carry nothing, the others one or two episodes."""
    random = np.random.default_rng([seed, 77])
    values = np.empty((series, days))
    shapes: list[str] = []
    labels: list[Label] = []
    for row in range(series):
        shape = SHAPES[row % len(SHAPES)]
        values[row], found = _one(random, shape, row, days)
        shapes.append(shape)
        labels += found
    names = tuple(f"{seed}-{row:04d}-{shape}" for row, shape in enumerate(shapes))
    return Labelled(Panel(names, FIRST, values), tuple(shapes), tuple(labels))


def _one(random: np.random.Generator, shape: str, row: int, days: int) -> tuple[Floats, list[Label]]:
    dates = [FIRST + timedelta(days=place) for place in range(days)]
    ordinary = _sparse(random, days) if shape == "sparse" else _ordinary(random, shape, dates)
    cost = ordinary.copy()
    labels = []
    for kind, start in _plan(random, shape, days):
        changed, end = _planted(random, kind, cost, start, sparse=shape == "sparse")
        delta = changed - cost
        cost = changed
        told = cost if kind == "new" else delta
        labels.append(Label(row, kind, start, end, float(np.abs(told[start : days - TAIL]).sum())))
    if shape == "fees":
        began = next((each.start for each in labels if each.kind == "new"), 0)
        cost[began:] += _fees(random, dates, float(np.median(ordinary)))[began:]
    if shape == "credits":
        for place in random.choice(days, 5, replace=False):
            cost[place] -= cost[place] * random.uniform(0.4, 3.0)
    cost[-2:] *= [random.uniform(0.5, 0.95), random.uniform(0.02, 0.4)]
    return np.round(cost, 4), labels


def _ordinary(random: np.random.Generator, shape: str, dates: list[date]) -> Floats:
    level = float(np.exp(random.uniform(np.log(8), np.log(4000))))
    noise = random.uniform(0.08, 0.14) if shape == "noisy" else random.uniform(0.02, 0.08)
    growth = random.uniform(0.5, 1.2) if shape == "growing" else random.uniform(-0.2, 0.4)
    weekend = random.uniform(0.25, 1.3) if shape == "weekly" else random.choice([1.0, random.uniform(0.7, 1.0)])
    count = len(dates)
    trend = (1 + growth) ** (np.arange(count) / 365)
    week = np.array([weekend if day.weekday() >= 5 else 1.0 for day in dates])
    wander = np.zeros(count)
    for place in range(1, count):
        wander[place] = 0.9 * wander[place - 1] + random.normal(0, noise * 0.2)
    daily = random.standard_t(6, count) * noise * 0.8
    cost = level * trend * week * np.maximum(1 + daily + wander, 0.15)
    if shape == "holidays":
        cost *= _holidays(random, dates)
    return np.asarray(cost, dtype=np.float64)


def _holidays(random: np.random.Generator, dates: list[date]) -> Floats:
    depth = random.uniform(0.4, 0.85)
    quiet = {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1), (7, 4), (5, 1)} | {(12, day) for day in (27, 28, 29, 30)}
    return np.array(
        [
            depth
            if (day.month, day.day) in quiet or (day.month == 11 and day.weekday() in {3, 4} and 22 <= day.day <= 29)
            else 1.0
            for day in dates
        ]
    )


def _fees(random: np.random.Generator, dates: list[date], level: float) -> Floats:
    """One fee on a fixed day or the month's last, and for some a batch on another day; some move by a day."""
    fees = np.zeros(len(dates))
    for chosen in random.choice([1, 2, 3, 5, 10, 15, 20, 28, 31], int(random.integers(1, 3)), replace=False):
        size = level * random.uniform(0.6, 6.0)
        moves = random.random() < 0.3
        for place, day in enumerate(dates):
            last = (day + timedelta(days=1)).month != day.month
            if day.day == chosen or (chosen == 31 and last):
                moved = place + (int(random.integers(0, 2)) if moves else 0)
                if moved < len(dates):
                    fees[moved] += size * random.uniform(0.93, 1.07)
    return fees


def _sparse(random: np.random.Generator, days: int) -> Floats:
    rate = random.uniform(0.04, 0.3)
    level = float(np.exp(random.uniform(np.log(5), np.log(500))))
    hits = random.random(days) < rate
    hits[int(random.integers(0, 20))] = True  # known from the beginning: nothing new
    return np.where(hits, level * np.exp(random.normal(0, random.uniform(0.1, 0.4), days)), 0.0)


def _plan(random: np.random.Generator, shape: str, days: int) -> list[tuple[str, int]]:
    """Kinds and first days. Sparse series carry spikes only; a new service is the only thing of its series."""
    if random.random() < 0.3:
        return []
    if shape == "sparse":
        return [("spike", int(random.integers(QUIET_DAYS + 60, days - 10)))]
    first = str(random.choice(KINDS, p=[0.4, 0.2, 0.15, 0.1, 0.15]))
    start = int(random.integers(QUIET_DAYS, days - 15))
    if first == "leak":
        start = int(random.integers(QUIET_DAYS + 40, days - 60))
    plan = [(first, start)]
    if first == "spike" and random.random() < 0.5:
        other = int(random.integers(QUIET_DAYS, days - 10))
        if abs(other - start) > 20:
            plan.append(("spike", other))
    return plan


def _planted(random: np.random.Generator, kind: str, cost: Floats, start: int, *, sparse: bool) -> tuple[Floats, int]:
    changed, days = cost.copy(), len(cost)
    level = float(np.median(cost[cost > 0]))
    if kind == "spike":
        end = min(days, start + int(random.integers(1, 4)))
        changed[start:end] += level * (random.uniform(6, 20) if sparse else random.uniform(0.9, 6.0))
    elif kind == "step":
        end = days if random.random() < 0.5 else min(days, start + int(random.integers(14, 70)))
        changed[start:end] *= 1 + random.uniform(0.35, 2.5)
    elif kind == "leak":
        end = min(days, start + int(random.integers(40, 100)))
        changed[start:end] += level * random.uniform(0.008, 0.03) * np.arange(1, end - start + 1)
    elif kind == "drop":
        end = days if random.random() < 0.4 else min(days, start + int(random.integers(4, 40)))
        changed[start:end] *= random.uniform(0.0, 0.5)
    else:
        end = days
        changed[:start] = 0.0
        return changed, end
    return changed, end

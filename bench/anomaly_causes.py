"""Root causes against the truth: costs made of regions and usage types, some of which an episode is planted in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from bench.series import DAYS, FIRST
from finops.anomalies.cause import WEEKS, Window, change, smallest_set
from finops.anomalies.detector import detect
from finops.anomalies.episodes import episodes
from finops.costs.panel import Panel
from finops.model.anomalies import AnomalyKind
from finops.model.period import Period

if TYPE_CHECKING:
    from finops.costs.panel import Floats

KNOWN = Period(FIRST, FIRST + timedelta(days=DAYS))
KINDS = (AnomalyKind.SPIKE, AnomalyKind.STEP, AnomalyKind.LEAK)
_SHARES = ((1.0,), (0.6, 0.4), (0.5, 0.5), (0.4, 0.32, 0.28))


def causes_right(seed: int, cases: int = 100) -> tuple[int, int]:
    """Of so many planted episodes: how many were detected, and how many of those were explained exactly."""
    random = np.random.default_rng([seed, 88])
    cells, planted = zip(*(_case(random, number) for number in range(cases)), strict=True)
    panel = Panel(tuple(map(str, range(cases))), FIRST, np.stack([each.sum(axis=0) for each in cells]))
    found = episodes(panel, detect(panel, incomplete_days=0), incomplete=0)
    detected = right = 0
    for case, (start, end, truth) in enumerate(planted):
        episode = next(
            (each for each in found if each.series == case and each.start < end and each.last >= start), None
        )
        if episode is None:
            continue
        detected += 1
        weeks = 1 if episode.kind is AnomalyKind.LEAK else WEEKS
        window = Window(
            Period(FIRST + timedelta(days=episode.start), FIRST + timedelta(days=episode.last + 1)), KNOWN, weeks
        )
        changes = {cell: change(_by_day(values), window) for cell, values in enumerate(cells[case])}
        whole = change(_by_day(panel.values[case]), window)
        right += set(smallest_set(changes, whole)) == truth
    return detected, right


def _case(random: np.random.Generator, number: int) -> tuple[Floats, tuple[int, int, set[int]]]:
    count = int(random.integers(4, 16))
    level = np.exp(random.uniform(np.log(2), np.log(300), count))[:, None]
    noise = random.normal(1, random.uniform(0.03, 0.1), (count, DAYS))
    week = np.where(np.arange(DAYS) % 7 >= 5, random.uniform(0.6, 1.0), 1.0)
    cells = level * np.maximum(noise, 0.1) * week
    shares = _SHARES[int(random.choice(len(_SHARES), p=[0.55, 0.15, 0.15, 0.15]))]
    chosen = random.choice(count, len(shares), replace=False)
    kind = KINDS[number % len(KINDS)]
    start = int(random.integers(120, DAYS - 70))
    length = {AnomalyKind.SPIKE: int(random.integers(1, 4)), AnomalyKind.STEP: 30, AnomalyKind.LEAK: 60}[kind]
    shape = np.arange(1, length + 1) / length if kind is AnomalyKind.LEAK else np.ones(length)
    size = float(level.sum()) * random.uniform(0.5, 2.0)
    for cell, share in zip(chosen, shares, strict=True):
        cells[cell, start : start + length] += size * share * shape
    true = {int(cell): share for cell, share in zip(chosen, shares, strict=True)}
    return np.asarray(cells, dtype=np.float64), (start, start + length, set(smallest_set(true, 1.0)))


def _by_day(values: Floats) -> dict[date, float]:
    return {FIRST + timedelta(days=place): float(value) for place, value in enumerate(values)}

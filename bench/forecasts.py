"""How right forecasts are, beside three known methods, on series they were not tuned on.

Tuned on seeds 1 to 6 of `bench.series`; the figures are of seeds 101 to 110. A service is the sum of five accounts, one
of which may carry what nobody can foresee (spikes, steps, leaks, new use, drops): as many as a series of the detector's
benchmark carries. Every forecast knows the days before it only, and so does its interval.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from bench.figures import Figure
from bench.series import FIRST, TAIL, labelled
from finops.budgets.model import Series
from finops.costs.panel import Panel

if TYPE_CHECKING:
    from pathlib import Path

    from bench.series import Labelled
    from finops.costs.panel import Floats

SEEDS = tuple(range(101, 111))
AS_OF = (2, 5, 10, 15, 20, 25)
"""Complete days of the month that a forecast knows."""
MONTHS = tuple(date(2026, month, 1) for month in range(2, 9))
ACCOUNTS = 5
MANY, HORIZON = 5_000, 28
YEAR_DAYS, YEAR_FROM = 800, 400
METHODS = ("ours", "run rate", "seasonal naive", "drift")


@dataclass(slots=True)
class Errors:
    """Symmetric percentage errors by method, and whether what came lay inside of the interval."""

    by_method: dict[str, list[Floats]] = field(default_factory=lambda: {name: [] for name in METHODS})
    inside: list[Floats] = field(default_factory=list)

    def mean(self, method: str) -> float:
        """The mean over everything."""
        return float(np.concatenate(self.by_method[method]).mean())

    @property
    def coverage(self) -> float:
        """The share inside, in percent."""
        return float(np.concatenate(self.inside).mean()) * 100


def run(_: Path) -> list[Figure]:
    """Month ends at service level and of single series, a year ahead, days ahead, and time."""
    truths = [labelled(seed) for seed in SEEDS]
    services = [_panel(_services(truth, seed)) for truth, seed in zip(truths, SEEDS, strict=True)]
    dense = [_panel(_dense(truth)) for truth in truths]
    return [*_month_ends(services, dense), *_year(), _days(truths), _speed(truths[0])]


def _services(truth: Labelled, seed: int) -> Floats:
    """Each the sum of four accounts without surprises and one of any kind."""
    random = np.random.default_rng([seed, 5])
    carrying = {label.series for label in truth.labels}
    quiet = random.permutation([row for row in range(len(truth.shapes)) if row not in carrying])
    count = len(quiet) // (ACCOUNTS - 1)
    four = quiet[: count * (ACCOUNTS - 1)].reshape(count, ACCOUNTS - 1)
    other = random.choice(np.setdiff1d(np.arange(len(truth.shapes)), four.ravel()), count, replace=False)
    values = truth.panel.values
    return np.asarray(values[four].sum(axis=1) + values[other], dtype=np.float64)


def _dense(truth: Labelled) -> Floats:
    return truth.panel.values[[shape != "sparse" for shape in truth.shapes]]


def _panel(values: Floats) -> Panel:
    """Complete days only."""
    return Panel(tuple(map(str, range(len(values)))), FIRST, values[:, : values.shape[1] - TAIL])


def _month_ends(services: list[Panel], dense: list[Panel]) -> list[Figure]:
    by_day = _errors(services, AS_OF)
    whole, early, late = _together(by_day, AS_OF), _together(by_day, (5, 10)), _together(by_day, (15, 20, 25))
    single = _together(_errors(dense, (5, 15, 25)), (5, 15, 25))
    ours = whole.mean("ours")
    ratio = whole.mean("run rate") / ours
    count = sum(len(panel.names) for panel in services)
    note = f"{count} services, {len(MONTHS)} months, as of days {', '.join(map(str, AS_OF))}"
    rivals = ", ".join(f"{name} {whole.mean(name):.2f}" for name in METHODS[1:])
    return [
        Figure("month's end of services: sMAPE", ours, "%", "≤ 6", met=ours <= 6, note=note),
        Figure("against the month-to-date run rate", ratio, "×", "≥ 2", met=ratio >= 2, note=f"sMAPE: {rivals}"),
        Figure("80 % interval holds", whole.coverage, "%", "75 to 88", met=75 <= whole.coverage <= 88),
        Figure("as of days 5 and 10: sMAPE", early.mean("ours"), "%", note=f"run rate {early.mean('run rate'):.2f}, "
               f"interval holds {early.coverage:.0f} %"),
        Figure("as of days 15, 20 and 25: sMAPE", late.mean("ours"), "%", note=f"run rate {late.mean('run rate'):.2f}, "
               f"interval holds {late.coverage:.0f} %"),
        Figure("single accounts, seven of ten with surprises: sMAPE", single.mean("ours"), "%",
               note=f"run rate {single.mean('run rate'):.2f}, interval holds {single.coverage:.0f} %"),
    ]  # fmt: skip


def _errors(panels: list[Panel], days: tuple[int, ...]) -> dict[int, Errors]:
    found = {day: Errors() for day in days}
    for panel in panels:
        series = Series.of(panel, 31)
        for month in MONTHS:
            start, end = (month - FIRST).days, (_next(month) - FIRST).days
            for day in days:
                _one(found[day], series, panel.values, (start, start + day, end))
    return found


def _together(found: dict[int, Errors], days: tuple[int, ...]) -> Errors:
    lists = {name: [each for day in days for each in found[day].by_method[name]] for name in METHODS}
    return Errors(lists, [each for day in days for each in found[day].inside])


def _one(found: Errors, series: Series, values: Floats, places: tuple[int, int, int]) -> None:
    start, known, end = places
    left = end - known
    so_far, came = values[:, start:known].sum(axis=1), values[:, start:end].sum(axis=1)
    bands = series.windows(known, [(1, left)])
    weekly = values[:, [known - 7 + place % 7 for place in range(left)]].sum(axis=1)
    slope = (values[:, known - 1] - values[:, max(0, known - 91)]) / min(90, known - 1)
    drift = values[:, known - 1] * left + slope * left * (left + 1) / 2
    told = {
        "ours": so_far + bands.mean[:, 0],
        "run rate": so_far / (known - start) * (end - start),
        "seasonal naive": so_far + weekly,
        "drift": so_far + np.maximum(drift, 0.0),
    }
    for name, each in told.items():
        found.by_method[name].append(_smape(each, came))
    rest = came - so_far
    found.inside.append((rest >= bands.lower[:, 0] - 0.005) & (rest <= bands.upper[:, 0] + 0.005))


def _year() -> list[Figure]:
    """Calendar-like months of thirty days up to twelve ahead, from a little more than a year of history."""
    ours: list[Floats] = [np.empty((0, 13))]
    still: list[Floats] = [np.empty((0, 13))]
    held = []
    for seed in SEEDS[:4]:
        values = _services(labelled(seed, days=YEAR_DAYS), seed)
        known = Panel(tuple(map(str, range(len(values)))), FIRST, values[:, :YEAR_FROM])
        windows = [*((30 * month + 1, 30 * month + 30) for month in range(12)), (1, 360)]
        bands = Series.of(known, 360).windows(YEAR_FROM, windows)
        came = np.stack([values[:, YEAR_FROM + first - 1 : YEAR_FROM + last].sum(axis=1) for first, last in windows], 1)
        flat = values[:, YEAR_FROM - 30 : YEAR_FROM].mean(axis=1)[:, None] * [
            last - first + 1 for first, last in windows
        ]
        ours.append(_smape(bands.mean, came))
        still.append(_smape(flat, came))
        held.append((came >= bands.lower) & (came <= bands.upper))
    mine, theirs, inside = np.concatenate(ours).mean(axis=0), np.concatenate(still).mean(axis=0), np.concatenate(held)
    return [
        Figure(f"{name}: sMAPE", float(mine[place]), "%",
               note=f"last month again {theirs[place]:.1f}, interval holds {inside[:, place].mean() * 100:.0f} %")
        for name, place in (("1 month ahead", 0), ("6 months ahead", 5), ("12 months ahead", 11), ("the year", 12))
    ]  # fmt: skip


def _days(truths: list[Labelled]) -> Figure:
    """`forecast series`: each of the next days, of every series there is."""
    inside = []
    for truth in truths:
        panel = _panel(truth.panel.values)
        for back in (HORIZON, 2 * HORIZON, 4 * HORIZON):
            known = panel.days - back
            bands = Series.of(panel.until(known), HORIZON).days(known, HORIZON)
            came = panel.values[:, known : known + HORIZON]
            inside.append(((came >= bands.lower - 0.005) & (came <= bands.upper + 0.005)).ravel())
    held = float(np.concatenate(inside).mean()) * 100
    note = "every day of every series, sparse ones among them"
    return Figure("28 days ahead, day by day: 80 % interval holds", held, "%", note=note)


def _speed(truth: Labelled) -> Figure:
    copies = -(-MANY // len(truth.panel.names))
    values = np.tile(truth.panel.values, (copies, 1))[:MANY]
    started = time.process_time()
    for first in range(0, MANY, 500):
        part = values[first : first + 500]
        Series.of(Panel(tuple(map(str, range(len(part)))), FIRST, part), HORIZON).days(values.shape[1], HORIZON)
    return Figure("5,000 series × 400 days forecast with intervals", time.process_time() - started, "CPU s")


def _smape(told: Floats, came: Floats) -> Floats:
    whole = np.abs(told) + np.abs(came)
    return np.where(whole > 0, 200 * np.abs(told - came) / np.where(whole > 0, whole, 1.0), 0.0)


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)

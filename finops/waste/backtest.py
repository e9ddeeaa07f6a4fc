"""Trying thresholds out: the stored observations judged again, today's and those of past days. Nothing is measured."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.findings import Verdict
from finops.model.money import exact_sum
from finops.model.period import Period
from finops.waste.judging import judged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from finops.model.findings import Levels, Observation
    from finops.model.outcome import Failure
    from finops.store import Store
    from finops.waste.check import Check
    from finops.waste.judging import TagRule

POINTS = 14
"""So many days of a period are judged, evenly spread, the last one among them."""
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Count:
    """Flagged findings of one moment and their savings a month, in the currency of most."""

    findings: int
    saving: Decimal


@dataclass(frozen=True, slots=True)
class BackTestDay:
    """One run date under the thresholds in force and under those tried."""

    day: date
    now: Count
    tried: Count


@dataclass(frozen=True, slots=True)
class BackTest:
    """What other thresholds change. `today` are the latest observations; `more` and `fewer` names of resources."""

    check_id: str
    levels: Levels
    tried: Levels
    today: BackTestDay | None
    days: tuple[BackTestDay, ...]
    more: tuple[str, ...]
    fewer: tuple[str, ...]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """Thresholds in force and thresholds tried."""

    check: Check
    levels: Levels
    tried: Levels
    exclude: tuple[TagRule, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    """Observations of one check, by day, the latest last, as a version of the store had them."""

    days: tuple[tuple[date, tuple[Observation, ...]], ...]
    failures: tuple[Failure, ...]


def checked(check: Check, levels: Mapping[str, float]) -> dict[str, float]:
    """All thresholds of the check, some of them moved. InputError for an unknown one, or one out of its bounds."""
    found = check.defaults
    bounds = {threshold.name: threshold for threshold in check.all_thresholds}
    for name, value in levels.items():
        if name not in bounds:
            raise InputError(name, f"{check.check_id} has no threshold {name[:40]}; it has {', '.join(bounds)}")
        bound = bounds[name]
        if not bound.minimum <= value <= bound.maximum:
            raise InputError(
                name, f"{name} must lie between {bound.minimum:g} and {bound.maximum:g} {bound.unit}".rstrip()
            )
        found[name] = value
    return found


class BackTests:
    """Back-tests over stored findings. Observations of the checks tried last are kept in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, ...], _Held] = OrderedDict()

    def back_test(self, tenant: str, workspace: str, trial: Trial, now: datetime, days: int) -> BackTest:
        """Judges the latest day and up to 14 days of the last `days`, under both thresholds."""
        held = self._observations(tenant, workspace, trial.check, now, days)
        rows: list[BackTestDay] = []
        more: list[str] = []
        fewer: list[str] = []
        for number, (day, observations) in enumerate(held.days, start=1):
            before = _flagged(trial.check, observations, trial.levels, trial.exclude)
            after = _flagged(trial.check, observations, trial.tried, trial.exclude)
            rows.append(BackTestDay(day, _count(before), _count(after)))
            if number == len(held.days):
                more = sorted(after.keys() - before.keys())
                fewer = sorted(before.keys() - after.keys())
        return BackTest(
            trial.check.check_id,
            trial.levels,
            trial.tried,
            rows[-1] if rows else None,
            tuple(rows),
            tuple(more),
            tuple(fewer),
            held.failures,
        )

    def _observations(self, tenant: str, workspace: str, check: Check, now: datetime, days: int) -> _Held:
        version = self._store.ledger.version(tenant)
        key = (tenant, workspace, check.check_id, str(days), version, now.date().isoformat())
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        held = self._read(tenant, workspace, check, now.date(), days)
        with self._lock:
            self._held[key] = held
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
        return held

    def _read(self, tenant: str, workspace: str, check: Check, today: date, days: int) -> _Held:
        first = today - timedelta(days=days)
        ran = [
            each.run_date
            for each in self._store.findings.days(tenant, workspace)
            if check.check_id in each.checks and first < each.run_date <= today
        ]
        failures: list[Failure] = []
        found = []
        for day in spread(ran, POINTS):
            period = Period(day, day + timedelta(days=1))
            seen = self._store.findings.between(tenant, workspace, period, (check.check_id,), failures)
            found.append((day, tuple(each.observation for each in seen)))
        return _Held(tuple(found), tuple(dict.fromkeys(failures)))


def spread(days: Sequence[date], points: int) -> tuple[date, ...]:
    """At most so many of the days, evenly apart, the last one among them."""
    ordered = sorted(set(days))
    if len(ordered) <= points:
        return tuple(ordered)
    step = (len(ordered) - 1) / (points - 1)
    return tuple(ordered[round(number * step)] for number in range(points))


def _flagged(
    check: Check, observations: Sequence[Observation], levels: Levels, exclude: Sequence[TagRule]
) -> dict[str, Decimal]:
    """What is flagged, by resource; amounts are those of the currency that most observations have."""
    currencies = Counter(seen.currency for seen in observations)
    usual = min(currencies, key=lambda name: (-currencies[name], name), default="")
    found = {}
    for seen in observations:
        said = judged(check, seen, levels, exclude)
        if said.verdict is Verdict.FLAGGED:
            amount = said.saving.amount if seen.currency == usual else Decimal(0)
            found[f"{seen.arn or seen.resource_id} {seen.issue}".strip()] = amount
    return found


def _count(found: Mapping[str, Decimal]) -> Count:
    return Count(len(found), exact_sum(found.values()))

"""The bill of the last days by resource: every line of it shared out over what caused it, to the last digit.

A line's figure of a day is divided over the resources that cause its usage that day, by fixed weights; the parts add up
to it. What no resource causes is `NoResourceId`, as are fees, taxes, credits and discounts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finops.demo.estate import GLOBAL, REGIONS
from finops.demo.ledger import Ledger
from finops.demo.population.life import COST_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Bill, Resource
    from finops.demo.usage import Line

NO_RESOURCE = "NoResourceId"
CAUSED = {"Usage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "DiscountedUsage"}
"""Charge types that resources cause."""

Ints = NDArray[np.int64]
_PREFIXES = {name: prefix for name, prefix, _ in REGIONS} | {GLOBAL: ""}


@dataclass(frozen=True, slots=True)
class Causes:
    """Who causes one kind of usage: resource ids, and the weight of each on each day, shape (resources, days)."""

    ids: tuple[str, ...]
    weights: Ints


def resource_ledger(ledger: Ledger, population: Population) -> Ledger:
    """The last days of a ledger with a line per line and resource. All sums are those of the ledger."""
    first_day = max(ledger.first_day, ledger.today - timedelta(days=COST_DAYS))
    figures = _figures(ledger, (first_day - ledger.first_day).days)
    causes = _causes(population, figures.shape[2])
    lines: list[Line] = []
    parts: list[Ints] = []
    for index in np.flatnonzero(figures.any(axis=(0, 2))).tolist():
        line = ledger.lines[index]
        known = causes.get((line.account, line.service, line.region, line.usage_type))
        ids, shares = _shared(figures[:, index], known if line.record_type in CAUSED else None)
        lines += [replace(line, resource=one) for one in ids]
        parts.append(shares)
    stacked = np.concatenate(parts, axis=1)
    day, line_of = np.nonzero(stacked.any(axis=0).T)
    return Ledger(
        ledger.estate,
        first_day,
        ledger.today,
        tuple(lines),
        day.astype(np.int32),
        line_of.astype(np.int32),
        np.ascontiguousarray(stacked[:, line_of, day]),
        ledger.planted,
    )


def _figures(ledger: Ledger, since: int) -> Ints:
    """The figures from day `since` on, shape (metrics, lines, days)."""
    days = (ledger.today - ledger.first_day).days + 1 - since
    rows = slice(int(np.searchsorted(ledger.day, since)), None)
    figures = np.zeros((len(ledger.amounts), len(ledger.lines), days), dtype=np.int64)
    figures[:, ledger.line[rows], ledger.day[rows] - since] = ledger.amounts[:, rows]
    return figures


def _causes(population: Population, days: int) -> dict[tuple[str, str, str, str], Causes]:
    found: dict[tuple[str, str, str, str], list[tuple[Resource, Bill]]] = {}
    for one in population.seen:
        prefix = _PREFIXES[one.region]
        for bill in one.bills:
            found.setdefault((one.account, bill.service, one.region, prefix + bill.usage), []).append((one, bill))
    return {key: _weighed(population, pairs, days) for key, pairs in found.items()}


def _weighed(population: Population, pairs: Sequence[tuple[Resource, Bill]], days: int) -> Causes:
    dates = [population.today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    rows = [[bill.weight if one.life.on(day) and bill.on(day) else 0 for day in dates] for one, bill in pairs]
    return Causes(tuple(bill.resource_id for _, bill in pairs), np.array(rows, dtype=np.int64))


def _shared(figures: Ints, causes: Causes | None) -> tuple[tuple[str, ...], Ints]:
    """Ids and their figures, shape (metrics, ids, days), the last id standing for no resource."""
    if causes is None:
        return (NO_RESOURCE,), figures[:, None, :]
    total = causes.weights.sum(axis=0)
    divisor = np.maximum(total, 1)
    whole, rest = np.divmod(figures, divisor)  # by remainders, since a figure times a weight may pass 64 bits
    upto = causes.weights.cumsum(axis=0)
    before = upto - causes.weights
    shares = whole[:, None] * causes.weights + rest[:, None] * upto // divisor - rest[:, None] * before // divisor
    left = np.where(total == 0, figures, 0)[:, None, :]
    return (*causes.ids, NO_RESOURCE), np.concatenate([shares, left], axis=1)

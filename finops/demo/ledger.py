"""The made-up bill: every charge of the past fourteen months, the same to the last digit for a seed and a date.

A past day's figures hang on that day alone. Only the last two days are incomplete, and fill up as today moves on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from finops.demo.charges import Basis, Charges, Floats, Ints, monthly_charges, on_demand, whole
from finops.demo.commitments import reservations, savings_plan
from finops.demo.estate import Estate
from finops.demo.noise import key, unit, unit_matrix
from finops.demo.planted import Leak, Planted, planted_in, trial_level
from finops.demo.usage import Line, usage_series
from finops.model.costs import CE_METRICS
from finops.model.period import Period, add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from finops.demo.estate import Estate

HISTORY_MONTHS = 14
METRICS = tuple(CE_METRICS)
"""Cost Explorer's seven metrics in the order of the rows of `Ledger.amounts`."""

_ANCHOR = date(2026, 11, 1)
_NOISE = 0.09
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Ledger:
    """Charges by day, sorted by day.

    Row `i` is a charge of line `lines[line[i]]` on `first_day + day[i]`; `amounts[m, i]` is its figure in metric
    `METRICS[m]`: 1e-10 dollars for costs, 1e-6 units for usage quantity and normalized usage amount.
    """

    estate: Estate
    first_day: date
    today: date
    lines: tuple[Line, ...]
    day: NDArray[np.int32]
    line: NDArray[np.int32]
    amounts: Ints
    planted: Planted

    @property
    def period(self) -> Period:
        """From the first day of the history to today, which is included."""
        return Period(self.first_day, self.today + timedelta(days=1))

    def rows_of(self, period: Period) -> slice:
        """The rows that fall into a period."""
        bounds = [(edge - self.first_day).days for edge in (period.start, period.end)]
        start, stop = np.searchsorted(self.day, bounds)
        return slice(int(start), int(stop))


def make_ledger(estate: Estate, today: date) -> Ledger:
    """The whole bill of an estate as it stands on `today`."""
    first_day = month_start(add_months(today, -HISTORY_MONTHS))
    period = Period(first_day, today + timedelta(days=1))
    series = usage_series(estate)
    planted = planted_in(period, series, seed=estate.seed)
    basis = Basis(estate, series, tuple(period.dates()), _complete(estate, period))
    cost = whole(_ordinary(basis, planted))
    reserved, reservation_charges = reservations(basis)
    rest = np.maximum(cost - reserved, 0)
    covered, plan_charges = savings_plan(basis, rest)
    usage = rest - covered + whole(_extra(basis, planted))
    growth = 1 + 0.08 * _trend(basis)
    charges = [
        *on_demand(series, usage),
        *reservation_charges,
        *plan_charges,
        *monthly_charges(basis, growth),
    ]
    lines, day, line, amounts = _flat(charges)
    return Ledger(estate, first_day, today, lines, day, line, amounts, planted)


def _complete(estate: Estate, period: Period) -> Floats:
    """The share of each day that has been charged so far."""
    complete = np.ones(period.days)
    for back, (least, spread) in enumerate(((0.05, 0.1), (0.6, 0.3)), start=1):
        if back < period.days:
            day = period.end - timedelta(days=back)
            complete[-back] = round(least + spread * unit(estate.seed, "complete", day, back), 3)
    return complete


def _trend(basis: Basis) -> Floats:
    """From -1 in the far past to 1 in the far future, steepest at the anchor: growth that never runs away."""
    since = np.array([(day - _ANCHOR).days for day in basis.dates], dtype=np.float64)
    return np.asarray(np.round(np.tanh(since / 365), 9), dtype=np.float64)


def _ordinary(basis: Basis, planted: Planted) -> Floats:
    """Dollars of every usage line on every day, shape (series, days), before anything planted but trials."""
    ordinals = np.array([day.toordinal() for day in basis.dates], dtype=np.int64)
    weekend = np.array([day.weekday() >= _SATURDAY for day in basis.dates])
    low = np.array([one.service.weekend for one in basis.series])[:, None]
    growth = np.array([one.service.growth for one in basis.series])[:, None]
    dollars = unit_matrix(np.array([one.key for one in basis.series], dtype=np.uint64), ordinals)
    dollars *= 2 * _NOISE
    dollars += 1 - _NOISE
    dollars *= np.where(weekend, low, 1.0) / ((5 + 2 * low) / 7)
    dollars *= 1 + growth * _trend(basis)
    dollars *= np.array([one.daily for one in basis.series])[:, None]
    dollars *= basis.complete
    for name in {trial.service for trial in planted.trials}:
        level = np.array(
            [max(trial_level(trial, day) for trial in planted.trials if trial.service == name) for day in basis.dates]
        )
        dollars[[index for index, one in enumerate(basis.series) if one.service.name == name]] *= level
    _scatter_tail(basis, dollars)
    return dollars


def _scatter_tail(basis: Basis, dollars: Floats) -> None:
    """Services report at different speeds: the two incomplete days differ from one to another."""
    for column in range(max(0, len(basis.dates) - 2), len(basis.dates)):
        speed = [
            0.7 + 0.6 * (key(basis.estate.seed, one.service.name, basis.dates[column]) % 1000) / 1000
            for one in basis.series
        ]
        dollars[:, column] = np.minimum(dollars[:, column] * speed, dollars[:, column] / basis.complete[column])


def _extra(basis: Basis, planted: Planted) -> Floats:
    """Dollars of planted spikes and leaks, shape (series, days)."""
    extra = np.zeros((len(basis.series), len(basis.dates)))
    for spike in planted.spikes:
        extra[spike.series, (spike.day - basis.dates[0]).days] += spike.dollars
    for leak in planted.leaks:
        extra[leak.series] += [_leaked(leak, day) for day in basis.dates]
    return extra * basis.complete


def _leaked(leak: Leak, day: date) -> float:
    return (day - leak.start).days * leak.dollars_a_day if leak.start <= day < leak.end else 0.0


def _flat(charges: Sequence[Charges]) -> tuple[tuple[Line, ...], NDArray[np.int32], NDArray[np.int32], Ints]:
    """Matrices to rows: only what is not zero throughout, sorted by day."""
    lines: list[Line] = []
    days, codes, amounts = [], [], []
    names = [field.name for field in fields(Charges)][1:]
    for charge in charges:
        matrices: list[Ints | None] = [getattr(charge, name) for name in names]
        present = np.logical_or.reduce([matrix != 0 for matrix in matrices if matrix is not None])
        row, column = np.nonzero(present)
        rows = np.zeros((len(names), row.size), dtype=np.int64)
        for target, matrix in zip(rows, matrices, strict=True):
            if matrix is not None:
                target[:] = matrix[row, column]
        days.append(column.astype(np.int32))
        codes.append((row + len(lines)).astype(np.int32))
        amounts.append(rows)
        lines.extend(charge.lines)
    day = np.concatenate(days)
    order = np.argsort(day.astype(np.int16), kind="stable")
    return tuple(lines), day[order], np.concatenate(codes)[order], np.concatenate(amounts, axis=1)[:, order]

"""Commitments in the made-up bill: a Compute Savings Plan and reservations, with their fees.

How they count follows AWS's guides to Savings Plans and reservations in cost reports: a fee counts in unblended cost
when it is charged, amortized cost spreads it over the usage it pays for; usage under a Savings Plan is listed at its
on-demand price and taken back by an equal negation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from finops.demo.charges import Basis, Charges, Ints, as_charged, fee_line, quantities, whole
from finops.model.period import add_months, month_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.demo.usage import Line, UsageSeries

PLAN_COVERAGE = 0.62
PLAN_PERCENT = 72  # what a dollar of on-demand usage costs under the plan
PLAN_UPFRONT = 0.08
RESERVED_COVERAGE = 0.55
RESERVED_RATE = 0.65
RESERVED_UPFRONT = 0.2
PLAN_RENEWAL_MONTH = 6
RESERVATION_RENEWAL_MONTH = 2


def plan_rates(series: Sequence[UsageSeries]) -> tuple[float, float]:
    """Dollars a day that the Savings Plan costs: the share paid ahead for a year, and what is paid each day."""
    daily = sum(one.daily for one in series if one.kind.plan) * PLAN_COVERAGE * PLAN_PERCENT / 100
    return round(daily * PLAN_UPFRONT, 2), round(daily * (1 - PLAN_UPFRONT), 2)


def reserved_dollars(one: UsageSeries) -> float:
    """Dollars a day, at list price, of the usage of a line that reservations cover."""
    return one.daily * RESERVED_COVERAGE


def savings_plan(basis: Basis, cost: Ints) -> tuple[Ints, list[Charges]]:
    """The on-demand cost that the Savings Plan covers, shape (series, days), and the plan's charges.

    On each day the amortized cost of covered usage and of the unused part of the commitment add up to the commitment.
    """
    eligible = np.array([index for index, one in enumerate(basis.series) if one.kind.plan], dtype=np.int64)
    covered = np.zeros_like(cost)
    if not eligible.size:
        return covered, []
    paid_ahead, paid_daily = plan_rates(basis.series)
    upfront = int(whole(paid_ahead))
    recurring = (whole(paid_daily) * basis.complete).astype(np.int64)
    commitment = recurring + (upfront * basis.complete).astype(np.int64)
    wanted = cost[eligible] * PLAN_COVERAGE
    need = wanted.sum(axis=0) * PLAN_PERCENT / 100
    fit = np.minimum(1.0, commitment / np.maximum(need, 1.0)) * (1 - 1e-9)
    taken = np.floor(wanted * fit).astype(np.int64)
    covered[eligible] = taken
    effective = taken * PLAN_PERCENT // 100
    lines = [basis.series[index].line for index in eligible]
    fees = replace(fee_line(basis.estate, "ComputeSP:1yrPartialUpfront"), record_type="SavingsPlanRecurringFee")
    unused = (commitment - effective.sum(axis=0))[None, :]
    once = _yearly(basis, np.array([upfront]), PLAN_RENEWAL_MONTH)
    quantity, normalized = quantities([basis.series[index] for index in eligible], taken)
    used = _counted(as_charged(lines, "SavingsPlanCoveredUsage"), paid=taken, spread=effective)
    return covered, [
        replace(used, usage=quantity, normalized=normalized),
        _counted(as_charged(lines, "SavingsPlanNegation"), paid=-taken),
        _counted([fees], paid=recurring[None, :], spread=unused),
        _counted([replace(fees, record_type="SavingsPlanUpfrontFee")], paid=once),
    ]


def reservations(basis: Basis) -> tuple[Ints, list[Charges]]:
    """The on-demand cost that reservations cover, shape (series, days), and their charges. All are fully used."""
    reserved = [index for index, one in enumerate(basis.series) if one.kind.reserved]
    covered = np.zeros((len(basis.series), len(basis.dates)), dtype=np.int64)
    if not reserved:
        return covered, []
    ordinary = np.array([reserved_dollars(basis.series[index]) for index in reserved])
    covered[reserved] = np.floor(whole(ordinary)[:, None] * basis.complete).astype(np.int64)
    rate = whole(np.round(ordinary * RESERVED_RATE, 4))
    upfront = whole(np.round(ordinary * RESERVED_RATE * RESERVED_UPFRONT, 4))
    effective = np.floor(rate[:, None] * basis.complete).astype(np.int64)
    monthly = np.zeros_like(effective)
    for index in basis.firsts:
        monthly[:, index] = (rate - upfront) * month_of(basis.dates[index]).days
    lines = [basis.series[index].line for index in reserved]
    fees = [replace(line, usage_type=_heavy(line.usage_type), unit="", tags=0) for line in lines]
    quantity, normalized = quantities([basis.series[index] for index in reserved], covered[reserved])
    used = _counted(as_charged(lines, "DiscountedUsage"), spread=effective)
    return covered, [
        replace(used, usage=quantity, normalized=normalized),
        _counted(as_charged(fees, "RIFee"), paid=monthly),
        _counted(as_charged(fees, "Fee"), paid=_yearly(basis, upfront, RESERVATION_RENEWAL_MONTH)),
    ]


def _counted(lines: Sequence[Line], *, paid: Ints | None = None, spread: Ints | None = None) -> Charges:
    """Charges whose cash (`paid`) and amortized (`spread`) figures differ. Net figures equal them: no discount."""
    return Charges(lines, paid, paid, spread, spread, paid)


def _yearly(basis: Basis, daily: Ints, month: int) -> Ints:
    """A year of daily shares, paid on the first of `month`: shape (shares, days)."""
    once = np.zeros((daily.size, len(basis.dates)), dtype=np.int64)
    for index in basis.firsts:
        first = basis.dates[index]
        if first.month == month:
            once[:, index] = daily * (add_months(first, 12) - first).days
    return once


def _heavy(usage_type: str) -> str:
    prefix, name = usage_type.rsplit(":", 1)[0], usage_type.rsplit(":", 1)[1]
    region = prefix.split("-", 1)[0] + "-" if prefix[:4] in {"USE2", "EUC1", "APS1"} else ""
    return f"{region}HeavyUsage:{name}"

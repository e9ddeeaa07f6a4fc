"""From ordinary usage to the charges of a bill: on-demand usage, discounts, credits, refunds, support, tax.

How each counts in each metric follows AWS's descriptions of the cost metrics: net metrics carry discounts in the usage
they are given on, blended cost shares volume prices over the organization.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finops.demo.catalogue import RDS, S3, SAVINGS_PLANS, SUPPORT, TAX
from finops.demo.estate import KINDS, NO_REGION, Estate
from finops.demo.noise import key, unit
from finops.demo.usage import DAYS_A_MONTH, Line, UsageSeries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DOLLAR = 10**10
"""Amounts are whole numbers of 1e-10 dollars: the ten decimals of Cost Explorer's amounts, added without rounding."""
QUANTITY = 10**6
"""Usage quantities are whole numbers of 1e-6 units."""

DISCOUNT_PERCENT = 3
TAX_RATE = 0.045
NO_USAGE_TYPE = "NoUsageType"


@dataclass(frozen=True, slots=True)
class Charges:
    """Lines and their amounts: each metric an int64 matrix of shape (lines, days), or None where it is all zero."""

    lines: Sequence[Line]
    unblended: Ints | None = None
    net_unblended: Ints | None = None
    amortized: Ints | None = None
    net_amortized: Ints | None = None
    blended: Ints | None = None
    usage: Ints | None = None
    normalized: Ints | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What charges are made from: the usage lines of an estate and the days of the bill.

    `complete` is the share of each day already charged: 1 but for the last two.
    """

    estate: Estate
    series: Sequence[UsageSeries]
    dates: tuple[date, ...]
    complete: Floats

    @property
    def firsts(self) -> list[int]:
        """The positions of first days of a month."""
        return [index for index, day in enumerate(self.dates) if day.day == 1]


def whole(dollars: Floats | float) -> Ints:
    """Dollars as whole 1e-10 dollars."""
    return np.rint(np.asarray(dollars, dtype=np.float64) * DOLLAR).astype(np.int64)


def same(lines: Sequence[Line], amounts: Ints) -> Charges:
    """Charges that count alike in every metric: credits, refunds, support, tax."""
    return Charges(lines, amounts, amounts, amounts, amounts, amounts)


def on_demand(series: Sequence[UsageSeries], cost: Ints) -> list[Charges]:
    """Usage at on-demand prices, and the enterprise discount on it.

    The discount is a charge of its own in unblended and amortized cost, while net metrics count it in the usage itself.
    """
    lines = [one.line for one in series]
    discount = cost * DISCOUNT_PERCENT // 100
    net = cost - discount
    groups = [
        list(group) for _, group in groupby(range(len(lines)), key=lambda i: (lines[i].service, lines[i].account))
    ]
    starts = np.array([group[0] for group in groups], dtype=np.int64)
    taken_off = -np.add.reduceat(discount, starts, axis=0)
    discounted = [
        replace(
            lines[group[0]],
            region=NO_REGION,
            usage_type=NO_USAGE_TYPE,
            tags=0,
            unit="",
            record_type="Enterprise Discount Program Discount",
        )
        for group in groups
    ]
    usage, normalized = quantities(series, cost)
    return [
        Charges(lines, cost, net, cost, net, blended(series, cost), usage, normalized),
        Charges(discounted, taken_off, None, taken_off, None, taken_off),
    ]


def blended(series: Sequence[UsageSeries], cost: Ints) -> Ints:
    """Cost at the organization's average rate: of volume-priced usage each account bears its share of the quantity."""
    result = cost.copy()
    shared: dict[tuple[str, str], list[int]] = {}
    for index, one in enumerate(series):
        if one.kind.tiered:
            shared.setdefault((one.line.service, one.line.usage_type), []).append(index)
    for members in shared.values():
        part = cost[members] / np.array([series[index].tier for index in members])[:, None]
        together = cost[members].sum(axis=0)
        split = np.floor(together * part / np.maximum(part.sum(axis=0), 1.0)).astype(np.int64)
        split[0] += together - split.sum(axis=0)
        result[members] = split
    return result


def quantities(series: Sequence[UsageSeries], cost: Ints) -> tuple[Ints, Ints]:
    """Usage quantity and normalized usage amount that go with a cost, in 1e-6 units."""
    price = np.array([one.kind.price * one.tier for one in series])[:, None]
    usage = np.rint(cost / price * (QUANTITY / DOLLAR)).astype(np.int64)
    factor = np.array([int(one.kind.normalized) for one in series], dtype=np.int64)[:, None]
    return usage, usage * factor


def monthly_charges(basis: Basis, growth: Floats) -> list[Charges]:
    """Support and tax on the first of each month, a monthly credit, and a refund on some day of each month.

    `growth` is the level of each day against the ordinary one, which support and tax follow.
    """
    daily = {account.account_id: 0.0 for account in basis.estate.members}
    for one in basis.series:
        daily[one.line.account] += one.daily
    shape = (1, len(basis.dates))
    support, credit, refund = (np.zeros(shape) for _ in range(3))
    tax = np.zeros((len(daily), shape[1]))
    for index in basis.firsts:
        month = np.array(list(daily.values())) * DAYS_A_MONTH * growth[index]
        tax[:, index] = np.round(month * TAX_RATE, 2)
        support[0, index] = round(business_support(float(month.sum())), 2)
        credit[0, index] = -round(900 + 700 * unit(basis.estate.seed, "credit", basis.dates[index]), 2)
    for index, day in enumerate(basis.dates):
        if day.day == 4 + key(basis.estate.seed, "refund", day.year, day.month) % 20:
            refund[0, index] = -round(40 + 320 * unit(basis.estate.seed, "refund", day), 2)
    taxes = [
        Line(account.account_id, TAX, NO_REGION, NO_USAGE_TYPE, "Tax", team=KINDS[account.kind].team)
        for account in basis.estate.members
    ]
    supported = replace(fee_line(basis.estate, "Dollar"), service=SUPPORT, record_type="Support")
    busiest = max(basis.estate.members, key=lambda account: account.weight)
    given = Line(busiest.account_id, S3, "us-east-1", NO_USAGE_TYPE, "Credit", team=KINDS[busiest.kind].team)
    back = replace(given, service=RDS, record_type="Refund")
    rows = ((taxes, tax), ([supported], support), ([given], credit), ([back], refund))
    return [same(lines, whole(amounts)) for lines, amounts in rows]


def business_support(month: float) -> float:
    """AWS Business support in dollars on a month's usage: 10, 7, 5 and 3 % in tiers, at least $100.

    Source: aws.amazon.com/premiumsupport/pricing.
    """
    tiers = ((10_000, 0.10), (80_000, 0.07), (250_000, 0.05), (float("inf"), 0.03))
    fee, below = 0.0, 0.0
    for top, rate in tiers:
        fee += max(0.0, min(month, top) - below) * rate
        below = top
    return max(100.0, fee)


def as_charged(lines: Sequence[Line], record_type: str) -> list[Line]:
    """The same lines under another charge type."""
    return [replace(line, record_type=record_type) for line in lines]


def fee_line(estate: Estate, usage_type: str) -> Line:
    """A line of the management account for a Savings Plan's fees; its charge type is left open."""
    payer = estate.management
    return Line(payer.account_id, SAVINGS_PLANS, NO_REGION, usage_type, "", team=KINDS[payer.kind].team)

"""Parts that sum to their total: forecasts of parts brought to that of the whole, and amounts to whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

import numpy as np

from finops.model.forecasts import Estimate
from finops.model.money import CENT, exact_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.costs.panel import Floats

_ALIKE = 10
"""A sum within so many times of the whole is of its size."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Expected amounts and their limits: a row a series, a column a stretch of days."""

    mean: Floats
    lower: Floats
    upper: Floats


def reconciled(parts: Bands, whole: Bands) -> Bands:
    """The parts, each in proportion, so that every column sums to that of the whole (one row).

    Where proportions are meaningless, with parts of both signs or a sum of another size than the whole, the difference
    is shared out by size.
    """
    total, summed = whole.mean[0], parts.mean.sum(axis=0)
    alike = (summed * _ALIKE > total) & (total * _ALIKE > summed)
    plain = (parts.mean >= 0).all(axis=0) & (summed > 0) & alike
    ratio = np.where(plain, total / np.where(plain, summed, 1.0), 1.0)
    size = np.abs(parts.mean).sum(axis=0)
    even = np.full_like(parts.mean, 1 / max(1, len(parts.mean)))
    share = np.where(size > 0, np.abs(parts.mean) / np.where(size > 0, size, 1.0), even)
    moved = np.where(plain, 0.0, (total - summed) * share)
    return Bands(parts.mean * ratio + moved, parts.lower * ratio + moved, parts.upper * ratio + moved)


def estimates(known: Sequence[Decimal], bands: Bands, column: int) -> list[Estimate]:
    """What is known of each row plus a column of its bands, in cents."""
    means, lowers, uppers = (
        [(_decimal(value) + amount).quantize(CENT) for value, amount in zip(values[:, column], known, strict=True)]
        for values in (bands.mean, bands.lower, bands.upper)
    )
    return [
        Estimate(mean, min(lower, mean), max(upper, mean))
        for mean, lower, upper in zip(means, lowers, uppers, strict=True)
    ]


def summing_to(total: Decimal, parts: Sequence[Estimate], exact: Sequence[Decimal]) -> list[Estimate]:
    """The parts with means in whole cents that sum to the total: the largest remainders are rounded up.

    `exact` are the means before rounding, which sum to the total but for half a cent and a float's last digits.
    """
    floors = [amount.quantize(CENT, rounding=ROUND_FLOOR) for amount in exact]
    left = int((total - exact_sum(floors)) / CENT)
    order = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    rounds, more = divmod(left, len(exact)) if exact else (0, 0)
    cents = [rounds + (1 if rank < more else 0) for rank in range(len(exact))]
    given = dict(zip(order, cents, strict=True))
    means = [floor + given[place] * CENT for place, floor in enumerate(floors)]
    return [
        Estimate(mean, min(part.lower, mean), max(part.upper, mean)) for mean, part in zip(means, parts, strict=True)
    ]


def column_of(known: Sequence[Decimal], bands: Bands, column: int, total: Decimal | None) -> list[Estimate]:
    """The estimates of a column; with a total, means that sum to it exactly."""
    found = estimates(known, bands, column)
    if total is None:
        return found
    exact = [_decimal(value) + amount for value, amount in zip(bands.mean[:, column], known, strict=True)]
    return summing_to(total, found, exact)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))

"""Savings that rest on list prices or an assumption: rounded to the cent, and never above the resource's own bill."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import NO_SAVING, Basis, Saving
from finops.waste.judging import capped

if TYPE_CHECKING:
    from finops.model.findings import Observation

_CENT = Decimal("0.01")


def estimated(seen: Observation, amount: Decimal | None, basis: Basis = Basis.DERIVED) -> Saving:
    """The saving of an amount a month; without a dollar basis where it is unknown. Less than nothing saves nothing."""
    if amount is None:
        return NO_SAVING
    return capped(seen, Saving(max(Decimal(0), amount).quantize(_CENT), basis, seen.currency))

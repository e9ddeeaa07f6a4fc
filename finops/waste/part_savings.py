"""Savings that are a part of what a resource costs: its own bill, scaled by what list prices say of now and then."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import NO_SAVING, Basis, Saving
from finops.waste.judging import whole_cost

if TYPE_CHECKING:
    from finops.model.findings import Observation

_CENT = Decimal("0.01")


def difference(observation: Observation, now: str = "list", then: str = "list_then") -> Saving:
    """What a month costs less when the amount `now` becomes the amount `then`.

    The share of the bill, where that is known, is what the list says; it is derived, since list prices are in it.
    Without both amounts, or when nothing is cheaper then, there is none.
    """
    before, after = observation.amounts.get(now), observation.amounts.get(then)
    if before is None or after is None or before <= 0:
        return NO_SAVING
    return share(observation, (before - after) / before, before)


def share(observation: Observation, part: Decimal, listed: Decimal | None = None) -> Saving:
    """A part of the bill, of the list price where the bill is unknown, rounded to the cent.

    Of a bill of nothing, or of a credit, there is nothing to save, and that is known.
    """
    cost = observation.amounts.get("bill", listed)
    if cost is None or part <= 0:
        return NO_SAVING
    return Saving(max(cost * part, Decimal(0)).quantize(_CENT), Basis.DERIVED, observation.currency)


def at_most(observation: Observation) -> Saving:
    """All that a resource costs; where only the list price tells, an upper bound, since less may be stored."""
    saving = whole_cost(observation)
    return replace(saving, basis=Basis.HEURISTIC) if saving.basis is Basis.DERIVED else saving

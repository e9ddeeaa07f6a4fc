"""What single resources cost of late: from line items, or from Cost Explorer's resource-level days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.costs.cubes import NO_RESOURCE
from finops.model.costs import CostQuestion
from finops.model.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from finops.costs.standing import Standing
    from finops.model.costs import CostAnswer, Coverage

DAYS = 30
"""How far back a resource's cost reaches, where that many days are stored."""


@dataclass(frozen=True, slots=True)
class ResourceCosts:
    """Amount and currency by resource id, as bills spell ids (`i-…`, an ARN, a bucket's name), over `period`.

    A resource with cost in two currencies is left out: there is no one figure for it.
    """

    period: Period
    amounts: Mapping[str, tuple[Decimal, str]]
    source: str


def resource_period(state: Standing) -> Period | None:
    """The last thirty complete days, or as many of them as are stored for resources; None where none is."""
    end = state.complete_until()
    held = [entry.period for entry in state.coverage if _tells(entry)]
    if end is None or not held:
        return None
    last = min(end, max(period.end for period in held))
    return max(held, key=lambda period: period.end).clipped(Period(last - timedelta(days=DAYS), last))


def resource_costs(answer: Callable[[CostQuestion], CostAnswer], state: Standing) -> ResourceCosts | None:
    """The costs of that period; None where nothing is stored for resources."""
    period = resource_period(state)
    if period is None:
        return None
    found = answer(CostQuestion(state.tenant, period, group_by=("resource",)))
    amounts: dict[str, tuple[Decimal, str]] = {}
    twice = set()
    for row in found.rows:
        name = row.keys[0]
        if name in {"", NO_RESOURCE}:
            continue
        if name in amounts:
            twice.add(name)
        amounts[name] = (row.amount, row.currency)
    for name in twice:
        del amounts[name]
    return ResourceCosts(period, amounts, found.provenance.source)


def _tells(entry: Coverage) -> bool:
    return "resource" in entry.cube.dimensions and entry.rows > 0

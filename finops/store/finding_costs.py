"""What resources cost, as a caller hands it over to be joined with findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.money import exact_sum

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What one resource cost, by the key its bill has for it: an ARN or an id. `account` is "" where nobody knows it.

    Amounts are those of the last 7 and 30 complete days, None where unknown. `source` says whose bill it is.
    """

    key: str
    account: str
    cost_7d: Decimal | None
    cost_30d: Decimal | None
    currency: str = "USD"
    source: str = ""


def bound_costs(costs: Iterable[ResourceCost]) -> dict[str, list[str | None]]:
    """Costs as the query binds them, one row per key and account; what costs in two currencies is left out."""
    groups: dict[tuple[str, str], list[ResourceCost]] = {}
    for cost in costs:
        if cost.key:
            groups.setdefault((cost.key, cost.account), []).append(cost)
    rows = [_one(groups[key]) for key in sorted(groups) if len({cost.currency for cost in groups[key]}) == 1]
    return {
        "c_keys": [row.key for row in rows],
        "c_accounts": [row.account for row in rows],
        "c_currencies": [row.currency for row in rows],
        "c_sources": [row.source for row in rows],
        "c_weeks": [_text(row.cost_7d) for row in rows],
        "c_months": [_text(row.cost_30d) for row in rows],
    }


def _one(costs: list[ResourceCost]) -> ResourceCost:
    first = costs[0]
    return ResourceCost(
        first.key,
        first.account,
        _sum([cost.cost_7d for cost in costs]),
        _sum([cost.cost_30d for cost in costs]),
        first.currency,
        first.source,
    )


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return exact_sum(known) if len(known) == len(amounts) else None


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")

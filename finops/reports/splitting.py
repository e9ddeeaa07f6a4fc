"""A shared amount split among owners so that the parts add up to it exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.money import ZERO, exact_sum

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACES = Decimal("1e-10")


class Split(StrEnum):
    """How untagged cost is given to owners: not at all, the same to each, or by what each cost directly."""

    NONE = "none"
    EVEN = "even"
    PROPORTIONAL = "proportional"


def parts_of(shared: Decimal, direct: Mapping[str, Decimal], how: Split) -> dict[str, Decimal]:
    """What each owner bears of a shared amount; nothing without owners, or where it is not to be split.

    Proportional parts go by direct cost above zero; where nobody has any, each bears the same. Parts are rounded to ten
    places, and the owner with the largest direct cost bears what rounding leaves.
    """
    if how is Split.NONE or not direct:
        return {}
    weights = {owner: max(amount, ZERO) for owner, amount in direct.items()}
    if how is Split.EVEN or not any(weights.values()):
        weights = dict.fromkeys(direct, Decimal(1))
    with localcontext() as context:
        context.prec = 60
        whole = sum(weights.values(), ZERO)
        parts = {
            owner: (shared * weight / whole).quantize(_PLACES, rounding=ROUND_HALF_EVEN)
            for owner, weight in weights.items()
        }
    largest = max(direct, key=lambda owner: (direct[owner], owner))
    parts[largest] = exact_sum((parts[largest], shared, *(-part for part in parts.values())))
    return parts

"""Part savings: scaled by the lists, never above the bill."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.model.findings import Basis, Observation
from finops.waste.part_savings import at_most, difference, share


def seen(**amounts: str) -> Observation:
    return Observation("x", "1", "us-east-1", "k", "r", amounts={name: Decimal(text) for name, text in amounts.items()})


@pytest.mark.parametrize(
    ("amounts", "saving", "basis"),
    [
        ({"list": "100", "list_then": "60"}, "40.00", Basis.DERIVED),
        ({"list": "100", "list_then": "60", "bill": "50"}, "20.00", Basis.DERIVED),
        ({"list": "100", "list_then": "0", "bill": "0.001"}, "0", Basis.DERIVED),
        ({"list": "100", "list_then": "60", "bill": "0"}, "0", Basis.DERIVED),
        ({"list": "100", "list_then": "60", "bill": "-3"}, "0", Basis.DERIVED),
        ({"list": "100", "list_then": "100"}, "0", Basis.NONE),
        ({"list": "100", "list_then": "101"}, "0", Basis.NONE),
        ({"list": "0", "list_then": "0"}, "0", Basis.NONE),
        ({"list": "100"}, "0", Basis.NONE),
        ({"list_then": "60", "bill": "50"}, "0", Basis.NONE),
    ],
)
def test_the_difference_is_a_share_of_the_bill_or_of_the_list(
    amounts: dict[str, str], saving: str, basis: Basis
) -> None:
    found = difference(seen(**amounts))

    assert (found.amount, found.basis) == (Decimal(saving), basis)


def test_a_share_of_an_unknown_cost_is_nothing() -> None:
    assert share(seen(), Decimal("0.5")).basis is Basis.NONE
    assert share(seen(), Decimal("0.5"), Decimal(10)).amount == Decimal("5.00")
    assert share(seen(bill="4"), Decimal("0.5"), Decimal(10)).amount == Decimal("2.00")


def test_a_list_price_is_an_upper_bound_and_a_bill_is_not() -> None:
    assert at_most(seen(list="5")).basis is Basis.HEURISTIC
    assert at_most(seen(list="5", bill="2")).basis is Basis.MEASURED
    assert at_most(seen()).basis is Basis.NONE

"""What dimensions and their values are called on the pages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from finops.model.costs import UNTAGGED
from pages.ui import numbers, palette

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DIMENSIONS = {
    "service": ("Service", "Services"),
    "account": ("Account", "Accounts"),
    "region": ("Region", "Regions"),
    "usage_type": ("Usage type", "Usage types"),
    "charge_type": ("Charge type", "Charge types"),
    "charge_category": ("Charge category", "Charge categories"),
    "provider": ("Provider", "Providers"),
    "resource": ("Resource", "Resources"),
}
_CHARGE_TYPES = {
    "SavingsPlanRecurringFee": "Savings Plan fee",
    "SavingsPlanUpfrontFee": "Savings Plan upfront",
    "SavingsPlanCoveredUsage": "Covered by Savings Plans",
    "SavingsPlanNegation": "Savings Plan negation",
    "DiscountedUsage": "Covered by reservations",
    "RIFee": "Reservation fee",
    "EdpDiscount": "EDP discount",
    "Enterprise Discount Program Discount": "EDP discount",
}


def dimension_name(dimension: str, *, plural: bool = False) -> str:
    """`Service`, `Accounts`, `Environment (tag)`, `Team (category)`."""
    if dimension in _DIMENSIONS:
        return _DIMENSIONS[dimension][plural]
    kind, _, key = dimension.partition(":")
    return f"{key} ({kind})"


def inside(dimension: str) -> str:
    """The dimension's name within a sentence: `service`, `Environment (tag)`."""
    name = dimension_name(dimension)
    return name if ":" in dimension else name.lower()


def counted(dimension: str, number: int) -> str:
    """`1 service`, `30 services`, `7 values` of a tag."""
    one, many = ("value", "values") if ":" in dimension else _DIMENSIONS[dimension]
    return numbers.counted(number, one.lower(), many.lower())


def value_name(dimension: str, accounts: Mapping[str, str]) -> Callable[[str], str]:
    """Gives values of a dimension the name people know: account names, `EC2`, "Untagged" for no value.

    Accounts that share a name carry the end of their id.
    """
    shared = {name for name, count in Counter(accounts.values()).items() if count > 1}

    def name(value: str) -> str:
        if value == UNTAGGED:
            return "Untagged" if dimension.startswith("tag:") else "Not assigned"
        if dimension == "account":
            known = accounts.get(value) or value
            return f"{known} …{value[-4:]}" if known in shared else known
        if dimension == "charge_type":
            return _CHARGE_TYPES.get(value, value)
        return palette.short_name(dimension, value)

    return name


def option_name(dimension: str, accounts: Mapping[str, str]) -> Callable[[str], str]:
    """The longer name for lists to choose from: account name with its id, the service's full name."""
    short = value_name(dimension, accounts)

    def name(value: str) -> str:
        if value and dimension == "account" and accounts.get(value):
            return f"{accounts[value]} · {value}"
        return value if value and dimension == "service" else short(value)

    return name

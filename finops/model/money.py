"""Money: an exact amount in one currency, and the rules for adding and showing it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount. Adding two currencies is a programming error and raises ValueError."""

    amount: Decimal
    currency: str = "USD"

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(exact_sum((self.amount, other.amount)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.amount, other.currency)

    def cents(self) -> Decimal:
        """The amount rounded half-even to two decimals, as invoices state it."""
        return self.amount.quantize(CENT, rounding=ROUND_HALF_EVEN)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum without the 28-digit rounding of the default decimal context."""
    with localcontext() as context:
        context.prec = 76
        return sum(amounts, ZERO)


def parse_amount(text: str) -> Decimal:
    """A finite decimal from text (`1.5`, `-2E-7`); ValueError for anything else, `NaN` and `Infinity` included."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError("not a decimal number") from error
    if not value.is_finite():
        raise ValueError("not a finite number")
    return value


def plain(amount: Decimal) -> str:
    """The decimal string used in the API, CLI and files: no exponent, no trailing zeros beyond the cents' two."""
    text = format(amount, "f")
    if "." not in text:
        return f"{text}.00"
    whole, fraction = text.split(".")
    fraction = fraction.rstrip("0").ljust(2, "0")
    if whole == "-0" and not fraction.strip("0"):
        whole = "0"
    return f"{whole}.{fraction}"

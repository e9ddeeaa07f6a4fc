"""Money is exact: no float, no rounding, no adding of two currencies."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.money import Money, exact_sum, parse_amount, plain

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=18, allow_nan=False, allow_infinity=False)


@given(st.lists(AMOUNTS, max_size=40))
def test_the_sum_equals_integer_arithmetic(amounts: list[Decimal]) -> None:
    units = sum(int(f"{amount:.18f}".replace(".", "")) for amount in amounts)
    assert int(f"{exact_sum(amounts):.18f}".replace(".", "")) == units


@given(AMOUNTS)
def test_plain_text_reads_back_as_the_same_amount(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text.upper()
    assert len(text.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("1E+3", "1000.00"),
        ("0.10", "0.10"),
        ("1.005", "1.005"),
        ("2E-7", "0.0000002"),
        ("-3.5", "-3.50"),
    ],
)
def test_plain_text_keeps_two_decimals_and_drops_idle_zeros(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")


def test_cents_round_half_even() -> None:
    assert [Money(Decimal(text)).cents() for text in ("1.005", "1.015", "-0.005")] == [
        Decimal("1.00"),
        Decimal("1.02"),
        Decimal("-0.00"),
    ]


def test_subtraction_is_exact_far_beyond_the_default_context() -> None:
    large = Decimal("12345678901234567890.000000000000000001")
    assert (Money(large) - Money(Decimal("12345678901234567890"))).amount == Decimal("0.000000000000000001")


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-inf", "", "1,5", "0x10", "1 2", "$1"])
def test_what_is_not_a_finite_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        parse_amount(text)


def test_exponents_and_signs_are_read() -> None:
    assert parse_amount(" -2.5E-7 ") == Decimal("-0.00000025")

"""Money as the person likes it written: short, whole or to the cent; charts stay short, and threads stay apart."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui import bar_charts, numbers
from pages.ui.bar_charts import Bar
from pages.ui.text import JOINER

if TYPE_CHECKING:
    from collections.abc import Iterator

AMOUNT = Decimal("16712.345")


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    numbers.write_money("")


@pytest.mark.parametrize(
    ("style", "short", "signed", "small"),
    [
        ("compact", "$16.7K", "+$16.7K", "$8.92"),
        ("whole", "$16,712", "+$16,712", "$8.92"),
        ("cents", "$16,712.35", "+$16,712.35", "$8.92"),
        ("", "$16.7K", "+$16.7K", "$8.92"),
        ("of a later version", "$16.7K", "+$16.7K", "$8.92"),
    ],
)
def test_each_style(style: str, short: str, signed: str, small: str) -> None:
    numbers.write_money(style)
    assert numbers.short_money(AMOUNT) == short
    assert numbers.signed_money(AMOUNT) == signed
    assert numbers.short_money(Decimal("8.92")) == small


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from(["compact", "whole", "cents"]))
def test_an_amount_that_is_not_zero_never_reads_as_zero(amount: Decimal, style: str) -> None:
    numbers.write_money(style)
    shown = numbers.short_money(amount)
    assert (amount == 0) == (not any(digit in shown for digit in "123456789"))
    assert shown.startswith(numbers.MINUS) == (amount < 0)


def test_charts_stay_short_and_the_style_holds_behind_them() -> None:
    numbers.write_money("cents")
    figure = bar_charts.ranking([Bar("EC2", AMOUNT)], currency="USD", height=100)
    assert "16.7K" in str(figure.to_dict()).replace(JOINER, "")
    assert numbers.short_money(AMOUNT) == "$16,712.35"


def test_another_thread_has_its_own_style() -> None:
    numbers.write_money("cents")
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(numbers.short_money(AMOUNT)))
    thread.start()
    thread.join()
    assert seen == ["$16.7K"]

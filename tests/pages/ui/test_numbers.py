"""Numbers and dates read as LOOK.md spells them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.period import Period
from pages.ui import numbers

AMOUNTS = st.decimals(-(10**9), 10**9, places=4, allow_nan=False)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("110012.34", "$110K"),
        ("16700", "$16.7K"),
        ("6240", "$6,240"),
        ("8.92", "$8.92"),
        ("99.99", "$99.99"),
        ("99.999", "$100"),
        ("9999.6", "$10.0K"),
        ("99950", "$100K"),
        ("999500", "$1.00M"),
        ("1240000", "$1.24M"),
        ("180000000", "$180M"),
        ("-181", "−$181"),
        ("0", "$0"),
        ("0.001", "<$0.01"),
    ],
)
def test_short_money(amount: str, text: str) -> None:
    assert numbers.short_money(Decimal(amount)) == text


def test_unknown_is_a_dash_and_never_zero() -> None:
    unknown = (
        numbers.short_money(None),
        numbers.signed_money(None),
        numbers.exact_money(None),
        numbers.signed_percent(None),
        numbers.signed_points(None),
        numbers.percent(None),
    )
    assert set(unknown) == {"—"}


@given(AMOUNTS)
def test_short_money_is_within_half_a_percent(amount: Decimal) -> None:
    text = numbers.short_money(amount).replace("−", "-").replace("$", "").replace(",", "").replace("<", "")
    scale = {"K": 1000, "M": 1_000_000}.get(text[-1], 1)
    read = Decimal(text.rstrip("KM")) * scale
    assert abs(read - amount) <= max(abs(amount) * Decimal("0.0051"), Decimal("0.01"))
    assert (read == 0) == (amount == 0)


@given(AMOUNTS)
def test_a_change_always_shows_its_sign(amount: Decimal) -> None:
    text = numbers.signed_money(amount, minus="-")
    assert text[0] == ("$" if abs(amount) < Decimal("0.005") else "+" if amount > 0 else "-")


@pytest.mark.parametrize(
    ("percent", "text"),
    [("4.66", "+4.7%"), ("-0.5", "−0.5%"), ("0.04", "0.0%"), ("-0.04", "0.0%"), ("999.9", "+999.9%"), ("1100", "×12")],
)
def test_percent(percent: str, text: str) -> None:
    assert numbers.signed_percent(Decimal(percent)) == text


def test_other_currencies_keep_their_name() -> None:
    assert numbers.short_money(Decimal(5), "EUR") == "€5.00"
    assert numbers.exact_money(Decimal("-1234.5"), "SEK") == "−SEK\u00a01,234.50"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-01", "2026-11-19", "1–18 Nov"),
        ("2026-10-22", "2026-11-19", "22 Oct–18 Nov"),
        ("2026-10-01", "2026-11-01", "October"),
        ("2025-12-01", "2026-01-01", "December 2025"),
        ("2025-12-20", "2026-01-11", "20 Dec 2025–10 Jan 2026"),
        ("2026-11-19", "2026-11-20", "19 Nov"),
        ("2024-02-01", "2024-03-01", "February 2024"),
    ],
)
def test_days(start: str, end: str, text: str) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert numbers.days(period, today=date(2026, 11, 20)).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(hours=30), "30 hours"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_age(back: timedelta, text: str) -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert numbers.age(now - back, now).replace("\u00a0", " ") == text

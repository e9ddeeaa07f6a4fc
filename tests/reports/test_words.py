"""Amounts, shares and periods in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.period import Period
from finops.reports.words import (
    UNKNOWN,
    change_money,
    change_share,
    days_text,
    earlier,
    last_month,
    money,
    round_money,
    share,
    so_far_text,
)

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("amount", "exact", "rounded", "changed"),
    [
        ("98412.165", "$98,412.16", "$98,412", "+$98,412"),
        ("-181.4", "−$181.40", "−$181", "−$181"),
        ("8.915", "$8.92", "$8.92", "+$8.92"),
        ("0", "$0.00", "$0", "$0"),
    ],
)
def test_amounts(amount, exact, rounded, changed):
    value = Decimal(amount)
    assert (money(value, "USD"), round_money(value, "USD"), change_money(value, "USD")) == (exact, rounded, changed)


def test_what_is_not_known_is_a_dash():
    assert {money(None, "USD"), round_money(None, "USD"), change_money(None, "EUR"), share(None)} == {UNKNOWN}
    assert change_share(None) == ""


def test_a_currency_without_a_sign_is_named():
    assert money(Decimal("12"), "CHF") == "CHF 12.00"


def test_shares_are_never_rounded_up_to_all():
    assert share(Decimal("99.97")) == "99.9 %"
    assert share(Decimal(100)) == "100.0 %"
    assert change_share(Decimal("4.66")) == "+4.7 %"
    assert change_share(Decimal("-12")) == "−12.0 %"


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-10-01", "2026-11-01", "October"),
        ("2025-12-01", "2026-01-01", "December 2025"),
        ("2026-11-01", "2026-11-19", "1–18 Nov"),
        ("2026-11-05", "2026-11-06", "5 Nov"),
        ("2026-10-25", "2026-11-04", "25 Oct – 3 Nov"),
        ("2025-12-25", "2026-01-04", "25 Dec 2025 – 3 Jan 2026"),
        ("2025-01-01", "2025-03-01", "1 Jan – 28 Feb 2025"),
    ],
)
def test_periods(start, end, told):
    assert days_text(Period(date.fromisoformat(start), date.fromisoformat(end)), TODAY) == told


def test_a_running_period_is_told_so_far():
    assert so_far_text(Period(date(2026, 11, 1), date(2026, 12, 1)), TODAY) == "November so far"
    assert so_far_text(Period(date(2026, 11, 1), date(2026, 11, 21)), TODAY) == "1–20 Nov"


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)))
def test_the_last_month_is_whole_and_held_against_the_month_before_it(day):
    month = last_month(day)
    before = earlier(month)
    assert month.start.day == month.end.day == before.start.day == 1
    assert month.end <= day
    assert before.end == month.start
    assert (day - month.end).days < 31


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)), st.integers(1, 400))
def test_other_periods_are_held_against_as_many_days(start, days):
    period = Period(start, date.fromordinal(start.toordinal() + days))
    before = earlier(period)
    assert before.end == period.start
    if period.start.day != 1 or period.end.day != 1:
        assert before.days == period.days

"""Periods of budgets: calendar months, quarters and years by the fiscal year, and the amounts planned for them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.budgets.periods import counted, current_period, period_around, periods_from
from finops.model.budgets import Budget, Cadence, Planned
from finops.model.period import Period

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def budget(**more: object) -> Budget:
    return Budget("b" * 32, "default", "All", Cadence.MONTHLY, Decimal(100), **{"start": date(2026, 1, 1), **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cadence", "day", "fiscal", "start", "end"),
    [
        (Cadence.MONTHLY, date(2028, 2, 29), 1, date(2028, 2, 1), date(2028, 3, 1)),
        (Cadence.MONTHLY, date(2026, 12, 31), 4, date(2026, 12, 1), date(2027, 1, 1)),
        (Cadence.QUARTERLY, date(2026, 11, 20), 1, date(2026, 10, 1), date(2027, 1, 1)),
        (Cadence.QUARTERLY, date(2026, 11, 20), 2, date(2026, 11, 1), date(2027, 2, 1)),
        (Cadence.QUARTERLY, date(2026, 1, 31), 12, date(2025, 12, 1), date(2026, 3, 1)),
        (Cadence.YEARLY, date(2026, 3, 31), 4, date(2025, 4, 1), date(2026, 4, 1)),
        (Cadence.YEARLY, date(2028, 12, 31), 1, date(2028, 1, 1), date(2029, 1, 1)),
    ],
)
def test_a_period_is_the_calendar_s(cadence: Cadence, day: date, fiscal: int, start: date, end: date) -> None:
    assert period_around(cadence, day, fiscal) == Period(start, end)


def test_a_leap_year_has_its_day() -> None:
    assert period_around(Cadence.YEARLY, date(2028, 5, 1)).days == 366
    assert period_around(Cadence.QUARTERLY, date(2028, 2, 1)).days == 91


@given(st.sampled_from(Cadence), DAYS, st.integers(1, 12))
def test_every_day_is_in_exactly_one_period(cadence: Cadence, day: date, fiscal: int) -> None:
    period = period_around(cadence, day, fiscal)
    assert period.start <= day < period.end
    assert len(period.months()) == cadence.months
    assert period_around(cadence, period.end, fiscal).start == period.end
    assert period_around(cadence, period.start - timedelta(days=1), fiscal).end == period.start


def test_a_budget_is_in_its_first_period_before_it_begins_and_in_its_last_one_after_it_ended() -> None:
    mine = budget(start=date(2026, 3, 10), end=date(2026, 6, 1))
    assert current_period(mine, date(2026, 1, 5)).start == date(2026, 3, 1)
    assert current_period(mine, date(2027, 1, 5)) == Period(date(2026, 5, 1), date(2026, 6, 1))
    assert counted(mine, Period(date(2026, 3, 1), date(2026, 4, 1))) == Period(date(2026, 3, 10), date(2026, 4, 1))
    assert [each.start.month for each in periods_from(mine, date(2026, 4, 5))] == [4, 5]


def test_a_planned_amount_holds_until_the_next_one() -> None:
    mine = budget(planned=(Planned(date(2026, 2, 1), Decimal(200)), Planned(date(2026, 4, 1), Decimal(50))))
    limits = [mine.limit(period_around(Cadence.MONTHLY, date(2026, month, 1))) for month in range(1, 6)]
    assert limits == [100, 200, 200, 50, 50]

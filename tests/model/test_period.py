"""Periods are half-open days; calendar questions get calendar answers."""

import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.period import Period, add_months, month_of, same_days_of_last_month, utc

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))
PERIODS = st.builds(lambda start, length: Period(start, start + timedelta(days=length)), DAYS, st.integers(1, 900))


@given(PERIODS)
def test_months_cover_the_period_without_gap_or_overlap(period: Period) -> None:
    months = period.months()
    assert months[0].start == period.start
    assert months[-1].end == period.end
    assert all(earlier.end == later.start for earlier, later in itertools.pairwise(months))
    assert sum(month.days for month in months) == period.days
    assert all(month.start.month == month.last_day.month for month in months)


@given(PERIODS)
def test_the_previous_period_is_as_long_and_ends_where_this_one_starts(period: Period) -> None:
    before = period.previous()
    assert (before.days, before.end) == (period.days, period.start)


@given(DAYS, st.integers(-240, 240))
def test_adding_months_lands_in_the_month_meant(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


@given(PERIODS, PERIODS)
def test_clipping_keeps_exactly_the_common_days(one: Period, other: Period) -> None:
    common = set(one.dates()) & set(other.dates())
    clipped = one.clipped(other)
    assert (set(clipped.dates()) if clipped else set()) == common
    assert one.overlaps(other) == bool(common)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 11, 1), date(2026, 11, 19), Period(date(2026, 10, 1), date(2026, 10, 19))),
        (date(2026, 3, 1), date(2026, 4, 1), Period(date(2026, 2, 1), date(2026, 3, 1))),
        (date(2028, 3, 1), date(2028, 4, 1), Period(date(2028, 2, 1), date(2028, 3, 1))),
        (date(2027, 1, 1), date(2027, 1, 2), Period(date(2026, 12, 1), date(2026, 12, 2))),
    ],
)
def test_same_days_of_last_month(start: date, end: date, expected: Period) -> None:
    assert same_days_of_last_month(Period(start, end)) == expected


def test_an_empty_or_reversed_period_is_refused() -> None:
    with pytest.raises(ValueError, match="start must be before end"):
        Period(date(2026, 11, 1), date(2026, 11, 1))


def test_month_of_the_last_day_of_the_year() -> None:
    assert month_of(date(2026, 12, 31)) == Period(date(2026, 12, 1), date(2027, 1, 1))


def test_an_instant_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        utc(datetime(2026, 11, 20, 9))  # noqa: DTZ001 - the naive value is what is refused
    assert utc(datetime(2026, 11, 20, 9, tzinfo=timezone(timedelta(hours=2)))) == datetime(2026, 11, 20, 7, tzinfo=UTC)

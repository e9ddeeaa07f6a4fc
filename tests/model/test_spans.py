"""Sets of days behave like sets of days, however they are cut."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finops.model import spans
from finops.model.period import Period

FIRST = date(2026, 1, 1)
PERIODS = st.builds(
    lambda start, days: Period(FIRST + timedelta(days=start), FIRST + timedelta(days=start + days)),
    st.integers(0, 90),
    st.integers(1, 40),
)
SETS = st.lists(PERIODS, max_size=5)


def days(found: object) -> set[date]:
    return {day for span in found for day in span.dates()}  # type: ignore[attr-defined]


@given(SETS, SETS)
def test_cutting_and_joining_are_those_of_sets(some: list[Period], others: list[Period]) -> None:
    assert days(spans.joined(some)) == days(some)
    assert days(spans.without(some, others)) == days(some) - days(others)
    assert days(spans.common(some, others)) == days(some) & days(others)
    assert spans.of_days(days(some)) == spans.joined(some)
    assert spans.count(spans.joined(some)) == len(days(some))


@given(SETS)
def test_joined_spans_are_sorted_and_apart(some: list[Period]) -> None:
    found = spans.joined(some)
    assert all(earlier.end < later.start for earlier, later in pairwise(found))


@given(SETS)
def test_whole_months_are_complete_months_of_the_span(some: list[Period]) -> None:
    for span in spans.whole_months(some):
        assert span.start.day == 1
        assert span.end.day == 1
        assert days((span,)) <= days(some)


def test_a_cut_month_is_no_whole_month() -> None:
    span = Period(date(2026, 1, 2), date(2026, 3, 31))
    assert spans.whole_months((span,)) == (Period(date(2026, 2, 1), date(2026, 3, 1)),)

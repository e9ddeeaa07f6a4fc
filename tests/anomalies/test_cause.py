"""Root causes: the smallest set that explains 80 to 125 % of a change."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from finops.anomalies.cause import Window, change, explains, smallest_set
from finops.model.period import Period

SHARES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-0.5, 1.5, allow_nan=False), max_size=6)


def test_one_part_suffices_where_it_explains_the_change():
    assert smallest_set({"a": 95.0, "b": 4.0, "c": 30.0, "d": -29.0}, 100.0) == ("a",)


def test_two_are_taken_where_one_does_not_suffice():
    assert set(smallest_set({"a": 60.0, "b": 38.0, "c": 2.0}, 100.0)) == {"a", "b"}


def test_falls_are_explained_by_falls():
    assert smallest_set({"a": -90.0, "b": 40.0, "c": -5.0}, -95.0) == ("a",)


def test_what_nothing_explains_has_no_cause():
    assert smallest_set({"a": 200.0, "b": -100.0}, 100.0) == ()
    assert smallest_set({}, 5.0) == smallest_set({"a": 1.0}, 0.0) == ()


def test_many_equal_parts_are_taken_one_by_one():
    assert len(smallest_set(dict.fromkeys(range(10), 10.0), 100.0)) == 8


@given(SHARES)
def test_no_smaller_set_explains_it(changes):
    found = smallest_set(changes, 1.0)
    if not found:
        return
    assert explains(sum(changes[part] for part in found))
    positive = [part for part, value in changes.items() if value > 0.02]
    for size in range(1, len(found)):
        assert not any(explains(sum(changes[part] for part in each)) for each in combinations(positive, size))


def test_a_day_is_held_against_the_same_weekdays_before():
    first = date(2026, 3, 2)
    amounts = {first + timedelta(days=back): 10.0 if back % 7 < 5 else 2.0 for back in range(70)}
    saturday = first + timedelta(days=61)
    amounts[saturday] = 12.0
    window = Window(Period(saturday, saturday + timedelta(days=1)), Period(first, first + timedelta(days=70)))
    assert change(amounts, window) == 10.0


def test_a_part_that_was_not_there_changed_by_all_of_it():
    day = date(2026, 3, 2)
    window = Window(Period(day, day + timedelta(days=2)), Period(day - timedelta(days=60), day + timedelta(days=2)))
    assert change({day: 4.0, day + timedelta(days=1): 6.0}, window) == 5.0

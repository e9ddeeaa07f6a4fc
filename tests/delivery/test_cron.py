"""When schedules fire: in the zone's own time, once where clocks are turned, and never where a day never comes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.delivery.cron import MOST_COUNTED, last_time, next_times, shown, words
from finops.model.errors import InputError

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
BERLIN = "Europe/Berlin"
SPRING, AUTUMN = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
ZONES = (
    BERLIN, "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kolkata", "UTC",
    "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca", "Asia/Beirut",
)  # fmt: skip
instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone above
numbers = st.one_of(
    st.just("*"),
    st.integers(0, 23).map(str),
    st.sampled_from(["*/5", "*/7", "1-5", "0,12", "3-20/4", "5/6", "22,23,0"]),
)
days = st.sampled_from(["*", "1", "31", "15,L", "*/3", "LW", "29"])
weekdays = st.sampled_from(["*", "0", "7", "1-5", "MON", "5L", "TUE#2", "0,7", "SUN,SAT"])
lines = st.tuples(numbers, numbers, days, st.sampled_from(["*", "2", "1,7", "MAR-OCT"]), weekdays).map(" ".join)


def local(cron: str, after: datetime, count: int, zone: str = BERLIN) -> list[str]:
    return [shown(each, zone) for each in next_times(cron, zone, after=after, count=count)]


def test_a_monday_morning_stays_at_seven_through_the_year() -> None:
    assert local("0 7 * * 1", NOW, 2) == ["Mon 23 Nov 2026 07:00 CET", "Mon 30 Nov 2026 07:00 CET"]
    year = next_times("0 7 * * 1", BERLIN, after=NOW, count=52)
    assert {each.astimezone(ZoneInfo(BERLIN)).strftime("%a %H:%M") for each in year} == {"Mon 07:00"}
    assert {each.hour for each in year} == {5, 6}
    assert all(each.tzinfo is UTC for each in year)


@pytest.mark.parametrize("weekday", ["0", "7", "SUN", "sun"])
def test_zero_and_seven_are_sunday(weekday: str) -> None:
    assert local(f"30 6 * * {weekday}", NOW, 1) == ["Sun 22 Nov 2026 06:30 CET"]


def test_what_the_spring_skips_fires_once_when_it_is_over() -> None:
    assert local("30 2 * * *", SPRING, 2) == ["Sun 29 Mar 2026 03:00 CEST", "Mon 30 Mar 2026 02:30 CEST"]
    assert local("0 2,3 * * *", SPRING, 2) == ["Sun 29 Mar 2026 03:00 CEST", "Mon 30 Mar 2026 02:00 CEST"]


def test_what_comes_twice_in_autumn_fires_the_first_time() -> None:
    assert local("30 2 * * *", AUTUMN, 2) == ["Sun 25 Oct 2026 02:30 CEST", "Mon 26 Oct 2026 02:30 CET"]
    second_turn = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10, for the second time
    assert local("30 2 * * *", second_turn, 1) == ["Mon 26 Oct 2026 02:30 CET"]


@pytest.mark.parametrize(("start", "hours"), [(SPRING, 23), (AUTUMN, 25), (NOW, 24)])
def test_every_hour_is_every_real_hour(start: datetime, hours: int) -> None:
    day = (start + timedelta(days=1)).astimezone(ZoneInfo(BERLIN)).date()
    fired = next_times("0 * * * *", BERLIN, after=start, count=48)
    assert sum(each.astimezone(ZoneInfo(BERLIN)).date() == day for each in fired) == hours


@settings(max_examples=150)
@given(lines, st.sampled_from(ZONES), instants)
def test_times_are_later_and_later_and_the_same_from_wherever_one_looks(cron: str, zone: str, after: datetime) -> None:
    try:
        times = next_times(cron, zone, after=after, count=12)
    except InputError:
        return  # a day that never comes
    assert times[0] > after
    assert all(first < second for first, second in pairwise(times))
    assert all(each.second == each.microsecond == 0 for each in times)
    for first, second in pairwise(times):
        assert next_times(cron, zone, after=first, count=1) == (second,)


@settings(max_examples=150)
@given(st.sampled_from(ZONES), st.integers(0, 59), st.integers(0, 23), instants)
def test_a_daily_time_fires_once_on_every_local_day(zone: str, minute: int, hour: int, after: datetime) -> None:
    times = next_times(f"{minute} {hour} * * *", zone, after=after, count=400)
    dates = [each.astimezone(ZoneInfo(zone)).date() for each in times]
    assert max(Counter(dates).values()) == 1
    assert (dates[-1] - dates[0]).days == 399
    clocks = Counter(each.astimezone(ZoneInfo(zone)).strftime("%H:%M") for each in times)
    assert clocks[f"{hour:02}:{minute:02}"] >= 396  # all but those that the spring skips


@settings(max_examples=60)
@given(lines, st.sampled_from(ZONES), instants, st.integers(0, 60 * 24 * 30))
def test_the_last_time_is_that_of_walking(cron: str, zone: str, start: datetime, minutes: int) -> None:
    try:
        first = next_times(cron, zone, after=start, count=1)[0]
    except InputError:
        return
    now = first + timedelta(minutes=minutes)
    walked, latest = 0, first
    while (following := next_times(cron, zone, after=latest, count=1)[0]) <= now and walked < 1200:
        walked, latest = walked + 1, following
    found, passed = last_time(cron, zone, first=first, now=now)
    assert passed == min(walked, MOST_COUNTED)
    if walked < 1200:
        assert found == latest


def test_a_year_of_minutes_is_not_walked() -> None:
    now = NOW + timedelta(days=365, seconds=20)
    assert last_time("* * * * *", "UTC", first=NOW, now=now) == (NOW + timedelta(days=365), MOST_COUNTED)


@pytest.mark.parametrize(
    ("cron", "named"),
    [
        ("0 0 7 * * 1", "5 fields"),
        ("0 7 * *", "5 fields"),
        ("", "5 fields"),
        ("@daily", "5 fields"),
        ("60 7 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 7 32 * *", "day of month"),
        ("0 7 * 13 *", "month"),
        ("0 7 * * 8", "weekday"),
        ("0 0 31 2 *", "day of month"),
        ("0 0 30 2 *", "day of month"),
        ("0 0 31 4,6,9,11 *", "day of month"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("0 7 * * \u0661", "weekday"),
        ("0 " * 200, "fields"),
    ],
)
def test_a_line_that_cannot_fire_is_refused_by_its_field(cron: str, named: str) -> None:
    with pytest.raises(InputError, match=named) as told:
        next_times(cron, "UTC", after=NOW, count=1)
    assert told.value.field == "cron"


def test_a_rare_day_is_waited_for() -> None:
    assert local("0 0 29 2 *", NOW, 1, "UTC") == ["Tue 29 Feb 2028 00:00 UTC"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "a" * 300, "\0", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InputError) as told:
        next_times("0 7 * * *", zone, after=NOW, count=1)
    assert told.value.field == "timezone"


@given(st.text(max_size=60))
def test_any_text_is_a_line_or_an_input_error(text: str) -> None:
    try:
        times = next_times(text, "UTC", after=NOW, count=1)
    except InputError:
        return
    assert times[0] > NOW
    assert len(text.split()) == 5


def test_a_line_is_said_in_words() -> None:
    assert words("0 7 * * 1") == "At 07:00 on Monday"
    assert words("no line") == "no line"

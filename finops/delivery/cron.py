"""When a schedule fires: five fields of cron in a time zone, daylight saving included.

    next_times("0 7 * * 1", "Europe/Berlin", after=now, count=5)

The fields are minute, hour, day of month, month and weekday (0 and 7 are Sunday); names, lists, ranges and steps work,
so do `L` (last day), `LW` (last working day), `5L` (last Friday) and `MON#1` (first Monday). When both days are
restricted, either is enough, as in Debian's cron.

Where clocks are turned, times that name an hour fire once each: one that the spring skips fires when it is over (02:30
at 03:00), one that comes twice in autumn fires the first time. With `*` for the hour or the minute real time counts:
an hourly schedule fires 23 times on the short day and 25 times on the long one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from finops.model.errors import InputError
from finops.model.period import utc

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 120
MOST_COUNTED = 1_000
"""Missed times are counted that far; a schedule of every minute misses more in a night."""
FIELDS = ("minute", "hour", "day of month", "month", "weekday")
_OTHER_NAMES = {"day-of-month": "day of month", "day-of-week": "weekday"}
_SPANS = tuple(timedelta(days=days) for days in (1 / 24, 1, 7, 40, 400, 4000))


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name, as in Europe/Berlin; InputError for any other text."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        told = f"{name[:60]!r} is no time zone; zones are named as in Europe/Berlin, America/New_York or UTC"
        raise InputError("timezone", told) from None


def checked_cron(cron: str, zone: str, *, now: datetime) -> str:
    """The cron line with single spaces; InputError that names the field at fault, or says that its time never comes."""
    next_times(cron, zone, after=now, count=1)
    return " ".join(cron.split())


def next_times(cron: str, zone: str, *, after: datetime, count: int) -> tuple[datetime, ...]:
    """The next times, in UTC, each later than the one before and all later than `after`. InputError as above."""
    return tuple(islice(_times(cron, zone, after), count))


def last_time(cron: str, zone: str, *, first: datetime, now: datetime) -> tuple[datetime, int]:
    """The latest time from `first`, which is one, up to now; and how many before it passed since `first`, it included.

    They are counted up to `MOST_COUNTED`.
    """
    passed = 0
    latest = first
    for moment in islice(_times(cron, zone, first), MOST_COUNTED):
        if moment > now:
            return latest, passed
        latest, passed = moment, passed + 1
    return max(latest, _latest(cron, zone, since=latest, now=now)), passed


def words(cron: str) -> str:
    """A cron line as a sentence without its end: "At 07:00 on Monday"; the line itself where it has no words."""
    try:
        return CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC)).explain()
    except (CronSimError, LookupError, ValueError, TypeError, AssertionError):
        return cron


def shown(moment: datetime, zone: str) -> str:
    """An instant on the clocks of a zone, as people write it: "Mon 2 Mar 2026 07:00 CET"."""
    there = moment.astimezone(zone_of(zone))
    return f"{there:%a} {there.day} {there:%b %Y %H:%M %Z}"


def _latest(cron: str, zone: str, *, since: datetime, now: datetime) -> datetime:
    """The latest time up to now, looked for in ever longer spans: walking a year of minutes would take seconds."""
    for span in _SPANS:
        start = max(since, now - span)
        found = since
        for moment in _times(cron, zone, start):
            if moment > now:
                break
            found = moment
        if found > since or start == since:
            return found
    return since


def _times(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Every time after an instant, in UTC. InputError at the first step where the line is none, or never comes."""
    after = utc(after)
    simulated = _simulated(cron, after.astimezone(zone_of(zone)))
    last = after
    for moment in simulated:
        # Within the hour that comes twice, what was asked for may lie in its second turn and the answer in its first.
        instant = moment.astimezone(UTC)
        if instant > last:
            last = instant
            yield instant
    if last == after:
        raise InputError("cron", f"{cron[:MOST_CHARACTERS]!r} names a day that never comes")


def _simulated(cron: str, start: datetime) -> CronSim:
    parts = cron.split()
    if len(cron) > MOST_CHARACTERS or len(parts) != len(FIELDS):
        told = f"cron has {len(FIELDS)} fields: {', '.join(FIELDS)}; there are {len(parts)}"
        raise InputError("cron", told)
    try:
        return CronSim(" ".join(parts), start)
    except CronSimError as error:
        named = str(error).removeprefix("Bad ")
        field = _OTHER_NAMES.get(named, named)
        text = parts[FIELDS.index(field)] if field in FIELDS else cron
        raise InputError("cron", f"{field} cannot be {text[:40]!r} in the cron line") from None
    except (AssertionError, TypeError, ValueError):
        raise InputError("cron", "the cron line cannot be read") from None

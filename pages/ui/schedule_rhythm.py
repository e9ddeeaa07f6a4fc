"""How often a schedule fires, as people choose it, and the cron line that it is. Pure, both ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

WEEKDAYS = {
    "1": "Monday",
    "2": "Tuesday",
    "3": "Wednesday",
    "4": "Thursday",
    "5": "Friday",
    "6": "Saturday",
    "0": "Sunday",
}
LAST_DAY, LAST_WORKDAY = "L", "LW"
MONTH_DAYS = (*(str(day) for day in range(1, 29)), LAST_WORKDAY, LAST_DAY)
"""Days that every month has."""
USUAL_TIME = time(7)
_SIMPLE = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) (\S+) \* (\S+)", re.ASCII)
_HOURS, _MINUTES = 24, 60


class Often(StrEnum):
    """The rhythms with fields of their own, and any other line of cron."""

    DAILY = "Daily"
    WORKDAYS = "Weekdays"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    CRON = "Advanced"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the fields say; `weekday` is cron's number, `day` that of the month, `line` an advanced one."""

    often: Often = Often.WEEKLY
    at: time = USUAL_TIME
    weekday: str = "1"
    day: str = "1"
    line: str = "0 7 * * 1"


def cron_of(rhythm: Rhythm) -> str:
    """The line; an advanced one as it was typed."""
    clock = f"{rhythm.at.minute} {rhythm.at.hour}"
    return {
        Often.DAILY: f"{clock} * * *",
        Often.WORKDAYS: f"{clock} * * 1-5",
        Often.WEEKLY: f"{clock} * * {rhythm.weekday}",
        Often.MONTHLY: f"{clock} {rhythm.day} * *",
        Often.CRON: rhythm.line,
    }[rhythm.often]


def rhythm_of(cron: str) -> Rhythm:
    """The fields that make a line; advanced for one that they cannot make."""
    line = " ".join(cron.split())
    found = _SIMPLE.fullmatch(line)
    if found is None or int(found[1]) >= _MINUTES or int(found[2]) >= _HOURS:
        return Rhythm(Often.CRON, line=line)
    at, day, weekday = time(int(found[2]), int(found[1])), found[3], found[4]
    if (day, weekday) == ("*", "*"):
        return Rhythm(Often.DAILY, at, line=line)
    if (day, weekday) == ("*", "1-5"):
        return Rhythm(Often.WORKDAYS, at, line=line)
    if day == "*" and weekday in WEEKDAYS:
        return Rhythm(Often.WEEKLY, at, weekday=weekday, line=line)
    if weekday == "*" and day in MONTH_DAYS:
        return Rhythm(Often.MONTHLY, at, day=day, line=line)
    return Rhythm(Often.CRON, line=line)


def day_name(day: str) -> str:
    """A day of the month for people."""
    return {LAST_DAY: "Last day", LAST_WORKDAY: "Last working day"}.get(day, f"Day {day}")

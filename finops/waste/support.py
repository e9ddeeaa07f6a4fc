"""Since when AWS charges for extended support, by engine and major version.

AWS's calendars are the last word: those of RDS for MySQL and PostgreSQL, of Aurora MySQL and PostgreSQL, and of
ElastiCache. This table was written down in November 2026 without them at hand, from what others quote of them; dates
and rates that no source confirmed may be off, and the findings' dollars are therefore `derived`.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html,
https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/extended-support.html,
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/extended-support.html. What EKS charges for, its API tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_NUMBERS = re.compile(r"\d+", re.ASCII)


class Support(StrEnum):
    """What a version costs beyond its instance."""

    STANDARD = "standard"
    EXTENDED = "extended"  # the first two years
    EXTENDED_YEAR_3 = "extended, year 3"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Charged:
    """The days from which a major version is charged, and from which it is charged more: never, for Aurora MySQL 2."""

    since: date
    year_3: date


def _years(year: int, month: int, day: int = 1) -> Charged:
    return Charged(date(year, month, day), date(year + 2, month, day))


_POSTGRES: dict[tuple[int, ...], Charged] = {
    (11,): _years(2024, 4),
    (12,): _years(2025, 3),
    (13,): _years(2026, 3),
    (14,): _years(2027, 3),
    (15,): _years(2028, 3),
    (16,): _years(2029, 3),
    (17,): _years(2030, 3),
}
CALENDAR: dict[str, dict[tuple[int, ...], Charged]] = {
    "mysql": {(5, 7): _years(2024, 3), (8, 0): _years(2026, 8), (8, 4): _years(2029, 8)},
    "postgres": _POSTGRES,
    "aurora-mysql": {(5, 7): Charged(date(2024, 12, 1), date.max), (8, 0): _years(2028, 5)},
    "aurora-postgresql": _POSTGRES,
    "redis": {(4,): _years(2026, 2), (5,): _years(2026, 2), (6,): _years(2027, 2)},
}


def support_of(engine: str, version: str, today: date) -> tuple[Support, date | None]:
    """The support of an engine's version on a day, and since when it is charged, or will be.

    Unknown for a version that the table does not have, unless it is newer than one that is not charged yet.
    """
    calendar = CALENDAR.get(engine, {})
    numbers = tuple(int(number) for number in _NUMBERS.findall(version))
    for major, charged in calendar.items():
        if numbers[: len(major)] == major:
            return _phase(charged, today), charged.since
    newest = max(calendar, default=())
    if numbers and newest and numbers > newest and today < calendar[newest].since:
        return Support.STANDARD, None
    return Support.UNKNOWN, None


def _phase(charged: Charged, today: date) -> Support:
    if today < charged.since:
        return Support.STANDARD
    return Support.EXTENDED if today < charged.year_3 else Support.EXTENDED_YEAR_3

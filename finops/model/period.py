"""Half-open periods of whole days, and the calendar questions a bill raises."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` (inclusive) to `end` (exclusive), as Cost Explorer counts them. Never empty."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("start must be before end (end is exclusive)")

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    def dates(self) -> Iterator[date]:
        """Each day, oldest first."""
        return (self.start + timedelta(days=offset) for offset in range(self.days))

    def previous(self) -> Period:
        """The period of the same length that ends where this one starts."""
        return Period(self.start - (self.end - self.start), self.start)

    def overlaps(self, other: Period) -> bool:
        """Whether any day is in both."""
        return self.start < other.end and other.start < self.end

    def clipped(self, bounds: Period) -> Period | None:
        """The part inside `bounds`, or None when there is none."""
        start, end = max(self.start, bounds.start), min(self.end, bounds.end)
        return Period(start, end) if start < end else None

    def months(self) -> tuple[Period, ...]:
        """The calendar months touched, each clipped to this period, in order."""
        found = []
        first = month_start(self.start)
        while first < self.end:
            following = add_months(first, 1)
            found.append(Period(max(first, self.start), min(following, self.end)))
            first = following
        return tuple(found)


def month_start(day: date) -> date:
    """The first of the day's month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The same day of another month, clipped to that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def month_of(day: date) -> Period:
    """The whole calendar month around a day."""
    first = month_start(day)
    return Period(first, add_months(first, 1))


def same_days_of_last_month(period: Period) -> Period:
    """The same day numbers one month earlier: 1–18 Nov becomes 1–18 Oct, 1–31 Mar becomes 1–28 Feb (or 29)."""
    start = add_months(period.start, -1)
    last = add_months(period.last_day, -1)
    return Period(start, last + timedelta(days=1))


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; ValueError for a naive datetime, whose instant nobody knows."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone is not an instant")
    return moment.astimezone(UTC)

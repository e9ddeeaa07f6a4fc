"""What a digest looks back on: the instants between two mails, and the complete days that came in between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from finops.model.period import Period
from finops.reports.words import counted, days_text, moment_text

if TYPE_CHECKING:
    from datetime import date

    from finops.reports.definition import Asked

WEEK = 7
USUAL_LAG, LONGEST_LAG = 1, 3
"""Days that are still arriving at the end of a bill: as a rule, and at most before it counts as old."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` to `until`, exclusive. `following`: when the reader hears again. `first`: for the first time.

    `days` are the complete days of cost that came in meanwhile, None without any; `before` as many of the same weekdays
    that they are held against. `asked`: a person chose the days, no mail did.
    """

    since: datetime
    until: datetime
    following: datetime
    days: Period | None
    before: Period | None
    first: bool = False
    asked: bool = False

    def holds(self, moment: datetime | None) -> bool:
        """Whether an instant lies inside."""
        return moment is not None and self.since <= moment < self.until

    @property
    def period(self) -> Period:
        """The days that it touches."""
        end = (self.until - timedelta(microseconds=1)).date() + timedelta(days=1)
        return Period(self.since.date(), max(end, self.since.date() + timedelta(days=1)))

    def told(self) -> str:
        """Since when, in a sentence."""
        at = moment_text(self.since)
        if self.first:
            back = counted(max((self.until - self.since).days, 1), "day")
            return f"{at}: no mail of this schedule has reached you before, so it looks back {back}"
        return f"{at}, as was asked for" if self.asked else f"{at}, the last mail of this schedule that reached you"

    def compared(self, today: date) -> str:
        """The days held against each other, in words."""
        if self.days is None or self.before is None:
            return "no day of cost has become complete since"
        return f"{days_text(self.days, today)} with {days_text(self.before, today)}, complete days only"


def window_of(asked: Asked, complete_until: date | None) -> Window:
    """The window of a request; `complete_until` is past the last complete day of cost, None where none is stored."""
    interval = asked.interval
    if interval is not None:
        since, until, first = interval.since, interval.until, interval.first
        following = interval.following or until + (until - since)
    else:
        since, first = _midnight(asked.period.start), False
        # What happened at this very instant belongs to whoever asks now; a mail leaves it to the next one.
        until = max(min(_midnight(asked.period.end), asked.now + timedelta(microseconds=1)), since)
        following = until + timedelta(days=asked.period.days)
    days = _days(since, until, complete_until)
    return Window(since, until, following, days, _before(days), first, asked=interval is None)


def day_text(day: date, today: date) -> str:
    """`16 Nov`; with the year where it is another."""
    return days_text(Period(day, day + timedelta(days=1)), today)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _days(since: datetime, until: datetime, complete_until: date | None) -> Period | None:
    """The days that were still arriving at the last mail and are complete now: windows of regular mails meet."""
    if complete_until is None:
        return None
    lag = (until.date() - complete_until).days
    if not 0 <= lag <= LONGEST_LAG:
        lag = USUAL_LAG
    start, end = since.date() - timedelta(days=lag), min(complete_until, until.date() - timedelta(days=lag))
    return Period(start, end) if start < end else None


def _before(days: Period | None) -> Period | None:
    """As many days before, whole weeks back: a Monday is held against Mondays."""
    if days is None:
        return None
    back = timedelta(days=WEEK * -(-days.days // WEEK))
    return Period(days.start - back, days.end - back)

"""How long resources live: since long ago, or in turns that follow the calendar, so that no day is like the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from finops.demo.noise import key

COST_DAYS = 14
"""Days before today that resource-level costs go back to."""

_FOUNDED = date(2022, 3, 20)
_SETTLING_DAYS = 1150
_NOON, _EVENING = 12 * 3600, 12 * 3600


@dataclass(frozen=True, slots=True)
class Life:
    """Listed from `born` until the day before `ends` (None: for good). `turn` counts the lives of one slot."""

    born: date
    ends: date | None
    turn: int = 0

    def on(self, day: date) -> bool:
        """Whether it is listed on a day."""
        return self.born <= day and (self.ends is None or day < self.ends)

    def age(self, day: date) -> int:
        """Days since it was first listed."""
        return (day - self.born).days

    def part(self, first: int, last: int | None = None) -> Life | None:
        """The life of something that is there from this one's day `first` to the end of day `last`, counted from 0."""
        born = self.born + timedelta(days=first)
        ends = self.ends if last is None else self.born + timedelta(days=last + 1)
        if self.ends is not None and ends is not None:
            ends = min(ends, self.ends)
        return None if ends is not None and ends <= born else Life(born, ends, self.turn)


@dataclass(frozen=True, slots=True)
class Days:
    """The days a population is made for: `today`, and as many before it as costs go back to."""

    today: date

    @property
    def first(self) -> date:
        """The earliest day that is covered."""
        return self.today - timedelta(days=COST_DAYS)

    def settled(self, *words: object) -> Life:
        """Something put up once, in the years before 2026, and never taken down."""
        return Life(_FOUNDED + timedelta(days=key("settled", *words) % _SETTLING_DAYS), None)

    def turns(self, *words: object, cycle: int, lasting: int | None = None) -> list[Life]:
        """The lives of a slot that these days see: a new one every `cycle` days, each `lasting` days (none: all)."""
        length = cycle if lasting is None else lasting
        start = key("turns", *words) % cycle
        first, last = self.first.toordinal(), self.today.toordinal()
        turn = (first - start - length) // cycle + 1
        found = []
        while (born := turn * cycle + start) <= last:
            if born + length > first:
                found.append(Life(date.fromordinal(born), date.fromordinal(born + length), turn))
            turn += 1
        return found


def created(life: Life, *words: object) -> datetime:
    """When it was made: some time after noon on the day before it is first listed, so never in the future."""
    eve = life.born - timedelta(days=1)
    seconds = _NOON + key("created", *words) % _EVENING
    return datetime(eve.year, eve.month, eve.day, tzinfo=UTC) + timedelta(seconds=seconds)

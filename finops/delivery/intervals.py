"""Since when each reader of a schedule has heard nothing: a mail that was not sent for certain has told nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.delivery.cron import next_times
from finops.model.reports import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from finops.model.delivery import Firing, Schedule

SHORTEST, LONGEST = timedelta(days=1), timedelta(days=366)
"""How far back a first mail looks at least and at most."""


def intervals(
    schedule: Schedule, firing: Firing | None, received: Mapping[str, datetime], now: datetime
) -> tuple[tuple[Interval, tuple[str, ...]], ...]:
    """Readers with the same last mail together, the one who has waited longest first.

    `received` is until when a reader was told everything, by the address in small letters. A firing tells what
    happened before it was claimed; what happens while its report is made is for the next one.
    """
    until = firing.claimed_at if firing is not None else now
    following, then = next_times(schedule.cron, schedule.timezone, after=until, count=2)
    first = Interval(until - min(max(then - following, SHORTEST), LONGEST), until, following, first=True)
    found: dict[Interval, list[str]] = {}
    for reader in schedule.recipients:
        last = received.get(reader.lower())
        found.setdefault(first if last is None else Interval(last, until, following), []).append(reader)
    return tuple((each, tuple(found[each])) for each in sorted(found, key=lambda each: (each.since, each.first)))

"""One made-up resource, and which usage of the bill it causes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from finops.demo.population.life import Life

BUSY, QUIET, IDLE, FORGOTTEN, OVERSIZED, OFFICE, STOPPED = (
    "busy",
    "quiet",
    "idle",
    "forgotten",
    "oversized",
    "office",
    "stopped",
)
"""What a resource does all day, which its metrics will follow. Office: at work on weekdays only."""

AVERAGE_AT_LIMIT, MAXIMUM_AT_LIMIT, PATCHY, NEARLY_WHOLE, CHATTY = (
    "average at limit",
    "maximum at limit",
    "patchy",
    "nearly whole",
    "chatty",
)
"""Borderline metrics, planted on purpose: exactly at a limit, 12 days of 14, 13 of 14, idle but for its network."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Work:
    """When something does anything within its life: in `spans` of days (none named: always), or on weekdays only.

    A span lasts until the day before its second day, or for good.
    """

    spans: tuple[tuple[date, date | None], ...] | None = None
    weekdays: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """The usage that names a resource in the bill: a service's usage kind without region, and a share by weight.

    `resource_id` is spelled as in AWS's cost and usage report. `until` is the first day it causes none any more,
    `weekdays` says that it rests on Saturdays and Sundays.
    """

    service: str
    usage: str
    resource_id: str
    weight: int = 1
    until: date | None = None
    weekdays: bool = False

    def on(self, day: date) -> bool:
        """Whether it causes usage on a day of its resource's life."""
        return (self.until is None or day < self.until) and not (self.weekdays and day.weekday() >= _SATURDAY)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as it stands on the day its population is made for.

    `region` is where it lies, `global` where services have one place for the world. `item` is what AWS's listing says
    about it; the other fields are what the demo needs to know to page, tag, bill and measure it.
    """

    kind: str
    account: str
    region: str
    id: str
    arn: str
    life: Life
    item: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    role: str = BUSY
    bills: tuple[Bill, ...] = ()
    work: Work = Work()
    quirk: str = ""

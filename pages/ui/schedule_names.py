"""What the Reports page says of a schedule: how it stands, when it fires next, what its last firing came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.delivery import DeliveryStatus, FiringStatus, ScheduleStatus
from pages.ui import numbers, report_names
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.delivery import Firing, Schedule

NEVER = "Never yet"
FINE, WAITS, WRONG = "green", "gray", "red"


def who(principal: str) -> str:
    """A principal's name: `manager` for `persona:manager`."""
    return plain_line(principal.removeprefix("persona:"), limit=60)


def next_words(schedule: Schedule, zone: str) -> str:
    """When it fires next, on the person's clocks; empty while it is paused."""
    return "" if schedule.next_run is None else report_names.at(schedule.next_run, zone)


def result_words(firing: Firing | None, mails: Mapping[str, int]) -> str:
    """`3 sent`, `2 sent, 1 failed, late`, `Never yet`."""
    if firing is None:
        return NEVER
    told = report_names.firing_words(firing, mails)
    return f"{told}, late" if firing.late else told


def went_wrong(firing: Firing | None, mails: Mapping[str, int]) -> bool:
    """Whether somebody should look at it."""
    bad = (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)
    return firing is not None and (
        firing.status is FiringStatus.FAILED or any(mails.get(status.value, 0) for status in bad)
    )


def scope_words(schedule: Schedule, accounts: Mapping[str, str]) -> str:
    """`account prod-core; tag:Team web`; `everything` where nothing narrows it."""
    parts = [
        f"{name} {', '.join(accounts.get(value, value) for value in values)}"
        for name, values in sorted(schedule.scope.items())
        if values
    ]
    return "; ".join(parts) or "everything"


def readers_words(schedule: Schedule) -> str:
    """`ann@example.com, ben@example.com`."""
    return ", ".join(schedule.recipients)


def paused_words(schedule: Schedule) -> str:
    """`Paused by manager: it fires no more until it is resumed.`; empty for an active one."""
    if schedule.status is ScheduleStatus.ACTIVE:
        return ""
    reason = schedule.reason.replace("persona:", "") or "paused"
    return f"{report_names.sentence(reason)} It sends nothing until it is resumed."


def summary(schedules: tuple[Schedule, ...]) -> str:
    """`4 schedules, 1 paused`."""
    paused = sum(each.status is ScheduleStatus.PAUSED for each in schedules)
    told = numbers.counted(len(schedules), "schedule")
    return f"{told}, {paused:,} paused" if paused else told

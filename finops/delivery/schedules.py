"""Schedules as people keep them: every wish is checked as a whole before any of it is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from finops.delivery.addresses import checked_recipients
from finops.delivery.cron import checked_cron, next_times, shown, words
from finops.model.delivery import Schedule, ScheduleStatus
from finops.model.errors import InputError
from finops.model.findings import AuditEvent
from finops.model.reports import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from finops.delivery.terms import Rules
    from finops.store.schedules import ScheduleStore

MOST_NAME = 120
MOST_SCHEDULES = 500
"""Of one tenant."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A schedule as somebody asks for it; nothing of it is checked yet. `scope` as in a report's request."""

    name: str
    report: str
    cron: str
    timezone: str
    recipients: tuple[str, ...]
    format: str
    owner: str
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """When a schedule would fire. `words` is the cron line as a sentence, `shown` the times on the zone's clocks."""

    cron: str
    timezone: str
    words: str
    times: tuple[datetime, ...]
    shown: tuple[str, ...]


class Schedules:
    """The schedules of every tenant. Every change is an audit event by who made it."""

    def __init__(self, store: ScheduleStore, rules: Rules, now: Callable[[], datetime]) -> None:
        self._store = store
        self._rules = rules
        self._now = now

    def list(self, tenant: str) -> tuple[Schedule, ...]:
        """The schedules of a tenant by name."""
        return self._store.list(tenant)

    def one(self, tenant: str, named: str) -> Schedule:
        """A schedule by its id or its name; InputError when the tenant has none of them."""
        for schedule in self._store.list(tenant):
            if named in {schedule.schedule_id, schedule.name}:
                return schedule
        raise InputError("schedule_id", f"there is no schedule {named[:MOST_NAME]}")

    def preview(self, cron: str, timezone: str, *, count: int = 5) -> Preview:
        """The next times of a cron line. InputError for a line or zone that is none."""
        checked = checked_cron(cron, timezone, now=self._now())
        times = next_times(checked, timezone, after=self._now(), count=count)
        return Preview(checked, timezone, words(checked), times, tuple(shown(each, timezone) for each in times))

    def add(self, tenant: str, wish: Wish, *, by: str) -> Schedule:
        """A new schedule, active at once. InputError names the field at fault, NotAllowed what its owner lacks."""
        now = self._now()
        if len(self._store.list(tenant)) >= MOST_SCHEDULES:
            raise InputError("name", f"a tenant has at most {MOST_SCHEDULES} schedules")
        made = self._checked(tenant, wish, schedule_id=secrets.token_hex(8), created=now)
        self._store.add(made, self._event("add", made, by))
        return made

    def change(self, tenant: str, named: str, wish: Wish, *, by: str) -> Schedule:
        """A schedule with everything but its id changed to what is wished; a paused one stays paused.

        A time that has come and is not fired yet is fired, unless the schedule's times are what changed.
        """
        before = self.one(tenant, named)
        made = self._checked(tenant, wish, schedule_id=before.schedule_id, created=before.created)
        same_times = (made.cron, made.timezone) == (before.cron, before.timezone)
        following = before.next_run if same_times or before.status is ScheduleStatus.PAUSED else made.next_run
        made = replace(made, status=before.status, reason=before.reason, next_run=following, last_run=before.last_run)
        self._store.change(made, self._event("change", made, by))
        return made

    def pause(self, tenant: str, named: str, *, by: str, reason: str = "") -> Schedule:
        """It fires no more until it is resumed; nothing changes for one that is paused."""
        before = self.one(tenant, named)
        if before.status is ScheduleStatus.PAUSED:
            return before
        told = reason or f"paused by {by}"
        paused = replace(before, status=ScheduleStatus.PAUSED, reason=told, next_run=None)
        self._store.change(paused, self._event("pause", paused, by))
        return paused

    def resume(self, tenant: str, named: str, *, by: str) -> Schedule:
        """It fires again from its next time on; times that passed meanwhile are not caught up.

        NotAllowed while its owner may not.
        """
        before = self.one(tenant, named)
        if before.status is ScheduleStatus.ACTIVE:
            return before
        self._rules.allowed(before)
        following = next_times(before.cron, before.timezone, after=self._now(), count=1)[0]
        active = replace(before, status=ScheduleStatus.ACTIVE, reason="", next_run=following)
        self._store.change(active, self._event("resume", active, by))
        return active

    def remove(self, tenant: str, named: str, *, by: str) -> int:
        """Forgets a schedule; mails of it that wait are withheld. Returns how many."""
        before = self.one(tenant, named)
        return self._store.remove(before, self._event("remove", before, by))

    def _checked(self, tenant: str, wish: Wish, *, schedule_id: str, created: datetime) -> Schedule:
        """The schedule that is wished, every field checked, with its next time."""
        reports = sorted(self._rules.reports())
        if wish.report not in reports:
            raise InputError("report", f"there is no report {wish.report[:64]!r}; there are {', '.join(reports)}")
        cron = checked_cron(wish.cron, wish.timezone, now=self._now())
        made = Schedule(
            schedule_id=schedule_id,
            tenant=tenant,
            name=_name(wish.name),
            report=wish.report,
            cron=cron,
            timezone=wish.timezone,
            recipients=checked_recipients(wish.recipients, self._rules.domains),
            format=_format(wish.format),
            owner=wish.owner,
            created=created,
            scope={name: tuple(values) for name, values in wish.scope.items()},
            quiet=wish.quiet,
            next_run=next_times(cron, wish.timezone, after=self._now(), count=1)[0],
        )
        self._rules.allowed(made)
        return made

    def _event(self, deed: str, schedule: Schedule, by: str) -> AuditEvent:
        detail = {
            "name": schedule.name,
            "report": schedule.report,
            "cron": schedule.cron,
            "timezone": schedule.timezone,
            "recipients": list(schedule.recipients),
            "format": str(schedule.format),
            "owner": schedule.owner,
            "scope": {name: list(values) for name, values in schedule.scope.items()},
            "quiet": schedule.quiet,
        }
        return AuditEvent(0, self._now(), by, f"schedule.{deed}", schedule.schedule_id, detail)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise InputError("name", f"a name has 1 to {MOST_NAME} printable characters")
    return name


def _format(text: str) -> Format:
    try:
        return Format(text)
    except ValueError:
        raise InputError("format", f"format must be one of {', '.join(Format)}") from None

"""Schedules, firings and deliveries as records: the same fields on API and command line; their JSON Schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.envelope import Document, Meta, envelope
from finops.api.shapes import COUNT, FLAG, INSTANT, TEXT, answer, by_name, fields, items, maybe, one_of
from finops.model.delivery import DeliveryStatus, FiringStatus, ScheduleStatus
from finops.model.reports import Format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from finops.delivery import Preview
    from finops.model.delivery import Delivery, Firing, Schedule

SCHEDULE_FIELDS = (
    *("schedule_id", "name", "report", "cron", "timezone", "recipients", "format", "owner", "next_run", "last_run"),
    *("status", "reason", "scope", "quiet", "created"),
)
DELIVERY_FIELDS = (
    *("delivery_id", "firing_id", "schedule_id", "kind", "recipient", "subject", "status", "queued_at", "sent_at"),
    *("attempts", "retry_at", "message_id", "reason"),
)
FIRING_FIELDS = (
    *("firing_id", "schedule_id", "name", "due", "status", "late", "skipped", "attempts", "retry_at", "reason"),
    *("claimed_at", "deliveries"),
)
"""The fields of every record, in order. `deliveries` counts a firing's mails by how they stand."""

_SCHEDULE = fields(
    {
        "schedule_id": TEXT,
        "name": TEXT,
        "report": TEXT,
        "cron": {**TEXT, "description": "Five fields: minute, hour, day of month, month, weekday."},
        "timezone": {**TEXT, "description": "The zone whose clocks the cron line is about, by its IANA name."},
        "recipients": items(TEXT),
        "format": one_of(Format),
        "owner": {**TEXT, "description": "The principal whose rights and thresholds hold."},
        "next_run": {**maybe(INSTANT), "description": "null while it is paused."},
        "last_run": {**maybe(INSTANT), "description": "The due time that was last fired."},
        "status": one_of(ScheduleStatus),
        "reason": {**TEXT, "description": "Why it is paused."},
        "scope": by_name(items(TEXT)),
        "quiet": {**FLAG, "description": "Nothing is sent when the report has no news."},
        "created": INSTANT,
    }
)
_FIRING = fields(
    {
        "firing_id": TEXT,
        "schedule_id": TEXT,
        "name": {**maybe(TEXT), "description": "Of the schedule; null once that is removed."},
        "due": INSTANT,
        "status": one_of(FiringStatus),
        "late": {**FLAG, "description": "Caught up after a standstill."},
        "skipped": {**COUNT, "description": "Earlier times that passed meanwhile and are not caught up."},
        "attempts": COUNT,
        "retry_at": maybe(INSTANT),
        "reason": TEXT,
        "claimed_at": INSTANT,
        "deliveries": by_name(COUNT),
    }
)
_DELIVERY = fields(
    {
        "delivery_id": TEXT,
        "firing_id": {**maybe(TEXT), "description": "null for a mail that no schedule sent."},
        "schedule_id": maybe(TEXT),
        "kind": TEXT,
        "recipient": TEXT,
        "subject": TEXT,
        "status": {
            **one_of(DeliveryStatus),
            "description": "uncertain: handed over, perhaps; never sent again by itself. withheld: not allowed, or not"
            " wanted any more.",
        },
        "queued_at": INSTANT,
        "sent_at": maybe(INSTANT),
        "attempts": COUNT,
        "retry_at": {**maybe(INSTANT), "description": "null: a failed one is not tried again."},
        "message_id": {**TEXT, "description": "The transport's own id."},
        "reason": TEXT,
    }
)
_PAGES: dict[str, Document] = {"total": COUNT, "next_cursor": maybe(TEXT)}
_NAMED = fields({"schedule_id": {**TEXT, "description": "The schedule's id or its name."}})

SCHEDULE_SCHEMAS: dict[str, Document] = {
    "Schedules": answer(fields({"items": items(_SCHEDULE)}), {"total": COUNT}),
    "Schedule": answer(_SCHEDULE),
    "ScheduleRequest": fields(
        {
            "name": TEXT,
            "report": TEXT,
            "cron": TEXT,
            "timezone": TEXT,
            "recipients": items(TEXT),
            "format": one_of(Format),
        },
        {
            "owner": {**TEXT, "description": "Whose rights and thresholds hold; whoever asks, unless named."},
            "scope": {**by_name({"anyOf": [TEXT, items(TEXT)]}), "description": "The report's own parameters."},
            "quiet": FLAG,
        },
    ),
    "ScheduleNamed": _NAMED,
    "ScheduleRemoved": answer(
        fields({"schedule_id": TEXT, "withheld": {**COUNT, "description": "Mails of it that were not sent any more."}})
    ),
    "SchedulePreview": answer(
        fields(
            {
                "cron": TEXT,
                "timezone": TEXT,
                "words": {**TEXT, "description": "The line as a sentence."},
                "times": items(INSTANT),
                "shown": {**items(TEXT), "description": "The times on the zone's own clocks."},
            }
        )
    ),
    "Firings": answer(fields({"items": items(_FIRING)}), _PAGES),
    "Deliveries": answer(fields({"items": items(_DELIVERY)}), _PAGES),
    "Delivery": answer(_DELIVERY),
    "DeliveryNamed": fields({"delivery_id": TEXT}),
}


def schedule_record(schedule: Schedule) -> Document:
    """The fields of one schedule."""
    return {
        "schedule_id": schedule.schedule_id,
        "name": schedule.name,
        "report": schedule.report,
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "recipients": list(schedule.recipients),
        "format": str(schedule.format),
        "owner": schedule.owner,
        "next_run": schedule.next_run,
        "last_run": schedule.last_run,
        "status": str(schedule.status),
        "reason": schedule.reason,
        "scope": {name: list(values) for name, values in schedule.scope.items()},
        "quiet": schedule.quiet,
        "created": schedule.created,
    }


def firing_record(firing: Firing, names: Mapping[str, str], standing: Mapping[str, Mapping[str, int]]) -> Document:
    """The fields of one firing; `names` are those of schedules, `standing` counts mails by firing and status."""
    return {
        "firing_id": firing.firing_id,
        "schedule_id": firing.schedule_id,
        "name": names.get(firing.schedule_id),
        "due": firing.due,
        "status": str(firing.status),
        "late": firing.late,
        "skipped": firing.skipped,
        "attempts": firing.attempts,
        "retry_at": firing.retry_at,
        "reason": firing.reason,
        "claimed_at": firing.claimed_at,
        "deliveries": dict(standing.get(firing.firing_id, {})),
    }


def delivery_record(delivery: Delivery) -> Document:
    """The fields of one delivery."""
    return {
        "delivery_id": delivery.delivery_id,
        "firing_id": delivery.firing_id or None,
        "schedule_id": delivery.schedule_id or None,
        "kind": delivery.kind,
        "recipient": delivery.recipient,
        "subject": delivery.subject,
        "status": str(delivery.status),
        "queued_at": delivery.queued_at,
        "sent_at": delivery.sent_at,
        "attempts": delivery.attempts,
        "retry_at": delivery.retry_at,
        "message_id": delivery.message_id,
        "reason": delivery.reason,
    }


def schedules_document(schedules: Sequence[Schedule], *, tenant: str, as_of: datetime) -> Document:
    """`data.items` by name, and `meta.total`."""
    meta = Meta(tenant=tenant, as_of=as_of, more={"total": len(schedules)})
    return envelope({"items": [schedule_record(each) for each in schedules]}, meta)


def schedule_document(schedule: Schedule, *, as_of: datetime) -> Document:
    """One schedule."""
    return envelope(schedule_record(schedule), Meta(tenant=schedule.tenant, as_of=as_of))


def preview_document(preview: Preview, *, tenant: str, as_of: datetime) -> Document:
    """When a schedule would fire."""
    data: Document = {
        "cron": preview.cron,
        "timezone": preview.timezone,
        "words": preview.words,
        "times": list(preview.times),
        "shown": list(preview.shown),
    }
    return envelope(data, Meta(tenant=tenant, as_of=as_of))

"""`/api/schedules`, `/api/firings`, `/api/deliveries`: reports that go out by themselves, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from finops.api.costs import CURSOR, TENANT
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.endpoints import Asked, Endpoint, Parameter, page_limit
from finops.api.envelope import Meta, envelope
from finops.api.parameters import choice, limit, one
from finops.api.replies import document_reply
from finops.api.schedule_documents import (
    delivery_record,
    firing_record,
    preview_document,
    schedule_document,
    schedules_document,
)
from finops.delivery import Wish
from finops.model.delivery import DeliveryStatus, FiringStatus
from finops.model.errors import InputError
from finops.model.people import Right

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from enum import StrEnum

    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.api.parameters import Pairs
    from finops.facade import Finops
    from finops.model.delivery import Firing

    Status = TypeVar("Status", bound=StrEnum)

DEFAULT_LIMIT, MAX_LIMIT = 50, 1_000
_NEEDED = ("name", "report", "cron", "timezone", "recipients", "format")
_MEMBERS = (*_NEEDED, "owner", "scope", "quiet")

SCHEDULE = Parameter("schedule", "Only of this schedule: its id or its name.")
FIRING = Parameter("firing", "Only mails of this firing, by its id.")
FIRING_STATUS = Parameter(
    "status",
    "Only firings that stand so; repeated or a comma list.",
    {"type": "string", "enum": [str(status) for status in FiringStatus]},
    many=True,
)
DELIVERY_STATUS = Parameter(
    "status",
    "Only mails that stand so; repeated or a comma list.",
    {"type": "string", "enum": [str(status) for status in DeliveryStatus]},
    many=True,
)
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT, "Items per page; `meta.total` counts all of them.")
CRON = Parameter("cron", "Five fields: minute, hour, day of month, month, weekday.", required=True)
ZONE = Parameter("timezone", "An IANA name such as Europe/Berlin.", required=True)


def schedules(finops: Finops, asked: Asked) -> Response:
    """The tenant's schedules by name."""
    found = finops.delivery.schedules.list(asked.tenant)
    return document_reply(schedules_document(found, tenant=asked.tenant, as_of=finops.now()))


def add(finops: Finops, asked: Asked) -> Response:
    """A new schedule. Only who administers may name another owner: a schedule runs with its owner's rights."""
    wish = wish_of(asked.sent, asked.person.principal)
    if wish.owner != asked.person.principal:
        finops.access.demand(asked.person, Right.ADMINISTER, tenant=asked.tenant)
    made = finops.delivery.schedules.add(asked.tenant, wish, by=asked.person.principal)
    return document_reply(schedule_document(made, as_of=finops.now()))


def pause(finops: Finops, asked: Asked) -> Response:
    """A schedule that fires no more until it is resumed."""
    paused = finops.delivery.schedules.pause(asked.tenant, _named(asked.sent, "schedule_id"), by=asked.person.principal)
    return document_reply(schedule_document(paused, as_of=finops.now()))


def resume(finops: Finops, asked: Asked) -> Response:
    """A schedule that fires again."""
    resumed = finops.delivery.schedules.resume(
        asked.tenant, _named(asked.sent, "schedule_id"), by=asked.person.principal
    )
    return document_reply(schedule_document(resumed, as_of=finops.now()))


def remove(finops: Finops, asked: Asked) -> Response:
    """Forgets a schedule; its history stays."""
    found = finops.delivery.schedules.one(asked.tenant, _named(asked.sent, "schedule_id"))
    withheld = finops.delivery.schedules.remove(asked.tenant, found.schedule_id, by=asked.person.principal)
    data: Document = {"schedule_id": found.schedule_id, "withheld": withheld}
    return document_reply(envelope(data, Meta(tenant=asked.tenant, as_of=finops.now())))


def preview(finops: Finops, asked: Asked) -> Response:
    """The next times of a cron line in a zone."""
    cron, zone = (_needed(asked.pairs, name) for name in ("cron", "timezone"))
    told = finops.delivery.schedules.preview(cron, zone)
    return document_reply(preview_document(told, tenant=asked.tenant, as_of=finops.now()))


def firings(finops: Finops, asked: Asked) -> Response:
    """Firings, the latest due first."""
    statuses = _statuses(asked.pairs, FiringStatus)
    named = _schedule_id(finops, asked)
    size, start, sealed = _page(asked, "firings", (named, statuses))
    found, total = finops.delivery.firings(asked.tenant, schedule_id=named, statuses=statuses, limit=size, offset=start)
    return document_reply(firings_document(finops, asked.tenant, found, _pages(sealed, start + size, total)))


def firings_document(finops: Finops, tenant: str, found: Sequence[Firing], pages: Document) -> Document:
    """`data.items` with how the mails of each firing stand."""
    names = {each.schedule_id: each.name for each in finops.delivery.schedules.list(tenant)}
    standing = finops.delivery.standing(found)
    records = [firing_record(each, names, standing) for each in found]
    return envelope({"items": records}, Meta(tenant=tenant, as_of=finops.now(), more=pages))


def deliveries(finops: Finops, asked: Asked) -> Response:
    """Mails, the newest first."""
    statuses = _statuses(asked.pairs, DeliveryStatus)
    named, firing = _schedule_id(finops, asked), one(asked.pairs, "firing") or ""
    size, start, sealed = _page(asked, "deliveries", (named, firing, statuses))
    found, total = finops.delivery.deliveries(
        asked.tenant, schedule_id=named, firing_id=firing, statuses=statuses, limit=size, offset=start
    )
    meta = Meta(tenant=asked.tenant, as_of=finops.now(), more=_pages(sealed, start + size, total))
    return document_reply(envelope({"items": [delivery_record(each) for each in found]}, meta))


def resend(finops: Finops, asked: Asked) -> Response:
    """A mail that is queued again because a person says so."""
    queued = finops.delivery.resend(asked.tenant, _named(asked.sent, "delivery_id"), by=asked.person.principal)
    return document_reply(envelope(delivery_record(queued), Meta(tenant=asked.tenant, as_of=finops.now())))


def wish_of(sent: Mapping[str, object], owner: str) -> Wish:
    """What is sent as a wish; `owner` where none is named. InputError names the member that is missing or odd."""
    unknown = sorted(set(sent) - set(_MEMBERS))
    if unknown:
        raise InputError(unknown[0], f"unknown members: {', '.join(unknown)} (known: {', '.join(_MEMBERS)})")
    texts = {name: _named(sent, name) for name in _NEEDED if name != "recipients"}
    quiet = sent.get("quiet", False)
    if not isinstance(quiet, bool):
        raise InputError("quiet", "quiet must be true or false")
    return Wish(
        **texts,
        recipients=_texts("recipients", sent.get("recipients")),
        owner=_named(sent, "owner") if "owner" in sent else owner,
        scope=_scope(sent.get("scope", {})),
        quiet=quiet,
    )


def _named(sent: Mapping[str, object], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InputError(name, f"{name} is needed, as a text")
    return value


def _scope(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise InputError("scope", "scope must be an object of the report's parameters")
    return {name: _texts("scope", each if isinstance(each, list) else [each]) for name, each in value.items()}


def _texts(field: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InputError(field, f"{field} must be texts")
    return tuple(value)


def _needed(pairs: Pairs, name: str) -> str:
    value = one(pairs, name)
    if value is None:
        raise InputError(name, f"{name} is needed")
    return value


def _statuses(pairs: Pairs, offered: type[Status]) -> tuple[Status, ...]:
    texts = [part.strip() for key, value in pairs if key == "status" for part in value.split(",")]
    named = dict.fromkeys(choice(text, "status", tuple(offered)) for text in texts)
    return tuple(offered(text) for text in named if text)


def _schedule_id(finops: Finops, asked: Asked) -> str:
    """The schedule that is asked for: one that is there by its name or id, else an id of one that was removed."""
    named = one(asked.pairs, "schedule")
    found = (each for each in finops.delivery.schedules.list(asked.tenant) if named in {each.schedule_id, each.name})
    known = next(found, None)
    return known.schedule_id if known else named or ""


def _page(asked: Asked, kind: str, question: tuple[object, ...]) -> tuple[int, int, str]:
    """How many, from where, and what a cursor of this question is stamped with."""
    size = limit(one(asked.pairs, "limit"), usual=DEFAULT_LIMIT, most=MAX_LIMIT)
    sealed = stamp((asked.tenant, *question), kind)
    return size, offset_of(one(asked.pairs, "cursor") or "", sealed), sealed


def _pages(sealed: str, following: int, total: int) -> Document:
    return {"total": total, "next_cursor": cursor(sealed, following) if following < total else None}


def _deed(path: str, operation: str, summary: str, answer: Callable[[Finops, Asked], Response]) -> Endpoint:
    """A POST that names one schedule."""
    return Endpoint(
        path=path,
        operation=operation,
        summary=summary,
        right=Right.SCHEDULE_REPORTS,
        parameters=(TENANT,),
        answer=answer,
        schema="ScheduleRemoved" if answer is remove else "Schedule",
        example="",
        method="POST",
        body="ScheduleNamed",
    )


ENDPOINTS = (
    Endpoint(
        path="/api/schedules",
        operation="schedules",
        summary="Reports that go out by themselves, by name: when, to whom, with whose rights",
        right=Right.VIEW_REPORTS,
        parameters=(TENANT,),
        answer=schedules,
        schema="Schedules",
        example="",
    ),
    Endpoint(
        path="/api/schedules",
        operation="addSchedule",
        summary="Schedules a report",
        right=Right.SCHEDULE_REPORTS,
        parameters=(TENANT,),
        answer=add,
        schema="Schedule",
        example="",
        method="POST",
        body="ScheduleRequest",
    ),
    Endpoint(
        path="/api/schedules/preview",
        operation="previewSchedule",
        summary="When a cron line would fire next, on the clocks of its zone",
        right=Right.VIEW_REPORTS,
        parameters=(CRON, ZONE, TENANT),
        answer=preview,
        schema="SchedulePreview",
        example="cron=0+7+*+*+1&timezone=Europe/Berlin",
    ),
    _deed("/api/schedules/pause", "pauseSchedule", "A schedule fires no more until it is resumed", pause),
    _deed("/api/schedules/resume", "resumeSchedule", "A paused schedule fires again from its next time on", resume),
    _deed("/api/schedules/remove", "removeSchedule", "Forgets a schedule; mails of it that wait are not sent", remove),
    Endpoint(
        path="/api/firings",
        operation="firings",
        summary="The times at which schedules fired, the latest first, and how their mails stand",
        right=Right.VIEW_REPORTS,
        parameters=(SCHEDULE, FIRING_STATUS, LIMIT, CURSOR, TENANT),
        answer=firings,
        schema="Firings",
        example="status=failed",
    ),
    Endpoint(
        path="/api/deliveries",
        operation="deliveries",
        summary="Mails, the newest first: to whom, how they stand, and why",
        right=Right.VIEW_REPORTS,
        parameters=(SCHEDULE, FIRING, DELIVERY_STATUS, LIMIT, CURSOR, TENANT),
        answer=deliveries,
        schema="Deliveries",
        example="status=failed,uncertain",
    ),
    Endpoint(
        path="/api/deliveries/resend",
        operation="resendDelivery",
        summary="Queues a mail again, whatever became of it: its reader may have it twice",
        right=Right.SCHEDULE_REPORTS,
        parameters=(TENANT,),
        answer=resend,
        schema="Delivery",
        example="",
        method="POST",
        body="DeliveryNamed",
    ),
)

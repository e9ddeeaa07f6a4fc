"""Schedules, firings, letters and deliveries as rows."""

from __future__ import annotations

import gzip
import hashlib
import json
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from finops.model.delivery import (
    Attachment,
    Delivery,
    DeliveryStatus,
    Firing,
    FiringStatus,
    Letter,
    Schedule,
    ScheduleStatus,
)
from finops.model.errors import StoreError
from finops.model.reports import Format
from finops.store.exact_text import storable
from finops.store.lake import tenant_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

PIECE = 2 * 1024 * 1024
"""Bytes of one piece of a letter: its statement stays below every server's limit, escaped or not."""


class HeldFiring(NamedTuple):
    """A claimed firing, and when its process said so last, by the wall clock."""

    firing: Firing
    alive: datetime


class HeldDelivery(NamedTuple):
    """A delivery in a process's hands, which process, and when it took it, by the wall clock."""

    delivery: Delivery
    worker: str
    alive: datetime


def digest(*parts: str) -> str:
    """An id that the same parts always give: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(storable(part) for part in parts).encode()).hexdigest()[:32]


def schedule_row(schedule: Schedule) -> dict[str, Any]:
    """The row of a schedule."""
    return {
        "schedule_id": schedule.schedule_id,
        "tenant": tenant_name(schedule.tenant),
        "name": storable(schedule.name),
        "report": schedule.report,
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "recipients": json.dumps(list(schedule.recipients)),
        "format": schedule.format.value,
        "owner": storable(schedule.owner),
        "created": schedule.created,
        "scope": json.dumps({name: list(values) for name, values in schedule.scope.items()}),
        "quiet": schedule.quiet,
        "status": schedule.status.value,
        "reason": storable(schedule.reason),
        "next_run": schedule.next_run,
        "last_run": schedule.last_run,
    }


def schedule_of(row: Row[Any]) -> Schedule:
    """The schedule of a row."""
    kept = row._asdict()
    kept["recipients"] = tuple(json.loads(kept["recipients"]))
    kept["scope"] = {name: tuple(values) for name, values in json.loads(kept["scope"]).items()}
    kept["format"] = Format(kept["format"])
    kept["status"] = ScheduleStatus(kept["status"])
    return Schedule(**kept)


def firing_row(firing: Firing, alive: datetime) -> dict[str, Any]:
    """The row of a firing."""
    return {
        "firing_id": firing.firing_id,
        "schedule_id": firing.schedule_id,
        "tenant": tenant_name(firing.tenant),
        "due": firing.due,
        "status": firing.status.value,
        "claimed_at": firing.claimed_at,
        "worker": firing.worker,
        "alive": alive,
        "late": firing.late,
        "skipped": firing.skipped,
        "attempts": firing.attempts,
        "retry_at": firing.retry_at,
        "reason": storable(firing.reason),
    }


def firing_of(row: Row[Any]) -> Firing:
    """The firing of a row."""
    kept = row._asdict()
    del kept["alive"]
    kept["status"] = FiringStatus(kept["status"])
    return Firing(**kept)


def delivery_of(row: Row[Any]) -> Delivery:
    """The delivery of a row."""
    kept = row._asdict()
    for name in ("letter_id", "origin", "worker", "alive"):
        del kept[name]
    kept["status"] = DeliveryStatus(kept["status"])
    return Delivery(**kept)


def sealed(letter: Letter) -> list[bytes]:
    """A letter as pieces of bytes: a line of JSON that names its parts, then the parts, compressed."""
    html, text = letter.html.encode("utf-8", "replace"), letter.text.encode("utf-8", "replace")
    head = {
        "subject": storable(letter.subject),
        "html": len(html),
        "text": len(text),
        "images": [[name, len(content)] for name, content in letter.images.items()],
        "attachments": [[each.name, each.media_type, len(each.content)] for each in letter.attachments],
    }
    parts = (html, text, *letter.images.values(), *(each.content for each in letter.attachments))
    whole = gzip.compress(b"".join((json.dumps(head).encode(), b"\n", *parts)), 1, mtime=0)
    return [whole[start : start + PIECE] for start in range(0, len(whole), PIECE)]


def opened(pieces: Iterable[bytes]) -> Letter:
    """The letter that was sealed; StoreError when its pieces are not whole."""
    try:
        head, _, rest = gzip.decompress(b"".join(pieces)).partition(b"\n")
        told = json.loads(head)
        images, attachments = told["images"], told["attachments"]
        sizes = [told["html"], told["text"], *(size for _, size in images), *(size for *_, size in attachments)]
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise StoreError(f"a letter of the outbox is damaged ({type(error).__name__})") from None
    cut = [0, *accumulate(sizes)]
    html, text, *more = [rest[start:end] for start, end in pairwise(cut)]
    files = more[len(images) :]
    return Letter(
        subject=told["subject"],
        html=html.decode(),
        text=text.decode(),
        images={name: content for (name, _), content in zip(images, more, strict=False)},
        attachments=tuple(
            Attachment(name, media_type, content)
            for (name, media_type, _), content in zip(attachments, files, strict=True)
        ),
    )

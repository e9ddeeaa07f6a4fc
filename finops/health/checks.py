"""The parts that must work: database, lake, disk, scheduler. And mail. A check is one line: so it is, or what to do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from finops.model.delivery import MailError
from finops.model.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from finops.aws.mail import Mails
    from finops.store import Store

TICK_LIMIT = timedelta(minutes=15)
"""A refresh may hold up the clock for minutes; after this the scheduler counts as stuck."""
FREE_MIB = 256
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Check:
    """One part and whether it works; `detail` is one line for people, without a secret."""

    name: str
    ok: bool
    detail: str


def database(store: Store) -> Check:
    """The state answers."""
    try:
        store.database.check()
    except StoreError as error:
        return Check("database", ok=False, detail=str(error))
    return Check("database", ok=True, detail=f"{store.database.kind} answers")


def lake(store: Store) -> Check:
    """The root of the lake answers."""
    try:
        store.lake.check()
    except StoreError as error:
        return Check("lake", ok=False, detail=str(error))
    return Check("lake", ok=True, detail="S3 answers" if store.lake.remote else "the folder can be read")


def disk(folder: Path) -> Check:
    """There is room in the data folder, or where it will be made."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        free = shutil.disk_usage(place).free // _MIB
    except OSError as error:
        return Check("disk", ok=False, detail=f"the data folder cannot be looked at ({type(error).__name__})")
    return Check("disk", ok=free >= FREE_MIB, detail=f"{free} MiB free, {FREE_MIB} MiB needed")


def mail(mails: Mails) -> Check:
    """Mails can leave; nothing is sent to find out. Without a sender none is meant to."""
    if not mails.sender:
        return Check("mail", ok=True, detail="nothing is mailed: FINOPS_EMAIL_FROM is not set")
    try:
        told = mails.transport.check()
    except MailError as error:
        return Check("mail", ok=False, detail=f"from {mails.sender} by {mails.kind}: {error}")
    return Check("mail", ok=True, detail=f"from {mails.sender} by {mails.kind}: {told}")


def ticking(tick: datetime | None, now: datetime) -> Check:
    """The scheduler turned lately."""
    if tick is None:
        return Check("scheduler", ok=False, detail="no tick yet")
    age = now - tick
    return Check("scheduler", ok=age <= TICK_LIMIT, detail=f"last tick {max(int(age.total_seconds()), 0)} s ago")

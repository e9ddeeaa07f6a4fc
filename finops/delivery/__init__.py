"""Reports that arrive: schedules, the clock that fires them, the outbox, letters as mails.

    delivery = Delivery(store.schedules, store.outbox, Office(rules, post, process), now=now)
    delivery.schedules.add("default", Wish("Weekly", "executive-summary", "0 7 * * 1", "Europe/Berlin", …), by="ann")
    delivery.fire(make)      # what is due becomes mails in the outbox
    delivery.send_due()      # and they leave, one for each reader

Any number of processes may turn this clock: a firing is claimed once, a mail handed over by one process.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.delivery.addresses import checked_recipients
from finops.delivery.firings import Firings, Stores
from finops.delivery.intervals import intervals
from finops.delivery.outbox import Outbox, Sent
from finops.delivery.schedules import Preview, Schedules, Wish
from finops.delivery.terms import Post, Process, Rules, Transport
from finops.model.delivery import DeliveryStatus, Mailing
from finops.model.errors import InputError
from finops.model.findings import AuditEvent
from finops.store.job_rows import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from finops.delivery.terms import Maker
    from finops.model.delivery import Delivery as OneDelivery
    from finops.model.delivery import Firing, FiringStatus, Letter, Schedule
    from finops.model.reports import Interval
    from finops.store.outbox import OutboxStore
    from finops.store.schedules import ScheduleStore

__all__ = [
    "TRIAL",
    "Delivery",
    "Office",
    "Post",
    "Preview",
    "Process",
    "Rules",
    "Schedules",
    "Sent",
    "Transport",
    "Wish",
]

TRIAL = "trial"
"""Kind of a mail that a person sends to try a schedule out."""
USUAL_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Office:
    """What delivery is given by whoever opens the product."""

    rules: Rules
    post: Post
    process: Process


class Delivery:
    """Schedules, firings and mails of every tenant. Safe to share between threads and processes."""

    def __init__(
        self, schedules: ScheduleStore, outbox: OutboxStore, office: Office, *, now: Callable[[], datetime]
    ) -> None:
        self.schedules = Schedules(schedules, office.rules, now)
        self._firings = Firings(Stores(schedules, outbox), office.rules, office.process, now)
        self._outbox = Outbox(outbox, office.post, office.process, domains=office.rules.domains, now=now)
        self._kept, self._letters = schedules, outbox
        self._office = office
        self._now = now

    def fire(self, make: Maker) -> tuple[Firing, ...]:
        """One turn of the clock: claims every time that is due, makes its mails and queues them; what it worked on."""
        return self._firings.turn(make)

    def fire_now(self, tenant: str, schedule_id: str, make: Maker, *, by: str) -> Firing:
        """Fires a schedule out of turn, for its readers; its next time stays. Its mails are queued when this returns.

        How it ended stands in `firings`. InputError when there is none, it is paused, or was changed meanwhile.
        """
        schedule = self.schedules.one(tenant, schedule_id)
        detail = {"name": schedule.name, "recipients": list(schedule.recipients)}
        event = AuditEvent(0, self._now(), by, "schedule.run", schedule.schedule_id, detail)
        return self._firings.out_of_turn(schedule, make, event)

    def send_due(self) -> Sent:
        """One turn of the outbox: settles what dead processes left, and sends what is due."""
        return self._outbox.send_due()

    def stop(self) -> None:
        """The mail in hand is finished, no other is begun: for a process that ends."""
        self._office.process.stopping.set()

    def purge(self) -> int:
        """Forgets the content of mails that are settled and two weeks old; how many letters."""
        return self._outbox.purge()

    def queue(self, tenant: str, letter: Letter, recipients: Iterable[str], *, kind: str, key: str) -> int:
        """Queues a letter that no schedule sends, such as an alert; how many mails it will be.

        The same tenant, kind and key never queue again: 0. InputError when an address is none or not allowed.
        """
        readers = checked_recipients(recipients, self._office.rules.domains)
        return self._letters.queue(tenant, kind, (Mailing(letter, readers),), key=key, moment=self._moment())

    def try_out(self, tenant: str, mailings: Sequence[Mailing], to: str, *, by: str) -> int:
        """Queues the letters of a schedule for one address instead of its readers: a dry run. How many mails."""
        readers = checked_recipients([to], self._office.rules.domains)
        told = 0
        for mailing in mailings:
            key = f"{by}:{secrets.token_hex(8)}"
            told += self._letters.queue(
                tenant, TRIAL, (Mailing(mailing.letter, readers),), key=key, moment=self._moment()
            )
        return told

    def intervals(
        self, schedule: Schedule, firing: Firing | None = None
    ) -> tuple[tuple[Interval, tuple[str, ...]], ...]:
        """From when to when a schedule's mail tells its readers what changed; those with the same interval together."""
        return intervals(schedule, firing, self._letters.received(schedule.schedule_id), self._now())

    def firings(
        self,
        tenant: str,
        *,
        schedule_id: str = "",
        statuses: Sequence[FiringStatus] = (),
        limit: int = USUAL_LIMIT,
        offset: int = 0,
    ) -> tuple[tuple[Firing, ...], int]:
        """Firings of a tenant, the latest due first, and how many there are in all."""
        return self._kept.firings(tenant, schedule_id=schedule_id, statuses=statuses, limit=limit, offset=offset)

    def deliveries(
        self,
        tenant: str,
        *,
        schedule_id: str = "",
        firing_id: str = "",
        statuses: Sequence[DeliveryStatus] = (),
        limit: int = USUAL_LIMIT,
        offset: int = 0,
    ) -> tuple[tuple[OneDelivery, ...], int]:
        """Mails of a tenant, the newest first, and how many there are in all."""
        return self._letters.deliveries(
            tenant, schedule_id=schedule_id, firing_id=firing_id, statuses=statuses, limit=limit, offset=offset
        )

    def one(self, tenant: str, delivery_id: str) -> OneDelivery:
        """A mail of a tenant by its id; InputError when there is none."""
        found = self._letters.find(delivery_id)
        if found is None or found.tenant != tenant:
            raise InputError("delivery_id", f"there is no mail {delivery_id[:64]}")
        return found

    def letter(self, tenant: str, delivery_id: str) -> Letter:
        """What was, or will be, in a mail; StoreError when it is not kept any more."""
        return self._letters.letter(self.one(tenant, delivery_id).delivery_id)

    def resend(self, tenant: str, delivery_id: str, *, by: str) -> OneDelivery:
        """Queues a mail again because a person says so, whatever became of it; the reader may then have it twice.

        InputError when there is none, it is still on its way, or its content is not kept any more.
        """
        seen = self.one(tenant, delivery_id)
        if seen.status in {DeliveryStatus.QUEUED, DeliveryStatus.SENDING}:
            raise InputError("delivery_id", "this mail is on its way")
        detail = {"recipient": seen.recipient, "subject": seen.subject, "was": str(seen.status)}
        event = AuditEvent(0, self._now(), by, "delivery.resend", seen.delivery_id, detail)
        if not self._letters.resend(seen, event):
            raise InputError("delivery_id", "this mail changed meanwhile; look again")
        return self.one(tenant, delivery_id)

    def unsubscribe(self, tenant: str, schedule_id: str, recipient: str) -> bool:
        """A reader wants no more mails of a schedule ("": none at all); False when that was known."""
        event = self._by_reader("mail.unsubscribe", schedule_id, recipient)
        return self._letters.unsubscribe(tenant, schedule_id, recipient, at=self._now(), event=event)

    def subscribe(self, tenant: str, schedule_id: str, recipient: str) -> bool:
        """A reader wants them again after all; False when nothing was stopped under that schedule ("": in general)."""
        event = self._by_reader("mail.subscribe", schedule_id, recipient)
        return self._letters.subscribe(tenant, schedule_id, recipient, event)

    def unsubscribed(self, tenant: str, schedule_id: str, recipient: str) -> bool:
        """Whether a reader has stopped the mails of a schedule, or all of them."""
        return self._letters.unsubscribed(tenant, schedule_id, recipient)

    def _by_reader(self, deed: str, schedule_id: str, recipient: str) -> AuditEvent:
        return AuditEvent(0, self._now(), recipient, deed, schedule_id, {"recipient": recipient})

    def standing(self, firings: Sequence[Firing]) -> dict[str, dict[str, int]]:
        """How many mails of each firing, by its id, stand how."""
        return self._letters.standing([firing.firing_id for firing in firings])

    def counts(self) -> dict[str, int]:
        """How many mails of all tenants stand how."""
        return self._letters.counts()

    def _moment(self) -> Moment:
        return Moment(self._now(), self._office.process.clock())

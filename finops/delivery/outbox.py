"""The outbox: each mail is handed over by the one process that took it, and what became of it is written down.

Nothing is sent twice by itself. Of a mail whose process died between handing over and writing down the transport is
asked; where it cannot tell, the delivery is uncertain until a person decides.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.delivery.addresses import may_receive
from finops.delivery.firings import abandoned
from finops.delivery.terms import HANDS
from finops.model.delivery import Delivery, DeliveryStatus, MailError
from finops.model.errors import CODE_FAULTS, FinopsError
from finops.store.job_rows import Moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from finops.delivery.terms import Post, Process
    from finops.store.delivery_rows import HeldDelivery
    from finops.store.outbox import OutboxStore

log = logging.getLogger(__name__)

BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""How long a mail that was not taken waits before it is tried again; then it has failed."""
DEAD = timedelta(minutes=15)
"""A mail in the hands of a process that cannot be looked at is asked after when it is that old, by the wall clock."""
MOST, SECONDS = 500, 40.0
"""A turn sends at most so many, for at most so long: the clock has other work."""
REFUSALS = 3
"""So many mails put off one after the other, and the transport is left alone until the next turn."""
KEPT = timedelta(days=14)
"""How long the content of a mail is kept to be sent again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a turn of the outbox did."""

    sent: int = 0
    failed: int = 0
    withheld: int = 0
    uncertain: int = 0
    put_back: int = 0


class Outbox:
    """Sends what is queued. Safe to run in any number of processes."""

    def __init__(
        self,
        store: OutboxStore,
        post: Post,
        process: Process,
        *,
        domains: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._post = post
        self._process = process
        self._domains = domains
        self._now = now

    def send_due(self, *, most: int = MOST) -> Sent:
        """Settles what dead processes left, then sends what is due, at the transport's pace."""
        told = [delivery.status for delivery in self.recover()]
        deadline = self._post.monotonic() + SECONDS
        put_off = 0
        for waiting in self._store.waiting(self._now(), most):
            if self._process.stopping.is_set():
                break
            settled = self._sent(waiting)
            if settled is None:
                continue
            told.append(settled.status)
            put_off = put_off + 1 if settled.retry_at else 0
            if put_off >= REFUSALS or self._post.monotonic() > deadline:
                break
            if settled.status is not DeliveryStatus.WITHHELD:
                self._post.sleep(1 / self._post.per_second)
        return Sent(
            sent=told.count(DeliveryStatus.SENT),
            failed=told.count(DeliveryStatus.FAILED),
            withheld=told.count(DeliveryStatus.WITHHELD),
            uncertain=told.count(DeliveryStatus.UNCERTAIN),
            put_back=told.count(DeliveryStatus.QUEUED),
        )

    def recover(self) -> tuple[Delivery, ...]:
        """Settles the deliveries of dead processes: sent, queued again, or uncertain, as the transport tells."""
        return tuple(settled for held in self._store.sending() if (settled := self._recovered(held)) is not None)

    def purge(self) -> int:
        """Forgets the content of old mails that are settled; how many."""
        return self._store.purge(self._now() - KEPT)

    def _recovered(self, held: HeldDelivery) -> Delivery | None:
        delivery = held.delivery
        with HANDS.holding(delivery.delivery_id) as mine:
            if not mine or not abandoned(held.worker, held.alive, DEAD, self._process):
                return None
            try:
                known = self._post.transport.delivered(transport_id(delivery))
            except FinopsError as error:
                log.warning("whether mail %s was taken cannot be asked now: %s", delivery.delivery_id, error)
                return None
            told = _after_death(delivery, known, self._now())
            log.warning("mail %s: its process %s ended; it is %s", delivery.delivery_id, held.worker, told.status)
            return told if self._store.settle(delivery, told) else None

    def _sent(self, waiting: Delivery) -> Delivery | None:
        """A waiting delivery, settled; None when somebody else has it."""
        with HANDS.holding(waiting.delivery_id) as mine:
            if not mine:
                return None
            moment = Moment(self._now(), self._process.clock())
            taken = self._store.take(waiting, self._process.name, moment)
            if taken is None:
                return None
            told = self._handed_over(taken)
            self._settle(taken, told)
            return told

    def _settle(self, taken: Delivery, told: Delivery) -> None:
        """Writes the outcome down, also where another process has given this one up meanwhile."""
        if self._store.settle(taken, told) or self._store.settle(replace(taken, status=DeliveryStatus.UNCERTAIN), told):
            return
        log.warning("mail %s was settled by another process meanwhile; it is %s", told.delivery_id, told.status)

    def _handed_over(self, taken: Delivery) -> Delivery:
        reason = self._held_back(taken)
        if reason:
            return replace(taken, status=DeliveryStatus.WITHHELD, reason=reason)
        try:
            message = self._post.compose(self._store.letter(taken.delivery_id), taken, transport_id(taken))
        except FinopsError as error:
            return self._put_off(taken, str(error))
        except CODE_FAULTS as error:
            log.exception("mail %s cannot be composed", taken.delivery_id)
            return self._put_off(taken, f"the mail cannot be composed ({type(error).__name__}); the log says more")
        return self._given(taken, message)

    def _given(self, taken: Delivery, message: bytes) -> Delivery:
        """What the transport said. From here on a fault may mean that the mail is out."""
        try:
            receipt = self._post.transport.send(
                message, sender=self._post.sender, recipient=taken.recipient, delivery_id=transport_id(taken)
            )
        except MailError as error:
            return self._refused(taken, error)
        except (FinopsError, *CODE_FAULTS) as error:
            log.exception("mail %s: the transport broke", taken.delivery_id)
            told = f"the transport broke ({type(error).__name__}): nobody can tell whether the mail is out"
            return replace(taken, status=DeliveryStatus.UNCERTAIN, reason=told)
        return replace(taken, status=DeliveryStatus.SENT, sent_at=self._now(), message_id=receipt.message_id, reason="")

    def _refused(self, taken: Delivery, error: MailError) -> Delivery:
        reason = f"{error} ({error.code})" if error.code else str(error)
        if error.kind == MailError.LATER:
            return self._put_off(taken, reason)
        never = error.kind == MailError.NEVER
        return replace(taken, status=DeliveryStatus.FAILED if never else DeliveryStatus.UNCERTAIN, reason=reason)

    def _put_off(self, taken: Delivery, reason: str) -> Delivery:
        """Failed for now, as long as there are pauses left."""
        tried = taken.attempts - taken.earlier
        left = BACKOFF[tried - 1 : tried]
        retry_at = self._now() + left[0] if left else None
        return replace(taken, status=DeliveryStatus.FAILED, retry_at=retry_at, reason=reason)

    def _held_back(self, delivery: Delivery) -> str:
        """Why a mail may not leave any more, "" when it may."""
        if not may_receive(delivery.recipient, self._domains):
            return "mails may not go to this address any more: its domain is not among those allowed"
        if self._store.unsubscribed(delivery.tenant, delivery.schedule_id, delivery.recipient):
            return "the reader has unsubscribed"
        return ""


def transport_id(delivery: Delivery) -> str:
    """What a transport knows a mail by: the same at every attempt, another when a person has it sent again."""
    return f"{delivery.delivery_id}-{delivery.earlier}" if delivery.earlier else delivery.delivery_id


def _after_death(delivery: Delivery, known: bool | None, now: datetime) -> Delivery:
    if known:
        told = "its process ended before it could note that the mail was taken"
        return replace(delivery, status=DeliveryStatus.SENT, sent_at=now, reason=told)
    if known is False:
        return replace(delivery, status=DeliveryStatus.QUEUED, reason="")
    told = "its process ended while the mail was handed over: nobody can tell whether it is out"
    return replace(delivery, status=DeliveryStatus.UNCERTAIN, reason=told)

"""The outbox in SQL: letters, and one delivery for each reader. A delivery is handed over by the one who took it.

    store.outbox.queue("default", "report", mailings, key=firing_id, firing=firing, moment=moment)
    taken = store.outbox.take(delivery, "host:123", moment)  # None when somebody else has it

What changes a delivery names how it was seen: its status and how often it was tried.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from finops.model.delivery import Delivery, DeliveryStatus, Firing, FiringStatus, Letter
from finops.model.errors import InputError, StoreError
from finops.store.delivery_rows import HeldDelivery, delivery_of, digest, opened, sealed
from finops.store.delivery_schema import delivery as delivery_table
from finops.store.delivery_schema import firing as firing_table
from finops.store.delivery_schema import letter as letter_table
from finops.store.delivery_schema import letter_piece, unsubscribed
from finops.store.exact_text import fitted, storable
from finops.store.findings_audit import write_audit
from finops.store.lake import tenant_name
from finops.store.schedules import same_firing
from finops.store.sql_types import NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.delivery import Mailing
    from finops.model.findings import AuditEvent
    from finops.store.database import Database
    from finops.store.job_rows import Moment

_KIND_LENGTH = 16
_FINAL = (DeliveryStatus.SENT, DeliveryStatus.WITHHELD, DeliveryStatus.UNCERTAIN)


class _Post(NamedTuple):
    """What letters that are queued together have in common."""

    tenant: str
    kind: str
    key: str
    moment: Moment
    firing: Firing | None

    @property
    def origin(self) -> str:
        """What each reader gets one mail of."""
        return self.firing.firing_id if self.firing else digest(self.tenant, self.kind, self.key)

    def same_key(self) -> tuple[Any, ...]:
        """The conditions of letters queued under the same key."""
        c = letter_table.c
        return (c.tenant == self.tenant, c.kind == self.kind, c.letter_key == self.key)


class OutboxStore:
    """Letters and deliveries of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def queue(
        self,
        tenant: str,
        kind: str,
        mailings: Sequence[Mailing],
        *,
        key: str,
        moment: Moment,
        firing: Firing | None = None,
    ) -> int:
        """Letters with their deliveries, all in one transaction; how many deliveries, 0 when the key was queued before.

        A firing is ended with it: 0, and nothing queued, when another worker has taken it over. Of several letters to
        the same reader the first is kept.
        """
        post = _Post(tenant_name(tenant), kind[:_KIND_LENGTH], fitted(key, NAME_LENGTH), moment, firing)
        letters = [_letter_rows(post, each, place) for place, each in enumerate(mailings)]
        rows = _delivery_rows(post, mailings, [row["letter_id"] for row, _ in letters])

        def work(connection: Connection) -> int:
            if firing is not None and not _ended(connection, firing):
                return 0
            if connection.execute(select(letter_table.c.letter_id).where(*post.same_key())).first() is not None:
                return 0
            for row, pieces in letters:
                connection.execute(insert(letter_table).values(row))
                for place, piece in enumerate(pieces):
                    one = {"letter_id": row["letter_id"], "place": place, "content": piece}
                    connection.execute(insert(letter_piece).values(one))
            if rows:
                connection.execute(insert(delivery_table), rows)
            return len(rows)

        return self._database.write(work)

    def waiting(self, now: datetime, most: int) -> tuple[Delivery, ...]:
        """Deliveries to be sent by now, the oldest first."""
        c = delivery_table.c
        queued = c.status == DeliveryStatus.QUEUED.value
        again = and_(c.status == DeliveryStatus.FAILED.value, c.retry_at <= now)
        wanted = select(delivery_table).where(or_(queued, again)).order_by(c.queued_at, c.delivery_id).limit(most)
        with self._database.reading() as connection:
            return tuple(delivery_of(row) for row in connection.execute(wanted))

    def take(self, seen: Delivery, worker: str, moment: Moment) -> Delivery | None:
        """Makes a waiting delivery this worker's to hand over; None when somebody else was faster."""
        mine = replace(seen, status=DeliveryStatus.SENDING, attempts=seen.attempts + 1, retry_at=None)
        values = {"status": mine.status.value, "attempts": mine.attempts, "retry_at": None}
        return mine if self._changed(seen, {**values, "worker": worker, "alive": moment.alive}) else None

    def settle(self, taken: Delivery, told: Delivery) -> bool:
        """Writes down what became of a delivery that was taken; False when it was settled otherwise meanwhile."""
        values: dict[str, Any] = {
            "status": told.status.value,
            "sent_at": told.sent_at,
            "retry_at": told.retry_at,
            "message_id": storable(told.message_id),
            "reason": storable(told.reason),
        }
        return self._changed(taken, values)

    def sending(self) -> tuple[HeldDelivery, ...]:
        """Every delivery that some process hands over, or did when it died."""
        wanted = select(delivery_table).where(delivery_table.c.status == DeliveryStatus.SENDING.value)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(delivery_table.c.queued_at)).all()
            return tuple(HeldDelivery(delivery_of(row), row.worker, row.alive) for row in rows)

    def letter(self, delivery_id: str) -> Letter:
        """The letter of a delivery; StoreError when it was purged."""
        named = select(delivery_table.c.letter_id).where(delivery_table.c.delivery_id == delivery_id)
        wanted = select(letter_piece.c.content).where(letter_piece.c.letter_id == named.scalar_subquery())
        with self._database.reading() as connection:
            pieces = connection.execute(wanted.order_by(letter_piece.c.place)).scalars().all()
        if not pieces:
            raise StoreError("the letter is not kept any more")
        return opened(pieces)

    def find(self, delivery_id: str) -> Delivery | None:
        """A delivery of any tenant."""
        wanted = select(delivery_table).where(delivery_table.c.delivery_id == delivery_id)
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
            return None if row is None else delivery_of(row)

    def deliveries(
        self,
        tenant: str,
        *,
        schedule_id: str = "",
        firing_id: str = "",
        statuses: Sequence[DeliveryStatus] = (),
        limit: int,
        offset: int = 0,
    ) -> tuple[tuple[Delivery, ...], int]:
        """Deliveries of a tenant, newest first, and how many there are in all."""
        c = delivery_table.c
        wanted = [c.tenant == tenant_name(tenant)]
        wanted += [c.schedule_id == schedule_id] if schedule_id else []
        wanted += [c.firing_id == firing_id] if firing_id else []
        wanted += [c.status.in_([status.value for status in statuses])] if statuses else []
        ordered = select(delivery_table).where(*wanted).order_by(c.queued_at.desc(), c.delivery_id)
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(delivery_table).where(*wanted)).scalar_one()
            found = connection.execute(ordered.limit(limit).offset(offset))
            return tuple(delivery_of(row) for row in found), total

    def received(self, schedule_id: str) -> dict[str, datetime]:
        """When the firing of the latest mail that was sent to each reader was claimed, by the address in small letters.

        What has failed, or may not have arrived, does not count.
        """
        c, claimed = delivery_table.c, func.max(firing_table.c.claimed_at)
        both = delivery_table.join(firing_table, firing_table.c.firing_id == c.firing_id)
        sent = (c.schedule_id == schedule_id, c.status == DeliveryStatus.SENT.value)
        wanted = select(c.recipient, claimed).select_from(both).where(*sent).group_by(c.recipient)
        found: dict[str, datetime] = {}
        with self._database.reading() as connection:
            for recipient, at in connection.execute(wanted):
                found[recipient.lower()] = max(at, found.get(recipient.lower(), at))
        return found

    def standing(self, firings: Sequence[str]) -> dict[str, dict[str, int]]:
        """How many mails of each of these firings stand how."""
        c = delivery_table.c
        wanted = select(c.firing_id, c.status, func.count()).where(c.firing_id.in_(firings))
        found: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for firing_id, status, count in connection.execute(wanted.group_by(c.firing_id, c.status)):
                found.setdefault(firing_id, {})[status] = count
        return found

    def counts(self) -> dict[str, int]:
        """How many deliveries of all tenants stand how."""
        wanted = select(delivery_table.c.status, func.count()).group_by(delivery_table.c.status)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(wanted)}

    def resend(self, seen: Delivery, event: AuditEvent) -> bool:
        """Queues a settled delivery again because a person says so; False when it changed meanwhile.

        InputError when its letter is not kept any more.
        """
        c = letter_table.c
        mine = select(delivery_table.c.letter_id).where(delivery_table.c.delivery_id == seen.delivery_id)
        values = {"status": DeliveryStatus.QUEUED.value, "earlier": seen.attempts, "retry_at": None, "reason": ""}

        def work(connection: Connection) -> bool:
            if not connection.execute(select(c.pieces).where(c.letter_id == mine.scalar_subquery())).scalar():
                raise InputError("delivery_id", "this mail is not kept any more; make the report again")
            if connection.execute(_as_seen(seen).values(values)).rowcount == 0:
                return False
            write_audit(connection, seen.tenant, event)
            return True

        return self._database.write(work)

    def unsubscribe(self, tenant: str, schedule_id: str, recipient: str, *, at: datetime, event: AuditEvent) -> bool:
        """Notes that a reader wants no more mails of a schedule ("": none at all); False when that was known."""
        row = {
            "tenant": tenant_name(tenant),
            "schedule_id": schedule_id,
            "recipient": storable(recipient).lower(),
            "at": at,
        }
        c = unsubscribed.c
        same = (c.tenant == row["tenant"], c.schedule_id == schedule_id, c.recipient == row["recipient"])

        def work(connection: Connection) -> bool:
            if connection.execute(select(c.at).where(*same)).first() is not None:
                return False
            connection.execute(insert(unsubscribed).values(row))
            write_audit(connection, tenant, event)
            return True

        return self._database.write(work)

    def subscribe(self, tenant: str, schedule_id: str, recipient: str, event: AuditEvent) -> bool:
        """Forgets that a reader wanted no more mails of a schedule ("": of any); False when it was not so."""
        c = unsubscribed.c
        same = (c.tenant == tenant_name(tenant), c.schedule_id == schedule_id)
        noted = delete(unsubscribed).where(*same, c.recipient == storable(recipient).lower())

        def work(connection: Connection) -> bool:
            if connection.execute(noted).rowcount == 0:
                return False
            write_audit(connection, tenant, event)
            return True

        return self._database.write(work)

    def unsubscribed(self, tenant: str, schedule_id: str, recipient: str) -> bool:
        """Whether a reader wants no mails of this schedule, or none at all."""
        c = unsubscribed.c
        same = (c.tenant == tenant_name(tenant), c.recipient == storable(recipient).lower())
        wanted = select(c.at).where(*same, c.schedule_id.in_(("", schedule_id))).limit(1)
        with self._database.reading() as connection:
            return connection.execute(wanted).first() is not None

    def purge(self, before: datetime, most: int = 100) -> int:
        """Forgets the content of letters queued before an instant that nobody waits for any more; how many letters.

        What was sent to whom stays known.
        """
        c = delivery_table.c
        final = or_(
            c.status.in_([status.value for status in _FINAL]),
            and_(c.status == DeliveryStatus.FAILED.value, c.retry_at.is_(None)),
        )
        waits = select(c.letter_id).where(c.letter_id == letter_table.c.letter_id, ~final).exists()
        old = select(letter_table.c.letter_id).where(letter_table.c.queued_at < before, letter_table.c.pieces > 0)
        with self._database.reading() as connection:
            found = list(connection.execute(old.where(~waits).limit(most)).scalars())
        if found:
            self._database.write(lambda connection: _emptied(connection, found))
        return len(found)

    def _changed(self, seen: Delivery, values: dict[str, Any]) -> bool:
        return self._database.write(lambda connection: connection.execute(_as_seen(seen).values(values))).rowcount > 0


def _as_seen(seen: Delivery) -> Any:
    """An update of a delivery that is still as it was seen."""
    c = delivery_table.c
    same = (c.delivery_id == seen.delivery_id, c.status == seen.status.value)
    return update(delivery_table).where(*same, c.attempts == seen.attempts, c.earlier == seen.earlier)


def _ended(connection: Connection, firing: Firing) -> bool:
    values = {"status": FiringStatus.QUEUED.value, "reason": "", "retry_at": None}
    return connection.execute(update(firing_table).where(*same_firing(firing)).values(values)).rowcount > 0


def _emptied(connection: Connection, letters: list[str]) -> None:
    connection.execute(delete(letter_piece).where(letter_piece.c.letter_id.in_(letters)))
    connection.execute(update(letter_table).where(letter_table.c.letter_id.in_(letters)).values(pieces=0))


def _letter_rows(post: _Post, mailing: Mailing, place: int) -> tuple[dict[str, Any], list[bytes]]:
    """A letter's row and its pieces; the first letter holds the key, further ones a key of their own."""
    own = fitted(f"{post.key}:{place}", NAME_LENGTH) if place else post.key
    pieces = sealed(mailing.letter)
    row = {
        "letter_id": digest(post.tenant, post.kind, own),
        "tenant": post.tenant,
        "kind": post.kind,
        "letter_key": own,
        "queued_at": post.moment.at,
        "pieces": len(pieces),
    }
    return row, pieces


def _delivery_rows(post: _Post, mailings: Sequence[Mailing], letters: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each reader, once."""
    readers: dict[str, int] = {}
    for place, mailing in enumerate(mailings):
        for recipient in mailing.recipients:
            readers.setdefault(recipient, place)
    firing, origin = post.firing, post.origin
    return [
        {
            "delivery_id": digest(origin, recipient),
            "tenant": post.tenant,
            "kind": post.kind,
            "letter_id": letters[place],
            "origin": origin,
            "firing_id": firing.firing_id if firing else "",
            "schedule_id": firing.schedule_id if firing else "",
            "recipient": recipient,
            "subject": storable(mailings[place].letter.subject),
            "status": DeliveryStatus.QUEUED.value,
            "queued_at": post.moment.at,
            "attempts": 0,
            "earlier": 0,
            "worker": "",
            "alive": post.moment.alive,
            "sent_at": None,
            "retry_at": None,
            "message_id": "",
            "reason": "",
        }
        for recipient, place in readers.items()
    ]

"""What delivery is given: which process this is, what schedules are checked against, and how mails leave."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from finops.store.leases import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from finops.model.delivery import Delivery, Firing, Letter, Mailing, Receipt, Schedule

    Maker = Callable[[Schedule, Firing], Sequence[Mailing]]
    """The mails of one firing, none when there is nothing to say. NotAllowed when its owner may not (any more)."""


@dataclass(frozen=True, slots=True)
class Process:
    """This process as the database names it, and how it sees whether another is no more.

    `clock` is the wall clock, which signs of life go by whatever the product takes as now; once `stopping` is set,
    nothing more is begun.
    """

    name: str
    gone: Callable[[str], bool] = lambda _: False
    clock: Callable[[], datetime] = wall_clock
    stopping: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a schedule is checked against when it is saved, and its owner again at every firing.

    `allowed` raises NotAllowed when the owner is unknown, disabled or lacks a right at this moment.
    """

    reports: Callable[[], Collection[str]]
    domains: tuple[str, ...]
    allowed: Callable[[Schedule], None]


class Transport(Protocol):
    """Hands one mail to one reader over. MailError says whether later may work, never will, or nobody can tell."""

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:
        """The receipt of a mail that was taken."""
        ...

    def delivered(self, delivery_id: str) -> bool | None:
        """Whether a mail was taken, None where nobody can tell."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """How mails leave. `compose` makes the bytes for one reader, with that reader's unsubscribe link.

    `per_second` is how many mails may leave in a second.
    """

    transport: Transport
    sender: str
    compose: Callable[[Letter, Delivery, str], bytes]
    per_second: float = 10.0
    sleep: Callable[[float], None] = field(default=time.sleep)
    monotonic: Callable[[], float] = field(default=time.monotonic)


class Hands:
    """What threads of this process work on now: of a row that bears its name, whether somebody still does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()

    @contextmanager
    def holding(self, name: str) -> Iterator[bool]:
        """True for the one thread that holds it meanwhile."""
        with self._lock:
            mine = name not in self._held
            self._held.add(name)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._held.discard(name)

    def __contains__(self, name: str) -> bool:
        with self._lock:
            return name in self._held


HANDS = Hands()
"""One for the process, as its name in the database is."""

"""A circuit breaker: after several failures in a row a place is left alone, then probed by one call at a time."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

FAILURES_TO_OPEN = 5
COOL_DOWN_SECONDS = 30.0


class Position(StrEnum):
    """Closed lets calls through, open refuses them, probing lets one find out."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class BreakerState:
    """What Health and the metrics show. `since` is when the breaker left the closed position, None while closed."""

    position: Position
    failures: int
    since: datetime | None


class CircuitOpen(Exception):  # noqa: N818 - a position, and the breaker doing its work
    """The call was not made: the place failed repeatedly and is left alone for `seconds` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"left alone for {seconds:.0f} more seconds")
        self.seconds = seconds


@dataclass(slots=True)
class Attempt:
    """One admitted call, which says how it went; saying nothing (it was never sent) leaves the breaker as it was."""

    reached: bool | None = None


@dataclass(slots=True)
class Breaker:
    """The breaker of one place. `monotonic` measures the cool-down, `now` dates the opening."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _failures: int = 0
    _opened: float = 0.0
    _since: datetime | None = None
    _probing: bool = False

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Admits a call or raises CircuitOpen. While open, one thread at a time probes after the cool-down."""
        probe = self._admit()
        attempt = Attempt()
        try:
            yield attempt
        finally:
            self._settle(attempt, probe=probe)

    def state(self) -> BreakerState:
        """The state now, for people and metrics."""
        with self._lock:
            if self._since is None:
                return BreakerState(Position.CLOSED, self._failures, None)
            return BreakerState(Position.PROBING if self._probing else Position.OPEN, self._failures, self._since)

    def _admit(self) -> bool:
        with self._lock:
            if self._since is None:
                return False
            left = self._opened + COOL_DOWN_SECONDS - self.monotonic()
            if left > 0 or self._probing:
                raise CircuitOpen(max(left, 0.0))
            self._probing = True
            return True

    def _settle(self, attempt: Attempt, *, probe: bool) -> None:
        with self._lock:
            if probe:
                self._probing = False
            if attempt.reached is True:
                self._failures, self._since = 0, None
            elif attempt.reached is False:
                self._failures += 1
                if probe or (self._since is None and self._failures >= FAILURES_TO_OPEN):
                    self._since = self._since or self.now()
                    self._opened = self.monotonic()

"""How fast one service of one account and region is asked: below the limit at which AWS starts to refuse.

Waiting beforehand is cheaper than being refused: a throttled call is made again after a growing pause, up to six times.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BURST_SECONDS = 2.0
"""So much of a rate may be spent at once after a pause; AWS's own buckets hold several seconds' worth."""


class Pace:
    """A token bucket for each (account, region, service); safe to share between threads."""

    def __init__(
        self, *, sleep: Callable[[float], None] = time.sleep, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._free: dict[tuple[str, str, str], float] = {}

    def wait(self, place: tuple[str, str, str], rate: float) -> float:
        """Waits for the place's next turn, at `rate` calls per second. Returns the seconds waited."""
        with self._lock:
            now = self._monotonic()
            turn = max(self._free.get(place, now - BURST_SECONDS), now - BURST_SECONDS)
            self._free[place] = turn + 1 / rate
        pause = turn - now
        if pause <= 0:
            return 0.0
        self._sleep(pause)
        return pause

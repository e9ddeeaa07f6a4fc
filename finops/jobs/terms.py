"""How often a job says that it lives, and when it is taken for dead.

A process that dies right after a heartbeat is found out when the heartbeat is DEAD old, by the next look: within
DEAD + REAP seconds, so within a minute of a `kill -9`, at once where the process can be seen to be gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.store.leases import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

QUEUE = "finops"


@dataclass(frozen=True, slots=True)
class Terms:
    """Times in seconds. `clock` is the wall clock, which heartbeats go by whatever the product takes as now."""

    beat: float = 10.0  # between two signs of life of a running job
    write: float = 1.0  # at least, between two writes of its progress
    dead: float = 45.0  # a job without a sign of life for longer is interrupted
    reap: float = 15.0  # at most, between two looks for such jobs
    poll: float = 0.5  # between two looks of somebody who waits for a worker's job
    remind: float = 3600.0  # a job that no worker took for that long is sent again
    clock: Callable[[], datetime] = wall_clock
    queue: str = QUEUE

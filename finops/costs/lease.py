"""One refresh of a tenant at a time, whatever the number of threads and processes: two must not pay for the same days.

A refresh opens its run in the ledger first and then looks for others under way. Everyone who sees an earlier one
gives way, so two never go on together; the earlier of two that saw each other waits for the later one to give way.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.costs.cubes import COST_EXPLORER
from finops.costs.standing import BUSY, LEASE
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from finops.store import Ledger, Run, Store

KIND = "costs.refresh"
_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05

_local: set[tuple[str, str]] = set()
_guard = threading.Lock()


@contextmanager
def within_process(store: Store, tenant: str) -> Iterator[bool]:
    """True for the one thread of this process that may refresh the tenant now."""
    key = (str(store.database.engine.url), tenant)
    with _guard:
        mine = key not in _local
        _local.add(key)
    try:
        yield mine
    finally:
        if mine:
            with _guard:
                _local.discard(key)


def opened(ledger: Ledger, tenant: str, now: datetime) -> Run | None:
    """A running run that holds the lease; None when another process refreshes the tenant."""
    if _others(ledger, tenant, now):
        return None
    run = ledger.begin(tenant, KIND, COST_EXPLORER, {"process": _process()})
    deadline = time.monotonic() + _WAIT_SECONDS
    while others := _others(ledger, tenant, now, mine=run):
        earlier = any((other.started, other.run_id) < (run.started, run.run_id) for other in others)
        if earlier or time.monotonic() > deadline:
            ledger.fail(run, (Failure(BUSY, "another refresh was under way"),))
            return None
        time.sleep(_POLL_SECONDS)
    return run


def _others(ledger: Ledger, tenant: str, now: datetime, mine: Run | None = None) -> list[Run]:
    runs = ledger.runs(tenant, source=COST_EXPLORER)
    return [
        run
        for run in runs
        if run.status == "running"
        and (mine is None or run.run_id != mine.run_id)
        and now - run.started <= LEASE
        and not _dead(run)
    ]


def _process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _dead(run: Run) -> bool:
    """Whether the run's process is known to be gone: it was on this machine and no longer exists."""
    host, _, number = str(run.detail.get("process", "")).rpartition(":")
    if host != socket.gethostname() or not number.isdecimal():
        return False
    if int(number) == os.getpid():
        # Threads of one process are kept apart before they come here, so a run of our own without an end was abandoned.
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False

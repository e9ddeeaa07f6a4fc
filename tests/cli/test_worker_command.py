"""`worker` sends what is scheduled without the web pages, and ends cleanly when it is told to."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from finops.store.database import Database
from finops.store.leases import Leases

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 90


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_sends_what_is_due_and_stops(
    run: Any, start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    for name, value in {
        "FINOPS_DATA_DIR": str(tmp_path),
        "FINOPS_NOW": "2026-11-20T09:00:00Z",
        "FINOPS_COSTS_REFRESH_HOURS": "0",
        "FINOPS_DISCOVERY_HOURS": "0",
        "FINOPS_FINDINGS_HOURS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    when = ("--cron", "0 7 * * 1", "--timezone", "Europe/Berlin")
    added = run("schedule", "add", "W", "--report", "health", *when, "--to", "ann@example.com", "--format", "csv")
    assert added.code == 0
    monkeypatch.setenv("FINOPS_NOW", "2026-11-23T06:01:00Z")
    process = start("worker")
    try:
        deadline = time.monotonic() + SECONDS
        while not list(tmp_path.glob("outbox/*.eml")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.2)
        time.sleep(1)
        process.send_signal(number)
        out, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert (process.returncode, out) == (0, "The worker was told to stop.\n")
    assert len(list(tmp_path.glob("outbox/*.eml"))) == 1
    (fired,) = run("schedule", "history", "--json").document["data"]["items"]
    assert fired["deliveries"] == {"sent": 1}
    database = Database(f"sqlite:///{tmp_path / 'finops.db'}")
    assert Leases(database).hold("scheduler", "another:1", 60)  # nobody has to wait for the lease
    database.close()

"""The meter: every call counted, no dollar past the ceiling, however many ask at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finops.model.errors import CeilingReached, StoreError
from finops.model.metering import CE_REQUEST_PRICE, Caller, CallRecord, MeterLine
from finops.store.database import Database
from finops.store.meter import SqlMeter
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from finops.model.metering import Meter

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ANN = Caller("default", "costs.refresh", "ann")


def call(
    caller: Caller = ANN, *, price: Decimal = Decimal(0), outcome: str = "ok", operation: str = "GetCostAndUsage"
) -> CallRecord:
    return CallRecord("ce", operation, outcome, "1", "us-east-1", caller, 12, price)


def meter_of(database: Database, ceiling: str | None, now: datetime = NOW) -> SqlMeter:
    return SqlMeter(database, None if ceiling is None else Decimal(ceiling), lambda: now)


_GREEDY = """
import sys, threading
from datetime import UTC, datetime
from decimal import Decimal
from finops.model.errors import CeilingReached
from finops.model.metering import CE_REQUEST_PRICE, Caller
from finops.store.database import Database
from finops.store.meter import SqlMeter
meter = SqlMeter(Database(sys.argv[1]), Decimal("1.00"), lambda: datetime(2026, 11, 20, tzinfo=UTC))
granted = []
def ask():
    for _ in range(10):
        try:
            meter.reserve(CE_REQUEST_PRICE, Caller())
            granted.append(1)
        except CeilingReached:
            pass
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(granted))
"""


def test_the_ceiling_holds_for_eight_threads_in_three_processes(any_url: str) -> None:
    command = [sys.executable, "-c", _GREEDY, any_url]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], [error.decode()[-400:] for _, error in answers]
    assert sum(int(out) for out, _ in answers) == 100
    database = Database(any_url)
    assert meter_of(database, None).spent("2026-11") == Decimal("1.00")
    database.close()


def test_a_request_that_cost_nothing_makes_room_again(database: Database) -> None:
    meter: Meter = meter_of(database, "0.01")
    meter.reserve(CE_REQUEST_PRICE, ANN)
    with pytest.raises(CeilingReached, match=r"costs\.refresh"):
        meter.reserve(CE_REQUEST_PRICE, ANN)
    meter.release(CE_REQUEST_PRICE, ANN)
    meter.reserve(CE_REQUEST_PRICE, ANN)


def test_free_calls_pass_at_the_ceiling_and_a_new_month_starts_at_zero(database: Database) -> None:
    meter = meter_of(database, "0")
    meter.reserve(Decimal(0), ANN)
    with pytest.raises(CeilingReached):
        meter.reserve(CE_REQUEST_PRICE, ANN)
    meter_of(database, "0.01").reserve(CE_REQUEST_PRICE, ANN)
    meter_of(database, "0.01", datetime(2026, 12, 1, tzinfo=UTC)).reserve(CE_REQUEST_PRICE, ANN)


def test_without_a_ceiling_spending_is_still_counted(database: Database) -> None:
    meter = meter_of(database, None)
    for _ in range(3):
        meter.reserve(CE_REQUEST_PRICE, ANN)
    meter.release(Decimal(5), ANN)
    assert meter.spent("2026-11") == Decimal("0.03")
    assert meter.spent("2026-10") == 0


def test_calls_are_told_apart_by_who_made_which_for_what(database: Database) -> None:
    meter = meter_of(database, None)
    for _ in range(2):
        meter.record(call(price=CE_REQUEST_PRICE))
    meter.record(call(outcome="throttled"))
    meter.record(call(Caller("other", "costs.refresh", "ann"), price=CE_REQUEST_PRICE))
    meter.record(call(Caller("default", "costs.refresh", "Ann"), operation="GetTags"))
    assert meter.lines("2026-11", "default") == (
        MeterLine("2026-11", "ce", "GetCostAndUsage", "ok", "costs.refresh", "ann", 2, Decimal("0.02")),
        MeterLine("2026-11", "ce", "GetCostAndUsage", "throttled", "costs.refresh", "ann", 1, Decimal(0)),
        MeterLine("2026-11", "ce", "GetTags", "ok", "costs.refresh", "Ann", 1, Decimal(0)),
    )
    assert meter.lines("2026-11")[0].requests == 3
    assert meter.lines("2026-10") == ()


def test_paid_calls_are_written_at_once_free_ones_in_batches(database: Database) -> None:
    writer, reader = meter_of(database, None), meter_of(database, None)
    writer.record(call(operation="GetTags"))
    assert reader.lines("2026-11") == ()
    writer.record(call(price=CE_REQUEST_PRICE))
    assert sum(line.requests for line in reader.lines("2026-11")) == 2
    for _ in range(1000):
        writer.record(call(operation="GetTags"))
    assert sum(line.requests for line in reader.lines("2026-11")) == 1002


def test_no_call_is_lost_between_threads(database: Database) -> None:
    meters = [meter_of(database, None) for _ in range(3)]

    def many(number: int) -> None:
        for step in range(60):
            meters[number % 3].record(call(Caller("default", f"feature-{step % 4}", ""), price=Decimal(step % 10 == 0)))

    threads = [threading.Thread(target=many, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for meter in meters:
        meter.flush()
    lines = meters[0].lines("2026-11")
    assert sum(line.requests for line in lines) == 480
    assert sum(line.cost for line in lines) == 48


def test_counts_wait_while_the_database_is_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    database = Database(url)
    meter = meter_of(database, None)
    (tmp_path / "state.db").rename(tmp_path / "elsewhere.db")
    database.close()
    meter.record(call(price=CE_REQUEST_PRICE))
    with pytest.raises(StoreError):
        meter.flush()
    database.close()
    for leftover in tmp_path.glob("state.db*"):
        leftover.unlink()
    (tmp_path / "elsewhere.db").rename(tmp_path / "state.db")
    assert [line.requests for line in meter.lines("2026-11")] == [1]
    database.close()


def test_very_long_names_are_cut_for_show_but_kept_apart(database: Database) -> None:
    meter = meter_of(database, None)
    for end in "ab":
        meter.record(call(Caller("default", "x" * 300 + end, "ü" * 300)))
    (shown,) = meter.lines("2026-11")
    assert (shown.requests, len(shown.feature), len(shown.user)) == (2, 191, 191)

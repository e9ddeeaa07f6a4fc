"""Many writers at once: nothing is lost, nothing ends in an error, and what is half done is never seen."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from finops.model.assets import AssetFilter, AssetQuestion, ChangeKind, StoredCounts
from finops.model.errors import StoreError
from finops.store import AssetStore
from finops.store.database import Database
from tests.store.estates import DENIED, HOME, NOW, day, everything, listed, lives, put, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
WRITERS, ROUNDS, ITEMS = 6, 4, 30


@pytest.fixture
def writers(any_url: str) -> Iterator[list[AssetStore]]:
    """Stores that share a database and nothing else."""
    databases = [Database(any_url) for _ in range(WRITERS)]
    yield [AssetStore(database, lambda: NOW) for database in databases]
    for database in databases:
        database.close()


def test_writers_of_one_tenant_lose_nothing_and_never_fail(writers: list[AssetStore]) -> None:
    shared = replace(HOME, kind="ec2:vpc")

    def work(number: int) -> None:
        own = replace(HOME, region=f"region-{number}")
        for step in range(ROUNDS):
            tags = {"Step": str(step), "Writer": str(number)}
            mine = [seen(f"{number}-{item}", own, tags=tags) for item in range(ITEMS)]
            ours = listed(f"by {number} at {step}", "by all", place=shared, failure=DENIED)
            put(writers[number], listed(*mine, place=own), ours, at=NOW + timedelta(minutes=step))
            writers[number].price("default", {f"{number}-1": (Decimal(step), "USD")})

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    found = everything(writers[0])
    own = {key: asset for key, asset in found.items() if not key.startswith("by")}
    assert (len(own), len(found) - len(own)) == (WRITERS * ITEMS, WRITERS * ROUNDS + 1)
    assert all(asset.tags == {"Step": str(ROUNDS - 1), "Writer": key.split("-")[0]} for key, asset in own.items())
    summary = writers[0].changes_summary("default", NOW)
    assert summary[ChangeKind.APPEARED] + summary[ChangeKind.FOUND] == len(found)
    assert summary[ChangeKind.CHANGED] == WRITERS * ITEMS * (ROUNDS - 1)
    for number in range(WRITERS):
        told = writers[0].counts("default", AssetFilter(search=f"writer={number} step={ROUNDS - 1}"), ("region",))
        assert told == {"region": {f"region-{number}": ITEMS}}
    assert writers[0].version("default") >= WRITERS * ROUNDS


def test_a_change_that_many_find_at_once_is_told_once(writers: list[AssetStore]) -> None:
    names = [f"i-{number}" for number in range(ITEMS)]
    put(writers[0], listed(*names))
    barrier = Barrier(WRITERS)

    def work(number: int) -> None:
        for step in range(1, ROUNDS + 1):
            barrier.wait()
            changed = [seen(name, state=f"step {step}") for name in names]
            put(writers[number], listed(*changed, f"new {step}"), at=NOW + timedelta(minutes=step))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    told = writers[0].changes_summary("default", NOW + timedelta(minutes=1))
    assert told[ChangeKind.CHANGED] == ITEMS * ROUNDS
    assert (told[ChangeKind.APPEARED], told[ChangeKind.MISSING]) == (ROUNDS, ROUNDS - 1)


_STORE = """
import sys
from datetime import UTC, datetime, timedelta
from finops.store import AssetStore
from finops.store.database import Database
from tests.store.estates import NOW, listed, put
database = Database(sys.argv[1])
store = AssetStore(database, lambda: NOW)
print([put(store, listed(*(f"i-{n}" for n in range(100))), at=NOW + timedelta(hours=h)).found for h in range(5)])
database.close()
"""


def test_processes_that_find_the_same_assets_find_them_once(any_url: str) -> None:
    command = [sys.executable, "-c", _STORE, any_url]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], [error.decode()[-400:] for _, error in answers]
    assert sum(sum(map(int, out.decode().strip("[]\n").split(","))) for out, _ in answers) == 100
    database = Database(any_url)
    store = AssetStore(database, lambda: NOW)
    assert set(lives(store).values()) == {"active"}
    assert store.changes_summary("default", NOW)[ChangeKind.FOUND] == len(everything(store)) == 100
    database.close()


def test_a_reader_sees_a_call_as_a_whole_or_not_at_all(writers: list[AssetStore]) -> None:
    put(writers[0], listed(*(f"old-{number}" for number in range(50))))

    def totals_seen() -> set[int]:
        totals: set[int] = set()
        while 1_500 not in totals:
            totals.add(writers[1].page(AssetQuestion("default", AssetFilter(search="new-"))).total)
        return totals

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(totals_seen)
        put(writers[0], listed(*(f"new-{number}" for number in range(1_500)), failure=DENIED), at=day(1))
        assert reading.result(timeout=60) <= {0, 1_500}


@pytest.mark.parametrize("fails_at", range(1, 22))
def test_a_call_that_breaks_at_any_statement_leaves_nothing(estate: Database, fails_at: int) -> None:
    store = AssetStore(estate, lambda: NOW)
    put(store, listed(seen("a", tags={"Team": "a"}), "b"))
    before = (everything(store), store.places("default"), store.version("default"), store.tag_keys("default"))
    left = fails_at

    def breaks(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OperationalError("statement", {}, Exception("the cable was pulled"))

    event.listen(estate.engine, "before_cursor_execute", breaks)
    changed = listed(seen("a", state="stopped", tags={"Team": "b"}), seen("c", tags={"New": "x"}))
    try:
        counts = put(store, changed, at=day(1))
    except StoreError as error:
        assert "cable" not in str(error)  # noqa: PT017 - what else is asserted depends on whether it failed
        counts = None
    event.remove(estate.engine, "before_cursor_execute", breaks)
    if counts is None:
        after = (everything(store), store.places("default"), store.version("default"), store.tag_keys("default"))
        assert after == before
        counts = put(store, changed, at=day(1))
    assert counts == StoredCounts(seen=2, appeared=1, changed=1, missing=1)
    assert lives(store) == {"a": "active", "b": "missing", "c": "active"}

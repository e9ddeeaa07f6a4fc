"""Runs have ids that sort as they began, repeat with a repeated history, and never collide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.store import Store


def test_runs_that_start_at_the_same_instant_are_listed_latest_first(store_at: Callable[..., Store]) -> None:
    ledger = store_at().ledger
    begun = [ledger.begin("default", f"kind {number}", "focus") for number in range(20)]
    assert len({run.started for run in begun}) == 1
    assert [run.run_id for run in ledger.runs("default")] == [run.run_id for run in reversed(begun)]


def test_a_repeated_history_repeats_its_run_ids(store_at: Callable[..., Store], any_url: str) -> None:
    ids = [
        [store.ledger.begin("default", "bill.import", "focus").run_id for _ in range(3)]
        for store in (store_at(), store_at(any_url))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_runs_begun_at_once_all_have_their_own_id(store_at: Callable[..., Store], any_url: str) -> None:
    ledger = store_at(any_url).ledger
    with ThreadPoolExecutor(8) as pool:
        begun = set(pool.map(lambda _: ledger.begin("default", "bill.import", "focus").run_id, range(40)))
    assert len(begun) == 40
    assert {run.run_id for run in ledger.runs("default", limit=100)} == begun

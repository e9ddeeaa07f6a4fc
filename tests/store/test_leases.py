"""A lease is held by one at a time, renewed by its holder, and taken over once the holder stays away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from finops.model.errors import StoreError
from finops.store.database import Database
from finops.store.leases import Leases, wall_clock

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(database: Database, clock: Clock) -> Leases:
    return Leases(database, clock)


def test_one_of_twenty_gets_it(leases: Leases) -> None:
    for _ in range(2):  # the second time nobody has to make the row
        with ThreadPoolExecutor(20) as pool:
            won = list(pool.map(lambda number: leases.hold("clock", f"host:{number}", 60), range(20)))
        assert sum(won) == 1
        assert leases.holder("clock") == f"host:{won.index(True)}"


def test_a_holder_renews_and_a_holder_that_stays_away_is_followed(leases: Leases, clock: Clock) -> None:
    assert leases.hold("clock", "a", 60)
    clock.at += timedelta(seconds=59)
    assert not leases.hold("clock", "b", 60)
    assert leases.hold("clock", "a", 60)
    clock.at += timedelta(seconds=59)
    assert not leases.hold("clock", "b", 60)
    clock.at += timedelta(seconds=1)
    assert leases.hold("clock", "b", 60)
    assert not leases.hold("clock", "a", 60)


def test_who_lets_go_is_followed_at_once_and_nobody_lets_go_for_another(leases: Leases) -> None:
    assert leases.hold("clock", "a", 60)
    leases.release("clock", "b")
    assert not leases.hold("clock", "b", 60)
    leases.release("clock", "a")
    assert leases.hold("clock", "b", 60)


def test_leases_of_other_names_are_other_leases(leases: Leases) -> None:
    assert leases.holder("clock") is None
    assert leases.hold("clock", "a", 60)
    assert leases.hold("Clock", "b", 60)
    assert leases.holder("clock") == "a"


def test_a_lease_goes_by_the_wall_clock_unless_told_otherwise() -> None:
    assert abs(wall_clock() - datetime.now(UTC)) < timedelta(seconds=5)


def test_nobody_holds_a_lease_of_a_database_that_does_not_answer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreError):
        Leases(database).hold("clock", "a", 60)
    database.close()

"""Benches of every test's own, and one that is refreshed once and only read."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from finops.demo.estate import TAG_KEYS
from tests.costs.standin import NOW, TENANT, Bench, Setup, Truth, open_bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def bench_at(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Makes benches over one SQLite file and one lake; closes them after the test."""
    opened: list[Bench] = []

    def at(setup: Setup | None = None) -> Bench:
        opened.append(open_bench(tmp_path, setup or Setup()))
        return opened[-1]

    yield at
    for bench in opened:
        bench.store.close()


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the usual bench was refreshed once, to be copied."""
    folder = tmp_path_factory.mktemp("fetched")
    bench = open_bench(folder, Setup())
    assert bench.costs.refresh(TENANT).status == "done"
    bench.store.close()
    return folder


@pytest.fixture
def held_at(fetched: Path, tmp_path: Path, bench_at: Callable[..., Bench]) -> Callable[..., Bench]:
    """Like `bench_at`, after a first refresh on 20 November 2026."""
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    return bench_at


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The demo's usual estate with everything fetched, for tests that only read."""
    bench = open_bench(tmp_path_factory.mktemp("stored"), Setup(accounts=8, tag_keys=TAG_KEYS, categories=("Team",)))
    assert bench.costs.refresh(TENANT).status == "done"
    yield bench
    bench.store.close()


@pytest.fixture(scope="session")
def truth(stored: Bench) -> Truth:
    """The made-up bill behind `stored`, row by row."""
    return Truth(stored.estate, NOW.date())


@pytest.fixture
def bench(bench_at: Callable[..., Bench]) -> Bench:
    """Two accounts and one tag key, nothing fetched yet."""
    return bench_at()


@pytest.fixture
def held(held_at: Callable[..., Bench]) -> Bench:
    """Two accounts and one tag key, everything fetched."""
    return held_at()

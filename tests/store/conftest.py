"""Stores on a SQLite file and a folder, and databases of each kind."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from finops.store import open_store
from finops.store.database import Database
from finops.store.upgrade import upgrade
from tests import services
from tests.store.estates import empty_estate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal
    from pathlib import Path

    from finops.store import Store

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    return str(request.getfixturevalue({"postgresql": "postgres_url", "mysql": "mysql_url"}[request.param]))


@pytest.fixture
def any_url(empty_url: str) -> str:
    """URL of a migrated database of each kind in turn."""
    upgrade(empty_url)
    return empty_url


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mysql"])
def shared_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database of each kind in turn, for all tests of a module: making one takes longer than most tests."""
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'state.db'}"
        else:
            server = request.getfixturevalue({"postgresql": "postgres_server", "mysql": "mysql_server"}[request.param])
            url = stack.enter_context(services.fresh_database(server))
        upgrade(url)
        opened = Database(url)
        yield opened
        opened.close()


@pytest.fixture
def estate(shared_database: Database) -> Database:
    """A database of each kind in turn that knows no account and no asset."""
    empty_estate(shared_database)
    return shared_database


@pytest.fixture
def database(any_url: str) -> Iterator[Database]:
    opened = Database(any_url)
    yield opened
    opened.close()


@pytest.fixture
def store_at(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores over one lake and, unless told otherwise, one SQLite file; closes them after the test."""
    usual = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(usual)
    opened: list[Store] = []

    def at(url: str = usual, *, tags: tuple[str, ...] = ("Environment",), ceiling: Decimal | None = None) -> Store:
        store = open_store(
            database_url=url, lake_url=str(tmp_path / "lake"), ceiling=ceiling, promoted_tags=tags, now=lambda: NOW
        )
        opened.append(store)
        return store

    yield at
    for store in opened:
        store.close()


@pytest.fixture
def store(store_at: Callable[..., Store]) -> Store:
    return store_at()

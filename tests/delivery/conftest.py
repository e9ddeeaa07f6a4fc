"""Delivery on an SQLite file, with a folder for a transport and a clock that tests move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finops.store.database import Database
from finops.store.upgrade import upgrade
from tests.delivery.offices import Clock, Folder, People, Reporter, delivery_at, office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.delivery import Delivery


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(made)
    return made


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "mails")


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def report() -> Reporter:
    return Reporter()


@pytest.fixture
def delivery(database: Database, folder: Folder, people: People, clock: Clock) -> Delivery:
    return delivery_at(database, office(folder, allowed=people, clock=clock), clock)

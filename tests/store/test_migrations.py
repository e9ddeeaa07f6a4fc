"""From any older schema to this one, with what was in it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import finops.store
from finops.store.database import Database
from finops.store.schema import metadata
from finops.store.upgrade import newest_revision, require_current, upgrade

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection


_BY_BYTES = {
    "account",
    "asset_tag",
    "inventory_head",
    "asset_place",
    "finding_state",
    "saving_entry",
    "tag_bill",
    "tag_policy",
    "tag_score",
    "unsubscribed",
}


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(Path(finops.store.__file__).with_name("migrations")))
    found.set_main_option("path_separator", "os")
    return found


REVISIONS = [each.revision for each in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
SAMPLES: dict[type, Any] = {
    int: 1,
    str: "x",
    bool: True,
    bytes: b"x",
    date: date(2026, 1, 2),
    datetime: datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 - as it is stored
}


def tables(connection: Connection) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def sample(column: Column[Any]) -> Any:
    return SAMPLES[column.type.python_type]


def test_revisions_follow_each_other_in_one_line() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1
    assert sorted(REVISIONS) == REVISIONS
    assert newest_revision() == REVISIONS[-1]


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_keeps_every_row(empty_url: str, revision: str) -> None:
    database = Database(empty_url)
    with database.writing() as connection:
        old = config()
        old.attributes["connection"] = connection
        command.upgrade(old, revision)
    with database.writing() as connection:
        held = tables(connection)
        assert held
        for table in held:
            connection.execute(table.insert().values({column.name: sample(column) for column in table.columns}))
    with database.reading() as connection:
        before = {table.name: connection.execute(table.select()).mappings().all() for table in held}
    upgrade(empty_url)
    require_current(database)
    with database.reading() as connection:
        for table in held:
            assert connection.execute(table.select()).mappings().all() == before[table.name]
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_order_is_that_of_bytes_whatever_language_the_server_speaks(postgres_url: str) -> None:
    upgrade(postgres_url)
    database = Database(postgres_url)
    columns = "SELECT collation_name FROM information_schema.columns WHERE table_name = 'asset'"
    told = sa.text(f"{columns} AND collation_name IS NOT NULL")
    with database.reading() as connection:
        assert set(connection.execute(told).scalars()) == {"C"}
    database.close()


def test_every_table_compares_texts_byte_by_byte(any_url: str) -> None:
    database = Database(any_url)
    with database.writing() as connection:
        for table in tables(connection):
            if table.name not in _BY_BYTES:
                continue
            key = next(column.name for column in table.primary_key if isinstance(column.type, sa.String))
            for text in ("a", "A", "a ", "ä", "á"):
                row = {column.name: sample(column) for column in table.columns} | {key: text}
                connection.execute(table.insert().values(row))
            found = connection.execute(table.select().where(table.c[key] == "a")).all()
            assert len(found) == 1, table.name
    database.close()

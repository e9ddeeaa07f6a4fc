"""Brings a database to the schema of this code, once, whoever else tries at the same time.

    upgrade("postgresql://finops@db/finops")

Alembic is imported when there is something to migrate: a current database does without its tenth of a second.

The lock: PostgreSQL `pg_advisory_lock`, MySQL `GET_LOCK`, SQLite the write lock of the file itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from finops.model.errors import StoreError
from finops.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from alembic.script import ScriptDirectory

_LOCK_NUMBER = 0x66696E6F7073  # "finops" in ASCII: one number among the advisory locks of a shared database
_LOCK_NAME = "finops.upgrade"
_LOCK_WAIT_SECONDS = 60
_MIGRATIONS = Path(__file__).with_name("migrations")
_TOO_NEW = "the database was upgraded by a newer version of this program; install that version, or restore a backup"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def newest_revision() -> str:
    """The revision of this code. Revisions are numbered in one line, and each file is named after its own."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("*_*.py"))


def _is_current(database: Database) -> bool:
    """Whether the database says that it is at this code's revision. What it says else is for Alembic to read."""
    try:
        with database.engine.connect() as connection:
            held = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    except SQLAlchemyError:
        return False  # new, or not reachable: whoever looks closer says which
    return list(held) == [newest_revision()]


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _revisions(connection: Connection, script: ScriptDirectory) -> tuple[str | None, str | None]:
    """The database's revision and the code's; StoreError when the database knows one that the code does not."""
    from alembic.migration import MigrationContext

    held = MigrationContext.configure(connection).get_current_heads()
    known = {revision.revision for revision in script.walk_revisions()}
    if any(revision not in known for revision in held):
        raise StoreError(_TOO_NEW)
    return next(iter(held), None), script.get_current_head()


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection that no other upgrade holds at the same time, committed at the end."""
    if database.kind == "sqlite":
        with database.writing() as connection:
            yield connection
        return
    take, give = (
        (f"SELECT pg_advisory_lock({_LOCK_NUMBER})", f"SELECT pg_advisory_unlock({_LOCK_NUMBER})")
        if database.kind == "postgresql"
        else (f"SELECT GET_LOCK('{_LOCK_NAME}', {_LOCK_WAIT_SECONDS})", f"SELECT RELEASE_LOCK('{_LOCK_NAME}')")
    )
    with database.engine.connect() as connection:
        held = connection.execute(text(take)).scalar()
        connection.commit()
        if database.kind == "mysql" and held != 1:
            raise StoreError("another upgrade of this database did not finish within a minute")
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text(give))
            connection.commit()


def upgrade(url: str) -> str:
    """Migrates the database at `url` and returns its revision. A second call changes nothing.

    StoreError when it cannot be reached or was migrated by newer code (nothing is changed then).
    """
    database = Database(url, busy_seconds=_LOCK_WAIT_SECONDS)
    try:
        if not _is_current(database):
            _migrate(database)
        return newest_revision()
    except SQLAlchemyError as error:
        raise StoreError(f"the {database.kind} database could not be upgraded ({type(error).__name__})") from None
    finally:
        database.close()


def _migrate(database: Database) -> None:
    from alembic import command

    config, script = _config(), _script()
    with _alone(database) as connection:
        held, wanted = _revisions(connection, script)
        if held != wanted:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def require_current(database: Database) -> None:
    """StoreError unless the schema is exactly the one this code was written for."""
    if _is_current(database):
        return
    script = _script()
    with database.reading() as connection:
        held, wanted = _revisions(connection, script)
    if held != wanted:
        raise StoreError("the database is not ready; run: python -m finops db upgrade")

"""One engine for SQLite, PostgreSQL, MySQL and MariaDB, with the habits each needs to survive many writers.

SQLite: WAL, five seconds of patience and `BEGIN IMMEDIATE` for writers (a deferred transaction that turns into a writer
fails at once when another one writes). PostgreSQL and MySQL: READ COMMITTED, a ping before use, pooled connections.
"""

from __future__ import annotations

import logging
import re
import secrets
import sqlite3
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from finops.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.schema import Table

log = logging.getLogger(__name__)
T = TypeVar("T")

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_SUPPORTED = {"sqlite", "postgresql", "mysql"}
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_WRITE_OPTION = "finops_writes"
_ATTEMPTS = 8
_BUSY = ("1213", "1205", "40P01", "40001", "database is locked", "database table is locked")
"""Deadlock and lock-wait codes of MySQL and PostgreSQL, and SQLite's words: nothing was done, it may be repeated."""


def database_url(url: str) -> URL:
    """The URL with the driver this product installs; StoreError (without the URL) for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("the database URL cannot be read; expected sqlite:///…, postgresql://… or mysql://…") from None
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    backend = parsed.get_backend_name()
    if backend not in _SUPPORTED:
        raise StoreError(f"databases of kind {backend!r} are not supported; use SQLite, PostgreSQL, MySQL or MariaDB")
    if backend == "mysql":
        parsed = parsed.update_query_dict({"charset": "utf8mb4"})
    return parsed


def _sqlite_connect(busy_seconds: int, connection: sqlite3.Connection, _record: object) -> None:
    # Python's driver would open transactions by itself, and always deferred ones.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={busy_seconds * 1000}")
    cursor.execute("PRAGMA foreign_keys=ON")
    for attempt in range(_ATTEMPTS):
        try:
            # Switching to WAL ignores the busy timeout when another process is switching too.
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            time.sleep(0.05 * (attempt + 1))
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _pause(attempt: int) -> float:
    """Seconds before a write is tried again: longer each time, and never as long for two writers that met."""
    return 0.01 * (1 << attempt) * (1 + secrets.randbelow(1000) / 1000)


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITE_OPTION, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _engine(url: URL, busy_seconds: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
        event.listen(engine, "connect", partial(_sqlite_connect, busy_seconds))
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=30,
        pool_recycle=1800,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
    )


def _busy(error: DBAPIError) -> bool:
    words = f"{getattr(error.orig, 'sqlstate', '')} {error.orig}"
    return any(sign in words for sign in _BUSY)


class Database:
    """Connections to the state. Every error leaves as a StoreError that shows neither URL, statement nor values.

    `busy_seconds` is how long SQLite waits for another writer.
    """

    def __init__(self, url: str, *, busy_seconds: int = 5) -> None:
        parsed = database_url(url)
        self.kind = parsed.get_backend_name()
        """`sqlite`, `postgresql` or `mysql`."""
        try:
            self.engine = _engine(parsed, busy_seconds)
        except (NoSuchModuleError, ImportError, OSError) as error:
            raise StoreError(f"the {self.kind} database cannot be opened: {type(error).__name__}") from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; it waits for nobody."""
        with self._guarded(), self.engine.connect().execution_options(**{_WRITE_OPTION: False}) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any error."""
        with self._guarded(), self.engine.connect() as connection, connection.begin():
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in a transaction, again when it was a deadlock's victim or another writer took its key first.

        `work` must be safe to repeat: everything it did was rolled back.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self.engine.connect() as connection, connection.begin():
                    return work(connection)
            except DBAPIError as error:
                again = _busy(error) or isinstance(error, IntegrityError)
                if not again or attempt == _ATTEMPTS - 1:
                    raise self._failure(error) from None
                time.sleep(_pause(attempt))
            except SQLAlchemyError as error:
                raise self._failure(error) from None
        raise AssertionError("unreachable")

    def insert_missing(self, table: Table, row: dict[str, Any]) -> None:
        """Inserts a row unless its key is taken, in a transaction of its own.

        Of its own, because on MySQL a duplicate leaves a shared lock that deadlocks with the update that follows.
        """
        statement: Any
        if self.kind == "mysql":
            statement = mysql.insert(table).prefix_with("IGNORE").values(row)
        elif self.kind == "postgresql":
            statement = postgresql.insert(table).values(row).on_conflict_do_nothing()
        else:
            statement = sqlite.insert(table).values(row).on_conflict_do_nothing()
        self.write(lambda connection: connection.execute(statement))

    def check(self) -> None:
        """StoreError unless the database answers."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Closes pooled connections."""
        self.engine.dispose()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._failure(error) from None

    def _failure(self, error: SQLAlchemyError) -> StoreError:
        # The drivers' own words may hold host, user or values; the kind of error and its number are enough to act on.
        log.error("database error", extra={"database": self.kind, "error": type(error).__name__})
        origin = getattr(error, "orig", None)
        code = getattr(origin, "sqlstate", None) or next(iter(getattr(origin, "args", ())), "")
        shown = f" {code}" if isinstance(code, int) or (isinstance(code, str) and _SQLSTATE.fullmatch(code)) else ""
        name = type(origin).__name__ if origin is not None else type(error).__name__
        hint = "; run: python -m finops db upgrade" if _no_table(origin) else ""
        return StoreError(f"the {self.kind} database did not answer ({name}{shown}){hint}")


def _no_table(origin: object) -> bool:
    words = str(origin)
    return "no such table" in words or "1146" in words or getattr(origin, "sqlstate", "") == "42P01"

"""DuckDB in this process: one locked database, a cursor per thread.

Locked means: no file outside the lake, no extension, no setting can be changed, whatever text a query carries. Results
leave through Arrow; zoned timestamps never do (they would need another library and are slow).
"""

from __future__ import annotations

import logging
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from finops.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.store.lake import Lake

_REMOTE = "remote_parts"
_LOCAL = "read_parquet($paths, union_by_name=true, hive_partitioning=false)"

_FILE_ERRORS = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
    duckdb.InternalException,
)
"""What DuckDB raises over missing, truncated and damaged files."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may spend on queries."""

    threads: int = 2
    memory: str = "1GB"


class UnreadablePartsError(StoreError):
    """A query failed over its files; which ones is for the caller to find out."""


class Duck:
    """Runs queries over parts of one lake. Safe to share between threads."""

    def __init__(self, lake: Lake, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lake = lake
        self._local = threading.local()
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def _started(self) -> duckdb.DuckDBPyConnection:
        """The database, started by the first query: 30 MiB that a worker which lists assets never needs."""
        if self._database is None:
            limits = self._limits
            try:
                started = duckdb.connect(":memory:", config={"threads": limits.threads, "memory_limit": limits.memory})
                self._lock_down(started)
            except duckdb.Error as error:
                raise StoreError(f"DuckDB cannot be started ({type(error).__name__})") from None
            self._database = started
        return self._database

    def _lock_down(self, database: duckdb.DuckDBPyConnection) -> None:
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET preserve_insertion_order = false")
        database.execute("SET autoinstall_known_extensions = false")
        database.execute("SET autoload_known_extensions = false")
        database.execute("SET parquet_metadata_cache = true")
        # Sorting and grouping more than fits in memory spills below the staging folder.
        # A folder of this process: DuckDB's spill files have fixed names.
        spill = str(self._lake.staging / f"spill-{uuid.uuid4()}")
        database.execute("SET temp_directory = ?", [spill])
        folders = [f"{self._lake.staging}/"] if self._lake.remote else [f"{self._lake.root}/"]
        database.execute("SET allowed_directories = ?", [folders])
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")

    def query(self, sql: str, paths: Sequence[str], values: dict[str, Any]) -> pa.Table:
        """The answer of `sql`, whose `{parts}` stands for the rows of the given parts and whose `$names` are `values`.

        UnreadablePartsError when the files cannot be read, StoreError when the query fails (a sum beyond 38 digits).
        """
        if self._lake.remote:
            return self._remote(sql, paths, values)
        return self.local(sql, [self._lake.absolute(path) for path in paths], values)

    def local(self, sql: str, files: Sequence[str], values: dict[str, Any]) -> pa.Table:
        """The same over files of this machine, below the lake or its staging folder."""
        return self._answer(sql.replace("{parts}", _LOCAL), values | {"paths": list(files)})

    def _remote(self, sql: str, paths: Sequence[str], values: dict[str, Any]) -> pa.Table:
        # No httpfs for this DuckDB on the package index: Arrow reads from S3, DuckDB scans the dataset. Imported here
        # because it brings pandas along, which a lake in a folder never needs.
        import pyarrow.dataset as pads

        cursor = self._cursor()
        try:
            parts = [
                pads.dataset(self._lake.absolute(path), filesystem=self._lake.files, format="parquet") for path in paths
            ]
            cursor.register(_REMOTE, pads.dataset(parts))
            try:
                return self._answer(sql.replace("{parts}", _REMOTE), values)
            finally:
                cursor.unregister(_REMOTE)
        except (OSError, pa.ArrowException) as error:
            raise UnreadablePartsError(f"stored files cannot be read ({type(error).__name__})") from None

    def _answer(self, sql: str, values: dict[str, Any]) -> pa.Table:
        try:
            return self._cursor().sql(sql, params=values).to_arrow_table()
        except _FILE_ERRORS as error:
            raise UnreadablePartsError(f"stored files cannot be read ({type(error).__name__})") from None
        except duckdb.Error as error:
            raise StoreError(f"the query failed ({type(error).__name__})") from error

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._lock:
                cursor = self._started().cursor()
            self._local.cursor = cursor
        return cursor

    def close(self) -> None:
        """Closes the database; cursors of all threads with it. A query under way in another thread ends by itself."""
        with self._lock:
            if self._database is not None:
                try:
                    self._database.close()
                except duckdb.Error as error:
                    log.info("the query engine closes with its last query (%s)", type(error).__name__)

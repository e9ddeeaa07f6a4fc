"""The lake: Parquet files below one root, a local folder or `s3://bucket/prefix`.

A file is written aside, flushed to disk and moved into place, so a crash leaves no half file under a part's name; and a
file counts only once the ledger says so, so a crash between the two leaves an orphan that no reader sees.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from finops.model.errors import InputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PART_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562's namespace for URLs
_LONGEST_COMPONENT = 180  # file systems stop at 255 bytes
_ROW_GROUP = 122_880


def tenant_name(text: str) -> str:
    """The tenant, or InputError: its name becomes a folder and part of every query."""
    if not _TENANT.fullmatch(text):
        raise InputError("tenant", "tenant must match ^[a-z0-9][a-z0-9-]{0,62}$")
    return text


def component(name: str, value: str) -> str:
    """A path component `name=value`: all but letters, digits and `_.-~` percent-encoded, long values cut and hashed."""
    encoded = quote(value, safe="", errors="surrogatepass")
    if len(encoded) > _LONGEST_COMPONENT:
        digest = hashlib.blake2s(value.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        encoded = f"{encoded[: _LONGEST_COMPONENT - 20]}~{digest}"
    return f"{name}={encoded}"


@dataclass(frozen=True, slots=True)
class PartName:
    """What makes a part one of its kind. The same run writing the same part again gets the same name."""

    dataset: str
    tenant: str
    source: str
    cube: str
    grain: str
    month: str
    scope: str
    run_id: str

    @property
    def path(self) -> str:
        """The path below the root of the lake."""
        identity = "\n".join(
            (self.dataset, self.tenant, self.source, self.cube, self.grain, self.month, self.scope, self.run_id)
        )
        return str(
            PurePosixPath(
                self.dataset,
                component("tenant_id", tenant_name(self.tenant)),
                component("source", self.source),
                component("cube", self.cube),
                component("grain", self.grain),
                component("month", self.month),
                f"part-{uuid.uuid5(_PART_NAMESPACE, identity)}.parquet",
            )
        )


@dataclass(frozen=True, slots=True)
class DayPartName:
    """A part of one day of a dataset: `partition` is what its folder calls the day, `identity` tells parts apart."""

    dataset: str
    tenant: str
    partition: str  # "run_date"
    day: date
    identity: tuple[str, ...]

    @property
    def path(self) -> str:
        """The path below the root of the lake."""
        day = self.day.isoformat()
        words = "\n".join((self.dataset, self.tenant, self.partition, day, *self.identity))
        return str(
            PurePosixPath(
                self.dataset,
                component("tenant_id", tenant_name(self.tenant)),
                component(self.partition, day),
                f"part-{uuid.uuid5(_PART_NAMESPACE, words)}.parquet",
            )
        )


class Lake:
    """Files below one root. Paths are relative to it and come from `PartName.path` and `DayPartName.path`."""

    def __init__(self, root_url: str) -> None:
        self.remote = "://" in root_url and not root_url.startswith("file://")
        try:
            if self.remote:
                if not root_url.startswith("s3://"):
                    raise StoreError("the lake must be a folder or s3://bucket/prefix")
                self.files, self.root = pafs.FileSystem.from_uri(root_url)
                self.staging = Path(tempfile.mkdtemp(prefix="finops-staging-"))
            else:
                folder = Path(root_url.removeprefix("file://")).resolve()
                self.staging = folder / ".staging"
                self.staging.mkdir(parents=True, exist_ok=True)
                self.files, self.root = pafs.LocalFileSystem(), str(folder)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"the lake cannot be opened ({type(error).__name__})") from None

    def absolute(self, path: str) -> str:
        """The full path of a part, as its file system knows it."""
        return f"{self.root}/{path}"

    def staged(self) -> Path:
        """A fresh local name for a file on its way into the lake."""
        return self.staging / f"{uuid.uuid4()}.parquet"

    def write(self, path: str, table: pa.Table) -> int:
        """Writes a table as one Parquet file; returns its bytes. StoreError when the lake cannot be written."""
        staged = self.staged()
        try:
            pq.write_table(table, staged, compression="zstd", row_group_size=_ROW_GROUP, write_page_checksum=True)
        except (OSError, pa.ArrowException) as error:
            staged.unlink(missing_ok=True)
            raise StoreError(f"the lake cannot be written ({type(error).__name__})") from None
        return self.adopt(staged, path)

    def adopt(self, staged: Path, path: str) -> int:
        """Moves a finished local file below `staging` to its place; returns its bytes."""
        try:
            size = staged.stat().st_size
            if self.remote:
                pafs.copy_files(str(staged), self.absolute(path), pafs.LocalFileSystem(), self.files)
                staged.unlink()
            else:
                self._move(staged, Path(self.absolute(path)))
        except (OSError, pa.ArrowException) as error:
            staged.unlink(missing_ok=True)
            raise StoreError(f"the lake cannot be written ({type(error).__name__})") from None
        return size

    @staticmethod
    def _move(staged: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with staged.open("rb") as handle:
            os.fsync(handle.fileno())
        staged.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, path: str) -> pa.Table:
        """One part as a table. StoreError naming it when it is missing or damaged."""
        try:
            with self.files.open_input_file(self.absolute(path)) as handle:
                return pq.read_table(handle, page_checksum_verification=True)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"part {path} cannot be read ({type(error).__name__})") from None

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when there is none."""
        try:
            info = self.files.get_file_info(self.absolute(path))
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"the lake does not answer ({type(error).__name__})") from None
        return info.size if info.type == pafs.FileType.File else None

    def delete(self, path: str) -> None:
        """Deletes a file; none there is fine."""
        with contextlib.suppress(OSError):
            self.files.delete_file(self.absolute(path))

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Every Parquet file below the root (staged ones too) and when it was written."""
        try:
            infos = self.files.get_file_info(pafs.FileSelector(self.root, recursive=True, allow_not_found=True))
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"the lake does not answer ({type(error).__name__})") from None
        for info in infos:
            if info.type == pafs.FileType.File and info.path.endswith(".parquet"):
                yield info.path.removeprefix(self.root).lstrip("/"), datetime.fromtimestamp(info.mtime_ns / 1e9, UTC)

    def check(self) -> None:
        """StoreError unless the root answers."""
        try:
            self.files.get_file_info(self.root)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"the lake does not answer ({type(error).__name__})") from None

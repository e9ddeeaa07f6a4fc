"""What a person's path means: a file, every bill in a folder, a pattern, a `file://` URL, an object in S3."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from finops.model.errors import InputError
from finops.model.outcome import Failure, Sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from finops.store.lake import Lake

UNREADABLE = "bill_unreadable"
"""Code of the failure of one file."""
_ENDINGS = (".csv", ".gz", ".parquet")


@dataclass(frozen=True, slots=True)
class BillFile:
    """One file to import. `name` is what people know it by; a remote one is fetched by `local` when its turn comes."""

    name: str
    path: Path | None = None
    remote: str = ""

    def local(self, lake: Lake, folder: Path) -> Path:
        """The file on this machine, fetched into `folder` if need be. InputError when it cannot be fetched."""
        if self.path is not None:
            return self.path
        target = folder / f"fetched-{PurePosixPath(self.remote).name}"
        try:
            pafs.copy_files(self.remote, str(target), lake.files, pafs.LocalFileSystem())
        except (OSError, pa.ArrowException) as error:
            raise InputError("paths", f"{self.name} cannot be fetched ({type(error).__name__})") from None
        return target


def bill_files(paths: Iterable[str], lake: Lake) -> Sweep[BillFile]:
    """The files behind `paths`, each once, in the order given; a path that leads nowhere is a failure."""
    found: dict[str, BillFile] = {}
    failures: list[Failure] = []
    for path in paths:
        try:
            for entry in _behind(path, lake):
                found.setdefault(str(entry.path.resolve()) if entry.path else entry.remote, entry)
        except InputError as error:
            failures.append(Failure(UNREADABLE, error.message))
    return Sweep(tuple(found.values()), tuple(failures))


def _behind(path: str, lake: Lake) -> Iterator[BillFile]:
    scheme, separator, _ = path.partition("://")
    if not separator:
        yield from _local(Path(path).expanduser(), path)
    elif scheme == "file":
        yield from _local(Path(_file_url(path)), path)
    elif scheme == "s3":
        yield from _objects(path, lake)
    else:
        raise InputError("paths", f"{path} cannot be read: bills are read from files and from S3; download it first")


def _file_url(url: str) -> str:
    parts = urlsplit(url.replace("?", "%3F").replace("#", "%23"))
    if parts.netloc not in {"", "localhost"}:
        raise InputError("paths", f"{url} is on another machine; use file:///path")
    return unquote(parts.path)


def _local(path: Path, shown: str) -> Iterator[BillFile]:
    try:
        if path.is_file():  # first: a file may be called `*.csv`
            yield BillFile(shown, path)
            return
        folder = path.is_dir()
        inside = path.rglob("*") if folder else (Path(match) for match in glob.iglob(str(path), recursive=True))  # noqa: PTH207 - absolute patterns
        files = sorted(
            file for file in inside if file.is_file() and (not folder or _is_bill(file.relative_to(path).parts))
        )
    except (OSError, ValueError) as error:
        raise InputError("paths", f"{shown!r} cannot be read ({error})") from None
    if not files:
        raise InputError(
            "paths", f"{shown} holds no .csv, .csv.gz or .parquet file" if folder else f"{shown} does not exist"
        )
    yield from (BillFile(str(file), file) for file in files)


def _is_bill(parts: tuple[str, ...]) -> bool:
    # Hidden files and `_temporary`, `_SUCCESS`: what writers leave behind.
    return parts[-1].lower().endswith(_ENDINGS) and not any(part.startswith((".", "_")) for part in parts)


def _objects(url: str, lake: Lake) -> Iterator[BillFile]:
    if not lake.remote:
        raise InputError(
            "paths", f"{url}: bills are read from S3 when the lake is there too (FINOPS_LAKE_URL); download it first"
        )
    place = url.removeprefix("s3://").rstrip("/")
    try:
        info = lake.files.get_file_info(place)
        if info.type == pafs.FileType.File:
            yield BillFile(url, remote=place)
            return
        listing = lake.files.get_file_info(pafs.FileSelector(place, recursive=True, allow_not_found=True))
    except (OSError, pa.ArrowException) as error:
        raise InputError("paths", f"{url} cannot be read ({type(error).__name__})") from None
    keys = sorted(entry.path for entry in listing if entry.type == pafs.FileType.File)
    bills = [key for key in keys if _is_bill(PurePosixPath(key).relative_to(place).parts)]
    if not bills:
        raise InputError("paths", f"{url} holds no .csv, .csv.gz or .parquet file")
    yield from (BillFile(f"s3://{key}", remote=key) for key in bills)

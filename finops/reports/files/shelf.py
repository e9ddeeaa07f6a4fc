"""The exports folder: files made for people, whole or not at all, kept for some days and within some room.

    export = exports.keep(label, pieces, owner="persona:analyst", detail={"rows": {"by_service": 12}})
    with exports.opened(export) as file:
        …

A file is named by a random number: nothing that anyone says becomes a part of a path. The folder and what lies in it
are opened one step at a time without following links, and belong to this process's user alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.model.errors import InputError, StoreError
from finops.model.reports import Export, Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from io import BufferedReader
    from pathlib import Path

    from finops.store.exports import ExportStore, Lying
    from finops.store.signing import Signer

FOLDER = "exports"
PURPOSE = "export"
"""What signatures of links are for."""
REMEMBERED = timedelta(days=30)
"""How long it is remembered that a file's time is over."""

_MIB = 2**20
_DRAFT = ".tmp"
_FILE = re.compile(r"[0-9a-f]{32}\.(?:csv|xlsx|json)(?:\.tmp)?")
_STRAY_SECONDS = 86_400  # a draft or a file without a row that is older was left by a process that died
_OWNER_ONLY, _OWNER_ONLY_FOLDER = 0o600, 0o700
_DRAFT_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a file: whose data, of which report, in which format, under which name people get it."""

    tenant: str
    report: str
    format: Format
    name: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How long a file is kept, and how many MiB all of them together may take; the oldest go first."""

    days: int = 14
    mib: int = 1024


class Exports:
    """Files of every tenant on this machine. Safe to share between threads and processes."""

    def __init__(
        self, store: ExportStore, folder: Path, signer: Signer, *, now: Callable[[], datetime], room: Room | None = None
    ) -> None:
        self._store = store
        self._folder = folder
        self._signer = signer
        self._now = now
        self._room = room or Room()

    def keep(
        self, label: Label, pieces: Iterable[bytes], *, owner: str, detail: Callable[[], Mapping[str, object]]
    ) -> Export:
        """Writes the file, then its row and an audit event with `detail`, asked once the pieces are through.

        InputError for a file larger than the room there is, StoreError where the folder does not take it; whatever
        goes wrong, nothing is left. Sweeps.
        """
        export_id, at = secrets.token_hex(16), self._now()
        path = f"{export_id}.{label.format.value}"
        with self._opened_folder() as folder:
            try:
                size, digest = self._write(folder, path, pieces)
                export = Export(
                    export_id,
                    *(label.tenant, owner, label.report, label.format, label.name, path, size, digest),
                    made_at=at,
                    expires=at + timedelta(days=self._room.days),
                    partial=label.partial,
                )
                self._store.add(export, detail())
            except BaseException:
                _unlink(folder, path)
                raise
            self._swept(folder, at)
        return export

    def get(self, tenant: str, export_id: str) -> Export | None:
        """One export, over or not; None when there is none of this id."""
        return self._store.get(tenant, export_id)

    def of_owner(self, tenant: str, owner: str) -> tuple[Export, ...]:
        """What a person can still fetch, newest first."""
        return self._store.of_owner(tenant, owner, at=self._now())

    def is_over(self, export: Export) -> bool:
        """Whether its time is over, or its file was swept."""
        return not export.path or export.expires <= self._now()

    def opened(self, export: Export) -> BufferedReader:
        """The file, to be read and closed. StoreError where it is not there, or is no plain file of ours."""
        if not _FILE.fullmatch(export.path):
            raise StoreError("the file of this export is not there any more")
        with self._opened_folder() as folder:
            try:
                handle = os.open(export.path, _READ_FLAGS, dir_fd=folder)
            except OSError as error:
                raise StoreError(f"the file of this export cannot be read: {error.strerror}") from error
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size != export.size:
            os.close(handle)
            raise StoreError("the file of this export is not as it was made")
        return os.fdopen(handle, "rb")

    def sweep(self) -> int:
        """Deletes files whose time is over, the oldest beyond the room, and strays; returns how many."""
        with self._opened_folder() as folder:
            return self._swept(folder, self._now())

    # Links

    def link(self, export: Export, *, until: datetime | None = None) -> str:
        """Path and query under which a file can be fetched by whoever holds them, until an instant or its own end."""
        expires = int(min(until or export.expires, export.expires).timestamp())
        signature = self._signer.sign(PURPOSE, _signed(export, expires))
        query = f"tenant={export.tenant}&expires={expires}&signature={signature}"
        return f"/api/exports/{export.export_id}?{query}"

    def holds(self, export: Export, expires: int, signature: str) -> bool:
        """Whether a link's signature is ours; whether its time is over is another question."""
        return self._signer.holds(PURPOSE, _signed(export, expires), signature)

    # Files

    def _write(self, folder: int, path: str, pieces: Iterable[bytes]) -> tuple[int, str]:
        """Size and digest of a file that is on the disk under its name."""
        draft, size, digest = f"{path}{_DRAFT}", 0, hashlib.sha256()
        try:
            with _answering(), os.fdopen(os.open(draft, _DRAFT_FLAGS, _OWNER_ONLY, dir_fd=folder), "wb") as file:
                for piece in _within(pieces, self._room.mib):
                    size += len(piece)
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            with _answering():
                os.replace(draft, path, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
        except BaseException:
            _unlink(folder, draft)
            raise
        return size, digest.hexdigest()

    def _swept(self, folder: int, at: datetime) -> int:
        lying = self._store.lying()
        over = [each for each in lying if each.expires <= at]
        over += _beyond([each for each in lying if each.expires > at], self._room.mib * _MIB)
        gone = sum(_unlink(folder, each.path) for each in over if _FILE.fullmatch(each.path))
        self._store.expire(over, at=at)
        self._store.remove(expired_before=at - REMEMBERED)
        return gone + _swept_strays(folder, {each.path for each in lying})

    @contextlib.contextmanager
    def _opened_folder(self) -> Iterator[int]:
        """The folder, made for its owner only. StoreError where it is a link, or cannot be had."""
        with _answering():
            self._folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            folder = os.open(self._folder, flags)
        try:
            with _answering():
                if stat.S_IMODE(os.fstat(folder).st_mode) & 0o077:
                    os.fchmod(folder, _OWNER_ONLY_FOLDER)
            yield folder
        finally:
            os.close(folder)


def _signed(export: Export, expires: int) -> str:
    return f"{export.tenant}/{export.export_id}/{expires}"


def _within(pieces: Iterable[bytes], mib: int) -> Iterator[bytes]:
    """The pieces; InputError once there are too many."""
    left = mib * _MIB
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise InputError("report", f"the file is larger than {mib:,} MiB; narrow the report")
        yield piece


def _beyond(lying: list[Lying], most: int) -> list[Lying]:
    """The oldest of files, so that the others fit."""
    size, over = sum(each.size for each in lying), []
    for each in lying:
        if size <= most:
            break
        over.append(each)
        size -= each.size
    return over


def _swept_strays(folder: int, known: set[str]) -> int:
    """Deletes old drafts and files that no row knows. Their age is told by the clock that dated them, not by `now`."""
    gone = 0
    for name in os.listdir(folder):
        if name in known or not _FILE.fullmatch(name):
            continue
        with contextlib.suppress(FileNotFoundError):
            if time.time() - os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > _STRAY_SECONDS:
                gone += _unlink(folder, name)
    return gone


def _unlink(folder: int, name: str) -> bool:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """What the file system says, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"the exports folder cannot be used: {error.strerror or type(error).__name__}") from error

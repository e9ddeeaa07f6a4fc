"""Mails that stay here: one `.eml` file for each, which mail programs open. Demo mode's way, and a dry run's."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.model.delivery import MailError, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
_OWNER_ONLY, _OWNER_ONLY_FOLDER = 0o600, 0o700
_MIB = 2**20


class MailFolder:
    """Writes mails into a folder that only its owner may read. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: bytes, *, sender: str, recipient: str, delivery_id: str) -> Receipt:  # noqa: ARG002
        """Writes `<delivery_id>.eml`, whole or not at all. The file says from whom and to whom.

        MailError, to be tried later, where it cannot be written.
        """
        name = _file_name(delivery_id)
        try:
            with self._opened() as folder:
                _write(folder, name, message)
        except OSError as error:
            raise _unwritable(error) from None
        return Receipt(name)

    def delivered(self, delivery_id: str) -> bool | None:
        """Whether the file is there. None where the folder cannot be looked at."""
        try:
            with self._opened() as folder:
                found = os.stat(_file_name(delivery_id), dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        except OSError:
            return None
        return stat.S_ISREG(found.st_mode)

    def check(self) -> str:
        """Says where mails stay. MailError where they cannot be written."""
        try:
            with self._opened() as folder:
                writable = os.access(".", os.W_OK, dir_fd=folder)
                free = os.fstatvfs(folder)
        except OSError as error:
            raise _unwritable(error) from None
        if not writable:
            raise MailError("The folder of mails cannot be written to.", kind=MailError.LATER, code="EACCES")
        return f"mails stay in the folder {self._folder.name}, {free.f_bavail * free.f_frsize // _MIB:,} MiB free"

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The folder itself: a link in its place, or in a file's, leads nowhere."""
        self._folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield folder
        finally:
            os.close(folder)


def _write(folder: int, name: str, message: bytes) -> None:
    """On the disk before it has its name, and its name on the disk before this returns."""
    draft = f".{name}.{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(draft, flags, _OWNER_ONLY, dir_fd=folder), "wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        _unlinked(folder, draft)
        raise
    os.fsync(folder)


def _unlinked(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def _file_name(delivery_id: str) -> str:
    if not _NAME.fullmatch(delivery_id):
        raise MailError("This delivery has an id that cannot name a file.", kind=MailError.NEVER, code="BadId")
    return f"{delivery_id}.eml"


def _unwritable(error: OSError) -> MailError:
    told = f"The folder of mails cannot be used: {error.strerror}."
    return MailError(told, kind=MailError.LATER, code=type(error).__name__)

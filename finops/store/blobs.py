"""Small files that belong to people: in a folder that only its owner may read, or beside the lake on S3.

    blobs = Blobs.at("data/prefs")
    with blobs.turn():
        blobs.put("a.json", b"{}")

A file is replaced whole: a reader, and a crash at any moment, find the old one or the new one.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import secrets
import threading
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.fs as pafs

from finops.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OWNER_ONLY, _OWNER_ONLY_FOLDER = 0o600, 0o700
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
_DRAFT = ".tmp"


class Blobs(Protocol):
    """Files by name in one place. Methods raise StoreError where the place does not answer."""

    def get(self, name: str, most: int) -> bytes | None:
        """The first `most` bytes of a file, None where there is none."""

    def put(self, name: str, content: bytes) -> None:
        """Replaces a file, or makes it."""

    def add(self, name: str, content: bytes) -> bytes:
        """Makes a file unless it is there; returns what is there then."""

    def names(self) -> tuple[str, ...]:
        """Every file, by name."""

    def set_aside(self, name: str, new_name: str) -> bool:
        """Gives a file another name; False where it is gone already."""

    def turn(self) -> contextlib.AbstractContextManager[None]:
        """One reader and writer at a time: in this process, and in a folder across processes too."""


class FolderBlobs:
    """Files in a folder of this machine (or one that machines share, with locks that work)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, most: int) -> bytes | None:
        """The first `most` bytes of a file, None where there is none."""
        try:
            with (self._folder / _checked(name)).open("rb") as file:
                return file.read(most)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError(f"{name} cannot be read: {error.strerror}") from error

    def put(self, name: str, content: bytes) -> None:
        """Replaces a file, on the disk before it has its name, and its name on the disk before this returns."""
        try:
            draft = self._draft(name, content)
            try:
                draft.replace(self._folder / name)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            self._flush()
        except OSError as error:
            raise StoreError(f"{name} cannot be written: {error.strerror}") from error

    def add(self, name: str, content: bytes) -> bytes:
        """Makes a file unless it is there; whoever comes second gets what the first one made."""
        try:
            draft = self._draft(name, content)
            try:
                os.link(draft, self._folder / name)
                self._flush()
            except FileExistsError:
                return (self._folder / name).read_bytes()
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{name} cannot be written: {error.strerror}") from error
        return content

    def names(self) -> tuple[str, ...]:
        """Every file but drafts."""
        try:
            found = [path.name for path in self._folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise StoreError(f"{self._folder.name} cannot be listed: {error.strerror}") from error
        return tuple(sorted(name for name in found if not name.endswith(_DRAFT)))

    def set_aside(self, name: str, new_name: str) -> bool:
        """Gives a file another name; False where it is gone already."""
        try:
            (self._folder / _checked(name)).replace(self._folder / _checked(new_name))
            self._flush()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"{name} cannot be set aside: {error.strerror}") from error
        return True

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for other threads and processes. The kernel ends the turn of a process that dies.

        Drafts that lie about then were left by such a process, and are swept away.
        """
        try:
            self._made()
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StoreError(f"{self._folder.name} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            for path in self._folder.glob(f"*.json.*{_DRAFT}"):
                path.unlink(missing_ok=True)
            yield
        finally:
            os.close(handle)

    def _made(self) -> None:
        self._folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)

    def _draft(self, name: str, content: bytes) -> Path:
        """The content in a file of its own beside `name`, on the disk and for its owner only."""
        self._made()
        draft = self._folder / f"{_checked(name)}.{secrets.token_hex(8)}{_DRAFT}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return draft

    def _flush(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class LakeBlobs:
    """Files beside the lake on S3, where a put is whole or not at all. Who may read them is the bucket's to say.

    Two servers that save the same file within the same moment: the last one wins without a notice.
    """

    _turns = threading.RLock()

    def __init__(self, root_url: str, folder: str) -> None:
        try:
            self._files, root = pafs.FileSystem.from_uri(root_url)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{folder} on S3 cannot be opened ({type(error).__name__})") from None
        self._folder = f"{root.rstrip('/')}/{folder}"

    def get(self, name: str, most: int) -> bytes | None:
        """The first `most` bytes of an object, None where there is none."""
        try:
            with self._files.open_input_stream(f"{self._folder}/{_checked(name)}") as stream:
                return bytes(stream.read(most))
        except FileNotFoundError:
            return None
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{name} cannot be read ({type(error).__name__})") from None

    def put(self, name: str, content: bytes) -> None:
        """Replaces an object."""
        try:
            with self._files.open_output_stream(f"{self._folder}/{_checked(name)}") as stream:
                stream.write(content)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{name} cannot be written ({type(error).__name__})") from None

    def add(self, name: str, content: bytes) -> bytes:
        """Makes an object unless it is there."""
        found = self.get(name, len(content) + 4096)
        if found is None:
            self.put(name, content)
        return content if found is None else found

    def names(self) -> tuple[str, ...]:
        """Every object of the folder."""
        try:
            infos = self._files.get_file_info(pafs.FileSelector(self._folder, allow_not_found=True))
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{self._folder} cannot be listed ({type(error).__name__})") from None
        return tuple(sorted(info.base_name for info in infos if info.type == pafs.FileType.File))

    def set_aside(self, name: str, new_name: str) -> bool:
        """Gives an object another name; False where it is gone already."""
        old, new = f"{self._folder}/{_checked(name)}", f"{self._folder}/{_checked(new_name)}"
        try:
            if self._files.get_file_info(old).type != pafs.FileType.File:
                return False
            self._files.move(old, new)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{name} cannot be set aside ({type(error).__name__})") from None
        return True

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for other threads of this process."""
        with self._turns:
            yield


@functools.lru_cache(maxsize=8)
def blobs_beside(lake_url: str, folder: str) -> LakeBlobs:
    """The files of a folder beside a lake on S3; the connection is kept for whoever asks next."""
    return LakeBlobs(lake_url, folder)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise StoreError(f"{name[:40]!r} is no name of a file")
    return name

"""A folder of one import's own, which a later import clears away when its owner was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from typing import TYPE_CHECKING

from finops.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIX = "bill-"
_LOCK = ".lock"


class Workspace:
    """A folder below `staging` that lives as long as its lock is held: the kernel lets go of a dead process's locks."""

    def __init__(self, staging: Path) -> None:
        self._staging = staging
        self._name = f"{_PREFIX}{uuid.uuid4()}"
        self.folder = staging / self._name
        self._lock = -1

    def open(self) -> Path:
        """Makes the folder, and clears away those whose owner is gone. StoreError when nothing can be written there."""
        try:
            self._staging.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._staging / f"{self._name}{_LOCK}", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self.folder.mkdir()
            for name in _abandoned(self._staging):
                shutil.rmtree(self._staging / name, ignore_errors=True)
        except OSError as error:
            raise StoreError(f"bills cannot be staged ({error.strerror})") from None
        return self.folder

    def close(self) -> None:
        """Deletes the folder and lets go of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self._staging / f"{self._name}{_LOCK}").unlink(missing_ok=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _abandoned(staging: Path) -> Iterator[str]:
    """Names of folders whose lock nobody holds; their lock files go with them."""
    for path in staging.glob(f"{_PREFIX}*{_LOCK}"):
        with contextlib.suppress(OSError):
            lock = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                folder = path.name.removesuffix(_LOCK)
                # A folder that is not there yet belongs to an import that is just starting: its lock comes first.
                if (staging / folder).is_dir():
                    yield folder
                    path.unlink(missing_ok=True)
            finally:
                os.close(lock)

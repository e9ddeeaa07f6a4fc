"""What one person chose to see: a small file each, under a name that tells nobody whose it is.

preferences = UserPreferences.of(settings)
preferences.change(person.principal, lambda kept: kept.with_columns("inventory", ("name", "cost")))
preferences.kept(person.principal).columns["inventory"]
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from finops.model.errors import InputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from config import Settings

FOLDER = "prefs"
KEY_FILE = "prefs.key"
MOST_BYTES = 64 * 1024
MOST_TABLES, MOST_COLUMNS, LONGEST_NAME = 20, 50, 200
_OWNER_ONLY = 0o600

log = logging.getLogger(__name__)
_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's choices. `columns` are the columns of each table by its name; a table not named has its usual ones.

    A further choice is a further field with a default, read and written in `_read` and `_written`.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def with_columns(self, table: str, columns: Sequence[str]) -> Preferences:
        """The same with other columns of one table."""
        return replace(self, columns=MappingProxyType({**self.columns, table: tuple(columns)}))


class UserPreferences:
    """The preferences kept in one folder. Safe to share between threads.

    File names are HMAC-SHA256 of the principal, keyed by `secret`, or without one by a random key made here once.
    """

    def __init__(self, folder: Path, *, secret: str = "") -> None:
        self._folder = folder
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The preferences of an installation: in its data folder, named with its secret key."""
        secret = settings.secret_key.get_secret_value() if settings.secret_key is not None else ""
        return cls(settings.data_dir / FOLDER, secret=secret)

    def kept(self, principal: str) -> Preferences:
        """What a person chose, defaults where nothing is kept or it cannot be read.

        A file that is damaged is set aside, so that the next choice starts a new one.
        """
        try:
            path = self._path(principal)
            with path.open("rb") as file:
                return _read(file.read(MOST_BYTES + 1))
        except FileNotFoundError:
            return Preferences()
        except OSError as error:
            log.warning("preferences cannot be read, defaults serve: %s", error.strerror)
            return Preferences()
        except ValueError as error:
            log.warning("preferences in %s are damaged (%s) and set aside, defaults serve", path.name, error)
            with contextlib.suppress(OSError):
                path.replace(path.with_suffix(".damaged"))
            return Preferences()

    def change(self, principal: str, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Keeps what `change` makes of a person's preferences, and returns it.

        InputError for more than can be kept, StoreError when it cannot be written.
        """
        with _writing:
            before = self.kept(principal)
            after = change(before)
            if after != before:
                try:
                    _write(self._path(principal), _written(after))
                except OSError as error:
                    raise StoreError(f"the preferences cannot be kept: {error.strerror}") from error
        return after

    def _path(self, principal: str) -> Path:
        digest = hmac.new(self._key(), principal.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return self._folder / f"{digest}.json"

    def _key(self) -> bytes:
        if self._secret:
            return self._secret.encode()
        path = self._folder / KEY_FILE
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            key = _made_key(path)
        if not key:
            raise OSError(None, f"{path.name} is empty")
        return key


def _made_key(path: Path) -> bytes:
    """A new random key, unless another process was first: then its key."""
    draft = _draft(path, secrets.token_hex(32).encode())
    try:
        os.link(draft, path)
    except FileExistsError:
        log.debug("another process made the key first")
    finally:
        draft.unlink()
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    """Replaces a file whole: a reader, and a crash, find the old one or the new one."""
    draft = _draft(path, content)
    try:
        draft.replace(path)
    except BaseException:
        draft.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _draft(path: Path, content: bytes) -> Path:
    """The content in a file of its own beside `path`, on the disk and for its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _written(preferences: Preferences) -> bytes:
    columns = {table: list(names) for table, names in preferences.columns.items()}
    content = json.dumps({"columns": columns}, sort_keys=True).encode()
    try:
        _read(content)
    except ValueError as error:
        raise InputError("preferences", f"these preferences cannot be kept: {error}") from None
    return content


def _read(content: bytes) -> Preferences:
    """Preferences from a file's content; ValueError with the reason for anything that was not written here."""
    if len(content) > MOST_BYTES:
        raise ValueError("too large")
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - one error for every damage
    return Preferences(columns=_columns(found.get("columns", {})))


def _columns(found: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(found, Mapping) or len(found) > MOST_TABLES:
        raise ValueError("columns are no map")
    for names in (list(found), *found.values()):
        if not isinstance(names, list) or len(names) > MOST_COLUMNS or not all(map(_is_name, names)):
            raise ValueError("columns are no lists of names")
    return MappingProxyType({table: tuple(names) for table, names in found.items()})


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME

"""Fields of AWS answers: dotted paths into an item, and what is made of what they find."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.model.assets import Detail

ITSELF = "."
"""The path of an item that is a mere text (a cluster's name, a queue's URL)."""

_EPOCH = re.compile(r"-?\d{9,}(\.\d+)?|-?\d+(\.\d+)?[eE]\+?\d+", re.ASCII)
_LATEST_SECONDS = 1e11  # the year 5138; a greater number counts milliseconds, as CloudWatch Logs does


@dataclass(frozen=True, slots=True)
class Found:
    """One item of an answer and the item of the step before that it was asked for, None at the first step."""

    item: Any
    origin: Found | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """More than a path: `read` makes a value of an item. `paths` are all it looks at: nothing else need be parsed.

    A `gauge` moves by itself, such as stored bytes: its changes are nobody's doing.
    """

    paths: tuple[str, ...]
    read: Callable[[Found], Detail]
    gauge: bool = False


Source: TypeAlias = str | Field
"""A path, or more than a path."""


def values(found: Found, path: str) -> list[Any]:
    """Everything at a path, nothing where it ends early.

    `A.B` goes down, `A[].B` through every member of a list, `.` is the item itself, and each leading `^` starts one
    item earlier: at the one this item was asked for.
    """
    steps_back, names = _parsed(path)
    start: Found | None = found
    for _ in range(steps_back):
        start = start.origin if start else None
    here = [] if start is None else [start.item]
    for name, many in names:
        here = [value[name] for value in here if isinstance(value, dict) and value.get(name) is not None]
        if many:
            here = [member for value in here if isinstance(value, list) for member in value if member is not None]
    return here


def detail(found: Found, source: Source) -> Detail:
    """The value for `Seen.details`: None where AWS tells none; lists are sorted, without repetition, maybe empty."""
    if not isinstance(source, str):
        return source.read(found)
    plain = [value for value in map(_plain, values(found, source)) if value is not None]
    if source.endswith("[]") or "[]." in source:
        return sorted({str(value) for value in plain})
    return plain[0] if plain else None


def text(found: Found, source: Source) -> str:
    """The value as text, of a list the first; empty where there is none."""
    value = detail(found, source) if source else None
    if isinstance(value, list):
        return value[0] if value else ""
    return "" if value is None else str(value)


def paths_of(source: Source) -> tuple[str, ...]:
    """The paths a source reads."""
    return ((source,) if source else ()) if isinstance(source, str) else source.paths


def last(path: str, separator: str = "/") -> Field:
    """The text after the last separator: the id at the end of an ARN or a URL."""
    return Field((path,), lambda found: text(found, path).rpartition(separator)[2] or None)


def joined(*parts: str) -> Field:
    """Several texts with slashes between; none unless all are there."""

    def read(found: Found) -> Detail:
        texts = [text(found, part) for part in parts]
        return "/".join(texts) if all(texts) else None

    return Field(parts, read)


def count(path: str) -> Field:
    """How many there are."""
    return Field((path,), lambda found: len(values(found, path)))


def total(path: str) -> Field:
    """The sum of whole numbers; none where there is no number."""

    def read(found: Found) -> Detail:
        numbers = [value for value in values(found, path) if isinstance(value, int)]
        return sum(numbers) if numbers else None

    return Field((path,), read)


def present(path: str, yes: str | bool = True, no: str | bool = False) -> Field:
    """One of two values: whether AWS tells anything there."""
    return Field((path,), lambda found: yes if any(value not in ("", []) for value in values(found, path)) else no)


def or_else(path: str, default: str | int) -> Field:
    """A value, or what its absence means by AWS's documentation."""

    def read(found: Found) -> Detail:
        value = detail(found, path)
        return default if value is None or value == "" else value

    return Field((path,), read)


def when(path: str) -> Field:
    """A time, the earliest of several, as ISO 8601 text in UTC."""

    def read(found: Found) -> Detail:
        at = earliest(found, (path,))
        return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")

    return Field((path,), read)


def tag(path: str, key: str) -> Field:
    """The value of one of the item's own tags; `path` as of `tags_of`."""
    return Field((path,), lambda found: tags_of(found, path).get(key))


def gauge(source: Source) -> Field:
    """A reading that moves by itself."""
    return Field(paths_of(source), lambda found: detail(found, source), gauge=True)


def tags_of(found: Found, path: str) -> dict[str, str]:
    """The tags at a path that names a list of Key and Value, or key and value (`Tags[]`), or one map (`tags`).

    System tags (`aws:…`) are kept; an item without tags has none: services leave the field out then.
    """
    here = [value for value in values(found, path) if isinstance(value, dict)]
    if not path.endswith("[]"):
        return {str(key): str(value) for tags in here for key, value in tags.items() if value is not None}
    pairs = ((tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))) for tag in here)
    return {str(key): "" if value is None else str(value) for key, value in pairs if key is not None}


def moment(value: Any) -> datetime | None:
    """A time in UTC from a datetime, ISO 8601 text or seconds (or milliseconds) since 1970; None if unreadable."""
    try:
        if isinstance(value, datetime):
            at = value
        elif isinstance(value, str):
            at = _written(value.strip())
        elif isinstance(value, int | float) and not isinstance(value, bool):
            at = _since_1970(float(value))
        else:
            return None
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def earliest(found: Found, paths: tuple[str, ...]) -> datetime | None:
    """The earliest readable time at any of the paths."""
    times = [at for path in paths for at in map(moment, values(found, path)) if at is not None]
    return min(times, default=None)


@lru_cache(maxsize=4096)
def _parsed(path: str) -> tuple[int, tuple[tuple[str, bool], ...]]:
    rest = path.lstrip("^")
    names = () if rest in {"", ITSELF} else tuple(rest.split("."))
    return len(path) - len(rest), tuple((name.removesuffix("[]"), name.endswith("[]")) for name in names)


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int) else None


def _written(value: str) -> datetime:
    return _since_1970(float(value)) if _EPOCH.fullmatch(value) else datetime.fromisoformat(value)


def _since_1970(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > _LATEST_SECONDS else seconds, UTC)

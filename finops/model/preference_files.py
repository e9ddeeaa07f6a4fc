"""The file of one person's choices, or of a tenant's settings: JSON with a version, read with suspicion.

    {"version": 2, "revision": 7, "metric": "amortized", "thresholds": {"aws.ec2.idle_instance.cpu_average": 3.0}}

Whatever was not written by this product is a ValueError with its reason. Older versions are brought up to date step by
step; of newer ones what is understood is read, and the rest is carried along.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Generic

from finops.model.errors import InputError
from finops.model.preferences import Chosen, joined, parts

VERSION = 2
MOST_BYTES = 64 * 1024
MOST_TABLES, MOST_COLUMNS, MOST_VALUES, MOST_THRESHOLDS, LONGEST_NAME = 20, 50, 200, 2000, 200
LARGEST = 1e15

_ABOUT = ("version", "revision", "set_aside")


@dataclass(frozen=True, slots=True)
class Kept(Generic[Chosen]):
    """What is kept, how often it was saved, and the name under which a damaged file before it was set aside ("": none).

    `trouble` says in a sentence why nothing could be read though something may be there.
    """

    chosen: Chosen
    revision: int = 0
    set_aside: str = ""
    trouble: str = ""


def _from_1(found: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had the columns of tables alone, and no number of its version."""
    return {**found, "version": 2, "revision": found.get("revision", 0)}


MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({1: _from_1})
"""How each version becomes the next one."""


def read(content: bytes, empty: Chosen) -> Kept[Chosen]:
    """What a file keeps, on top of `empty`; ValueError with the reason for anything that was not written here."""
    if len(content) > MOST_BYTES:
        raise ValueError("too large")
    found = _parsed(content)
    version = _number(found.get("version", 1), "version", least=1)
    for old in range(version, VERSION):
        found = MIGRATIONS[old](found)
    revision, set_aside = _number(found.get("revision", 0), "revision"), found.get("set_aside", "")
    if not isinstance(set_aside, str) or len(set_aside) > LONGEST_NAME:
        raise ValueError("set_aside is no name")
    return Kept(_chosen(found, empty, newer=version > VERSION), revision, set_aside)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - one error for every damage
    return found


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _chosen(found: Mapping[str, Any], empty: Chosen, *, newer: bool) -> Chosen:
    known = {each.name for each in fields(empty)} - {"extra"}
    choices: dict[tuple[str, str], Any] = {}
    extra = {name: value for name, value in found.items() if name not in known and name not in _ABOUT}
    if newer:
        extra["version"] = found["version"]
    for name in sorted(known & found.keys()):
        try:
            choices |= {(name, key): value for key, value in _READERS[name](found[name], name).items()}
        except ValueError:
            if not newer:
                raise
            extra[name] = found[name]
    return joined(empty, choices | {("extra", name): value for name, value in extra.items()})


def written(kept: Kept[Chosen]) -> bytes:
    """The content of a file; InputError for more than can be kept."""
    document: dict[str, Any] = {}
    for (name, key), value in parts(kept.chosen).items():
        plain = list(value) if isinstance(value, tuple) else value
        if name == "extra":
            continue
        if key or isinstance(getattr(kept.chosen, name), Mapping):
            document.setdefault(name, {})[key] = plain
        else:
            document[name] = plain
    document = {**dict(kept.chosen.extra), **document}
    document |= {"version": kept.chosen.extra.get("version", VERSION), "revision": kept.revision}
    if kept.set_aside:
        document["set_aside"] = kept.set_aside
    content = json.dumps(document, sort_keys=True).encode()
    try:
        read(content, type(kept.chosen)())
    except ValueError as error:
        raise InputError("preferences", f"these preferences cannot be kept: {error}") from None
    return content


def _number(value: object, name: str, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**53:
        raise ValueError(f"{name} is no number")
    return value


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME


def _text(value: object, name: str) -> dict[str, Any]:
    if value == "":
        return {}
    if not _is_name(value):
        raise ValueError(f"{name} is no name")
    return {"": value}


def _list(value: object, name: str, most: int = MOST_VALUES) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most or not all(map(_is_name, value)):
        raise ValueError(f"{name} are no lists of names")
    return tuple(value)


def _names(value: object, name: str) -> dict[str, Any]:
    found = _list(value, name)
    return {"": found} if found else {}


def _columns(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > MOST_TABLES or not all(map(_is_name, value)):
        raise ValueError(f"{name} are no map")
    return {table: _list(columns, name, MOST_COLUMNS) for table, columns in value.items()}


def _values(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > MOST_THRESHOLDS or not all(map(_is_name, value)):
        raise ValueError(f"{name} are no map")
    return {key: _value(inner, name) for key, inner in value.items()}


def _value(value: object, name: str) -> float | str:
    if isinstance(value, str) and _is_name(value):
        return value
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > LARGEST
        or not math.isfinite(value)
    ):
        raise ValueError(f"{name} are no values")
    return float(value)


_READERS: Mapping[str, Callable[[object, str], dict[str, Any]]] = MappingProxyType(
    {
        "columns": _columns,
        "widgets": _names,
        "period": _text,
        "accounts": _names,
        "metric": _text,
        "charge_types": _names,
        "currency_format": _text,
        "theme": _text,
        "tag_keys": _names,
        "thresholds": _values,
        "reports": _names,
        "defaults": _values,
        "locks": _values,
    }
)

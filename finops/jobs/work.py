"""What a job can be: one facade call with plain arguments, the names it holds alone, and how it splits into parts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.errors import InputError

if TYPE_CHECKING:
    from finops.model.jobs import Outcome, Progress

Arguments = Mapping[str, object]
"""Plain values by name: None, booleans, numbers, texts, and lists and mappings of them."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One job as its work is given it. `report` says how far it is; any thread may call it, as often as it likes."""

    job_id: str
    tenant: str
    arguments: Arguments
    user: str
    report: Callable[[Progress], None]


def no_locks(tenant: str, arguments: Arguments) -> tuple[str, ...]:  # noqa: ARG001 - the signature of `Work.locks`
    """Holds nothing: any number of such jobs may run at once."""
    return ()


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of job. `run` must be safe to repeat: an interrupted job is asked for again.

    `locks` names what a job holds alone, from tenant and arguments; `split` gives the arguments of the parts that a
    broker's workers share, each a job of the same kind.
    """

    run: Callable[[Assignment], Outcome]
    locks: Callable[[str, Arguments], tuple[str, ...]] = no_locks
    split: Callable[[str, Arguments], tuple[Arguments, ...]] | None = None


def plain_arguments(arguments: Arguments) -> dict[str, object]:
    """The arguments as JSON gives them back (tuples become lists); InputError names the first that is not plain."""
    for name, value in arguments.items():
        if not isinstance(name, str):
            raise InputError(str(name), "the names of a job's arguments are texts")
        if not _plain(value):
            raise InputError(name, f"{name} must be plain values: texts, numbers, lists and mappings of them")
    found: dict[str, object] = json.loads(json.dumps(dict(arguments), default=dict))
    return found


def _plain(value: object) -> bool:
    if value is None or isinstance(value, bool | int | str):
        return True
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    return isinstance(value, Mapping) and all(isinstance(name, str) and _plain(each) for name, each in value.items())

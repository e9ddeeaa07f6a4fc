"""Every check: one module each, and whatever is installed.

A package from outside adds checks through the entry-point group `finops.checkers`: a loaded object is a `Check` or an
iterable of them. One that is broken is left out with a warning.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from finops.model.errors import CODE_FAULTS
from finops.waste.check import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

GROUP = "finops.checkers"
_MODULES = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))


@cache
def _registry() -> Mapping[str, Check]:
    found: dict[str, Check] = {}
    for module in _MODULES:
        _add(found, module.CHECK)
    for entry in entry_points(group=GROUP):
        _add_from_outside(found, entry)
    return dict(sorted(found.items()))


def checks() -> tuple[Check, ...]:
    """Every check, sorted by its id."""
    return tuple(_registry().values())


def check_named(check_id: str) -> Check:
    """The check of that id; KeyError when there is none."""
    return _registry()[check_id]


def _add(found: dict[str, Check], check: Check) -> None:
    if found.setdefault(check.check_id, check) is not check:
        raise ValueError(f"{check.check_id} is declared twice")


def _add_from_outside(found: dict[str, Check], entry: EntryPoint) -> None:
    try:
        loaded = entry.load()
        for check in loaded if isinstance(loaded, Iterable) else (loaded,):
            if not isinstance(check, Check):
                raise TypeError("it offers something that is no Check")
            _add(found, check)
    except CODE_FAULTS as error:
        log.warning("the checks of %s (%s) are left out: %s", entry.name, entry.value, error)

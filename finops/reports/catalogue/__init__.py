"""Every report: one module each, its definition in `REPORT`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.reports.definition import Definition

_MODULES = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))


@cache
def definitions() -> Mapping[str, Definition]:
    """Every report by its name, in that order."""
    found: dict[str, Definition] = {}
    for module in _MODULES:
        report: Definition = module.REPORT
        if found.setdefault(report.name, report) is not report:
            raise ValueError(f"{report.name} is declared twice")
    return dict(sorted(found.items()))

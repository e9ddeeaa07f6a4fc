"""Every kind of resource that can be listed: one small module for each AWS service, and whatever is installed.

A package from outside adds kinds through the entry-point group `finops.services`: a loaded object is a `Kind` or an
iterable of them. One that is broken is left out with a warning.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

from finops.aws import regions, tagging
from finops.aws.listing import Kind, Step
from finops.aws.paging import Tokens
from finops.model.errors import CODE_FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = logging.getLogger(__name__)

GROUP = "finops.services"
_MODULES = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))


@cache
def _registry() -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for module in _MODULES:
        for kind in module.KINDS:
            _add(found, kind)
    for entry in entry_points(group=GROUP):
        _add_from_outside(found, entry)
    return dict(sorted(found.items()))


def kinds() -> tuple[Kind, ...]:
    """Every kind, sorted by its name."""
    return tuple(_registry().values())


def kind_named(name: str) -> Kind:
    """The kind of that name (`ec2:volume`); KeyError when there is none."""
    return _registry()[name]


@cache
def reads() -> Mapping[tuple[str, str], frozenset[str]]:
    """For every listing operation, (botocore service, name), the paths of its answer that are read.

    `Reservations[].Instances[].InstanceId`: a path stands for all that is below it, and nothing else is looked at.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind in kinds():
        for operation, path in kind.reads:
            found[operation.service, operation.name].add(path)
        for step in kind.steps:
            found[step.operation.service, step.operation.name] |= _token_paths(step)
    narrowed = {operation: frozenset(_narrowest(paths)) for operation, paths in found.items()}
    return {**narrowed, **tagging.READS, **regions.READS}


def _add(found: dict[str, Kind], kind: Kind) -> None:
    if found.setdefault(kind.kind, kind) is not kind:
        raise ValueError(f"{kind.kind} is declared twice")


def _add_from_outside(found: dict[str, Kind], entry: EntryPoint) -> None:
    try:
        loaded = entry.load()
        for kind in loaded if isinstance(loaded, Iterable) else (loaded,):
            if not isinstance(kind, Kind):
                raise TypeError("it offers something that is no Kind")
            for step in kind.steps:
                _token_paths(step)
            _add(found, kind)
    except CODE_FAULTS as error:
        log.warning("the services of %s (%s) are left out: %s", entry.name, entry.value, error)


def _token_paths(step: Step) -> set[str]:
    operation = step.operation
    if not step.paged:
        return set()
    rule = _paginators(operation.service).get(operation.name)
    if step.tokens is None and rule is None:
        raise ValueError(f"{operation.service}:{operation.name} has no paginator: name its tokens, or say paged=False")
    tokens = step.tokens or Tokens.of(rule or {})
    return {path for path in (*tokens.outputs, tokens.more) if path}


@cache
def _paginators(service: str) -> Mapping[str, Mapping[str, object]]:
    try:
        rules: Mapping[str, Mapping[str, object]] = Loader().load_service_model(service, "paginators-1")["pagination"]
    except DataNotFoundError:
        return {}
    return rules


def _narrowest(paths: set[str]) -> Iterator[str]:
    """The paths without those that others only pass through."""
    for path in paths:
        if not any(other.startswith((f"{path}.", f"{path}[")) for other in paths):
            yield path


kinds()  # whatever is installed declares its operations now, so that the table of permissions is complete

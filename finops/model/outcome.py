"""Partial failure as a value: what was found, and what could not be asked, with the permission that is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that could not be read. Field names are those of `meta.failures` in the API."""

    code: str
    message: str
    account: str = ""
    region: str = ""
    service: str = ""
    missing_action: str = ""


@dataclass(frozen=True, slots=True)
class Sweep(Generic[T]):
    """What a visit to many places returned, and where it failed. A failure is never an empty result."""

    items: tuple[T, ...] = ()
    failures: tuple[Failure, ...] = field(default=())

    @property
    def partial(self) -> bool:
        """Whether something could not be asked."""
        return bool(self.failures)

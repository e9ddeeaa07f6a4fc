"""AWS accounts of an organization."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """A member account: 12-digit id, name, and status as Organizations spells it (`ACTIVE`, `SUSPENDED` …)."""

    id: str
    name: str
    status: str

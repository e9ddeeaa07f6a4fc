"""AWS accounts of an organization."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A member account: 12-digit id, name, and status as Organizations spells it (`ACTIVE`, `SUSPENDED` …).

    `email` is masked where it is read (`a…@example.com`) and never kept whole. `unit` is the path of organizational
    units below the root (`Workloads/Prod`), `role` and `external_id_set` say how the account is opened where that
    differs from the settings, `regions` are those enabled there; None: not asked yet.
    """

    id: str
    name: str
    status: str
    email: str = ""
    unit: str = ""
    tags: Mapping[str, str] | None = None
    role: str = ""
    external_id_set: bool = False
    regions: tuple[str, ...] | None = None
    source: str = ""  # "organizations", "settings"
    joined: datetime | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """How an account is opened where that differs from the settings. A secret: the external id is shown to nobody."""

    role: str = ""
    external_id: str = field(default="", repr=False)

"""What the Health page shows, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from finops.aws.breaker import Position
    from finops.aws.identity import Identity
    from finops.costs import SourceState
    from finops.health.checks import Check
    from finops.model.metering import MeterLine
    from finops.model.outcome import Failure


@dataclass(frozen=True, slots=True)
class BreakerLine:
    """The circuit breaker of one place. An empty account is the own one; `since` is None while closed."""

    account: str
    region: str
    service: str
    position: Position
    failures: int
    since: datetime | None

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """The place, as labels of a metric."""
        return (("account", self.account), ("region", self.region), ("service", self.service))


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Mode, identity, sources with their age, the tool's own bill, breakers, stores, failures.

    `credentials` are the session's diagnostics (key id masked). `spent` and `ceiling` are US dollars of `month`
    (YYYY-MM); a ceiling of None is none. `meter` counts the calls of all tenants, since one account pays for them.
    """

    tenant: str
    as_of: datetime
    mode: str
    sign_in: str
    credentials: Mapping[str, str]
    identity: Identity | None
    sources: tuple[SourceState, ...]
    month: str
    meter: tuple[MeterLine, ...]
    spent: Decimal
    ceiling: Decimal | None
    breakers: tuple[BreakerLine, ...]
    stores: tuple[Check, ...]
    failures: tuple[Failure, ...]

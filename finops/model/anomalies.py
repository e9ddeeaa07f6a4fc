"""Words of anomalies: what was noticed in the daily cost of an account and service, why, and what people say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.money import exact_sum

if TYPE_CHECKING:
    from datetime import date, datetime

    from finops.model.aws_anomalies import AwsFinding
    from finops.model.costs import Metric
    from finops.model.outcome import Failure

DAYS_A_MONTH = Decimal(365) / 12


class AnomalyKind(StrEnum):
    """The shape of it: some days, a new level, a slow climb, a service that was not there, less than usual."""

    SPIKE = "spike"
    STEP = "step"
    LEAK = "leak"
    NEW = "new"
    DROP = "drop"


class Direction(StrEnum):
    """Whether it costs more or less than expected."""

    UP = "up"
    DOWN = "down"


class AnomalyStatus(StrEnum):
    """Ongoing: still flagged. Settled: no longer new, but the cost stayed where it went. Over: the cost came back."""

    ONGOING = "ongoing"
    SETTLED = "settled"
    OVER = "over"


class FeedbackVerdict(StrEnum):
    """What people say: it was one, it was none, or it was meant to be."""

    YES = "yes"
    NO = "no"
    PLANNED = "planned"


class Sensitivity(StrEnum):
    """How clear an anomaly must be before it is told: only the clearest, clear ones, all."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


LEAST_SCORE = {Sensitivity.LOW: 13.0, Sensitivity.MEDIUM: 9.0, Sensitivity.HIGH: 0.0}
"""Scores from which an anomaly is told. Detection itself ends at 6.5 robust standard deviations."""


@dataclass(frozen=True, slots=True)
class CausePart:
    """A region and usage type (empty: not known, or all of them), what it cost more a day, and its share of the whole.

    `delta` keeps the sign of the change.
    """

    region: str
    usage_type: str
    delta: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class CauseResource:
    """A resource behind it, as the bill spells its id, and what it cost more a day."""

    resource_id: str
    delta: Decimal


@dataclass(frozen=True, slots=True)
class Cause:
    """The smallest set of parts that explains 80 to 125 % of the change; no parts where no small set does.

    `basis` says what was asked: `account` (this account's own cost) or `service` (the service in all accounts, as far
    as Cost Explorer's stored cross-sections go).
    """

    parts: tuple[CausePart, ...] = ()
    resources: tuple[CauseResource, ...] = ()
    basis: str = ""

    @property
    def share(self) -> Decimal:
        """The part of the change that is explained."""
        return exact_sum(part.share for part in self.parts)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an anomaly. Planned activity silences the account's service until a day, exclusive."""

    anomaly_id: str
    account: str
    service: str
    verdict: FeedbackVerdict
    by: str
    at: datetime
    until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One anomaly of an account's service as of the last detection.

    `start` and `last_seen` are the first and the last day of it, `day` the one that stood out most; `actual`,
    `expected`, `lower`, `upper` and `score` are those of that day. `impact` is what all its days cost more (less: below
    zero) than expected; `impact_month` what a month will, if it stays; None when it is over.
    """

    anomaly_id: str
    kind: AnomalyKind
    direction: Direction
    status: AnomalyStatus
    account: str
    service: str
    currency: str
    start: date
    flagged_first: date
    last_seen: date
    day: date
    actual: Decimal
    expected: Decimal
    lower: Decimal
    upper: Decimal
    score: float
    impact: Decimal
    impact_month: Decimal | None
    expected_total: Decimal
    cause: Cause = field(default_factory=Cause)
    detected: datetime | None = None

    @property
    def percent(self) -> Decimal | None:
        """The impact in percent of what its days were expected to cost; None where nothing was expected."""
        return self.impact / self.expected_total * 100 if self.expected_total > 0 else None


@dataclass(frozen=True, slots=True)
class Standing:
    """An anomaly with what people said of it. Silenced: said to be none, or planned activity of its place and time.

    `aws` is what AWS Cost Anomaly Detection says of the same service and days, as far as it was asked.
    """

    anomaly: Anomaly
    feedback: Feedback | None = None
    silenced: bool = False
    aws: AwsFinding | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What one person wants to be told of. They filter what was detected; detection is the same for everyone."""

    min_impact: Decimal = Decimal(0)
    min_percent: Decimal = Decimal(0)
    sensitivity: Sensitivity = Sensitivity.HIGH
    kinds: tuple[AnomalyKind, ...] = tuple(AnomalyKind)
    directions: tuple[Direction, ...] = tuple(Direction)


USUAL_THRESHOLDS = Thresholds(Decimal(50), Decimal(20), Sensitivity.MEDIUM)
"""What somebody is told of who has chosen nothing."""


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """One day of one series with what was expected of it. `cost` is None where nothing is stored."""

    day: date
    cost: Decimal | None
    expected: Decimal
    lower: Decimal
    upper: Decimal
    score: float
    flagged: bool
    learning: bool


@dataclass(frozen=True, slots=True)
class Detection:
    """What a detection looked at and found, largest impact first. `learning` series have too few days yet."""

    anomalies: tuple[Anomaly, ...] = ()
    series: int = 0
    learning: int = 0
    days: int = 0
    through: date | None = None  # the last complete day
    metric: Metric | None = None
    source: str = ""
    fetched_at: datetime | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

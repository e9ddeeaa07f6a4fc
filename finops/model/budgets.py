"""Words of budgets: what may be spent on what, how that stands, and which thresholds were crossed when."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.costs import Filter, Metric

if TYPE_CHECKING:
    from datetime import date, datetime

    from finops.model.outcome import Failure
    from finops.model.period import Period

Filters = tuple[Filter, ...]
"""And-ed filters, no two on the same dimension and side."""


class Cadence(StrEnum):
    """How long one period of a budget is: calendar months, or quarters and years from the fiscal year's first month."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        """How many calendar months a period has."""
        return {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.YEARLY: 12}[self]


class Basis(StrEnum):
    """What a threshold looks at: what was spent, or what the period is expected to end at."""

    ACTUAL = "actual"
    FORECAST = "forecast"


class BudgetSource(StrEnum):
    """Whose budget it is. AWS's are shown as they were last imported and cannot be edited here."""

    OWN = "own"
    AWS = "aws"


class BudgetStatus(StrEnum):
    """How a budget stands. Unknown: something is not known, and `reasons` say what; never good news."""

    OK = "ok"
    WARNING = "warning"
    FORECAST_OVER = "forecast_over"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """A share of the budget, in percent, that people want to hear of."""

    basis: Basis
    percent: Decimal


USUAL_THRESHOLDS = (
    Threshold(Basis.ACTUAL, Decimal(80)),
    Threshold(Basis.ACTUAL, Decimal(100)),
    Threshold(Basis.FORECAST, Decimal(100)),
)
"""Those of a budget that names none; the first follows the person's own `budget.alert_percent`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cost counts: that of any of `groups`, each cost once; without groups all cost.

    `name` is what people call several groups together (a virtual tag's value), "" where the groups speak for
    themselves.
    """

    groups: tuple[Filters, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """An amount that holds from the period that starts on this day until the next planned one."""

    start: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AwsBudget:
    """What AWS itself says of one of its budgets.

    `kind` is AWS's type (`COST`, `USAGE`, `RI_COVERAGE` …). `unmapped` names, as sentences, what of it cannot be asked
    of the stored costs: then `comparable` is false and AWS's own figures are all there is.
    """

    kind: str = "COST"
    time_unit: str = "MONTHLY"
    unit: str = "USD"
    limit: Decimal | None = None
    actual: Decimal | None = None
    forecast: Decimal | None = None
    updated: datetime | None = None
    unmapped: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether our own figures of its scope can stand beside AWS's."""
        return not self.unmapped


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent in each period. `amount` holds where no planned amount does; `end` is exclusive.

    `fiscal_start` is the month (1 to 12) that quarters and years begin with. Costs before `start` do not count.
    """

    budget_id: str
    tenant: str
    name: str
    cadence: Cadence
    amount: Decimal
    start: date
    currency: str = "USD"
    scope: Scope = field(default_factory=Scope)
    metric: Metric | None = None
    end: date | None = None
    fiscal_start: int = 1
    planned: tuple[Planned, ...] = ()
    thresholds: tuple[Threshold, ...] = USUAL_THRESHOLDS
    recipients: tuple[str, ...] = ()
    owner: str = ""
    source: BudgetSource = BudgetSource.OWN
    aws: AwsBudget | None = None
    changed: datetime | None = None

    def limit(self, period: Period) -> Decimal:
        """The amount of a period."""
        held = [each for each in self.planned if each.start <= period.start]
        return max(held, key=lambda each: each.start).amount if held else self.amount


@dataclass(frozen=True, slots=True)
class PeriodForecast:
    """What a period is expected to end at, with an 80 % interval; `known` of it is spent, `ahead` is forecast.

    `ahead_from` is the first day that is forecast.
    """

    mean: Decimal
    lower: Decimal
    upper: Decimal
    known: Decimal
    ahead_from: date

    @property
    def ahead(self) -> Decimal:
        """The part that is forecast."""
        return self.mean - self.known


@dataclass(frozen=True, slots=True)
class BurnDay:
    """One day of a burn-down: cumulative amounts at its end. None: not known, or not there on such a day.

    `expected` is the line that ends exactly at the budget; `mean`, `lower` and `upper` begin with the days forecast.
    """

    day: date
    expected: Decimal
    actual: Decimal | None = None
    complete: bool = False
    mean: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """That a threshold was crossed, once for each period. `figure` is what was at that percent of `limit`.

    `fell` is when a later correction brought the figure below the threshold again; `told`, when its mail was queued.
    """

    budget_id: str
    period: Period
    threshold: Threshold
    crossed: datetime
    figure: Decimal
    limit: Decimal
    currency: str
    fell: datetime | None = None
    told: datetime | None = None

    @property
    def key(self) -> str:
        """Under which its mail is queued: the same forever, so it goes out once."""
        percent = format(self.threshold.percent.normalize(), "f")
        return f"budget:{self.budget_id}:{self.period.start}:{self.threshold.basis}:{percent}"


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """How one budget stands in one period. Money is exact, in the budget's currency, and None where unknown.

    `spent` is everything stored so far, days that still arrive included; `complete_until` is past the last complete
    day. `pace` is what would be spent by then if the period were to end at the budget, by `pace_basis` (`forecast`,
    `weekdays` or `straight`). `reasons` say why it is unknown, `notes` are worth knowing.
    """

    budget: Budget
    period: Period
    status: BudgetStatus
    limit: Decimal
    spent: Decimal | None = None
    complete_until: date | None = None
    forecast: PeriodForecast | None = None
    pace: Decimal | None = None
    pace_basis: str = "straight"
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    metric: Metric | None = None
    cost_source: str = ""
    fetched_at: datetime | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """What is spent, in percent of the budget."""
        return None if self.spent is None else percent_of(self.spent, self.limit)

    @property
    def forecast_percent(self) -> Decimal | None:
        """What the period is expected to end at, in percent of the budget."""
        return None if self.forecast is None else percent_of(self.forecast.mean, self.limit)

    @property
    def aws_difference(self) -> Decimal | None:
        """Ours less AWS's own actual figure, where both are of the same thing."""
        aws = self.budget.aws
        if aws is None or not aws.comparable or aws.actual is None or self.spent is None:
            return None
        return self.spent - aws.actual


@dataclass(frozen=True, slots=True)
class BudgetDetail:
    """One budget with its burn-down and what was crossed, latest first."""

    standing: BudgetStanding
    days: tuple[BurnDay, ...]
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """A crossing that somebody has yet to be told of, and how its budget stands."""

    crossing: Crossing
    detail: BudgetDetail


@dataclass(frozen=True, slots=True)
class Growth:
    """What is tried: growth in percent a month from tomorrow on, and a single amount on a day."""

    percent_a_month: Decimal = Decimal(0)
    once: Decimal = Decimal(0)
    on: date | None = None


@dataclass(frozen=True, slots=True)
class TriedPeriod:
    """A period of a what-if: what it would end at, and by how much that is over (below zero: under) the budget."""

    period: Period
    limit: Decimal
    usual: Decimal
    expected: Decimal
    lower: Decimal
    upper: Decimal

    @property
    def over(self) -> Decimal:
        """What would be spent beyond the budget."""
        return self.expected - self.limit


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What growth would do. `breaks` is the first period over its budget, None where none is."""

    budget: Budget
    growth: Growth
    periods: tuple[TriedPeriod, ...]
    reasons: tuple[str, ...] = ()

    @property
    def breaks(self) -> TriedPeriod | None:
        """The first period that would be over its budget."""
        return next((each for each in self.periods if each.over > 0), None)


def percent_of(amount: Decimal, limit: Decimal) -> Decimal:
    """An amount in percent of a limit above zero, to four places."""
    with localcontext() as context:
        context.prec = 76
        return (amount * 100 / limit).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)

"""Words of a forecast: what is asked, what a group is expected to cost, and how right such forecasts were before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.money import CENT, ZERO

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from finops.model.costs import Filter, Metric, Provenance
    from finops.model.outcome import Failure
    from finops.model.period import Period

MOST_MONTHS = 13
"""The running month and twelve after it."""
USUAL_MONTHS = 3


@dataclass(frozen=True, slots=True)
class ForecastQuestion:
    """What to forecast: `months` of them, the running one first, by one dimension or in total (empty `group_by`).

    `metric` None means the default of the source that answers. InputError for a number of months out of 1 to 13.
    """

    group_by: str = ""
    filters: tuple[Filter, ...] = ()
    months: int = USUAL_MONTHS
    metric: Metric | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.months <= MOST_MONTHS:
            raise InputError("months", f"months must be a whole number from 1 to {MOST_MONTHS}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount with the limits that it lies within four times of five."""

    mean: Decimal
    lower: Decimal
    upper: Decimal


@dataclass(frozen=True, slots=True)
class MonthForecast:
    """A calendar month's cost, its days so far included."""

    month: date
    cost: Estimate


@dataclass(frozen=True, slots=True)
class DayForecast:
    """A day of the running month. `actual` None: it is yet to come, or its figures are still arriving.

    Of a day that has come, `expected` is what was expected of it before the month began.
    """

    day: date
    actual: Decimal | None
    expected: Estimate


@dataclass(frozen=True, slots=True)
class PastForecast:
    """What would have been forecast of a month as of one of its days, and what it came to."""

    month: date
    as_of: date
    forecast: Estimate
    actual: Decimal

    @property
    def percent_off(self) -> Decimal | None:
        """How far off the forecast was, in percent of what came; None where nothing came."""
        return abs(self.forecast.mean - self.actual) / abs(self.actual) * 100 if self.actual else None

    @property
    def inside(self) -> bool:
        """Whether what came lay inside of the interval, to the cent."""
        return self.forecast.lower - CENT <= self.actual <= self.forecast.upper + CENT


@dataclass(frozen=True, slots=True)
class BackTest:
    """Forecasts of past months, each with what was known after its first `days` days; oldest first."""

    days: int
    months: tuple[PastForecast, ...]

    @property
    def percent_off(self) -> Decimal | None:
        """The mean over the months that cost something; None without one."""
        known = [each for month in self.months if (each := month.percent_off) is not None]
        return sum(known, ZERO) / len(known) if known else None

    @property
    def inside(self) -> int:
        """How many months came out inside of the interval."""
        return sum(month.inside for month in self.months)

    @property
    def sentence(self) -> str:
        """The test in a sentence for people; empty without a month."""
        off = self.percent_off
        if not self.months:
            return ""
        count = len(self.months)
        told = f"last {count} months" if count > 1 else "last month"
        error = "nothing was spent" if off is None else f"{off:.1f} % off on average"
        return f"{told}: {error}, inside the interval {self.inside} of {count} times"


@dataclass(frozen=True, slots=True)
class GroupForecast:
    """One group, or the total (empty `key`). `to_date` is exact: the complete days of the running month.

    `months` has the running month first, and is empty where too little is known: `reason` says what. `learning`:
    fewer than 56 days are known, the interval is a wide guess. `tests` are as of the month's middle, and as of as many
    days as are complete now.
    """

    key: str
    to_date: Decimal
    months: tuple[MonthForecast, ...] = ()
    days: tuple[DayForecast, ...] = ()
    tests: tuple[BackTest, ...] = ()
    learning: bool = False
    reason: str = ""

    @property
    def month_end(self) -> Estimate | None:
        """What the running month will come to; None where too little is known."""
        return self.months[0].cost if self.months else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The answer: groups by what they will cost, largest first; their sums are the total's, to the cent.

    `through` is the last complete day: None where nothing is stored.
    """

    question: ForecastQuestion
    total: GroupForecast | None
    groups: tuple[GroupForecast, ...]
    provenance: Provenance
    currency: str = ""
    month: Period | None = None
    through: date | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())

    @property
    def partial(self) -> bool:
        """Whether something is missing."""
        return bool(self.failures) or self.total is None


@dataclass(frozen=True, slots=True)
class AwsMonth:
    """A stretch of AWS's own forecast, as it came: its first may cover the days left of the month only."""

    period: Period
    cost: Estimate


@dataclass(frozen=True, slots=True)
class AwsForecast:
    """Cost Explorer's own forecast, and what asking it cost (US dollars)."""

    metric: Metric
    currency: str
    months: tuple[AwsMonth, ...]
    total: Decimal
    price: Decimal

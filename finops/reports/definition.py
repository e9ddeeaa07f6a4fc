"""What a report is made of: its definition, whose thresholds hold, and the capabilities that it may read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from finops.model.anomalies import USUAL_THRESHOLDS, Thresholds
from finops.model.errors import InputError
from finops.tagging.compliance import TARGET_COST, TARGET_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from finops.anomalies import Anomalies
    from finops.budgets import Forecasts
    from finops.budgets.budgets import Budgets
    from finops.costs import Costs, SourceState
    from finops.inventory import Inventory
    from finops.model.jobs import Job
    from finops.model.metering import MeterLine
    from finops.model.outcome import Failure
    from finops.model.people import Right
    from finops.model.period import Period
    from finops.model.reports import Interval, Report, ReportRequest
    from finops.reports.scope import Scope
    from finops.store import Run
    from finops.tagging import Tagging
    from finops.waste import Waste
    from finops.waste.listing import Deviations


class StoreCheck(Protocol):
    """One part that must work, as `finops.health` tells it."""

    @property
    def name(self) -> str:
        """The part."""

    @property
    def ok(self) -> bool:
        """Whether it works."""

    @property
    def detail(self) -> str:
        """One line for people."""


class HealthState(Protocol):
    """What a report reads of `finops.health.HealthReport`; health stands on the same row as reports."""

    @property
    def sources(self) -> tuple[SourceState, ...]:
        """Every source of cost with its age."""

    @property
    def month(self) -> str:
        """The month of the tool's own bill, YYYY-MM."""

    @property
    def meter(self) -> tuple[MeterLine, ...]:
        """The month's AWS calls."""

    @property
    def spent(self) -> Decimal:
        """US dollars of the month's paid requests."""

    @property
    def ceiling(self) -> Decimal | None:
        """The month's ceiling, None for none."""

    @property
    def stores(self) -> Sequence[StoreCheck]:
        """Database, lake and disk."""

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What could not be read."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a report may read. `runs` gives the run that counts for each check of a tenant, `health` how things stand.

    `jobs` gives the tenant's latest jobs that are no part of another, newest first; `tag_keys` are the keys that this
    installation is configured for, the first one the usual.
    """

    costs: Costs
    inventory: Inventory
    waste: Waste
    tagging: Tagging
    anomalies: Anomalies
    forecasts: Forecasts
    budgets: Budgets
    runs: Callable[[str], Mapping[str, Run]]
    health: Callable[[str], HealthState]
    jobs: Callable[[str], tuple[Job, ...]]
    now: Callable[[], datetime]
    tag_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Thresholds of whom a report is for; the default is that of somebody who has chosen nothing.

    Targets of tag compliance are percentages, by count and by cost. The last three are those of a digest: a finding's
    saving a month, and a change of cost a month and in percent.
    """

    deviations: Deviations = ()
    anomalies: Thresholds = USUAL_THRESHOLDS
    target_count: Decimal = TARGET_COUNT
    target_cost: Decimal = TARGET_COST
    min_saving: Decimal = Decimal(10)
    min_change: Decimal = Decimal(100)
    min_change_percent: Decimal = Decimal(10)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a report can be narrowed by. `many` may be repeated; `choices` are its values where there are few."""

    name: str
    help: str
    many: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request on its way: its scope to be read, its instant, and whose thresholds hold.

    `interval` is what a schedule says of its reader's mails, None for whoever asks for the report now.
    """

    request: ReportRequest
    scope: Scope
    now: datetime
    chosen: Chosen
    usual: Period | None  # without a period of its own; None: the report is of now
    interval: Interval | None = None

    @property
    def tenant(self) -> str:
        """Whose costs and assets."""
        return self.request.tenant

    @property
    def today(self) -> date:
        """The day of `now`."""
        return self.now.date()

    @property
    def period(self) -> Period:
        """The days that the report is of; only of reports that have some."""
        period = self.request.period or self.usual
        if period is None:
            raise InputError("start", "the report is of now and has no period")
        return period


@dataclass(frozen=True, slots=True)
class Definition:
    """One report. All of `rights` are needed to see it; `usual` gives its days without a period, None: it is of now.

    With `filters` every dimension of cost is a parameter too, as in the API's `/api/costs`. `usual_text` is that period
    in words. With `changes` it tells what changed, in a schedule's mails since the one before to the same reader.
    """

    name: str
    title: str
    help: str
    rights: tuple[Right, ...]
    parameters: tuple[Parameter, ...]
    make: Callable[[Sources, Asked], Report]
    usual: Callable[[date], Period] | None
    usual_text: str
    filters: bool = False
    changes: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.parameters)

"""Words of a bill: metrics, dimensions, questions, answers and where a figure comes from.

Names follow FOCUS (`billed`, `effective`, `charge_category`) and Cost Explorer (`unblended`, `usage_type`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.money import exact_sum

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from finops.model.outcome import Failure
    from finops.model.period import Period

UNTAGGED = ""
"""Group key of cost that carries no value for a tag or cost category (Cost Explorer's `Key$`)."""


class Metric(StrEnum):
    """What a cost figure counts. The first five are Cost Explorer's, the last four are FOCUS's."""

    UNBLENDED = "unblended"
    NET_UNBLENDED = "net_unblended"
    AMORTIZED = "amortized"
    NET_AMORTIZED = "net_amortized"
    BLENDED = "blended"
    BILLED = "billed"
    EFFECTIVE = "effective"
    LIST = "list"
    CONTRACTED = "contracted"


CE_METRICS: dict[str, str] = {
    "UnblendedCost": "unblended",
    "NetUnblendedCost": "net_unblended",
    "AmortizedCost": "amortized",
    "NetAmortizedCost": "net_amortized",
    "BlendedCost": "blended",
    "UsageQuantity": "usage_quantity",
    "NormalizedUsageAmount": "normalized_usage",
}
"""Cost Explorer's seven metrics and the column each is stored in."""


def metric(text: str) -> Metric:
    """A metric from its own or Cost Explorer's spelling (`UnblendedCost`); InputError names the accepted ones."""
    name = CE_METRICS.get(text, text)
    try:
        return Metric(name)
    except ValueError:
        raise InputError("metric", f"metric must be one of {', '.join(Metric)}") from None


class Granularity(StrEnum):
    """How finely an answer is cut in time."""

    DAILY = "daily"
    MONTHLY = "monthly"
    TOTAL = "total"  # one figure for the whole period


PLAIN_DIMENSIONS = (
    "service",
    "account",
    "region",
    "usage_type",
    "charge_type",
    "charge_category",
    "provider",
    "resource",
)
"""Dimensions with a fixed name; tags and cost categories are `tag:<Key>` and `category:<Name>`."""

_KEYED = re.compile(r"^(tag|category):(?P<key>.{1,128})$", re.DOTALL)


def dimension(text: str, *, field_name: str = "group_by") -> str:
    """The dimension's canonical text; InputError for anything that is not a dimension."""
    if text in PLAIN_DIMENSIONS or _KEYED.match(text):
        return text
    raise InputError(
        field_name, f"{field_name} must be one of {', '.join(PLAIN_DIMENSIONS)}, tag:<Key> or category:<Name>"
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows whose `dimension` is one of `values`, or none of them with `exclude`. Filters are and-ed."""

    dimension: str
    values: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class CostQuestion:
    """One question to the bill. `metric` None means the default of the source that answers."""

    tenant: str
    period: Period
    granularity: Granularity = Granularity.TOTAL
    metric: Metric | None = None
    group_by: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    currency: str | None = None
    source: str | None = None

    @property
    def dimensions(self) -> frozenset[str]:
        """Every dimension needed to answer: those grouped by and those filtered on."""
        return frozenset(self.group_by) | {condition.dimension for condition in self.filters}

    def over(self, period: Period) -> CostQuestion:
        """The same question for another period."""
        return replace(self, period=period)


@dataclass(frozen=True, slots=True)
class CostRow:
    """One figure: the group's keys in the order of `group_by`, the bucket's first day (None for a total), an amount."""

    keys: tuple[str, ...]
    day: date | None
    amount: Decimal
    currency: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from, so that anyone can ask the source the same question."""

    source: str  # "cost_explorer", "focus"; "" when nothing could answer
    cube: str  # stored cube or "lines"
    metric: Metric
    mapped_from: str = ""  # e.g. "BilledCost (FOCUS) read as net_unblended", empty when direct
    fetched_at: datetime | None = None
    covered: Period | None = None
    estimated: bool = False
    estimated_from: date | None = None
    missing_days: int = 0
    charge_types: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    command: str = ""  # the equal `aws ce get-cost-and-usage …`, empty when the source is not Cost Explorer


@dataclass(frozen=True, slots=True)
class CostAnswer:
    """Rows, the totals they sum to, and where all of it comes from.

    `totals` is the sum of `rows` per currency, never added across currencies. `control` is the source's own total for
    the same question without the grouping; when parts and whole differ by any amount the page says so in red.
    """

    question: CostQuestion
    rows: tuple[CostRow, ...]
    totals: dict[str, Decimal]
    control: dict[str, Decimal]
    provenance: Provenance
    failures: tuple[Failure, ...] = field(default=())

    @property
    def reconciles(self) -> bool:
        """Whether the parts sum exactly to the whole."""
        return self.totals == self.control

    @property
    def partial(self) -> bool:
        """Whether something is missing from the answer; the provenance and the failures say what."""
        return bool(self.failures) or self.provenance.missing_days > 0 or not self.provenance.source

    @property
    def currency(self) -> str:
        """The single currency of the answer, or an empty string when there are several or none."""
        return next(iter(self.totals)) if len(self.totals) == 1 else ""


class Change(StrEnum):
    """What became of a group between two periods."""

    NEW = "new"
    GONE = "gone"
    GROWN = "grown"
    SHRUNK = "shrunk"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One group in two periods. `percent` is None where the earlier figure is zero."""

    keys: tuple[str, ...]
    currency: str
    current: Decimal
    previous: Decimal
    change: Change
    series: tuple[Decimal, ...] = ()  # current period's daily figures, oldest first

    @property
    def delta(self) -> Decimal:
        """The change in money, exact."""
        return exact_sum((self.current, -self.previous))

    @property
    def percent(self) -> Decimal | None:
        """The change in percent of the earlier figure's size."""
        return None if self.previous == 0 else self.delta / abs(self.previous) * 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers to the same question, joined by group, largest current amount first."""

    current: CostAnswer
    previous: CostAnswer
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True, slots=True)
class CubeSpec:
    """A stored cross-section of cost: its name and the dimensions its rows carry.

    `account_service` carries ("account", "service"); tag cubes are named `tag:<Key>` and carry it with "account".
    """

    name: str
    dimensions: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether its rows add up to all cost: Cost Explorer tells resources without tax, line items are everything."""
        return self.name == "lines" or "resource" not in self.dimensions

    def answers(self, dimensions: frozenset[str]) -> bool:
        """Whether its rows carry every one of the dimensions; a cut of the bill answers for what only it knows."""
        return dimensions <= frozenset(self.dimensions) and (self.whole or "resource" in dimensions)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source holds of one tenant in one cube (or in `lines`)."""

    source: str
    cube: CubeSpec
    grain: Granularity  # DAILY or MONTHLY: the finest bucket the rows have
    period: Period  # from the first to past the last day held, gaps listed in `missing`
    metrics: tuple[Metric, ...]
    currencies: tuple[str, ...]
    fetched_at: datetime
    estimated_from: date | None = None
    missing: tuple[Period, ...] = ()
    rows: int = 0
    account_names: Mapping[str, str] = field(default_factory=dict)  # by account id, where the source tells them


@dataclass(frozen=True, slots=True)
class CubeDraft:
    """Freshly fetched rows of one cube that replace whatever is stored for the same days.

    `columns` maps column names to equally long lists of text (None for null): `charge_date` (ISO), each dimension
    (`service`, `account`, `region`, `usage_type`, `charge_type`, `charge_category`, `provider` …), `currency`
    and amounts as decimal text (`unblended`, …, `usage_quantity`), `usage_unit`, and `estimated` ("true" or "false").
    """

    source: str
    cube: CubeSpec
    grain: Granularity
    period: Period
    columns: dict[str, list[str | None]]
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Reject:
    """A line of a bill file that could not be read, kept with its reason (line 1 is the header of a CSV)."""

    path: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What a bill import did. `totals` are the imported figures per metric and currency."""

    run_id: str
    source: str
    files: tuple[str, ...]
    periods: tuple[str, ...]  # billing periods, YYYY-MM
    imported: int
    rejected: int
    warnings: int
    replaced: int  # lines of earlier imports that this one replaced
    totals: dict[str, dict[str, Decimal]]
    rejects_file: str = ""
    warning_notes: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())

    @property
    def partial(self) -> bool:
        """Whether lines or files were left out."""
        return self.rejected > 0 or bool(self.failures)

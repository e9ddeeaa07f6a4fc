"""The state of Cost Analysis as one value, and the days it means.

Pure: `pages.ui.links` reads it from a URL and writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.costs import Filter, Granularity, Metric
from finops.model.period import Period, add_months, month_of, month_start, same_days_of_last_month
from pages.ui.time_charts import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DAILY_DAYS = 92
"""Beyond about a quarter a daily chart has more bars than pixels to tell them apart."""


class Preset(StrEnum):
    """Periods that end with the last complete day, and any other."""

    MONTH_TO_DATE = "month"
    LAST_MONTH = "last_month"
    DAYS_7 = "7d"
    DAYS_28 = "28d"
    DAYS_90 = "90d"
    MONTHS_6 = "6m"
    MONTHS_12 = "12m"
    CUSTOM = "custom"


class Compare(StrEnum):
    """What a period is compared with."""

    PREVIOUS = "previous"
    SAME_DAYS = "same_days"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the tenant's data lets a view choose from. `values` maps a filter's dimension to its values."""

    held: Period
    complete_until: date
    dimensions: tuple[str, ...]
    metrics: tuple[Metric, ...]
    values: Mapping[str, tuple[str, ...]]
    currencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What Cost Analysis shows.

    `custom` counts only with the custom preset; `granularity` None follows the period's length.
    """

    preset: Preset = Preset.DAYS_28
    custom: Period | None = None
    compare: Compare = Compare.PREVIOUS
    group_by: str = "service"
    granularity: Granularity | None = None
    metric: Metric | None = None
    kind: Kind = Kind.BARS
    currency: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    opened: str | None = None

    def chosen(self, dimension: str) -> tuple[str, ...]:
        """The values a dimension is filtered by; none means all."""
        return dict(self.filters).get(dimension, ())

    def conditions(self) -> tuple[Filter, ...]:
        """The filters as the question takes them."""
        return tuple(Filter(dimension, values) for dimension, values in self.filters)

    def grain(self, period: Period) -> Granularity:
        """The chosen granularity, else one that a chart of this period can show."""
        if self.granularity is not None:
            return self.granularity
        return Granularity.DAILY if period.days <= MOST_DAILY_DAYS else Granularity.MONTHLY


def asked_period(view: View, offer: Offer) -> Period:
    """The days a view asks for. Presets end with the last complete day, so that nothing half-arrived is compared."""
    if view.preset is Preset.CUSTOM and view.custom is not None:
        return view.custom
    end = offer.complete_until
    last = Period(offer.held.start, end).last_day if end > offer.held.start else offer.held.start
    end = max(end, add_days(last, 1))
    match view.preset:
        case Preset.MONTH_TO_DATE:
            return Period(month_start(last), end)
        case Preset.LAST_MONTH:
            return month_of(add_months(month_start(last), -1))
        case Preset.MONTHS_6 | Preset.MONTHS_12:
            months = 6 if view.preset is Preset.MONTHS_6 else 12
            first = add_months(month_start(end), -months)
            return Period(first, month_start(end)) if first < month_start(end) else Period(first, end)
        case _:
            days = {Preset.DAYS_7: 7, Preset.DAYS_90: 90}.get(view.preset, 28)
            return Period(add_days(end, -days), end)


def add_days(day: date, days: int) -> date:
    """The day so many days later."""
    return date.fromordinal(day.toordinal() + days)


def compared_period(view: View, period: Period) -> Period | None:
    """The earlier days a view compares `period` with: as many days before it, the same days of last month, or none.

    A month to date has the month before to the same date as its predecessor, as whole months have whole months.
    """
    if view.compare is Compare.NONE:
        return None
    whole_months = period.start.day == 1 and add_days(period.last_day, 1).day == 1
    if view.compare is Compare.SAME_DAYS or (view.preset is Preset.MONTH_TO_DATE and period.start.day == 1):
        return same_days_of_last_month(period)
    if whole_months:
        return Period(add_months(period.start, -len(period.months())), period.start)
    return period.previous()


def default_view(offer: Offer) -> View:
    """What a link without parameters shows."""
    group = "service" if "service" in offer.dimensions else next(iter(offer.dimensions), "service")
    return View(group_by=group)

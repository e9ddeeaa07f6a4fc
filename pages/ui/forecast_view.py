"""The state of Forecast & budgets as one value, and what it asks. Pure; `forecast_links` reads it and writes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.costs import Filter
from finops.model.forecasts import MOST_MONTHS, ForecastQuestion

if TYPE_CHECKING:
    from finops.model.costs import Metric

TOTAL = "total"
"""What is forecast when nothing is grouped."""
SERVICE = "service"
MOST_AHEAD = MOST_MONTHS - 1


class Tab(StrEnum):
    """The two halves of the page."""

    FORECAST = "forecast"
    BUDGETS = "budgets"


class Chart(StrEnum):
    """What the main chart looks at."""

    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class ForecastView:
    """What the page shows. `part` is the group whose chart is open, `budget` the id of the budget that is open.

    `ahead` are the months after the running one.
    """

    tab: Tab = Tab.FORECAST
    group_by: str = SERVICE
    accounts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    metric: Metric | None = None
    ahead: int = MOST_AHEAD
    chart: Chart = Chart.MONTH
    part: str | None = None
    budget: str = ""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters as a question takes them."""
        chosen = (("account", self.accounts), (SERVICE, self.services))
        return tuple(Filter(name, values) for name, values in chosen if values)

    @property
    def grouped(self) -> str:
        """What the question groups by. The total alone is forecast with its services: they say what drives it."""
        return SERVICE if self.group_by == TOTAL else self.group_by

    @property
    def question(self) -> ForecastQuestion:
        """The question behind the forecast."""
        return ForecastQuestion(self.grouped, self.filters, self.ahead + 1, self.metric)

    def narrowed(self) -> tuple[Filter, ...]:
        """The filters of the part that is open."""
        return self.filters if self.part is None else (*self.filters, Filter(self.grouped, (self.part,)))

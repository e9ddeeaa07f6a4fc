"""What the forecast half asks the facade, each question once per state of the costs: a warm rerun asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from finops.model.costs import CostQuestion, Granularity
from finops.model.money import ZERO
from finops.model.period import Period, add_months
from pages.ui import offers
from pages.ui.cache import remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import date
    from decimal import Decimal

    from finops.model.costs import CostAnswer
    from finops.model.forecasts import Forecast, GroupForecast
    from pages.ui.forecast_view import ForecastView
    from pages.ui.page import Context
    from pages.ui.view import Offer

T = TypeVar("T")

PAST_MONTHS = 12
FILTERS = ("account", "service")


@dataclass(frozen=True)
class Answers:
    """The forecasts of the context's tenant as the page asks them."""

    context: Context

    @property
    def today(self) -> date:
        """The day of this run."""
        return self.context.now.date()

    def kept(self, question: Hashable, build: Callable[[], T]) -> T:
        """What was built for this question as long as the costs stand as they do, and the day is the same."""
        return remembered((self.context.tenant, self.context.version, self.today, "forecast", question), build)

    @cached_property
    def offer(self) -> Offer:
        """Groupings, filters and metrics of the tenant's bill."""
        return offers.offer(self.context, only=FILTERS)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        return self.context.finops.costs.account_names(self.context.tenant)

    def forecast(self, view: ForecastView) -> Forecast:
        """What the view's months will cost. Kept by the facade."""
        return self.context.finops.forecasts.forecast(self.context.tenant, view.question)

    def part(self, view: ForecastView, found: Forecast) -> GroupForecast | None:
        """The group that is open; None when there is none, or it has no costs."""
        return next((each for each in found.groups if each.key == view.part), None) if view.part is not None else None

    def costs(self, view: ForecastView, found: Forecast, period: Period, granularity: Granularity) -> CostAnswer:
        """What was stored of a period, from the forecast's own source, metric and currency; of the part that is open.

        Monthly figures include days that are still arriving.
        """
        question = CostQuestion(
            self.context.tenant, period, granularity, found.provenance.metric, filters=view.narrowed(),
            currency=found.currency or None, source=found.provenance.source or None,
        )  # fmt: skip
        return self.kept(question, lambda: self.context.finops.costs.answer(question))

    def last_month(self, view: ForecastView, found: Forecast) -> dict[str, Decimal] | None:
        """What each group cost in the month before; None where that month is not stored as a whole."""
        if found.month is None:
            return None
        before = Period(add_months(found.month.start, -1), found.month.start)
        question = CostQuestion(
            self.context.tenant, before, Granularity.TOTAL, found.provenance.metric, (view.grouped,), view.filters,
            found.currency or None, found.provenance.source or None,
        )  # fmt: skip
        answer = self.kept(question, lambda: self.context.finops.costs.answer(question))
        if not answer.provenance.source or answer.provenance.missing_days:
            return None
        amounts: dict[str, Decimal] = {}
        for row in answer.rows:
            amounts[row.keys[0]] = amounts.get(row.keys[0], ZERO) + row.amount
        return amounts

    def by_day(self, view: ForecastView, found: Forecast, period: Period) -> dict[date, Decimal]:
        """What each stored day of a period cost, days still arriving among them."""
        return _by_day(self.costs(view, found, period, Granularity.DAILY))

    def by_month(self, view: ForecastView, found: Forecast) -> dict[date, Decimal]:
        """What each of the twelve months before the running one cost, those that are stored as a whole."""
        if found.month is None:
            return {}
        held = self.context.finops.costs.period(self.context.tenant)
        wanted = Period(add_months(found.month.start, -PAST_MONTHS), found.month.start)
        stored = None if held is None else wanted.clipped(held)
        if stored is None:
            return {}
        amounts = _by_day(self.costs(view, found, stored, Granularity.MONTHLY))
        whole = {part.start for part in stored.months() if part.start.day == 1}
        return {month: amount for month, amount in amounts.items() if month in whole}


def _by_day(answer: CostAnswer) -> dict[date, Decimal]:
    amounts: dict[date, Decimal] = {}
    for row in answer.rows:
        if row.day is not None:
            amounts[row.day] = amounts.get(row.day, ZERO) + row.amount
    return amounts

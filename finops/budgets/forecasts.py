"""Forecasts of the stored bill: what months to come will cost, how sure that is, and how right it was before.

    forecasts.forecast("default", ForecastQuestion(group_by="service", months=12))

Reading sends no request. AWS's own forecast is asked on demand only: each time costs a cent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from finops.aws.cost_forecast import ForecastRequest
from finops.budgets.forecasting import LEARNING, LEAST_DAYS, Foresight, Whole
from finops.budgets.stored import Stored, stored_costs
from finops.costs.cubes import expression
from finops.costs.remembered import Remembered
from finops.model.costs import Metric, Provenance, dimension
from finops.model.errors import InputError
from finops.model.forecasts import Forecast, ForecastQuestion, GroupForecast
from finops.model.metering import Caller
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from finops.budgets.stored import Bill
    from finops.model.costs import CostAnswer, Filter
    from finops.model.forecasts import AwsForecast
    from finops.model.period import Period

FEATURE = "forecast"
NOT_STORED = "not_stored"
NOT_ENOUGH = "not_enough"
_NOTHING = "No complete day of costs is stored; refresh costs, or import a bill."
_KEPT = 24
_STALE_DAYS = 7


class Forecaster(Protocol):
    """Whoever answers GetCostForecast, each request paid for."""

    def cost_forecast(self, request: ForecastRequest, caller: Caller) -> AwsForecast:
        """AWS's own forecast; AwsError or CeilingReached when it cannot be had."""


class Forecasts:
    """The forecasts of every tenant. Safe to share between threads."""

    def __init__(self, costs: Bill, forecaster: Forecaster | None, *, now: Callable[[], datetime]) -> None:
        self._costs = costs
        self._forecaster = forecaster
        self._now = now
        self._kept = Remembered(_KEPT)

    def forecast(self, tenant: str, question: ForecastQuestion | None = None) -> Forecast:
        """What the stored costs make of the months to come.

        InputError for what is no dimension or metric. Where nothing can be said there is no total, and a failure says
        why. Kept in memory while the costs stay the same.
        """
        asked = question or ForecastQuestion()
        if asked.group_by:
            dimension(asked.group_by)
        key = (tenant, self._costs.version(tenant), self._now().date(), replace(asked, months=1))
        made = self._kept.get(key, lambda: self._made(tenant, asked))
        if isinstance(made, Whole):
            return _told(asked, made, self._now().date())
        return _without(asked, made)

    def ask_aws(
        self, tenant: str, period: Period, *, metric: Metric | None = None, filters: tuple[Filter, ...] = (), user: str
    ) -> AwsForecast:
        """Asks Cost Explorer for its own forecast by month, for one cent. `period` starts today at the earliest.

        InputError for what Cost Explorer cannot be asked; AwsError or CeilingReached when it cannot be had.
        """
        if self._forecaster is None:
            raise InputError("aws", "nobody here can ask AWS for its forecast")
        try:
            wanted = expression(filters)
        except ValueError as error:
            raise InputError("filter", str(error)) from None
        request = ForecastRequest(period, metric or Metric.UNBLENDED, wanted)
        return self._forecaster.cost_forecast(request, Caller(tenant, FEATURE, user))

    def _made(self, tenant: str, question: ForecastQuestion) -> Stored | CostAnswer | Whole | None:
        """All thirteen months, or what was stored instead of enough days."""
        found = stored_costs(self._costs, tenant, question)
        if not isinstance(found, Stored) or found.panel.days < LEAST_DAYS:
            return found
        return Foresight(found, grouped=bool(question.group_by)).made()


def _told(question: ForecastQuestion, whole: Whole, today: date) -> Forecast:
    notes = [*whole.provenance.notes]
    if whole.others:
        notes.append(f"Cost in {', '.join(whole.others)} is not part of it: currencies are never added up.")
    if (today - whole.through).days > _STALE_DAYS:
        notes.append(f"The last complete day is {whole.through}: everything after it is forecast.")
    if whole.total.learning:
        notes.append(LEARNING)
    return Forecast(
        question,
        total=_cut(whole.total, question.months),
        groups=tuple(_cut(each, question.months) for each in whole.groups),
        provenance=whole.provenance,
        currency=whole.currency,
        month=whole.month,
        through=whole.through,
        notes=tuple(notes),
        failures=whole.failures,
    )


def _cut(group: GroupForecast, months: int) -> GroupForecast:
    return replace(group, months=group.months[:months])


def _without(question: ForecastQuestion, found: Stored | CostAnswer | None) -> Forecast:
    """No forecast, and why."""
    if isinstance(found, Stored):
        told = f"Nothing can be forecast of {found.panel.days} complete days: it takes {LEAST_DAYS}."
        return Forecast(question, None, (), found.answer.provenance, failures=(Failure(NOT_ENOUGH, told),))
    if found is None:
        origin = Provenance("", "", question.metric or Metric.UNBLENDED, notes=(_NOTHING,))
        return Forecast(question, None, (), origin, failures=(Failure(NOT_STORED, _NOTHING),))
    told = " ".join(found.provenance.notes) or _NOTHING
    return Forecast(question, None, (), found.provenance, failures=found.failures or (Failure(NOT_STORED, told),))

"""Forecasts asked for and told: what their report and the executive summary share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.forecasts import ForecastQuestion
from finops.model.reports import Figure, Provenance
from finops.reports.gaps import Gaps
from finops.reports.words import UNKNOWN, counted, round_money

if TYPE_CHECKING:
    from finops.model.forecasts import Estimate, Forecast
    from finops.reports.definition import Asked, Sources


def forecast(sources: Sources, asked: Asked, *, group_by: str = "", months: int = 1) -> Forecast:
    """What the stored costs make of the months to come, narrowed by the scope."""
    scope = asked.scope
    question = ForecastQuestion(group_by, scope.cost_filters(), months, scope.metric())
    return sources.forecasts.forecast(asked.tenant, question)


def forecast_gaps(asked: Asked, found: Forecast) -> Gaps:
    """What a forecast could not say."""
    month = f"{asked.today:%B}"
    if found.total is None:
        return Gaps(found.failures, (f"What {month} will end at is not known.",))
    learning = sum(each.learning for each in found.groups)
    untold = tuple(each.key or "(none)" for each in found.groups if not each.months)
    missing = []
    if not found.total.months:
        missing.append(f"What {month} will end at is not known: {found.total.reason}")
    if learning:
        told = f"{learning:,} of {counted(len(found.groups), 'forecast')} know fewer than 56 days"
        missing.append(f"{told}: their intervals are wide guesses.")
    if untold:
        missing.append(f"Too little is known to forecast {counted(len(untold), 'group')}.")
    return Gaps(found.failures, tuple(missing))


def month_end_figure(asked: Asked, found: Forecast) -> Figure:
    """What the running month is expected to end at, with its interval."""
    label = f"Expected in {asked.today:%B}"
    end = found.total.month_end if found.total else None
    if end is None:
        return Figure(label, UNKNOWN)
    return Figure(label, round_money(end.mean, found.currency), interval(end, found.currency), exact=end.mean)


def interval(estimate: Estimate, currency: str) -> str:
    """`$95,000 to $99,000`."""
    return f"{round_money(estimate.lower, currency)} to {round_money(estimate.upper, currency)}"


def forecast_provenance(found: Forecast) -> Provenance:
    """Which costs it is fitted on, and how right it was before."""
    origin, total = found.provenance, found.total
    lines = [
        ("Last complete day", str(found.through or "")),
        *(("Tried on the past", test.sentence) for test in (total.tests if total else ())),
        *(("Note", note) for note in dict.fromkeys(found.notes)),
    ]
    return Provenance(
        metric=str(origin.metric) if origin.source else "",
        source=origin.source,
        currency=found.currency,
        fetched_at=origin.fetched_at,
        estimated=total is not None,
        facts=tuple((label, text) for label, text in lines if text),
    )

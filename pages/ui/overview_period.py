"""Overview over another period than the month so far: the same figures, asked for other days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.costs.comparing import current_alone
from finops.model.costs import CostQuestion, Filter, Granularity
from finops.model.period import Period
from pages.ui.view import MOST_DAILY_DAYS, Preset, View, asked_period, compared_period

if TYPE_CHECKING:
    from finops.costs import Costs
    from finops.costs.overview import Overview
    from finops.model.costs import Comparison
    from pages.ui.view import Offer

FEWEST_DAYS = 28
"""Shorter periods would make a chart of a few bars: it shows these days at least."""


def over(costs: Costs, overview: Overview, view: View, offer: Offer) -> Overview:
    """The overview with its total, comparisons and days those of the view's period; the month's own stay as they are.

    Run rate and the last four weeks are of the month and of four weeks, whatever period is shown.
    """
    if view.preset in {Preset.MONTH_TO_DATE, Preset.CUSTOM}:
        return overview
    period = asked_period(view, offer)
    base = compared_period(view, period)
    asked = CostQuestion(
        overview.tenant,
        period,
        metric=overview.metric,
        filters=tuple(Filter(name, values) for name, values in view.filters),
        currency=overview.currency or None,
    )
    drawn = _drawn(period, overview)
    return replace(
        overview,
        to_date=period,
        base=base,
        total=costs.answer(asked),
        comparison=_compared(costs, asked, base, "service"),
        accounts=_compared(costs, asked, base, "account"),
        daily=costs.answer(replace(asked.over(drawn), granularity=Granularity.DAILY, group_by=("service",))),
    )


def _drawn(period: Period, overview: Overview) -> Period:
    """The days drawn one by one: the period with the days still arriving behind it; the last ones of a long one."""
    end = overview.daily.question.period.end if period.end == overview.complete_until else period.end
    days = min(max(period.days, FEWEST_DAYS), MOST_DAILY_DAYS)
    return Period(period.end - timedelta(days=days), end)


def _compared(costs: Costs, asked: CostQuestion, base: Period | None, dimension: str) -> Comparison | None:
    """None without costs in the period. Where the base is not stored the rows carry current figures alone."""
    if base is None:
        return None
    found = costs.compare(replace(asked, group_by=(dimension,)), base)
    if not found.current.provenance.source:
        return None
    return found if found.previous.provenance.source else current_alone(found)

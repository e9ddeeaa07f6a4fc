"""Thresholds: crossed once, a forecast's only at two evaluations on different days, never while figures are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.budgets.crossings import Judged, Mark, judged
from finops.model.budgets import (
    Basis,
    Budget,
    BudgetStanding,
    BudgetStatus,
    Cadence,
    PeriodForecast,
    Threshold,
)
from finops.model.period import Period

TODAY = date(2026, 11, 20)
MONTH = Period(date(2026, 11, 1), date(2026, 12, 1))
EIGHTY, FULL = Threshold(Basis.ACTUAL, Decimal(80)), Threshold(Basis.ACTUAL, Decimal(100))
AHEAD = Threshold(Basis.FORECAST, Decimal(100))
BUDGET = Budget("b" * 32, "default", "All", Cadence.MONTHLY, Decimal(100), date(2026, 1, 1))
PERCENTS = st.decimals(1, 300, places=2)


def at(spent: str | Decimal | None, expected: str | None = None, *, budget: Budget = BUDGET) -> BudgetStanding:
    mean = Decimal(expected) if expected is not None else None
    forecast = PeriodForecast(mean, mean, mean, Decimal(0), TODAY) if mean is not None else None
    amount = None if spent is None else Decimal(spent)
    return BudgetStanding(budget, MONTH, BudgetStatus.OK, budget.amount, amount, forecast=forecast)


def test_what_is_reached_is_crossed_with_its_figure() -> None:
    assert judged(at("80.00"), {}, TODAY).crossed == {EIGHTY: Decimal("80.00")}
    assert judged(at("79.99"), {}, TODAY) == Judged()
    assert set(judged(at("120"), {}, TODAY).crossed) == {EIGHTY, FULL}


def test_what_was_crossed_is_not_crossed_again_and_a_correction_is_told() -> None:
    marks = {EIGHTY: Mark(TODAY, crossed=True)}
    assert judged(at("90"), marks, TODAY) == Judged()
    assert judged(at("70"), marks, TODAY).fell == (EIGHTY,)
    fallen = {EIGHTY: Mark(TODAY, crossed=True, fell=True)}
    assert judged(at("70"), fallen, TODAY) == Judged()
    assert judged(at("90"), fallen, TODAY) == Judged({}, rose=(EIGHTY,))


def test_a_forecast_has_to_be_over_on_two_days_in_a_row() -> None:
    assert judged(at("10", "130"), {}, TODAY) == Judged({}, seen=(AHEAD,))
    mark = {AHEAD: Mark(TODAY)}
    assert judged(at("10", "130"), mark, TODAY) == Judged()  # evaluated again on the same day
    assert judged(at("10", "130"), mark, TODAY + timedelta(days=1)).crossed == {AHEAD: Decimal(130)}
    assert judged(at("10", "99"), mark, TODAY + timedelta(days=1)) == Judged({}, forgotten=(AHEAD,))


def test_nothing_is_said_while_figures_are_missing() -> None:
    missing = replace(at("500", "500"), reasons=("Costs are complete up to 2026-11-01 only.",))
    assert judged(missing, {EIGHTY: Mark(TODAY, crossed=True)}, TODAY) == Judged()
    assert judged(at(None), {AHEAD: Mark(TODAY)}, TODAY) == Judged()


@given(st.lists(PERCENTS, min_size=1, max_size=5, unique=True), st.lists(st.decimals(0, 400, places=2), max_size=8))
def test_each_threshold_is_crossed_once_at_the_first_figure_that_reaches_it(
    percents: list[Decimal], figures: list[Decimal]
) -> None:
    thresholds = tuple(Threshold(Basis.ACTUAL, each) for each in percents)
    budget = replace(BUDGET, thresholds=thresholds)
    marks: dict[Threshold, Mark] = {}
    crossed: dict[Threshold, Decimal] = {}
    for number, figure in enumerate(figures):
        found = judged(at(figure, budget=budget), marks, TODAY + timedelta(days=number))
        assert not crossed.keys() & found.crossed.keys()
        crossed |= found.crossed
        marks |= {each: Mark(TODAY, crossed=True) for each in (*found.crossed, *found.rose)}
        marks |= {each: Mark(TODAY, crossed=True, fell=True) for each in found.fell}
    expected = {
        each: next(figure for figure in figures if figure >= each.percent)
        for each in thresholds
        if any(figure >= each.percent for figure in figures)
    }
    assert crossed == expected


@given(PERCENTS, PERCENTS, st.decimals(0, 400, places=2))
def test_whoever_crosses_the_higher_crosses_the_lower(one: Decimal, other: Decimal, figure: Decimal) -> None:
    low, high = Threshold(Basis.ACTUAL, min(one, other)), Threshold(Basis.ACTUAL, max(one, other))
    found = judged(at(figure, budget=replace(BUDGET, thresholds=(low, high))), {}, TODAY).crossed
    assert high not in found or low in found

"""What-if of a budget: growth and a single amount tried out; answers at once, and nothing is kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from finops.budgets.what_if import LEAST_PERCENT
from finops.model.budgets import Growth
from finops.model.errors import InputError
from finops.model.money import ZERO
from finops.model.period import add_months, month_start
from pages.ui import figures, numbers, palette
from pages.ui.forecast_month import hover
from pages.ui.page import guarded
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from datetime import date

    from finops.model.budgets import BudgetDetail, TriedPeriod, WhatIf
    from pages.ui.budget_answers import Answers

MOST_GROWTH = 50
"""Percent a month that the slider reaches; the API takes up to 100."""
STEPS = 40
CHART_HEIGHT, FEW_PERIODS = 190, 6


@st.fragment
def card_body(answers: Answers, detail: BudgetDetail) -> None:
    """The whole card, drawn anew by itself when a slider moves."""
    with guarded("What if"):
        left, right = st.columns([1, 1.9], gap="medium")
        with left:
            growth = _sliders(answers, detail)
        with right:
            try:
                found = answers.what_if(detail.standing.budget.budget_id, growth)
            except InputError as error:
                st.error(escaped(error.message), icon=":material/error:")
                return
            _answer(found, answers.today)


def first_day(answers: Answers, detail: BudgetDetail) -> date:
    """The first day that a single amount can come on."""
    ahead = detail.standing.forecast
    tomorrow = answers.today + timedelta(days=1)
    return max(tomorrow, ahead.ahead_from) if ahead is not None else tomorrow


def _sliders(answers: Answers, detail: BudgetDetail) -> Growth:
    standing = detail.standing
    own = standing.budget.budget_id
    sign = numbers.symbol(standing.budget.currency).strip()
    percent = st.slider("Growth, % a month", int(LEAST_PERCENT), MOST_GROWTH, 0, 1, key=f"budget.try.growth.{own}")
    step = _step(standing.limit)
    once = st.slider(
        f"A single amount, {sign}", 0, step * STEPS, 0, step, format="localized", key=f"budget.try.once.{own}"
    )
    first = first_day(answers, detail)
    last = add_months(month_start(answers.today), 13) - timedelta(days=1)
    on = st.date_input(
        "On", first, min_value=first, max_value=max(last, first), format="YYYY-MM-DD", disabled=not once,
        key=f"budget.try.on.{own}",
    )  # fmt: skip
    return Growth(Decimal(percent), Decimal(once), on if once else None)


def _step(limit: Decimal) -> int:
    """A round step, so that the slider reaches about twice the budget."""
    wanted = limit * 2 / STEPS
    size = 1
    while size * 10 <= wanted:
        size *= 10
    return next(size * each for each in (1, 2, 5, 10) if size * each >= wanted)


def words(found: WhatIf, today: date) -> str:
    """`Breaks first in December, by $1,204 (2.4%)`; plain text."""
    if not found.periods:
        return " ".join(found.reasons)
    breaks, currency = found.breaks, found.budget.currency
    if breaks is None:
        closest = max(found.periods, key=lambda each: each.over / each.limit)
        count = numbers.counted(len(found.periods), "period")
        room = numbers.short_money(-closest.over, currency)
        name = numbers.days(closest.period, today=today)
        return f"Within the budget in {count} ahead. Closest: {name}, with {room} left."
    share = numbers.share(breaks.over, breaks.limit)
    gap = f"{numbers.short_money(breaks.over, currency)} ({numbers.percent(share)})"
    certain = "even at the lower end of the interval" if breaks.lower > breaks.limit else "as expected, not for certain"
    return f"Breaks first in {numbers.days(breaks.period, today=today)}, by {gap}: {certain}."


def _answer(found: WhatIf, today: date) -> None:
    told = words(found, today)
    if not found.periods:
        st.info(escaped(told), icon=":material/help:")
        return
    shown = ":red[:material/error:]" if found.breaks else ":green[:material/check_circle:]"
    st.markdown(f"{shown} **{escaped(told)}**")
    figure = chart(found.periods, found.budget.currency, today)
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(told), key="chart.budget.try")
    fold = st.expander("Show as table", type="compact", on_change="rerun", key="fold.budget.try")
    if fold.open:
        fold.dataframe(
            frame(found.periods, today), hide_index=True, row_height=ROW_HEIGHT, alt="Periods of the what-if"
        )


@numbers.shortly()
def chart(periods: tuple[TriedPeriod, ...], currency: str, today: date) -> go.Figure:
    """A bar a period, those over the budget red; what is expected without it dotted, the budget a step line."""
    names = [_name(each, today) for each in periods]
    largest = max([ZERO, *(max(each.expected, each.limit, each.usual) for each in periods)])
    spell = hover(largest, currency)
    axis = figures.money_axis(largest, currency) | {"nticks": 4}
    axis["range"] = [0, float(max(largest, Decimal(1))) * 1.1]
    over = [each.over > 0 for each in periods]
    return figures.figure(
        [
            go.Bar(
                x=names,
                y=[float(each.expected) for each in periods],
                name="With this",
                marker={"color": [palette.WORSE if each else palette.ACCENT for each in over], "line": {"width": 0}},
                hovertemplate=spell,
            ),
            _steps("Without", names, [each.usual for each in periods], spell, "dot"),
            _steps("Budget", names, [each.limit for each in periods], spell, "solid"),
        ],
        height=CHART_HEIGHT,
        bargap=0.3,
        margin=figures.MARGINS | {"t": 24},
        xaxis=figures.time_axis((), monthly=True) | {"tickvals": names, "ticktext": _ticks(periods)},
        yaxis=axis,
        showlegend=True,
    )


def _steps(name: str, names: list[str], amounts: list[Decimal], spell: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=names,
        y=[float(amount) for amount in amounts],
        name=name,
        mode="lines" if len(names) > 1 else "markers",
        line={"shape": "hvh", "width": 1.5, "dash": dash, "color": palette.INK},
        marker={"color": palette.INK, "symbol": "line-ew-open", "size": 24},
        hovertemplate=spell,
    )


def _name(each: TriedPeriod, today: date) -> str:
    return numbers.days(each.period, today=today)


def _ticks(periods: tuple[TriedPeriod, ...]) -> list[str]:
    """First months; Januaries, and the first of few periods, with their year. Every other one of many is bare."""
    few = len(periods) <= FEW_PERIODS
    step = 1 if few else 2
    named = [
        f"{each.period.start:%b %Y}" if few or each.period.start.month == 1 else f"{each.period.start:%b}"
        for each in periods
    ]
    return [name if number % step == 0 else "" for number, name in enumerate(named)]


def frame(periods: tuple[TriedPeriod, ...], today: date) -> pd.DataFrame:
    """What each period would end at."""
    return pd.DataFrame(
        {
            "Period": [_name(each, today) for each in periods],
            "With this": [float(each.expected) for each in periods],
            "Without": [float(each.usual) for each in periods],
            "From": [float(each.lower) for each in periods],
            "To": [float(each.upper) for each in periods],
            "Budget": [float(each.limit) for each in periods],
            "Over (+)": [float(each.over) for each in periods],
        }
    )

"""Months: what the last twelve cost, what the running one will come to, and those ahead with their intervals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from finops.model.money import ZERO
from pages.ui import figures, numbers, palette
from pages.ui.forecast_month import hover

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.model.forecasts import GroupForecast, MonthForecast


def words(past: Mapping[date, Decimal], group: GroupForecast, currency: str) -> str:
    """The finding of the chart; plain text."""
    if not group.months:
        return f"No forecast: {group.reason}"
    last = group.months[-1]
    money = [numbers.short_money(each, currency) for each in (last.cost.mean, last.cost.lower, last.cost.upper)]
    told = f"{last.month:%B %Y} is expected to cost {money[0]}, four times of five {money[1]} to {money[2]}."
    same = past.get(date_before(last.month))
    if same:
        percent = (last.cost.mean - same) / abs(same) * 100
        told += f" That is {numbers.signed_percent(percent)} on {date_before(last.month):%B %Y}."
    return told


def date_before(month: date) -> date:
    """The same month of the year before."""
    return month.replace(year=month.year - 1)


@numbers.shortly()
def chart(past: Mapping[date, Decimal], group: GroupForecast, currency: str) -> go.Figure:
    """Past months solid; of the running one what is complete solid and the rest pale; months ahead pale with limits."""
    starts = sorted({*past, *(each.month for each in group.months)})
    names = {start: figures.bucket_name(start, monthly=True) for start in starts}
    largest = max([*past.values(), *(each.cost.upper for each in group.months), Decimal(1)])
    spell = hover(largest, currency)
    spent = dict(past) | ({group.months[0].month: group.to_date} if group.months else {})
    axis = figures.money_axis(largest, currency)
    axis["range"] = [float(min((ZERO, *past.values()))), float(largest) * 1.08]
    return figures.figure(
        [_solid(starts, names, spent, spell), _pale(group.months, names, group.to_date, currency)],
        height=figures.MAIN_HEIGHT,
        margin=figures.MARGINS | {"t": 26},
        barmode="stack",
        bargap=0.28,
        xaxis=figures.time_axis(starts, monthly=True)
        | {"categoryorder": "array", "categoryarray": list(names.values())},
        yaxis=axis,
        showlegend=True,
    )


def _solid(starts: Sequence[date], names: Mapping[date, str], spent: Mapping[date, Decimal], spell: str) -> go.Bar:
    known = [start for start in starts if start in spent]
    return go.Bar(
        x=[names[start] for start in known],
        y=[float(spent[start]) for start in known],
        name="Spent",
        marker={"color": palette.ACCENT, "line": {"width": 0}},
        hovertemplate=spell,
    )


def _pale(months: Sequence[MonthForecast], names: Mapping[date, str], to_date: Decimal, currency: str) -> go.Bar:
    """What is expected beyond what is spent; the whisker is the interval of the whole month."""
    beyond = [each.cost.mean - (to_date if number == 0 else ZERO) for number, each in enumerate(months)]
    whiskers: dict[str, Any] = {
        "type": "data",
        "symmetric": False,
        "array": [float(each.cost.upper - each.cost.mean) for each in months],
        "arrayminus": [float(each.cost.mean - each.cost.lower) for each in months],
        "color": palette.INK,
        "thickness": 1.5,
        "width": 4,
    }
    told = [
        " ".join(
            (
                numbers.short_money(each.cost.mean, currency),
                f"({numbers.short_money(each.cost.lower, currency)}–{numbers.short_money(each.cost.upper, currency)})",
            )
        )
        for each in months
    ]
    return go.Bar(
        x=[names[each.month] for each in months],
        y=[float(amount) for amount in beyond],
        name="Forecast, 80% interval",
        marker={"color": palette.BAND, "line": {"width": 1, "color": palette.ACCENT}},
        error_y=whiskers,
        customdata=told,
        hovertemplate="%{customdata} in all",
    )

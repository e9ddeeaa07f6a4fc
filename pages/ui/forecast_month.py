"""The running month day by day: what was spent, what is still arriving, and what is expected with its 80 % band."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from finops.model.money import ZERO
from pages.ui import figures, numbers, palette
from pages.ui.time_charts import scale_top

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.model.forecasts import Estimate, GroupForecast

_LATE = 0.75
"""From this share of the month on, words beside a bar stand to its left."""


@dataclass(frozen=True, slots=True)
class Month:
    """What the chart draws. `actual` has every stored day of the month, those after `through` still arriving."""

    days: tuple[date, ...]
    actual: Mapping[date, Decimal]
    expected: Mapping[date, Estimate]
    through: date
    currency: str

    @property
    def ahead(self) -> tuple[date, ...]:
        """The days that are forecast."""
        return tuple(day for day in self.days if day > self.through and day in self.expected)


def month(
    days: Sequence[date], group: GroupForecast, actual: Mapping[date, Decimal], through: date, currency: str
) -> Month:
    """Complete days are the forecast's own exact ones; days still arriving are as they are stored now."""
    exact = {each.day: each.actual for each in group.days if each.actual is not None}
    arriving = {day: amount for day, amount in actual.items() if day > through}
    known = {day: amount for day, amount in actual.items() if day <= through} | exact | arriving
    return Month(tuple(days), known, {each.day: each.expected for each in group.days}, through, currency)


def words(shown: Month, group: GroupForecast) -> str:
    """The finding of the chart; plain text."""
    end, last = group.month_end, numbers.day(shown.days[-1])
    if end is None:
        return f"No forecast: {group.reason}"
    money = [numbers.short_money(each, shown.currency) for each in (group.to_date, end.mean, end.lower, end.upper)]
    so_far = f"{money[0]} through {numbers.day(shown.through)}"
    return f"{so_far}, {money[1]} by {last}, four times of five {money[2]} to {money[3]}."


@numbers.shortly()
def chart(shown: Month) -> go.Figure:
    """Bars for what was spent, hatched while arriving; dotted with its band what is expected of the days to come."""
    names = [figures.bucket_name(day, monthly=False) for day in shown.days]
    tallest = [*shown.actual.values(), *(shown.expected[day].upper for day in shown.ahead)]
    largest = max(tallest, default=Decimal(1))
    top = scale_top(tallest)
    spell = hover(largest, shown.currency)
    axis = figures.money_axis(largest, shown.currency)
    axis["range"] = [
        float(min((ZERO, *tallest))),
        float(top if top is not None else max(largest, Decimal(1)) * Decimal("1.12")),
    ]
    return figures.figure(
        [*_bars(shown, names, spell), *_ahead(shown, spell)],
        height=figures.MAIN_HEIGHT,
        margin=figures.MARGINS | {"t": 26, "r": 20},
        barmode="overlay",
        bargap=0.22,
        xaxis=figures.time_axis(shown.days, monthly=False) | {"categoryorder": "array", "categoryarray": names},
        yaxis=axis,
        showlegend=True,
        annotations=_beyond(shown, top),
    )


def hover(largest: Decimal, currency: str) -> str:
    """How a hover box writes an amount."""
    sign = numbers.symbol(currency)
    digits = ",.0f" if largest >= figures.KILO else ",.2f"
    return f"%{{y:${digits}}}" if sign == "$" else f"{sign}%{{y:{digits}}}"


def _bars(shown: Month, names: list[str], spell: str) -> list[go.Bar]:
    done = [day <= shown.through for day in shown.days]
    traces = []
    for name, wanted, hatched in (("Spent", True, False), ("Still arriving", False, True)):
        amounts = [
            float(shown.actual[day]) if day in shown.actual and complete is wanted else None
            for day, complete in zip(shown.days, done, strict=True)
        ]
        if any(amount is not None for amount in amounts):
            marker: dict[str, Any] = {"color": palette.ACCENT, "line": {"width": 0}}
            if hatched:
                marker["pattern"] = {"shape": "/", "fillmode": "overlay", "size": 5, "solidity": 0.45}
            traces.append(go.Bar(x=names, y=amounts, name=name, marker=marker, hovertemplate=spell))
    return traces


def _ahead(shown: Month, spell: str) -> list[go.Scatter]:
    """The band along its upper edge and back along the lower one, and the mean dotted inside it."""
    days = shown.ahead
    if not days:
        return []
    names = [figures.bucket_name(day, monthly=False) for day in days]
    upper = [float(shown.expected[day].upper) for day in days]
    lower = [float(shown.expected[day].lower) for day in days]
    return [
        band(names, lower, upper),
        go.Scatter(
            x=names,
            y=[float(shown.expected[day].mean) for day in days],
            name="Forecast",
            mode="lines" if len(days) > 1 else "markers",
            line={"width": 2, "dash": "dot", "color": palette.INK},
            marker={"color": palette.INK, "size": 7},
            customdata=list(zip(lower, upper, strict=True)),
            hovertemplate=f"{spell} ({_limits(spell)})",
        ),
    ]


def _limits(spell: str) -> str:
    return f"{spell.replace('%{y', '%{customdata[0]')}–{spell.replace('%{y', '%{customdata[1]')}"


def band(names: Sequence[str], lower: Sequence[float], upper: Sequence[float]) -> go.Scatter:
    """An 80 % interval as an area."""
    return go.Scatter(
        x=[*names, *reversed(names)],
        y=[*upper, *reversed(lower)],
        name="80% interval",
        mode="lines",
        fill="toself",
        fillcolor=palette.BAND,
        line={"width": 1, "color": palette.BAND},
        hoverinfo="skip",
    )


def _beyond(shown: Month, top: Decimal | None) -> list[dict[str, Any]]:
    """The figure of each day that is taller than the scale, written beside its upper end."""
    if top is None:
        return []
    found = []
    for place, day in enumerate(shown.days):
        amount = shown.actual.get(day)
        if amount is None and day in shown.expected:
            amount = shown.expected[day].mean
        if amount is not None and amount > top:
            late = place > len(shown.days) * _LATE
            found.append(
                {
                    "x": place + (-0.45 if late else 0.45),
                    "y": float(top),
                    "yanchor": "top",
                    "xanchor": "right" if late else "left",
                    "showarrow": False,
                    "text": f"↑ {numbers.short_money(amount, shown.currency)}",
                    "font": {"size": 12, "color": palette.INK},
                }
            )
    return found

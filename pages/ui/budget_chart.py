"""The burn-down of a budget: cumulative cost, the pace that ends at the budget, what is expected, and thresholds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from finops.model.budgets import Basis
from pages.ui import budget_names, figures, numbers, palette
from pages.ui.forecast_month import band, hover

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from finops.model.budgets import BudgetDetail, BudgetStanding, BurnDay

_ROOM = Decimal("1.12")
_WHOLE = Decimal(100)
_MONTH = 31


def words(standing: BudgetStanding) -> str:
    """The finding of the chart; plain text."""
    budget, end = standing.budget, standing.forecast
    if standing.spent is None:
        return f"Nothing is known of {budget.name}: {' '.join(standing.reasons)}"
    share = "" if standing.percent is None else f" ({numbers.percent(standing.percent)})"
    told = f"{numbers.short_money(standing.spent, budget.currency)} of "
    told += f"{numbers.short_money(standing.limit, budget.currency)} spent{share}"
    if standing.pace is not None and budget_names.through(standing) is not None:
        told += f", {numbers.short_money(standing.pace, budget.currency)} would be on pace"
    if end is None:
        return f"{told}. There is no forecast."
    gap = end.mean - standing.limit
    side = "over" if gap > 0 else "under"
    last = numbers.day(standing.period.last_day, year=standing.period.days > _MONTH)
    money = numbers.short_money(end.mean, budget.currency)
    return f"{told}. {money} expected by {last}: {numbers.short_money(abs(gap), budget.currency)} {side}."


@numbers.shortly()
def chart(detail: BudgetDetail) -> go.Figure:
    """Cost solid, arriving dashed; pace dashed in grey; forecast dotted with its band; the budget and thresholds."""
    standing, days = detail.standing, detail.days
    currency = standing.budget.currency
    names = [figures.bucket_name(each.day, monthly=False) for each in days]
    tallest = [standing.limit, *(each.upper for each in days if each.upper is not None)]
    largest = max([*tallest, *(each.actual for each in days if each.actual is not None)])
    spell = hover(largest, currency)
    axis = figures.money_axis(largest, currency)
    axis["range"] = [0, float(largest * _ROOM)]
    return figures.figure(
        [*_ahead(days, names, spell), _pace(days, names, spell), *_actual(days, names, spell)],
        height=figures.PAGE_HEIGHT,
        margin=figures.MARGINS | {"t": 26, "r": 24},
        xaxis=figures.time_axis([each.day for each in days], monthly=False)
        | {"categoryorder": "array", "categoryarray": names},
        yaxis=axis,
        showlegend=True,
        shapes=[_line(standing.limit, "solid"), *(_line(at, "dot") for at, _ in _thresholds(standing))],
        annotations=_labels(standing, names),
    )


def _ahead(days: Sequence[BurnDay], names: list[str], spell: str) -> list[Any]:
    known = [place for place, each in enumerate(days) if each.mean is not None]
    if not known:
        return []
    at = [names[place] for place in known]
    lower, upper, mean = (
        [float(getattr(days[place], name) or 0) for place in known] for name in ("lower", "upper", "mean")
    )
    dotted = go.Scatter(
        x=at,
        y=mean,
        name="Forecast",
        mode="lines" if len(at) > 1 else "markers",
        line={"width": 2, "dash": "dot", "color": palette.INK},
        marker={"color": palette.INK, "size": 7},
        hovertemplate=spell,
    )
    return [band(at, lower, upper), dotted]


def _pace(days: Sequence[BurnDay], names: list[str], spell: str) -> go.Scatter:
    return go.Scatter(
        x=names,
        y=[float(each.expected) for each in days],
        name="Pace",
        mode="lines",
        line={"width": 1.5, "dash": "dash", "color": palette.SERIES[7]},
        hovertemplate=spell,
    )


def _actual(days: Sequence[BurnDay], names: list[str], spell: str) -> list[Any]:
    line = {"width": 2.5, "color": palette.ACCENT}

    def drawn(name: str, wanted: Callable[[int], bool], dash: str) -> go.Scatter:
        amounts = [
            float(each.actual) if each.actual is not None and wanted(place) else None for place, each in enumerate(days)
        ]
        only = sum(amount is not None for amount in amounts) == 1
        return go.Scatter(
            x=names,
            y=amounts,
            name=name,
            mode="markers" if only else "lines",
            line=line | {"dash": dash},
            marker={"color": palette.ACCENT, "size": 7},
            hovertemplate=spell,
        )

    traces = [drawn("Spent", lambda place: days[place].complete, "solid")]
    late = [place for place, each in enumerate(days) if each.actual is not None and not each.complete]
    if late:
        traces.append(drawn("Still arriving", lambda place: place >= late[0] - 1, "dash"))
    return traces


def _thresholds(standing: BudgetStanding) -> list[tuple[Decimal, str]]:
    """Amounts of the thresholds of what is spent, but for the budget itself."""
    shares = {each.percent for each in standing.budget.thresholds if each.basis is Basis.ACTUAL}
    return [(standing.limit * share / _WHOLE, budget_names.percent(share)) for share in sorted(shares - {_WHOLE})]


def _line(at: Decimal, dash: str) -> dict[str, object]:
    line = {
        "color": palette.WORSE if dash == "solid" else palette.INK,
        "width": 1.5 if dash == "solid" else 1,
        "dash": dash,
    }
    return {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": float(at), "y1": float(at), "line": line}


def _labels(standing: BudgetStanding, names: list[str]) -> list[dict[str, Any]]:
    told = [(standing.limit, f"Budget {numbers.short_money(standing.limit, standing.budget.currency)}")]
    told += _thresholds(standing)
    return [
        {
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": float(at),
            "yanchor": "bottom",
            "showarrow": False,
            "text": text,
            "font": {"size": 12, "color": palette.INK},
        }
        for at, text in told
        if names
    ]

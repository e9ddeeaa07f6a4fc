"""Cost over time.

Stacked bars, lines or shares, with days still arriving hatched and an earlier period as a step line.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from pages.ui import figures, numbers, palette
from pages.ui.series import Buckets, Series, totals
from pages.ui.text import plotly_text

if TYPE_CHECKING:
    from collections.abc import Sequence


FEW_BUCKETS = 14


class Kind(StrEnum):
    """How cost over time is drawn."""

    BARS = "bars"
    LINES = "lines"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Earlier:
    """Totals of an earlier period laid over the same buckets, oldest first."""

    name: str
    values: tuple[Decimal, ...]


def cost_over_time(
    series: Sequence[Series],
    axis: Buckets,
    *,
    currency: str,
    kind: Kind = Kind.BARS,
    earlier: Earlier | None = None,
    height: int = figures.MAIN_HEIGHT,
) -> go.Figure:
    """The figure of one answer over time. `series` has one value per bucket of `axis`."""
    names = [figures.bucket_name(start, monthly=axis.monthly) for start in axis.starts]
    whole = totals(series, len(names))
    largest = max((abs(total) for total in whole), default=Decimal(0))
    spell = _hover_format(largest, currency)
    traces = [_total_trace(names, whole, spell, visible=len(series) > 1)]
    if kind is Kind.LINES:
        traces += [_line(one, names, spell) for one in series]
    else:
        shares = whole if kind is Kind.SHARE else None
        traces += [_bars(one, names, axis, spell=spell, of=shares) for one in series]
    if earlier is not None and kind is Kind.BARS:
        traces.append(_step(earlier, names, spell))
    value_axis = figures.money_axis(largest, currency)
    top = scale_top(whole) if kind is Kind.BARS else None
    if kind is Kind.LINES:
        value_axis["range"] = _line_range(series)
    if top is not None:
        value_axis["range"] = [float(min((Decimal(0), *whole))), float(top)]
    if kind is Kind.SHARE:
        value_axis |= {"tickformat": ".0f", "tickprefix": "", "ticksuffix": "%", "range": [0, 100]}
        traces = traces[1:]
    return figures.figure(
        traces,
        height=height,
        barmode="relative",
        bargap=0.22,
        xaxis=figures.time_axis(axis.starts, monthly=axis.monthly),
        yaxis=value_axis,
        showlegend=len(series) > 1 or earlier is not None,
        annotations=[] if top is None else _beyond(whole, top, currency),
    )


def scale_top(amounts: Sequence[Decimal]) -> Decimal | None:
    """Where the axis ends when a few buckets would flatten all others, such as fees on the first of a month; else None.

    A bucket counts as beyond the scale from twice the ninth decile on. Whoever draws says its figure beside it.
    """
    if len(amounts) < FEW_BUCKETS:
        return None
    usual = sorted(amounts)[len(amounts) * 9 // 10 - 1]
    return usual * Decimal("1.35") if usual > 0 and max(amounts) > 2 * usual else None


@numbers.shortly()
def _beyond(whole: Sequence[Decimal], top: Decimal, currency: str) -> list[dict[str, Any]]:
    """The figure of each bar that is taller than the scale, written beside its upper end."""
    return [
        {
            "x": place + (-0.45 if place > len(whole) * 0.8 else 0.45),
            "y": float(top),
            "yanchor": "top",
            "xanchor": "right" if place > len(whole) * 0.8 else "left",
            "showarrow": False,
            "text": f"↑ {numbers.short_money(total, currency)}",
            "font": {"size": 12, "color": palette.INK},
        }
        for place, total in enumerate(whole)
        if total > top
    ]


def _line_range(series: Sequence[Series]) -> list[float]:
    known = [value for one in series for value in one.values if value is not None]
    return [float(min((Decimal(0), *known))), float(max((Decimal(1), *known))) * 1.06]


def _hover_format(largest: Decimal, currency: str) -> str:
    sign = numbers.symbol(currency)
    digits = ",.0f" if largest >= figures.KILO else ",.2f"
    return f"%{{y:${digits}}}" if sign == "$" else f"{sign}%{{y:{digits}}}"


def _total_trace(names: list[str], whole: Sequence[Decimal], spell: str, *, visible: bool) -> go.Scatter:
    """A line without width: it only puts the total first in the hover box."""
    return go.Scatter(
        x=names,
        y=[float(value) for value in whole],
        name="<b>Total</b>",
        mode="lines",
        line={"width": 0, "color": palette.INK},
        showlegend=False,
        hovertemplate=f"<b>{spell}</b>" if visible else None,
        hoverinfo=None if visible else "skip",
    )


def _bars(one: Series, names: list[str], axis: Buckets, *, spell: str, of: Sequence[Decimal] | None) -> go.Bar:
    amounts = [None if value is None else float(value) for value in one.values]
    if of is not None:
        amounts = [
            None if value is None or not whole else value / float(whole) * 100
            for value, whole in zip(amounts, of, strict=True)
        ]
    marker: dict[str, Any] = {"color": palette.colour(one.slot), "line": {"width": 0}}
    if axis.arriving_from is not None:
        hatch = ["/" if axis.arriving(start) else "" for start in axis.starts]
        marker["pattern"] = {"shape": hatch, "fillmode": "overlay", "size": 5, "solidity": 0.45}
    return go.Bar(
        x=names,
        y=amounts,
        name=plotly_text(one.name, limit=20),
        marker=marker,
        hovertemplate="%{y:.1f}%" if of is not None else spell,
    )


def _line(one: Series, names: list[str], spell: str) -> go.Scatter:
    return go.Scatter(
        x=names,
        y=[None if value is None else float(value) for value in one.values],
        name=plotly_text(one.name, limit=20),
        mode="lines" if len(names) > 1 else "markers",
        line={"width": 2, "color": palette.colour(one.slot)},
        hovertemplate=spell,
    )


def _step(earlier: Earlier, names: list[str], spell: str) -> go.Scatter:
    values = [float(value) for value in earlier.values[: len(names)]]
    return go.Scatter(
        x=names[: len(values)],
        y=values,
        name=plotly_text(earlier.name, limit=32),
        mode="lines",
        line={"shape": "hvh", "width": 1.5, "color": palette.INK},
        hovertemplate=spell,
    )

"""The common dress of every figure: ink, gridlines, axes and hover as LOOK.md asks. Pure; colours are placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plotly.graph_objects import Figure

from pages.ui import numbers, palette

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

__all__ = [
    "CONFIG",
    "EVIDENCE_HEIGHT",
    "KILO",
    "MAIN_HEIGHT",
    "MARGINS",
    "PAGE_HEIGHT",
    "Figure",
    "bare_axis",
    "bucket_name",
    "figure",
    "money_axis",
    "time_axis",
]

MARGINS = {"l": 0, "r": 14, "t": 4, "b": 24, "pad": 4}
KILO = 1000
"""From here on axes count in thousands (`$2k`) and hover boxes in whole units."""

FEW_DAYS, MOST_MONDAYS, FEWEST_FIRSTS = 9, 8, 3
MAIN_HEIGHT, PAGE_HEIGHT, EVIDENCE_HEIGHT = 330, 290, 190
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showTips": False}
"""Mode bar, drag and zoom off: a page scrolls, and a chart is not a map."""

_FONT = {"size": 12, "color": palette.INK}


def figure(traces: Sequence[Any], *, height: int, **layout: Any) -> Figure:
    """A figure without margins, mode bar, drag or zoom. `layout` adds or replaces top-level layout keys."""
    base: dict[str, Any] = {
        "height": height,
        "margin": MARGINS,
        "font": _FONT,
        "dragmode": False,
        "hovermode": "x unified",
        "hoverlabel": {"font": _FONT},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": _FONT,
            "title": {"text": ""},
            "itemclick": "toggle",
            "traceorder": "normal",
        },
    }
    return Figure(data=list(traces), layout=base | layout)


def money_axis(largest: Decimal, currency: str) -> dict[str, Any]:
    """A vertical axis from zero with at most five ticks: `$2k`."""
    sign = numbers.symbol(currency)
    return {
        "rangemode": "tozero",
        "nticks": 5,
        "fixedrange": True,
        "tickformat": ("$" if sign == "$" else "") + ("~s" if largest >= KILO else ",.2~f"),
        "tickprefix": "" if sign == "$" else sign,
        "tickfont": _FONT,
        "gridcolor": palette.GRID,
        "gridwidth": 1,
        "zeroline": True,
        "zerolinecolor": palette.GRID,
        "showline": False,
        "title": {"text": ""},
        "automargin": True,
    }


def time_axis(starts: Sequence[date], *, monthly: bool) -> dict[str, Any]:
    """A horizontal axis of named buckets: each Monday of a few weeks, each month of a long time."""
    marked = _marked(starts, monthly=monthly)
    return {
        "type": "category",
        "tickmode": "array",
        "tickvals": [bucket_name(start, monthly=monthly) for start in marked],
        "ticktext": [_tick(start, monthly=monthly) for start in marked],
        "tickangle": 0,
        "tickfont": _FONT,
        "showgrid": False,
        "showline": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
        "title": {"text": ""},
    }


def bucket_name(start: date, *, monthly: bool) -> str:
    """What the hover box says above its figures: `Sat 7 Nov 2026` or `November 2026`."""
    return f"{start:%B %Y}" if monthly else f"{start:%a} {start.day} {start:%b %Y}"


def _tick(start: date, *, monthly: bool) -> str:
    if monthly:
        return f"{start:%b}" if start.month != 1 else f"{start:%b %Y}"
    return f"{start.day} {start:%b}"


def _marked(starts: Sequence[date], *, monthly: bool) -> list[date]:
    if monthly:
        step = max(1, -(-len(starts) // 13))
        return list(starts[::step])
    if len(starts) <= FEW_DAYS:
        return list(starts)
    mondays = [start for start in starts if start.weekday() == 0]
    if len(mondays) <= MOST_MONDAYS:
        return mondays
    firsts = [start for start in starts if start.day == 1]
    return firsts if len(firsts) >= FEWEST_FIRSTS else mondays[:: -(-len(mondays) // 7)]


def bare_axis(**changes: Any) -> dict[str, Any]:
    """An axis without line, grid or ticks, for charts whose labels carry the figures."""
    return {
        "showgrid": False,
        "showticklabels": False,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "title": {"text": ""},
    } | changes

"""Horizontal bars: what changed, as a waterfall of changes only, and a ranking with its change beside each bar."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from finops.model.money import ZERO, exact_sum
from pages.ui import figures, numbers, palette
from pages.ui.text import JOINER, plotly_text

if TYPE_CHECKING:
    from collections.abc import Sequence

OTHER_NAME = "Other"
NET_NAME = "Net change"


@dataclass(frozen=True, slots=True)
class Bar:
    """One named amount; `note` stands behind the figure (`+5.4%`)."""

    name: str
    amount: Decimal
    note: str = ""


def moves(changes: Sequence[Bar], net: Decimal, *, limit: int = 6) -> tuple[Bar, ...]:
    """The largest `limit` changes, rises before falls, then what is left to `net` as "Other". Sums to `net`."""
    largest = sorted((change for change in changes if change.amount), key=lambda change: -abs(change.amount))[:limit]
    rest = net - exact_sum(change.amount for change in largest)
    ordered = sorted(largest, key=lambda change: -change.amount)
    return (*ordered, Bar(OTHER_NAME, rest)) if abs(rest) >= Decimal("0.005") else tuple(ordered)


@numbers.shortly()
def waterfall(steps: Sequence[Bar], *, currency: str, height: int = figures.MAIN_HEIGHT) -> go.Figure:
    """Changes from zero to the net change, largest rise first; red costs more, green costs less, grey is the sum."""
    net = exact_sum(step.amount for step in steps)
    ends = list(accumulate((step.amount for step in steps), initial=ZERO))
    widths = [*(step.amount for step in steps), net]
    bases = [*ends[:-1], ZERO]
    colours = [palette.WORSE if step.amount > 0 else palette.BETTER for step in steps] + [palette.INK]
    labels = [numbers.signed_money(width, currency) for width in widths]
    tops = [max(base, base + width) for base, width in zip(bases, widths, strict=True)]
    low, high = min([ZERO, *ends]), max([ZERO, *ends])
    names = [plotly_text(step.name, limit=20) for step in steps] + [f"<b>{NET_NAME}</b>"]
    return figures.figure(
        [_bars(widths, colours=colours, bases=bases), _labels(labels, tops)],
        height=height,
        shapes=[_zero_line(), *_connectors(ends)],
        **_horizontal(names, low=low, high=high, room=Decimal("0.45")),
    )


@numbers.shortly()
def ranking(bars: Sequence[Bar], *, currency: str | None, height: int, letters: int = 22) -> go.Figure:
    """Amounts, largest first, one colour, figure and change right of each bar, credits included.

    Without a currency amounts are counts. Names are cut after so many `letters`.
    """
    amounts = [bar.amount for bar in bars]
    said = [f"{bar.amount:,f}" if currency is None else numbers.short_money(bar.amount, currency) for bar in bars]
    labels = [f"{amount}  {bar.note}".rstrip() for amount, bar in zip(said, bars, strict=True)]
    return figures.figure(
        [
            _bars(amounts, colours=[palette.ACCENT] * len(bars), bases=[ZERO] * len(bars)),
            _labels(labels, [max(amount, ZERO) for amount in amounts]),
        ],
        height=height,
        **_horizontal(
            [plotly_text(bar.name, limit=letters) for bar in bars],
            low=min([*amounts, ZERO]),
            high=max([*amounts, ZERO]),
            room=Decimal("0.85"),
        ),
    )


def _horizontal(names: Sequence[str], *, low: Decimal, high: Decimal, room: Decimal) -> dict[str, Any]:
    """The layout of horizontal bars from `low` to `high`, with `room` (a share of it) for labels on the right."""
    span = max(high - low, Decimal("0.01"))
    return {
        "hovermode": False,
        "showlegend": False,
        "bargap": 0.45,
        "margin": figures.MARGINS | {"t": 0, "b": 0},
        "xaxis": figures.bare_axis(range=[float(low), float(high + span * room)]),
        "yaxis": _names_axis(names),
    }


def _labels(labels: Sequence[str], ends: Sequence[Decimal]) -> go.Scatter:
    """Figures right of the bars' ends, where neither names nor other bars are in the way."""
    return go.Scatter(
        x=[float(end) for end in ends],
        y=list(range(len(labels))),
        mode="text",
        text=[f" {label}".replace("$", f"${JOINER}") for label in labels],
        textposition="middle right",
        textfont={"size": 12, "color": palette.INK},
        cliponaxis=False,
    )


def _bars(widths: Sequence[Decimal], *, colours: Sequence[str], bases: Sequence[Decimal]) -> go.Bar:
    return go.Bar(
        x=[float(width) for width in widths],
        y=list(range(len(widths))),
        base=[float(base) for base in bases],
        orientation="h",
        marker={"color": list(colours), "line": {"width": 0}},
    )


def _names_axis(names: Sequence[str]) -> dict[str, Any]:
    return figures.bare_axis(
        autorange="reversed",
        showticklabels=True,
        automargin=True,
        ticklabelstandoff=8,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=list(names),
        tickfont={"size": 12, "color": palette.INK},
    )


def _zero_line() -> dict[str, Any]:
    return {
        "type": "line",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": palette.INK, "width": 1},
    }


def _connectors(ends: Sequence[Decimal]) -> list[dict[str, Any]]:
    """A thin line from each bar's end to the start of the next."""
    return [
        {
            "type": "line",
            "x0": float(end),
            "x1": float(end),
            "y0": index - 0.28,
            "y1": index + 1.28,
            "line": {"color": palette.INK, "width": 1},
        }
        for index, end in enumerate(ends[1:])
    ]

"""An anomaly's evidence: what its series cost day by day, the band that was expected, and the flagged days."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from pages.ui import figures, numbers, palette

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finops.model.anomalies import Anomaly, SeriesDay

BEFORE, AFTER, MOST, MOST_TICKS = 42, 21, 200, 5


def window(days: Sequence[SeriesDay], anomaly: Anomaly) -> tuple[SeriesDay, ...]:
    """Six weeks before it, the anomaly, three weeks after; of a long one its first and last days, at most 200."""
    first, last = anomaly.start - timedelta(days=BEFORE), anomaly.last_seen + timedelta(days=AFTER)
    shown = tuple(each for each in days if first <= each.day <= last)
    return shown[-MOST:] if len(shown) > MOST else shown


def words(anomaly: Anomaly, shown: Sequence[SeriesDay]) -> str:
    """The finding of the chart; plain text."""
    flagged = sum(each.flagged for each in shown)
    money = [
        numbers.exact_money(amount, anomaly.currency)
        for amount in (anomaly.actual, anomaly.lower, anomaly.upper, anomaly.expected)
    ]
    return (
        f"{money[0]} on {numbers.day(anomaly.day)}, expected {money[3]} and from {money[1]} to {money[2]}; "
        f"{numbers.counted(flagged, 'day')} flagged."
    )


@numbers.shortly()
def chart(shown: Sequence[SeriesDay], *, currency: str, complete: date | None) -> go.Figure:
    """The band filled, what was expected dotted, the cost as a line, flagged days as triangles."""
    names = [figures.bucket_name(each.day, monthly=False) for each in shown]
    largest = max((each.cost for each in shown if each.cost is not None), default=Decimal(1))
    sign = numbers.symbol(currency)
    digits = ",.0f" if largest >= figures.KILO else ",.2f"
    spell = f"%{{y:${digits}}}" if sign == "$" else f"{sign}%{{y:{digits}}}"
    axis = figures.money_axis(largest, currency)
    axis |= {"range": [0, float(max(largest, Decimal(1))) * 1.14], "nticks": 4}
    return figures.figure(
        [*_band(shown, names, spell), *_costs(shown, names, spell, complete), _flags(shown, names)],
        height=figures.EVIDENCE_HEIGHT,
        margin=figures.MARGINS | {"t": 24, "r": 4},
        xaxis=_days([each.day for each in shown]) | {"categoryorder": "array", "categoryarray": names},
        yaxis=axis,
        showlegend=True,
    )


def _days(days: Sequence[date]) -> dict[str, Any]:
    """The axis of days with a few ticks: a panel has room for no more."""
    axis = figures.time_axis(days, monthly=False)
    step = max(1, -(-len(axis["tickvals"]) // MOST_TICKS))
    return axis | {name: axis[name][::step] for name in ("tickvals", "ticktext")}


def _band(shown: Sequence[SeriesDay], names: list[str], spell: str) -> list[Any]:
    """From the lower to the upper limit, in pieces: days that are still learnt have none. What was expected dotted."""
    known = [place for place, each in enumerate(shown) if not each.learning]
    pieces = [
        [place for _, place in group] for _, group in groupby(enumerate(known), key=lambda pair: pair[1] - pair[0])
    ]
    expected = [None if each.learning else float(each.expected) for each in shown]
    dotted = go.Scatter(
        x=names,
        y=expected,
        name="Expected",
        mode="lines",
        showlegend=False,
        line={"width": 1.5, "dash": "dot", "color": palette.INK},
        hovertemplate=spell,
    )
    return [*(_piece(shown, names, places, first=number == 0) for number, places in enumerate(pieces)), dotted]


def _piece(shown: Sequence[SeriesDay], names: list[str], places: list[int], *, first: bool) -> go.Scatter:
    """One unbroken piece of the band: along its upper edge and back along the lower one."""
    back = places[::-1]
    edge = [float(shown[place].upper) for place in places]
    edge += [float(max(shown[place].lower, Decimal(0))) for place in back]
    return go.Scatter(
        x=[names[place] for place in (*places, *back)],
        y=edge,
        name="Usual",
        mode="lines",
        fill="toself",
        fillcolor=palette.BAND,
        line={"width": 1, "color": palette.BAND},
        legendgroup="band",
        showlegend=first,
        hoverinfo="skip",
    )


def _costs(shown: Sequence[SeriesDay], names: list[str], spell: str, complete: date | None) -> list[go.Scatter]:
    """The cost, and dashed the days of it that are still arriving."""
    done = [complete is None or each.day <= complete for each in shown]
    costs = [None if each.cost is None else float(each.cost) for each in shown]
    line = {"width": 2, "color": palette.ACCENT}
    sure = [cost if sure else None for cost, sure in zip(costs, done, strict=True)]
    traces = [go.Scatter(x=names, y=sure, name="Cost", mode="lines", line=line, hovertemplate=spell)]
    if not all(done):
        first = done.index(False)
        late = [cost if place >= first - 1 else None for place, cost in enumerate(costs)]
        dashed = line | {"dash": "dash"}
        traces.append(
            go.Scatter(
                x=names, y=late, name="Arriving", mode="lines", line=dashed, hovertemplate=spell, showlegend=False
            )
        )
    return traces


def _flags(shown: Sequence[SeriesDay], names: list[str]) -> go.Scatter:
    flagged = [place for place, each in enumerate(shown) if each.flagged and each.cost is not None]
    return go.Scatter(
        x=[names[place] for place in flagged],
        y=[float(shown[place].cost or 0) for place in flagged],
        name="Flagged",
        mode="markers",
        marker={"symbol": "triangle-down", "size": 8, "color": palette.WORSE},
        customdata=[shown[place].score for place in flagged],
        hovertemplate="score %{customdata:,.1f}",
        cliponaxis=False,
    )

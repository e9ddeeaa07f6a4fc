"""The panel beside the table while no asset is open: how each key stands, by count and by cost, and in dollars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import figures, numbers, palette, tag_names
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import plain_line, plotly_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.tagging.compliance import KeyScore
    from pages.ui.tag_answers import Answers, Targets
    from pages.ui.tag_view import TagView

MOST_KEYS, KEY_HEIGHT = 12, 58
LABELS_AT, END = 102, 132
"""Where on the axis in percent the figures begin, and where it ends."""


def by_key(answers: Answers, view: TagView) -> None:
    """Two bars for each key of the view: the compliant share by count and by cost."""
    found = answers.compliance(view.only).keys
    shown = [each for each in found if not view.keys or each.key in view.keys][:MOST_KEYS]
    if not shown:
        st.markdown(":small[:gray[The policy has no rule.]]")
        return
    drawn = tuple(each.key for each in shown)
    figure = answers.kept(("by_key", view.only, drawn, answers.targets), lambda: chart(shown, answers.targets))
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(worst_words(shown)), key="chart.tags.keys")
    _table(answers, shown)


def worst_words(shown: Sequence[KeyScore]) -> str:
    """`CostCenter complies least: 60.4% by count, 70.6% by cost.`."""
    worst = min(shown, key=lambda each: (each.score.percent is None, each.score.percent))
    by_count, by_cost = (tag_names.percent_words(each) for each in (worst.score.percent, worst.score.cost_percent))
    return f"{worst.key} complies least: {by_count} by count, {by_cost} by cost."


def chart(shown: Sequence[KeyScore], targets: Targets) -> go.Figure:
    """Horizontal bars from 0 to 100 %, the targets as dashed lines."""
    names = [plotly_text(each.key, limit=18) for each in shown]
    ways = (
        ("By count", palette.SERIES[0], [each.score.percent for each in shown]),
        ("By cost", palette.SERIES[1], [each.score.cost_percent for each in shown]),
    )
    traces: list[Any] = [
        go.Bar(
            x=[float(value or 0) for value in values],
            y=list(range(len(names))),
            name=name,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            hoverinfo="skip",
        )
        for name, colour, values in ways
    ]
    for place, (_, _, values) in enumerate(ways):
        traces.append(_labels([tag_names.percent_words(value) for value in values], shift=(place - 0.5) * 0.33))
    return figures.figure(
        traces,
        height=KEY_HEIGHT * len(shown) + 40,
        barmode="group",
        bargap=0.35,
        bargroupgap=0.08,
        hovermode=False,
        margin=figures.MARGINS | {"t": 24, "b": 4},
        showlegend=True,
        xaxis=figures.bare_axis(range=[0, END]),
        yaxis=_names_axis(names),
        shapes=[_target(float(targets.count)), _target(float(targets.cost))],
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


def _labels(words: Sequence[str], *, shift: float) -> go.Scatter:
    """Figures in a column right of the axis, where no bar ends and no target stands."""
    return go.Scatter(
        x=[LABELS_AT] * len(words),
        y=[place + shift for place in range(len(words))],
        mode="text",
        text=list(words),
        textposition="middle right",
        textfont={"size": 12, "color": palette.INK},
        showlegend=False,
    )


def _target(at: float) -> dict[str, object]:
    line = {"color": palette.INK, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _table(answers: Answers, shown: Sequence[KeyScore]) -> None:
    """What the bars leave out: violations and untagged dollars of each key."""
    currencies = {cost.currency for each in shown for cost in each.score.costs}
    sign = numbers.symbol(next(iter(currencies), "USD")).strip()
    mixed = len(currencies) > 1
    frame = pd.DataFrame(
        {
            "key": [plain_line(each.key, limit=128) for each in shown],
            "untagged": [_dollars(answers, each, mixed=mixed) for each in shown],
            "violating": [each.score.violating for each in shown],
        }
    )
    column = st.column_config
    told = "Cost of assets without any value of the key, as a month."
    st.dataframe(
        frame,
        key="table.tags.keys",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        placeholder=numbers.UNKNOWN,
        alt="Untagged cost and violations of each key",
        column_config={
            "key": column.TextColumn("Key"),
            "untagged": column.TextColumn("Untagged a month", help=told)
            if mixed
            else column.NumberColumn(f"Untagged, {sign}/mo", format="%,.0f", help=told),
            "violating": column.NumberColumn("Violations", format="%,d"),
        },
    )


def _dollars(answers: Answers, each: KeyScore, *, mixed: bool) -> float | str | None:
    if not each.score.costs:
        return None
    if mixed:
        amounts = (numbers.short_money(answers.month(cost.untagged), cost.currency) for cost in each.score.costs)
        return " + ".join(amounts)
    return float(answers.month(each.score.costs[0].untagged))

"""The timeline: what each day cost, with a numbered triangle on each anomaly's day that stood out most."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from finops.model.money import ZERO
from pages.ui import anomaly_names, figures, numbers, palette, series, tables
from pages.ui.provenance import checked
from pages.ui.series import Buckets, Series
from pages.ui.text import plain_line, plotly_text
from pages.ui.time_charts import cost_over_time, scale_top

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finops.model.anomalies import Standing
    from finops.model.costs import CostAnswer
    from pages.ui.anomaly_answers import Answers
    from pages.ui.anomaly_view import AnomalyView

HEIGHT, MOST_MARKS, MOST_TOGETHER = 230, 20, 3
_ROOM = Decimal("1.22")


@dataclass(frozen=True, slots=True)
class Mark:
    """A triangle: its day, the numbers beside it, and what its hover box says."""

    day: date
    label: str
    told: str


def draw(answers: Answers, view: AnomalyView, found: Sequence[Standing], currency: str) -> None:
    """Bars of each day of the view's accounts and services; days still arriving are hatched."""
    period = answers.period(view)
    if period is None:
        st.markdown(":small[:gray[None of these days is stored.]]")
        return
    answer = answers.daily(view, period, currency)
    if not checked(answer):
        return
    axis = series.buckets(answer, monthly=False, arriving_from=answers.context.finops.costs.complete_until(
        answers.context.tenant
    ))  # fmt: skip
    placed = marks(found, axis)
    values = Series("Cost", 1, _values(answer, axis, currency))
    figure = answers.kept(
        ("timeline", answer.question, axis.arriving_from, tuple(placed)), lambda: chart(values, axis, placed, currency)
    )
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(words(found, currency)), key="chart.anomalies.line")
    tables.series_table((values,), axis, currency=currency, key="anomalies.line")


def words(found: Sequence[Standing], currency: str) -> str:
    """The finding of the chart; plain text."""
    if not found:
        return "Cost per day; no anomaly of the list lies in these days."
    first = found[0].anomaly
    told = numbers.counted(len(found), "anomaly", "anomalies")
    return (
        f"Cost per day with {told}. Largest: {anomaly_names.title(first)}, "
        f"{numbers.signed_money(first.impact, currency)}."
    )


def _values(answer: CostAnswer, axis: Buckets, currency: str) -> tuple[Decimal, ...]:
    amounts: dict[date, Decimal] = {}
    for row in answer.rows:
        if row.day is not None and row.currency == currency:
            amounts[row.day] = amounts.get(row.day, ZERO) + row.amount
    return tuple(amounts.get(start, ZERO) for start in axis.starts)


def marks(found: Sequence[Standing], axis: Buckets) -> list[Mark]:
    """The first anomalies of the list, those of one day together; numbers are places in the list."""
    days: dict[date, list[tuple[int, Standing]]] = {}
    shown = set(axis.starts)
    for number, one in enumerate(found[:MOST_MARKS], start=1):
        if one.anomaly.day in shown:
            days.setdefault(one.anomaly.day, []).append((number, one))
    return [_mark(day, together) for day, together in sorted(days.items())]


def _mark(day: date, together: Sequence[tuple[int, Standing]]) -> Mark:
    shown = together[:MOST_TOGETHER]
    label = ",".join(str(number) for number, _ in shown) + ("…" if len(together) > MOST_TOGETHER else "")
    told = "<br>".join(
        f"{number} {plotly_text(anomaly_names.title(one.anomaly))} "
        f"{plotly_text(numbers.signed_money(one.anomaly.impact, one.anomaly.currency))}"
        for number, one in shown
    )
    return Mark(day, label, told)


@numbers.shortly()
def chart(values: Series, axis: Buckets, placed: Sequence[Mark], currency: str) -> go.Figure:
    """The bars with the triangles above them. Triangles keep inside a scale that outliers would stretch."""
    amounts = [value or ZERO for value in values.values]
    figure = cost_over_time((values,), axis, currency=currency, height=HEIGHT)
    top = scale_top(amounts) or max([*amounts, Decimal(1)])
    by_day = dict(zip(axis.starts, amounts, strict=True))
    figure.add_trace(
        go.Scatter(
            x=[figures.bucket_name(mark.day, monthly=False) for mark in placed],
            y=[float(min(by_day[mark.day], top) + top * Decimal("0.05")) for mark in placed],
            name="Anomaly",
            mode="markers+text",
            text=[mark.label for mark in placed],
            textposition="top center",
            textfont={"size": 12, "color": palette.WORSE},
            marker={"symbol": "triangle-down", "size": 9, "color": palette.WORSE},
            customdata=[mark.told for mark in placed],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )
    )
    figure.update_annotations(y=float(top * _ROOM))  # above the triangles' numbers, which they would cross
    figure.update_yaxes(range=[float(min([ZERO, *amounts])), float(top * _ROOM)])
    return figure

"""The panel beside the list while no anomaly is open: in which services the dollars are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.money import ZERO
from pages.ui import anomaly_names, figures, numbers, tables
from pages.ui.bar_charts import Bar, moves, waterfall
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from finops.model.anomalies import Standing
    from pages.ui.anomaly_answers import Answers

MOST_BARS, BAR_HEIGHT, LEAST_HEIGHT = 10, 34, 110


def by_service(answers: Answers, found: Sequence[Standing], currency: str) -> None:
    """What each service cost more or less than expected, from zero to the net of the list."""
    amounts: dict[str, Decimal] = {}
    for one in found:
        if one.anomaly.currency == currency:
            name = anomaly_names.service(one.anomaly)
            amounts[name] = amounts.get(name, ZERO) + one.anomaly.impact
    if not amounts:
        st.markdown(":small[:gray[Nothing to add up. Pick another period or drop a filter.]]")
        return
    net = sum(amounts.values(), ZERO)
    steps = moves([Bar(name, amount) for name, amount in amounts.items()], net, limit=MOST_BARS)
    height = max(LEAST_HEIGHT, BAR_HEIGHT * (len(steps) + 1))
    figure = answers.kept(("by_service", steps, currency), lambda: waterfall(steps, currency=currency, height=height))
    largest = max(steps, key=lambda step: abs(step.amount))
    told = f"{largest.name} most: {numbers.signed_money(largest.amount, currency)}; in all "
    told += f"{numbers.signed_money(net, currency)}."
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(told), key="chart.anomalies.services")
    unit = numbers.symbol(currency).strip()
    tables.bars_table(steps, titles=("Service", f"Impact, {unit}"), key="anomalies.services")
    st.markdown(":small[:gray[Pick a row for its evidence and its cause.]]")

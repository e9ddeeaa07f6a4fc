"""The panel beside the table while no finding is open: which checks the total comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import figures, numbers, tables
from pages.ui.bar_charts import Bar, ranking
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.ui.finding_answers import Answers, Listed

MOST_BARS, BAR_HEIGHT, LETTERS = 12, 34, 24


def by_check(answers: Answers, found: Listed) -> None:
    """What each check contributes to the net, largest first."""
    bars = check_bars(found.by_check, answers.titles)
    if not bars:
        st.markdown(":small[:gray[No finding of this list has a dollar basis.]]")
        return
    height, drawn = max(BAR_HEIGHT * len(bars), 60), tuple(bars)
    figure = answers.kept(
        ("by_check", drawn, found.currency),
        lambda: ranking(bars, currency=found.currency, height=height, letters=LETTERS),
    )
    largest = f"{bars[0].name} saves most: {numbers.exact_money(bars[0].amount, found.currency)} a month."
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(largest), key="chart.savings.checks")
    unit = numbers.symbol(found.currency).strip()
    tables.bars_table(bars, titles=("Check", f"Saving, {unit}/mo"), key="savings.checks")


def check_bars(amounts: Mapping[str, Decimal], titles: Mapping[str, str]) -> list[Bar]:
    """A bar for each check, largest first; the smallest together as one."""
    ordered = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    bars = [Bar(titles.get(check, check), amount) for check, amount in ordered[:MOST_BARS]]
    rest = ordered[MOST_BARS:]
    more = Bar(f"{len(rest)} more", sum((amount for _, amount in rest), Decimal(0)))
    return [*bars, more] if rest else bars

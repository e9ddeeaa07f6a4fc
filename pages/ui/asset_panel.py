"""The panel beside the table while nothing is selected: what the list is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import asset_filters, figures, names, numbers, tables
from pages.ui.asset_view import Breakdown
from pages.ui.bar_charts import Bar, ranking
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.ui.asset_answers import Answers
    from pages.ui.asset_view import AssetView

BREAKDOWN_NAMES = {
    Breakdown.SERVICE: "Service",
    Breakdown.KIND: "Kind",
    Breakdown.REGION: "Region",
    Breakdown.ACCOUNT: "Account",
}
MOST_BARS, MOST_NEIGHBOURS = 14, 12
BAR_HEIGHT = 34
_MOST_HISTORY = 20
ASKED = "inventory.asked"
"""Where a button leaves the id of the asset to open next; empty closes the panel."""


def by_control() -> None:
    """What to count by."""
    st.segmented_control(
        "Count by",
        list(Breakdown),
        key=asset_filters.key("by"),
        format_func=BREAKDOWN_NAMES.__getitem__,
        label_visibility="collapsed",
        required=True,
    )


def breakdown(answers: Answers, view: AssetView) -> None:
    """How many assets of the list each service, kind, region or account has."""
    counts = answers.counts(view.only).get(view.by.value, {})
    if not counts:
        st.markdown(":small[:gray[Nothing to count.]]")
        return
    bars = count_bars(counts, view.by, answers.accounts)
    figure = ranking(bars, currency=None, height=max(BAR_HEIGHT * len(bars), 60), letters=24)
    largest = f"{bars[0].name}: {bars[0].amount:,f} of {sum(counts.values()):,} assets."
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(f"Most are {largest}"), key="chart.inventory.counts")
    tables.bars_table(bars, titles=(BREAKDOWN_NAMES[view.by], "Assets"), key="inventory.counts", digits=0)


def count_bars(counts: Mapping[str, int], by: Breakdown, accounts: Mapping[str, str]) -> list[Bar]:
    """A bar for each value, largest first, with its share; the smallest together as one."""
    called = names.value_name("account", accounts) if by is Breakdown.ACCOUNT else asset_filters.option_name(by, {})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    whole, shown = Decimal(sum(counts.values())), ordered[:MOST_BARS]
    bars = [Bar(called(value), Decimal(count), share_words(count, whole)) for value, count in shown]
    rest = sum(count for _, count in ordered[MOST_BARS:])
    more = Bar(f"{len(ordered) - MOST_BARS} more", Decimal(rest), share_words(rest, whole))
    return [*bars, more] if rest else bars


def share_words(count: int, whole: Decimal) -> str:
    """`41%`; `<1%` for little."""
    share = numbers.share(Decimal(count), whole) or Decimal(0)
    return "<1%" if share < 1 else f"{share:.0f}%"

"""The row of key figures: the same parts in every card - figure, change, what it is measured against, its line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.ui import numbers
from pages.ui.text import escaped
from pages.ui.time_charts import scale_top

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTABLE_PERCENT = Decimal(10)
"""From this change on a figure is coloured as better or worse; below it stays grey. People will set their own later."""

NOTABLE_POINTS = Decimal(1)

DeltaColour = Literal["normal", "inverse", "gray"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One card. `delta` starts with "+" or "-" (Streamlit reads the sign); `base` names what it is compared with."""

    label: str
    value: str
    delta: str = ""
    base: str = ""
    colour: DeltaColour = "gray"
    line: tuple[float, ...] = ()
    kind: Literal["line", "bar", "area"] = "line"
    help: str = ""


def clipped(amounts: Sequence[Decimal]) -> tuple[float, ...]:
    """A card's line with its few outliers cut off where a chart's axis would end.

    Fees would flatten every other day.
    """
    top = scale_top(amounts)
    return tuple(float(amount if top is None else min(amount, top)) for amount in amounts)


def cost_colour(percent: Decimal | None) -> DeltaColour:
    """Red up and green down, from the notable change on."""
    return "inverse" if percent is not None and abs(percent) >= NOTABLE_PERCENT else "gray"


def points_colour(points: Decimal | None) -> DeltaColour:
    """Green up and red down: a larger tagged share is better."""
    return "normal" if points is not None and abs(points) >= NOTABLE_POINTS else "gray"


def change(percent: Decimal | None) -> str:
    """A change as `st.metric` reads it; empty when unknown."""
    return "" if percent is None else numbers.signed_percent(percent, minus="-")


def row(cards: Sequence[Kpi], *, border: bool = True) -> None:
    """Four across, two on a phone."""
    grid = st.grid(len(cards), min_column_width=150, gap="small")
    for card in cards:
        grid.metric(
            escaped(card.label),
            escaped(card.value),
            _delta(card.delta),
            delta_color=card.colour,
            delta_arrow="auto" if card.delta[:1] in {"+", "-"} else "off",
            delta_description=escaped(card.base) if card.base else None,
            help=escaped(card.help) if card.help else None,
            border=border,
            height="stretch",
            chart_data=list(card.line) or None,
            chart_type=card.kind,
        )


def _delta(text: str) -> str | None:
    """The change for `st.metric`, whose sign must stay its first character; only the dollar needs an escape."""
    return text.replace("$", "\\$") or None

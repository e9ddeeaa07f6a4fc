"""A table of which the reader picks one row. Display only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import numbers
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

VISIBLE_ROWS = 12


def pick_row(
    rows: pd.DataFrame,
    settings: Mapping[str, Any],
    *,
    shown: Sequence[str],
    key: str,
    alt: str,
    selected: int | None,
) -> int | None:
    """Draws `rows` with the columns `shown` and returns the index of the picked one; `selected` is picked at first.

    Longer ones scroll.
    """
    chosen = [] if selected is None else [selected]
    state = st.dataframe(
        rows,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(rows) <= VISIBLE_ROWS else (VISIBLE_ROWS + 1) * ROW_HEIGHT + 2,
        column_order=shown,
        column_config=dict(settings),
        placeholder=numbers.UNKNOWN,
        alt=plain_line(alt),
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": chosen, "columns": [], "cells": []}},
    )
    picked = state["selection"]["rows"]
    return picked[0] if picked and picked[0] < len(rows) else None

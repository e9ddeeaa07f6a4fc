"""Files of what is shown: the table and the chart's figures, exact to the digit, safe to open in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

import export
from finops.model.costs import Comparison, CostAnswer
from pages.ui.cache import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.ui.analysis import Analysis
    from pages.ui.page import Context


def export_popover(context: Context, found: Analysis, accounts: Mapping[str, str]) -> None:
    """A button that offers the table and the chart's figures as CSV."""
    with st.popover("Export", icon=":material/download:"):
        _download("Table", found.comparison or found.counted, context, accounts)
        if found.comparison is not None:
            _download("Chart figures", found.drawn, context, accounts)


def _download(label: str, shown: CostAnswer | Comparison, context: Context, accounts: Mapping[str, str]) -> None:
    answer = shown.current if isinstance(shown, Comparison) else shown
    base = shown.previous.question.period if isinstance(shown, Comparison) else None
    data = remembered(
        (context.tenant, context.version, "csv", answer.question, base),
        lambda: "".join(export.costs_csv(shown, account_names=accounts)).encode(),
    )
    st.download_button(
        f"{label} (CSV)",
        data,
        file_name=export.file_name(answer.question, partial=answer.partial, extension="csv"),
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        key=f"download.{label}",
    )

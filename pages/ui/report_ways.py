"""The way from one view of Reports to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import report_links
from pages.ui.session import TENANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.ui.report_view import ReportView


def go(view: ReportView, reports: Sequence[str]) -> None:
    """Shows another view at the next run, as a link to it would."""
    kept = {TENANT: st.query_params.get_all(TENANT)} if TENANT in st.query_params else {}
    st.query_params.from_dict(report_links.write(view, reports) | kept)

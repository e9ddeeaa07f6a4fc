"""Files of Forecast & budgets: the report of both halves, made at a button and fetched by its signed link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

import export
from finops.model.errors import FinopsError
from finops.model.people import Right
from finops.model.reports import Format, ReportRequest
from pages.ui import forecast_links, numbers
from pages.ui.forecast_filters import grouping_name, key
from pages.ui.forecast_view import TOTAL, Tab
from pages.ui.text import escaped
from user_prefs import report_thresholds

if TYPE_CHECKING:
    from pages.ui.forecast_view import ForecastView
    from pages.ui.page import Context

REPORT = "budget-forecast"
TABLES = {Tab.FORECAST: "by_group", Tab.BUDGETS: "budgets"}
"""The table that a CSV file has; Excel has all of them."""
_LABELS = {Format.CSV: ("CSV", ":material/csv:"), Format.XLSX: ("Excel", ":material/table:")}
_SAID = "forecast.export.said"


def popover(context: Context, view: ForecastView) -> None:
    """A button that makes the report of this view as a file, and offers it."""
    if not context.may(Right.EXPORT):
        return
    with st.popover("Export", icon=":material/download:", key=key("popover.export")):
        if view.tab is Tab.FORECAST:
            months = numbers.counted(view.ahead + 1, "month")
            st.markdown(f"**{grouping_name(view.group_by)}**, {months} with intervals and past errors, exactly.")
        else:
            st.markdown("**Every budget** and how it stands, exactly; the Excel file has the forecast too.")
        with st.container(horizontal=True, gap="small"):
            for extension, (label, icon) in _LABELS.items():
                st.button(
                    f"Make {label}", key=key(f"export.{extension}"), icon=icon, on_click=_make,
                    args=(context, view, extension),
                )  # fmt: skip
            if view.tab is Tab.FORECAST:
                address = forecast_links.file_address(view, context.tenant)
                st.link_button("JSON", address, icon=":material/data_object:", key=key("export.json"))
        _made(view)


def scope(view: ForecastView) -> dict[str, tuple[str, ...]]:
    """What of the view the report narrows to."""
    found = {
        "account": view.accounts,
        "service": view.services,
        "metric": (str(view.metric),) if view.metric else (),
        "group_by": () if view.group_by == TOTAL else (view.group_by,),
        "months": (str(view.ahead + 1),),
    }
    return {name: values for name, values in found.items() if values}


def _make(context: Context, view: ForecastView, extension: Format) -> None:
    """Makes the file, and leaves its link for the run that follows."""
    finops, principal = context.finops, context.person.principal
    try:
        for right in (Right.EXPORT, *finops.reports.definition(REPORT).rights):
            finops.access.demand(context.person, right, tenant=context.tenant)
        request = ReportRequest(REPORT, context.tenant, principal, None, scope(view))
        report = finops.reports.make(request, report_thresholds(finops, principal, context.tenant))
        table = TABLES[view.tab] if extension is Format.CSV else ""
        kept = export.saved(finops, report, extension, principal, table=table)
        said = (False, finops.exports.link(kept), kept.name)
    except FinopsError as error:
        said = (True, str(error), "")
    st.session_state[_SAID] = (view, said)


def _made(view: ForecastView) -> None:
    asked, said = st.session_state.get(_SAID, (None, None))
    if said is None or asked != view:
        return
    failed, words, name = said
    if failed:
        st.error(f"**No file was made.** {escaped(words)}", icon=":material/error:")
        return
    label = f"Download {escaped(name, limit=80)}"
    st.link_button(label, words, icon=":material/download:", type="primary", key=key("export.download"))

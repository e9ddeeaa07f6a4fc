"""The filter row of Forecast & budgets: widgets that show a view, and the view that widgets show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import forecast_links, names, numbers, url_state
from pages.ui.forecast_view import MOST_AHEAD, TOTAL, Chart, ForecastView, Tab
from pages.ui.provenance import METRIC_NAMES

if TYPE_CHECKING:
    from pages.ui.forecast_answers import Answers
    from pages.ui.view import Offer

PLURALS = {"account": "Accounts", "service": "Services"}
FIELDS = {"account": "accounts", "service": "services"}
TAB_NAMES = {Tab.FORECAST: "Forecast", Tab.BUDGETS: "Budgets"}
MOST_OPTIONS = 300


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"forecast.{field}"


def shown_view(last: ForecastView, offer: Offer) -> ForecastView | None:
    """The view the widgets show, or None before they were drawn for the first time.

    Widgets of the half that is not drawn leave the view as it was. Another question closes the part that is open.
    """
    state = st.session_state
    if key("tab") not in state:
        return None
    lists: dict[str, Any] = {field: tuple(state.get(key(name), getattr(last, field))) for name, field in FIELDS.items()}
    chosen = state.get(key("metric"), last.metric)
    shown = replace(
        last,
        **lists,
        tab=Tab(state[key("tab")] or last.tab),
        group_by=state.get(key("group_by")) or last.group_by,
        metric=None if chosen == next(iter(offer.metrics), None) else chosen,
        ahead=int(state.get(key("ahead")) or last.ahead),
        chart=Chart(state.get(key("chart")) or last.chart),
    )
    kept = (shown.group_by, shown.filters, shown.metric) == (last.group_by, last.filters, last.metric)
    return shown if kept else replace(shown, part=None)


def place(view: ForecastView, offer: Offer) -> None:
    """Gives every widget that will be drawn the view's value, before any is drawn."""
    url_state.set_widget(key("tab"), view.tab)
    if view.tab is not Tab.FORECAST:
        return
    values: dict[str, object] = {name: list(getattr(view, field)) for name, field in FIELDS.items()}
    values |= {
        "group_by": view.group_by,
        "metric": view.metric or next(iter(offer.metrics), None),
        "ahead": view.ahead,
        "chart": view.chart,
    }
    for field, value in values.items():
        url_state.set_widget(key(field), value)


def tabs() -> None:
    """Which half of the page is shown."""
    st.segmented_control(
        "View",
        list(Tab),
        key=key("tab"),
        format_func=TAB_NAMES.__getitem__,
        label_visibility="collapsed",
        required=True,
    )


def row(view: ForecastView, answers: Answers) -> None:
    """Draws what the forecast is of: grouping, accounts, services, and the rest behind "More"."""
    offer = answers.offer
    st.selectbox(
        "What",
        list(forecast_links.groupings(offer)),
        key=key("group_by"),
        format_func=grouping_name,
        label_visibility="collapsed",
        width=190,
    )
    for field in FIELDS:
        icon = ":material/filter_alt:" if field == "account" else None
        with st.popover(_popover_name(field, view, offer), icon=icon, key=key(f"popover.{field}")):
            st.multiselect(
                PLURALS[field],
                list(dict.fromkeys((*offer.values.get(field, ())[:MOST_OPTIONS], *_chosen(field, view)))),
                key=key(field),
                format_func=names.option_name(field, answers.accounts),
                placeholder="All",
            )
    count = (view.metric is not None) + (view.ahead != MOST_AHEAD)
    with st.popover(f"More: {count}" if count else "More", icon=":material/tune:", key=key("popover.more")):
        st.selectbox("Metric", list(offer.metrics), key=key("metric"), format_func=METRIC_NAMES.__getitem__)
        st.slider("Months ahead", 1, MOST_AHEAD, key=key("ahead"), help="After the running month.")


def grouping_name(dimension: str) -> str:
    """`By service`, `By Environment (tag)`, `Total`."""
    return "Total" if dimension == TOTAL else f"By {names.inside(dimension)}"


def _chosen(field: str, view: ForecastView) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(view, FIELDS[field])
    return found


def _popover_name(field: str, view: ForecastView, offer: Offer) -> str:
    chosen = len(_chosen(field, view))
    return f"{PLURALS[field]}: {chosen} of {len(offer.values.get(field, ()))}" if chosen else PLURALS[field]


def chart_control() -> None:
    """What the main chart looks at; the months as far ahead as the filter says."""
    ahead = st.session_state[key("ahead")]
    called = {Chart.MONTH: "Running month", Chart.YEAR: numbers.counted(ahead, "month")}
    st.segmented_control(
        "Chart",
        list(Chart),
        key=key("chart"),
        format_func=called.__getitem__,
        label_visibility="collapsed",
        required=True,
    )

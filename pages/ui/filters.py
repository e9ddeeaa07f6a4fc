"""The filter row of Cost Analysis: widgets that show a view, and the view that widgets show."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from finops.model.costs import Granularity
from finops.model.period import Period
from pages.ui import names, url_state
from pages.ui.provenance import METRIC_NAMES
from pages.ui.time_charts import Kind
from pages.ui.view import Compare, Offer, Preset, View, add_days

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

PRESET_NAMES = {
    Preset.MONTH_TO_DATE: "Month to date",
    Preset.LAST_MONTH: "Last month",
    Preset.DAYS_7: "Last 7 days",
    Preset.DAYS_28: "Last 28 days",
    Preset.DAYS_90: "Last 90 days",
    Preset.MONTHS_6: "Last 6 months",
    Preset.MONTHS_12: "Last 12 months",
    Preset.CUSTOM: "Custom",
}
COMPARE_NAMES = {
    Compare.PREVIOUS: "Previous period",
    Compare.SAME_DAYS: "Same days last month",
    Compare.NONE: "Nothing",
}
KIND_NAMES = {Kind.BARS: "Bars", Kind.LINES: "Lines", Kind.SHARE: "Share"}
AUTOMATIC = "automatic"
IN_THE_ROW = ("account", "service")
MOST_OPTIONS = 300
GRAINS = (AUTOMATIC, Granularity.DAILY.value, Granularity.MONTHLY.value)


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"cost.{field}"


def shown_view(last: View, offer: Offer) -> View | None:
    """The view the widgets show, or None before they were drawn for the first time. `last` fills what has no widget."""
    state = st.session_state
    if key("preset") not in state:
        return None
    preset = state[key("preset")]
    days = state.get(key("days")) or ()
    custom = last.custom or Period(add_days(offer.complete_until, -28), offer.complete_until)
    if isinstance(days, tuple) and len(days) == 2:  # noqa: PLR2004 - both ends of the range are chosen
        custom = Period(days[0], add_days(days[1], 1))
    filters = ((dimension, tuple(state.get(key(dimension)) or ())) for dimension in offer.values)
    return View(
        preset=preset,
        custom=custom if preset is Preset.CUSTOM else None,
        compare=state[key("compare")],
        group_by=state[key("group_by")],
        granularity=None if (grain := state[key("granularity")]) == AUTOMATIC else Granularity(grain),
        metric=_unless(state.get(key("metric")), offer.metrics[0]),
        kind=state.get(key("kind")) or last.kind,
        currency=_unless(state.get(key("currency")), main_currency(offer)) or "",
        filters=tuple((dimension, values) for dimension, values in filters if values),
        opened=last.opened,
    )


def _unless(chosen: T | None, usual: T) -> T | None:
    """None for the default, so that a link says only what differs from it."""
    return None if chosen == usual else chosen


def main_currency(offer: Offer) -> str:
    """The currency shown first where a bill has several: US dollars, in which AWS bills, else the first by name."""
    return "USD" if "USD" in offer.currencies else next(iter(offer.currencies), "")


def place(view: View, offer: Offer) -> None:
    """Gives every widget the view's value, before any is drawn."""
    values: dict[str, object] = {
        "preset": view.preset,
        "compare": view.compare,
        "group_by": view.group_by,
        "granularity": AUTOMATIC if view.granularity is None else view.granularity.value,
        "metric": view.metric or offer.metrics[0],
        "kind": view.kind,
        "currency": view.currency or main_currency(offer),
    }
    if view.custom is not None:
        values["days"] = (view.custom.start, view.custom.last_day)
    values |= {dimension: list(view.chosen(dimension)) for dimension in offer.values}
    for field, value in values.items():
        url_state.set_widget(key(field), value)


def row(view: View, offer: Offer, accounts: Mapping[str, str]) -> None:
    """Draws the row: period, comparison, grouping, then popovers that say how much they leave in."""
    st.selectbox("Period", list(Preset), key=key("preset"), format_func=PRESET_NAMES.__getitem__, width=150)
    if view.preset is Preset.CUSTOM:
        latest = max(offer.held.last_day, date.min)
        st.date_input(
            "Days", key=key("days"), min_value=offer.held.start, max_value=latest, format="YYYY-MM-DD", width=210
        )
    st.selectbox("Compare with", list(Compare), key=key("compare"), format_func=COMPARE_NAMES.__getitem__, width=190)
    st.selectbox("Group by", offer.dimensions, key=key("group_by"), format_func=names.dimension_name, width=160)
    for dimension in IN_THE_ROW:
        if dimension in offer.values:
            with st.popover(
                _popover_name(dimension, view, offer), icon=":material/filter_alt:" if dimension == "account" else None
            ):
                _value_filter(dimension, view, offer, accounts)
    rest = [dimension for dimension in offer.values if dimension not in IN_THE_ROW]
    count = sum(1 for dimension in rest if view.chosen(dimension))
    with st.popover(f"More: {count}" if count else "More", icon=":material/tune:"):
        _more(rest, view, offer, accounts)


def _popover_name(dimension: str, view: View, offer: Offer) -> str:
    chosen, everything = len(view.chosen(dimension)), len(offer.values[dimension])
    name = names.dimension_name(dimension, plural=True)
    return f"{name}: {chosen} of {everything}" if chosen else name


def _value_filter(dimension: str, view: View, offer: Offer, accounts: Mapping[str, str]) -> None:
    chosen = view.chosen(dimension)
    options = list(dict.fromkeys((*offer.values[dimension][:MOST_OPTIONS], *chosen)))
    st.multiselect(
        names.dimension_name(dimension, plural=True),
        options,
        key=key(dimension),
        format_func=names.option_name(dimension, accounts),
        placeholder="All",
    )


def _more(rest: list[str], view: View, offer: Offer, accounts: Mapping[str, str]) -> None:
    st.selectbox("Metric", offer.metrics, key=key("metric"), format_func=METRIC_NAMES.__getitem__)
    if len(offer.currencies) > 1:
        st.selectbox("Currency", offer.currencies, key=key("currency"), help="Currencies are never added up.")
    st.selectbox("Granularity", GRAINS, key=key("granularity"), format_func=str.capitalize)
    for dimension in rest:
        _value_filter(dimension, view, offer, accounts)

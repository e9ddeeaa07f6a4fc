"""Overview's filter row: period, accounts and metric, all in the URL under the names of Cost Analysis and the API.

Where the URL says nothing the person's own choices of Settings hold.
"""

from __future__ import annotations

import streamlit as st

from pages.ui import links, names, offers, preferred, url_state
from pages.ui.filters import PRESET_NAMES
from pages.ui.page import Context, notices
from pages.ui.provenance import METRIC_NAMES
from pages.ui.view import Offer, Preset, View, default_view

PAGE = "overview"
PRESETS = tuple(preset for preset in Preset if preset is not Preset.CUSTOM)
_ACCOUNTS, _METRIC, _PERIOD = "overview.account", "overview.metric", "overview.period"


def chosen(context: Context) -> tuple[View, Offer]:
    """What the row shows, URL and widgets in step; says what a link asked for in vain."""
    offer = offers.offer(context, only=("account",))
    state, from_link = url_state.current(
        PAGE,
        lambda: _from_widgets(offer),
        lambda: _written(preferred.view(context.preferences, offer, Preset.MONTH_TO_DATE), offer),
    )
    view, said = links.read(state, offer)
    if from_link:
        notices(said)
    preset = view.preset if "period" in state and view.preset in PRESETS else Preset.MONTH_TO_DATE
    shown = View(preset=preset, metric=view.metric, filters=view.filters, group_by=default_view(offer).group_by)
    url_state.set_widget(_METRIC, shown.metric or offer.metrics[0])
    url_state.set_widget(_ACCOUNTS, list(shown.chosen("account")))
    url_state.set_widget(_PERIOD, shown.preset)
    url_state.publish(PAGE, _written(shown, offer), context)
    return shown, offer


def _written(view: View, offer: Offer) -> url_state.State:
    """The link of a view. The period is named unless it is the month so far, this page's usual one."""
    params = {name: values for name, values in links.write(view, offer).items() if name != "period"}
    return params if view.preset is Preset.MONTH_TO_DATE else {**params, "period": [view.preset.value]}


def _from_widgets(offer: Offer) -> url_state.State | None:
    if _METRIC not in st.session_state:
        return None
    metric, accounts = st.session_state[_METRIC], tuple(st.session_state[_ACCOUNTS])
    view = View(
        preset=st.session_state.get(_PERIOD, Preset.MONTH_TO_DATE),
        metric=None if metric == offer.metrics[0] else metric,
        filters=(("account", accounts),) if accounts else (),
        group_by=default_view(offer).group_by,
    )
    return _written(view, offer)


def row(context: Context, view: View, offer: Offer) -> None:
    """Draws the row's widgets."""
    st.selectbox(
        "Period", PRESETS, key=_PERIOD, format_func=PRESET_NAMES.__getitem__, label_visibility="collapsed", width=160
    )
    picked, everything = view.chosen("account"), offer.values["account"]
    accounts = context.finops.costs.account_names(context.tenant)
    label = f"Accounts: {len(picked)} of {len(everything)}" if picked else f"All accounts ({len(everything)})"
    with st.popover(label, icon=":material/filter_alt:"):
        st.multiselect(
            "Accounts",
            everything,
            key=_ACCOUNTS,
            format_func=names.option_name("account", accounts),
            placeholder="All",
        )
    st.selectbox(
        "Metric",
        offer.metrics,
        key=_METRIC,
        format_func=METRIC_NAMES.__getitem__,
        label_visibility="collapsed",
        width=200,
    )

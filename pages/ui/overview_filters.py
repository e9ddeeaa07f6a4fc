"""Overview's filter row: accounts and metric, both in the URL under the API's names."""

from __future__ import annotations

import streamlit as st

from pages.ui import links, names, offers, url_state
from pages.ui.page import Context, notices
from pages.ui.provenance import METRIC_NAMES
from pages.ui.view import Offer, View, default_view

PAGE = "overview"
_ACCOUNTS, _METRIC = "overview.account", "overview.metric"


def chosen(context: Context) -> tuple[View, Offer]:
    """What the row shows, URL and widgets in step; says what a link asked for in vain."""
    offer = offers.offer(context, only=("account",))
    state, from_link = url_state.current(PAGE, lambda: _from_widgets(offer))
    view, said = links.read(state, offer)
    if from_link:
        notices(said)
    url_state.set_widget(_METRIC, view.metric or offer.metrics[0])
    url_state.set_widget(_ACCOUNTS, list(view.chosen("account")))
    shown = View(metric=view.metric, filters=view.filters, group_by=default_view(offer).group_by)
    url_state.publish(PAGE, links.write(shown, offer), context)
    return shown, offer


def _from_widgets(offer: Offer) -> url_state.State | None:
    if _METRIC not in st.session_state:
        return None
    metric, accounts = st.session_state[_METRIC], tuple(st.session_state[_ACCOUNTS])
    view = View(
        metric=None if metric == offer.metrics[0] else metric,
        filters=(("account", accounts),) if accounts else (),
        group_by=default_view(offer).group_by,
    )
    return links.write(view, offer)


def row(context: Context, view: View, offer: Offer) -> None:
    """Draws the row's widgets."""
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

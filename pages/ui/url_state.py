"""Keeps a page's widgets and its URL in step, both ways: a link sets the widgets, a widget rewrites the link.

The state of a page is a dict of URL parameters. When the URL differs from what this session wrote last (a link was
opened, the reader went back), the URL wins; else the widgets do. On return from another page the last state comes
back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.session import TENANT

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.ui.page import Context

State = dict[str, list[str]]


def current(
    page: str, from_widgets: Callable[[], State | None], usual: Callable[[], State] = dict
) -> tuple[State, bool]:
    """The page's parameters for this run, and whether they come from the URL (then notices are due).

    `usual` are those that a person opens the page with, where neither the URL nor this session says anything yet.
    """
    given = {name: st.query_params.get_all(name) for name in st.query_params if name != TENANT}
    written: State | None = st.session_state.get(key(page))
    arrived = st.session_state.get("last_page") != page
    st.session_state["last_page"] = page
    if arrived and not given and written:
        return written, False
    if written is None and not given:
        return usual(), False
    if written is None or given != written:
        return given, bool(given)
    shown = from_widgets()
    return written if shown is None else shown, False


def publish(page: str, state: State, context: Context) -> None:
    """Writes the page's parameters into the URL, with the tenant where a link needs it.

    Sends nothing when they are there.
    """
    several = len(context.finops.access.tenants(context.person)) > 1
    wanted = state | ({TENANT: [context.tenant]} if several else {})
    if wanted != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(wanted)
    st.session_state[key(page)] = state


def set_widget(widget: str, value: object) -> None:
    """Gives a widget its value before it is drawn; leaves an equal one alone."""
    if widget not in st.session_state or st.session_state[widget] != value:
        st.session_state[widget] = value


def key(page: str) -> str:
    """Where the session keeps the parameters that a page wrote last."""
    return f"url:{page}"

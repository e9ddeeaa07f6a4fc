"""Ways from an anomaly to other pages: a link within the session, or to the address where there is no navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping


def way(page: str, label: str, params: Mapping[str, str], *, icon: str, key: str) -> None:
    """Draws the link; `label` is Markdown."""
    try:
        st.page_link(f"pages/{page}.py", label=label, icon=icon, query_params=dict(params))
    except StreamlitPageNotFoundError:
        st.link_button(label, f"/{page}?{urlencode(params)}", icon=icon, type="tertiary", key=key)

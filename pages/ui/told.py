"""What a save had to say: shown until the next change, or until the reader has gone to another page.

A run may be cut short by the next one, so what is to be said is not taken away by being drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST_PAGE = "last_page"
"""Where the session keeps the page drawn last; see `pages.ui.url_state`."""


def keep(page: str, sentences: Sequence[tuple[str, str]]) -> None:
    """Leaves kinds (`success`, `info`, `error`) and plain sentences for the runs that follow."""
    st.session_state[f"told:{page}"] = tuple(sentences)


def forget(page: str) -> None:
    """What was said is over."""
    st.session_state.pop(f"told:{page}", None)


def show(page: str) -> None:
    """Draws what there is to say, unless the reader comes from another page."""
    if st.session_state.get(LAST_PAGE) != page:
        forget(page)
    st.session_state[LAST_PAGE] = page
    for kind, sentence in st.session_state.get(f"told:{page}", ()):
        draw, icon = {
            "success": (st.success, ":material/check_circle:"),
            "info": (st.info, ":material/call_merge:"),
        }.get(kind, (st.error, ":material/error:"))
        draw(escaped(sentence), icon=icon)

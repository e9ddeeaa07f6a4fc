"""Settings: what one person sees, what pages open with, how things are shown, and from which values on things count."""

from __future__ import annotations

import streamlit as st

from finops.model.people import Right
from pages.ui import settings_cards, settings_draft, settings_thresholds, told
from pages.ui.page import Context, card, page


def badges(context: Context) -> None:
    """How much is not saved, and the way to save it."""
    settings_draft.bar(settings_draft.of(context), "top")


def body(context: Context) -> None:
    """The page below its title."""
    settings = settings_draft.of(context)
    told.show(settings_draft.PAGE)
    settings_draft.notices(settings)
    overview, defaults, display = st.columns(3, gap="small")
    with overview, card("Overview"):
        settings_cards.overview(settings)
    with defaults, card("Pages open with"):
        settings_cards.defaults(settings)
    with display, card("Display"):
        settings_cards.display(settings)
    with card("Thresholds", note="For you alone: lock, else yours, else the tenant's, else built-in", height="content"):
        settings_thresholds.card_body(settings)
    if settings.draft.changed:
        settings_draft.bar(settings, "bottom")


with page("Settings", right=Right.VIEW_HEALTH, needs_costs=False, badges=badges) as ready:
    body(ready)

"""The thresholds of Settings: grouped by what they look for, searchable, each with whose value holds."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import numbers, settings_draft
from pages.ui.text import escaped, plain_line
from pages.ui.threshold_rows import fold_label, own_manner, row_of, rows, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.thresholds import Effective, Tunable
    from pages.ui.settings_draft import Settings

ALL = "All"
OPENED = "settings.opened"
GROUP, SEARCH, MINE = "settings.group", "settings.search", "settings.mine"
OPEN_AT_MOST = 3


def card_body(settings: Settings) -> None:
    """The filters, and the thresholds that fit."""
    groups = list(dict.fromkeys(one.tunable.group for one in settings.thresholds))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.text_input("Find", key=SEARCH, placeholder="CPU, snapshot, days …", icon=":material/search:", width=220)
        st.selectbox("Looks for", (*groups, ALL), key=GROUP, width=170, disabled=bool(st.session_state.get(SEARCH)))
        st.toggle("Only yours", key=MINE)
        st.space("stretch")
        own = settings.draft.mine.thresholds
        st.button(
            "Reset all to the tenant's",
            key="settings.reset.all",
            icon=":material/restart_alt:",
            disabled=not own,
            on_click=settings_draft.put,
            kwargs={"thresholds": {}},
        )
    found = shown(settings)
    if not found:
        st.info("No threshold fits.", icon=":material/filter_alt_off:")
        return
    checks = [(owner, list(some)) for owner, some in groupby(found, key=lambda one: one.tunable.owner)]
    st.markdown(f":small[:gray[{numbers.counted(len(found), 'threshold')} of {len(settings.thresholds)}]]")
    for owner, some in checks:
        _fold(settings, owner, some, narrow=len(checks) <= OPEN_AT_MOST)


def shown(settings: Settings) -> list[Effective]:
    """The thresholds that the filters leave."""
    state = st.session_state
    words = plain_line(state.get(SEARCH) or "").casefold().split()
    group = state.get(GROUP) or settings.thresholds[0].tunable.group
    mine = settings.draft.mine.thresholds if state.get(MINE) else None
    return [
        one
        for one in settings.thresholds
        if (mine is None or one.tunable.key in mine)
        and (
            all(word in _searched(one.tunable) for word in words)
            if words
            else mine is not None or group in {ALL, one.tunable.group}
        )
    ]


def _searched(tunable: Tunable) -> str:
    return " ".join((tunable.title, tunable.key, tunable.group, sentence(tunable), tunable.unit)).casefold()


def _fold(settings: Settings, owner: str, some: Sequence[Effective], *, narrow: bool) -> None:
    """One check: its rows are drawn while it is open, which costs nothing while it is closed."""
    found = [row_of(one) for one in some]
    title = some[0].tunable.subject
    opened: set[str] = st.session_state.setdefault(OPENED, set())
    fold = st.expander(  # its label changes with what is yours, which closes it: hence what was open is kept here
        fold_label(title, found, "yours"),
        expanded=narrow or owner in opened,
        type="compact",
        on_change="rerun",
        key=f"settings.fold.{owner}.{narrow}",
    )
    if not fold.open:
        opened.discard(owner)
        return
    opened.add(owner)
    inherited = {one.tunable.key: one.inherited for one in settings.thresholds}

    def put(tunable: Tunable, value: object) -> None:
        settings_draft.put_threshold(tunable, value, inherited[tunable.key])

    with fold:
        check = {each.check_id: each for each in settings.context.finops.waste.checks}.get(owner)
        if check is not None:
            st.markdown(f":small[:gray[{escaped(plain_line(check.explanation.split(chr(10) * 2)[0], limit=300))}]]")
        rows(found, own_manner("settings.threshold", put))

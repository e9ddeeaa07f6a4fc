"""What is done with the list: its columns, remembered per person, and its file from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.errors import FinopsError
from pages.ui import asset_links, asset_table, numbers, url_state
from pages.ui.asset_filters import key
from pages.ui.asset_table import TAG
from pages.ui.text import escaped, plain_line
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.inventory import Standing
    from pages.ui.asset_answers import Answers
    from pages.ui.asset_view import AssetView
    from pages.ui.page import Context

TABLE = "inventory"
"""The table's name in a person's preferences."""

MOST_TAG_COLUMNS = 50
_SEEN = key("columns.seen")
_FILES = (("csv", "CSV", ":material/csv:"), ("xlsx", "Excel", ":material/table:"))


def columns(context: Context, tag_keys: Sequence[str]) -> tuple[str, ...]:
    """The table's columns for this person; what the widget was just changed to is kept first.

    What another window of the same person chose meanwhile is not overwritten by what this one still shows.
    """
    preferences, state = UserPreferences.of(context.finops.settings), st.session_state
    shown, seen = state.get(key("columns")), state.get(_SEEN)
    if shown is not None and seen is not None and tuple(shown) != seen:
        chosen = asset_table.known(shown, tag_keys) if shown else ()
        try:
            preferences.change(context.person.principal, lambda kept: kept.with_columns(TABLE, chosen))
        except FinopsError as error:
            st.warning(escaped(str(error)), icon=":material/warning:")
    kept = preferences.kept(context.person.principal).columns.get(TABLE, ())
    found = asset_table.known(kept, tag_keys)
    rest = tuple(column for column in found if column != "name")
    url_state.set_widget(key("columns"), list(rest))
    state[_SEEN] = rest
    return found


def columns_popover(tag_keys: Sequence[str]) -> None:
    """A button that opens the choice of columns."""
    tags = [f"{TAG}{tag}" for tag in tag_keys[:MOST_TAG_COLUMNS]]
    shown = st.session_state.get(key("columns")) or ()
    with st.popover("Columns", icon=":material/view_column:", key=key("popover.columns")):
        st.multiselect(
            "Columns after the name",
            list(dict.fromkeys((*(column for column in asset_table.TITLES if column != "name"), *tags, *shown))),
            key=key("columns"),
            format_func=lambda column: plain_line(asset_table.title(column), limit=80),
            placeholder="The usual ones",
            help="In the order chosen. Remembered for you; empty brings the usual ones back.",
        )


def export_popover(context: Context, view: AssetView, answers: Answers, shown: Sequence[str], total: int) -> None:
    """A button that offers every asset of the list as a file, with the columns shown or with all there are."""
    with st.popover("Export", icon=":material/download:", key=key("popover.export")):
        if not total:
            st.markdown("Nothing matches the filters, so there is nothing to export.")
            return
        st.markdown(f"**{numbers.counted(total, 'asset')}**, exactly those of this list, in its order.")
        partial = partial_words(answers.standing(view.only))
        if partial:
            st.markdown(f":small[:gray[{partial}]]")
        choices = (("These columns", asset_table.file_columns(shown)), ("All fields", ()))
        for name, fields in choices:
            st.markdown(f":small[:gray[{name}]]")
            with st.container(horizontal=True, gap="small"):
                for extension, label, icon in _FILES:
                    address = asset_links.file_address(
                        view, context.tenant, priced=answers.priced, columns=fields, extension=extension
                    )
                    st.link_button(label, address, icon=icon, key=key(f"export.{extension}.{bool(fields)}"))


def partial_words(found: Standing) -> str:
    """That a file will say what it lacks."""
    failed = len(found.failed)
    return f"The file names the {numbers.counted(failed, 'account')} that could not be read in full." if failed else ""

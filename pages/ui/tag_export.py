"""Files of Tag compliance: every verdict of the list from the server, and the fix list for a person to work through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

import export
from finops.model.people import Right
from finops.tagging.fixing import FIX_COLUMNS, cli_lines, fix_record
from pages.ui import numbers, tag_links
from pages.ui.tag_answers import MOST_FIXES
from pages.ui.tag_filters import key
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from export import Record
    from finops.tagging.fixing import Fix
    from pages.ui.tag_answers import Answers
    from pages.ui.tag_view import TagView

MOST_MEASURED = 8
_FILES = (("csv", "CSV", ":material/csv:"), ("xlsx", "Excel", ":material/table:"))


def popover(view: TagView, answers: Answers, total: int) -> None:
    """A button that offers the list as a file, and what would mend it. Fixes are looked for once it is open."""
    if not answers.context.may(Right.EXPORT):
        return
    opened = st.popover("Export", icon=":material/download:", key=key("popover.export"), on_change="rerun")
    if not opened.open:
        return
    with opened:
        if not total:
            st.markdown("Nothing matches the filters, so there is nothing to export.")
            return
        st.markdown(f"**{numbers.counted(total, 'row')}**, exactly those of this list, in its order.")
        if answers.standing(view.only).partial:
            st.markdown(":small[:gray[The file names what could not be listed.]]")
        with st.container(horizontal=True, gap="small"):
            for extension, label, icon in _FILES:
                address = tag_links.file_address(view, answers.context.tenant, extension)
                st.link_button(label, address, icon=icon, key=key(f"export.{extension}"))
        _fixes(view, answers)


def _fixes(view: TagView, answers: Answers) -> None:
    """The fix list as Tag Editor CSV and as command lines."""
    fixes = answers.fix_list(view.only, view.keys)
    if not fixes:
        st.markdown(":small[:gray[No neighbour tells a likely value, so there is no fix list.]]")
        return
    more = f" The dearest {MOST_FIXES:,}." if len(fixes) == MOST_FIXES else ""
    st.markdown(
        f"**Fix list: {numbers.counted(len(fixes), 'tag')}**, a likely value for each.{more}  \n"
        ":small[:gray[For a person to read and run. This tool changes nothing in AWS.]]"
    )
    st.markdown(f":small[:gray[{accuracy_words(answers, fixes)}]]")
    name = f"tag-fixes_{answers.context.tenant}_{answers.context.now.date()}"
    files = (
        ("Tag Editor CSV", "".join(fix_csv(fixes)), f"{name}.csv", "text/csv", ":material/csv:"),
        ("AWS CLI", "\n".join(cli_lines(fixes)) + "\n", f"{name}.sh", "text/x-shellscript", ":material/terminal:"),
    )
    with st.container(horizontal=True, gap="small"):
        for label, text, file_name, mime, icon in files:
            st.download_button(
                label, text.encode(), file_name, mime, icon=icon, on_click="ignore", key=key(f"export.{label}")
            )


def accuracy_words(answers: Answers, fixes: tuple[Fix, ...]) -> str:
    """`Right on tagged assets: Owner 88%, Environment 98%`, by leaving each one out; Markdown."""
    keys = dict.fromkeys(fix.key for fix in fixes if fix.confidence < 1)
    measured = ((key, answers.suggestions(key).overall.accuracy) for key in list(keys)[:MOST_MEASURED])
    told = ", ".join(f"{key} {share:.0%}" for key, share in measured if share is not None)
    return f"Guesses were right on tagged assets: {escaped(told, limit=300)}." if told else ""


def fix_csv(fixes: tuple[Fix, ...]) -> Iterator[str]:
    """The fix list in the columns of AWS's Tag Editor and the tag to set; what a spreadsheet would run is text."""
    records: Iterator[Record] = ({**fix_record(fix)} for fix in fixes)
    return export.csv_pieces(FIX_COLUMNS, records)

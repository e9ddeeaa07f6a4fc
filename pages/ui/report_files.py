"""The person's own files: what can still be fetched, until when, and what is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import numbers, report_made, report_names
from pages.ui.report_view import key
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.model.reports import Export
    from finops.reports.files.shelf import Exports
    from pages.ui.report_answers import Answers

FIRST = 8
_SEEN = "reports.files.seen"


def body(answers: Answers) -> None:
    """The list, newest first."""
    files = answers.files
    over = _over(answers, files)
    days = numbers.counted(answers.context.finops.settings.exports_keep_days, "day")
    if not files:
        st.markdown(f"No files yet. What you make is kept here for {days}, for you alone.")
    many = len(files) > FIRST
    every = many and st.toggle(f"All {len(files):,}", key=key("files.all"))
    for file in files if every else files[:FIRST]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            report_made.download(answers, file, place="own")
            st.markdown(f":small[:gray[{escaped(report_names.file_words(file, answers.zone))}]]", width="content")
    if over:
        names = ", ".join(escaped(name, limit=90) for name in over)
        st.info(f"Over and deleted since you opened this page: {names}. Make them again.", icon=":material/timer_off:")


def _over(answers: Answers, files: tuple[Export, ...]) -> list[str]:
    """Names of files that this session has listed and that are over now."""
    exports, tenant = answers.context.finops.exports, answers.context.tenant
    mine = f"{_SEEN}.{tenant}.{answers.context.person.principal}"
    seen: dict[str, str] = st.session_state.get(mine, {})
    now = {file.export_id: file.name for file in files}
    gone = [name for export_id, name in seen.items() if export_id not in now and _is_over(exports, tenant, export_id)]
    st.session_state[mine] = seen | now
    return gone


def _is_over(exports: Exports, tenant: str, export_id: str) -> bool:
    found = exports.get(tenant, export_id)
    return found is None or exports.is_over(found)

"""Making a report and its files, beside the run: what is wanted, what was made, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

import export
from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from pages.ui import report_tables, report_work
from pages.ui.report_names import FORMAT_NAMES
from user_prefs import report_thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.facade import Finops
    from finops.model.reports import Export, Format, Report, ReportRequest, Row
    from pages.ui.page import Context
    from pages.ui.report_work import Tell

WORK = "make"
_MADE, _FAULT = "report.made", "report.fault"


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made, with its files. `faults` say which file could not be, and why; `rows` are its first."""

    report: Report
    files: tuple[Export, ...]
    faults: tuple[str, ...] = ()
    seconds: float = 0.0
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)


def begin(context: Context, request: ReportRequest, formats: Sequence[Format], title: str) -> None:
    """Begins to make a report; what the person may not is said where its result would be."""
    st.session_state.pop(_FAULT, None)
    try:
        _demand(context, request.report, export_too=bool(formats))
    except FinopsError as error:
        st.session_state[_FAULT] = error
        return
    st.session_state.pop(_MADE, None)
    work = partial(_made, context.finops, request, tuple(formats))
    report_work.begin(WORK, f"Making {title}", work)


def collect() -> None:
    """Takes in what was made meanwhile, and has the page drawn anew; or draws how far it is."""
    done = report_work.collected(WORK)
    if done is None:
        return
    if done.error is not None:
        st.session_state[_FAULT] = done.error
    else:
        st.session_state[_MADE] = replace(done.result, seconds=done.seconds)
    st.rerun()


def made(context: Context) -> Made | None:
    """The report that this session made last, of this tenant and person."""
    found: Made | None = st.session_state.get(_MADE)
    asked = (context.tenant, context.person.principal)
    return found if found and (found.report.request.tenant, found.report.request.principal) == asked else None


def fault() -> FinopsError | None:
    """Why the last one could not be made."""
    found: FinopsError | None = st.session_state.get(_FAULT)
    return found


def fail(error: FinopsError | None) -> None:
    """Keeps why it could not be made, or forgets it."""
    if error is None:
        st.session_state.pop(_FAULT, None)
    else:
        st.session_state[_FAULT] = error


def add_file(context: Context, held: Made, file_format: Format, table: str) -> None:
    """Makes one more file of a report that was made; of a CSV with this table."""
    try:
        _demand(context, held.report.request.report, export_too=True)
        kept = export.saved(context.finops, held.report, file_format, context.person.principal, table=table)
    except FinopsError as error:
        told = f"{FORMAT_NAMES[file_format]}: {error}"
        st.session_state[_MADE] = replace(held, faults=(*held.faults, told))
        return
    st.session_state[_MADE] = replace(held, files=(*held.files, kept))


def _demand(context: Context, report: str, *, export_too: bool) -> None:
    needed = context.finops.reports.definition(report).rights
    for right in (*needed, *((Right.EXPORT,) if export_too else ())):
        context.finops.access.demand(context.person, right, tenant=context.tenant)


def _made(finops: Finops, request: ReportRequest, formats: Sequence[Format], tell: Tell) -> Made:
    """The report and its files; a file that cannot be made does not keep the others."""
    tell("It reads what is stored")
    report = finops.reports.make(request, report_thresholds(finops, request.principal, request.tenant))
    rows = report_tables.first_rows(report)
    files, faults = [], []
    for file_format in formats:
        tell(f"It writes {FORMAT_NAMES[file_format]}")
        try:
            files.append(export.saved(finops, report, file_format, request.principal))
        except InputError as error:
            faults.append(f"{FORMAT_NAMES[file_format]}: {error.message}")
        except FinopsError as error:
            faults.append(f"{FORMAT_NAMES[file_format]}: {error}")
    return Made(report, tuple(files), tuple(faults), rows=rows)

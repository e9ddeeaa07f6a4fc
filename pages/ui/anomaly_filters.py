"""The filter row of Anomalies: widgets that show a view, and the view that widgets show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction
from finops.model.people import Right
from pages.ui import anomaly_links, anomaly_names, names, numbers, url_state
from pages.ui.anomaly_view import AnomalyView, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.ui.anomaly_answers import Answers

FIELDS = {
    "account": "accounts",
    "service": "services",
    "kind": "kinds",
    "direction": "directions",
    "status": "statuses",
}
"""What is chosen from lists, and the fields of the view it fills."""
PLURALS = {"account": "Accounts", "service": "Services", "kind": "Kinds"}
KINDS: dict[str, Sequence[Any]] = {
    "kind": tuple(AnomalyKind),
    "direction": tuple(Direction),
    "status": tuple(AnomalyStatus),
}
MOST_OPTIONS = 500
_FILES = {
    "csv": ("CSV", ":material/csv:"),
    "xlsx": ("Excel", ":material/table:"),
    "json": ("JSON", ":material/data_object:"),
}


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"anomalies.{field}"


def shown_view(last: AnomalyView) -> AnomalyView | None:
    """The view the widgets show, or None before they were drawn for the first time.

    Another filter closes the anomaly, which may not be in the list.
    """
    state = st.session_state
    if key("span") not in state:
        return None
    lists: dict[str, Any] = {field: _chosen(name) for name, field in FIELDS.items()}
    shown = replace(
        last,
        **lists,
        span=Span(state[key("span")] or last.span),
        everything=bool(state.get(key("everything"))),
        silenced=bool(state.get(key("silenced"))),
    )
    return shown if shown == last else replace(shown, opened="")


def _chosen(name: str) -> tuple[Any, ...]:
    chosen = st.session_state.get(key(name)) or ()
    if name not in KINDS:
        return tuple(chosen)
    return tuple(value for value in KINDS[name] if value in chosen)


def place(view: AnomalyView) -> None:
    """Gives every widget the view's value, before any is drawn."""
    values: dict[str, object] = {name: list(getattr(view, field)) for name, field in FIELDS.items()}
    values |= {"span": view.span, "everything": view.everything, "silenced": view.silenced}
    for field, value in values.items():
        url_state.set_widget(key(field), value)


def row(view: AnomalyView, answers: Answers) -> None:
    """Draws the row: the period, then popovers that say how much they leave in."""
    st.selectbox(
        "Period",
        list(Span),
        key=key("span"),
        format_func=anomaly_names.SPAN_NAMES.__getitem__,
        label_visibility="collapsed",
        width=160,
    )
    for field in ("account", "service", "kind"):
        icon = ":material/filter_alt:" if field == "account" else None
        with st.popover(_popover_name(field, view, answers), icon=icon, key=key(f"popover.{field}")):
            _list(field, PLURALS[field], _offered(field, view, answers), _name(field, answers))
    count = sum(bool(values) for values in (view.directions, view.statuses, view.everything, view.silenced))
    with st.popover(f"More: {count}" if count else "More", icon=":material/tune:", key=key("popover.more")):
        _more(answers)


def _popover_name(field: str, view: AnomalyView, answers: Answers) -> str:
    chosen = len(getattr(view, FIELDS[field]))
    return f"{PLURALS[field]}: {chosen} of {len(_offered(field, view, answers))}" if chosen else PLURALS[field]


def _offered(field: str, view: AnomalyView, answers: Answers) -> tuple[Any, ...]:
    known = KINDS.get(field) or answers.offered.get(field, ())[:MOST_OPTIONS]
    return tuple(dict.fromkeys((*known, *getattr(view, FIELDS[field]))))


def _name(field: str, answers: Answers) -> Callable[[Any], str]:
    if field == "kind":
        return anomaly_names.KIND_NAMES.__getitem__
    return names.option_name(field, answers.accounts)


def _list(field: str, label: str, options: Sequence[Any], called: Callable[[Any], str]) -> None:
    st.multiselect(label, options, key=key(field), format_func=called, placeholder="All")


def _more(answers: Answers) -> None:
    _list("direction", "Direction", KINDS["direction"], anomaly_names.DIRECTION_NAMES.__getitem__)
    _list("status", "Status", KINDS["status"], anomaly_names.STATUS_NAMES.__getitem__)
    mine = answers.mine
    st.toggle(
        "Below my thresholds too",
        key=key("everything"),
        help=f"Yours: from \\${mine.min_impact:,f} and {mine.min_percent:,f}%, sensitivity {mine.sensitivity}. "
        "Everything detected is kept; thresholds only choose what is shown.",
    )
    st.toggle("Silenced too", key=key("silenced"), help="What people called no anomaly, or planned.")


def export_popover(view: AnomalyView, answers: Answers, total: int) -> None:
    """A button that offers every anomaly of the list as a file from the server."""
    if not answers.context.may(Right.EXPORT):
        return
    with st.popover("Export", icon=":material/download:", key=key("popover.export")):
        if not total:
            st.markdown("Nothing matches the filters, so there is nothing to export.")
            return
        told = numbers.counted(total, "anomaly", "anomalies")
        st.markdown(f"**{told}**, exactly those of this list, in its order.")
        with st.container(horizontal=True, gap="small"):
            for extension, (label, icon) in _FILES.items():
                address = anomaly_links.file_address(
                    view, answers.mine, tenant=answers.context.tenant, today=answers.today, extension=extension
                )
                st.link_button(label, address, icon=icon, key=key(f"export.{extension}"))
        if total > anomaly_links.MOST_JSON:
            first = f"JSON holds the first {anomaly_links.MOST_JSON:,}; its cursor leads on."
            st.markdown(f":small[:gray[{first}]]")

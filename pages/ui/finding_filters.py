"""The filter row of Savings: widgets that show a view, and the view that widgets show."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.findings import Category, Severity
from finops.model.people import Right
from pages.ui import finding_links, finding_names, names, numbers, url_state
from pages.ui.finding_view import (
    ALL_STATUSES,
    CHOOSABLE_VERDICTS,
    USUAL_STATUSES,
    USUAL_VERDICTS,
    FindingView,
)
from pages.ui.link_values import LONGEST_SEARCH, LONGEST_VALUE
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from finops.store.finding_sql import FindingFilter
    from pages.ui.finding_answers import Answers

FIELDS = {
    "check": "checks",
    "account": "accounts",
    "category": "categories",
    "severity": "severities",
    "region": "regions",
    "verdict": "verdicts",
}
"""What is chosen from lists, and the fields of the filter it fills."""
SORT_NAMES = {
    "monthly_saving": "Saving",
    "severity": "Severity",
    "title": "Finding",
    "name": "Resource",
    "account": "Account",
    "region": "Region",
    "monthly_cost": "Cost",
    "created": "Created",
}
MOST_OPTIONS = 500
_CENT = Decimal("0.01")
_TURNS = "savings.turns"
_WAYS = {False: "asc", True: "desc"}
_WAY_NAMES = {"asc": ":material/arrow_upward: Up", "desc": ":material/arrow_downward: Down"}
_FILES = {
    "csv": ("CSV", ":material/csv:"),
    "xlsx": ("Excel", ":material/table:"),
    "json": ("JSON", ":material/data_object:"),
}


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"savings.{field}"


def shown_view(last: FindingView) -> FindingView | None:
    """The view the widgets show, or None before they were drawn for the first time. `last` fills what has no widget.

    Another filter or order starts at the first page; another filter closes the finding, which may not be in the list.
    """
    state = st.session_state
    if key("search") not in state:
        return None
    shown = replace(
        _shown_order(last),
        only=_shown_filter(last.only),
        statuses=_chosen("status", ALL_STATUSES) or ALL_STATUSES,
        owner=state.get(key("owner")) or "",
    )
    kept = (shown.only, shown.statuses, shown.owner) == (last.only, last.statuses, last.owner)
    turned = kept and (shown.sort, shown.down) == (last.sort, last.down)
    page = int(state.get(_pager()) or last.page) if turned else 1
    return replace(shown, opened=last.opened if kept else "", page=page)


def _shown_order(last: FindingView) -> FindingView:
    """The order the widgets show; another column goes its own way, whatever the direction of the one before."""
    sort = st.session_state.get(key("sort")) or last.sort
    if sort != last.sort:
        return replace(last, sort=sort, descending=None)
    way = st.session_state.get(key("order")) or _WAYS[last.down]
    return last if way == _WAYS[last.down] else replace(last, descending=not last.down)


def _shown_filter(last: FindingFilter) -> FindingFilter:
    state = st.session_state
    least = state.get(key("min_saving"))
    lists: dict[str, Any] = {field: tuple(state.get(key(name)) or ()) for name, field in FIELDS.items()}
    lists["verdicts"] = _chosen("verdict", CHOOSABLE_VERDICTS) or USUAL_VERDICTS
    return replace(
        last,
        search=" ".join((state[key("search")] or "").split()[: finding_links.MOST_WORDS]),
        min_saving=Decimal(str(least)).quantize(_CENT) if least else None,
        **lists,
    )


def _chosen(field: str, known: Sequence[Any]) -> tuple[Any, ...]:
    """What a list holds, in the order of all its options."""
    chosen = st.session_state.get(key(field)) or ()
    return tuple(value for value in known if value in chosen)


def place(view: FindingView) -> None:
    """Gives every widget the view's value, before any is drawn."""
    values: dict[str, object] = {name: list(getattr(view.only, field)) for name, field in FIELDS.items()}
    values |= {
        "search": view.only.search,
        "min_saving": None if view.only.min_saving is None else float(view.only.min_saving),
        "status": list(view.statuses or ALL_STATUSES),
        "owner": view.owner or None,
        "sort": view.sort,
        "order": _WAYS[view.down],
    }
    for field, value in values.items():
        url_state.set_widget(key(field), value)


def row(view: FindingView, answers: Answers) -> None:
    """Draws the row: search, the least saving, then popovers that say how much they leave in."""
    st.text_input(
        "Search",
        key=key("search"),
        type="search",
        placeholder="Name, id, ARN or tag",
        label_visibility="collapsed",
        max_chars=LONGEST_SEARCH,
        width=200,
    )
    st.number_input(
        "Hide findings below, dollars a month",
        min_value=0.0,
        value=None,
        step=10.0,
        format="%.0f",
        key=key("min_saving"),
        placeholder="Hide below, $/mo",
        label_visibility="collapsed",
        width=195,
    )
    for field, plural in (("check", "Checks"), ("account", "Accounts")):
        icon = ":material/filter_alt:" if field == "check" else None
        with st.popover(_popover_name(field, plural, view, answers), icon=icon, key=key(f"popover.{field}")):
            _list(field, plural, _offered(field, view, answers), _name(field, answers))
    count = _more_count(view)
    with st.popover(f"More: {count}" if count else "More", icon=":material/tune:", key=key("popover.more")):
        _more(view, answers)


def _popover_name(field: str, plural: str, view: FindingView, answers: Answers) -> str:
    chosen = len(getattr(view.only, FIELDS[field]))
    return f"{plural}: {chosen} of {len(_offered(field, view, answers))}" if chosen else plural


def _offered(field: str, view: FindingView, answers: Answers) -> tuple[str, ...]:
    """What can be chosen: checks with findings before those without one."""
    chosen = getattr(view.only, FIELDS[field])
    known: tuple[str, ...] = {"account": tuple(answers.accounts), "region": answers.regions}.get(field, ())
    if field == "check":
        counts = answers.flagged_by_check
        known = tuple(sorted(answers.titles, key=lambda check: (-counts.get(check, 0), answers.titles[check])))
    return tuple(dict.fromkeys((*known[:MOST_OPTIONS], *chosen)))


def _name(field: str, answers: Answers) -> Callable[[str], str]:
    if field == "account":
        return names.option_name("account", answers.accounts)
    if field != "check":
        return str

    def named(check: str) -> str:
        count = answers.flagged_by_check.get(check, 0)
        title = plain_line(answers.titles.get(check) or check, limit=80)
        return f"{title} · {numbers.counted(count, 'finding')}" if count else title

    return named


def _list(field: str, label: str, options: Sequence[Any], called: Callable[[Any], str]) -> None:
    st.multiselect(label, options, key=key(field), format_func=called, placeholder="All")


def _more_count(view: FindingView) -> int:
    """How many of the filters behind "More" are set."""
    only = view.only
    return (
        sum(bool(values) for values in (only.categories, only.severities, only.regions, view.owner))
        + (view.statuses not in {USUAL_STATUSES, ()})
        + (only.verdicts != USUAL_VERDICTS)
    )


def _more(view: FindingView, answers: Answers) -> None:
    _list("category", "Categories", list(Category), lambda value: finding_names.CATEGORY_NAMES[Category(value)])
    _list("severity", "Severities", list(Severity), lambda value: finding_names.SEVERITY_NAMES[Severity(value)])
    _list("region", "Regions", _offered("region", view, answers), str)
    owners = list(dict.fromkeys((*answers.owners, *([view.owner] if view.owner else []))))
    st.selectbox(
        "Owner",
        owners,
        index=None,
        key=key("owner"),
        format_func=lambda owner: plain_line(owner, limit=LONGEST_VALUE),
        placeholder="Anyone" if owners else "Nothing is assigned yet",
        disabled=not owners,
        help="Who findings are assigned to here; the resource's own tag is found by the search.",
    )
    _list("status", "Status", ALL_STATUSES, finding_names.STATUS_NAMES.__getitem__)
    st.multiselect(
        "Verdict",
        CHOOSABLE_VERDICTS,
        key=key("verdict"),
        format_func=finding_names.VERDICT_NAMES.__getitem__,
        placeholder="Flagged",
        help="Undetermined: the data does not suffice to judge.",
    )


def order_controls() -> None:
    """What the whole list is sorted by, and which way; a click on a column's head does the same."""
    shown = st.session_state.get(key("sort"))
    st.selectbox(
        "Sort by",
        list(dict.fromkeys((*SORT_NAMES, *([shown] if shown else [])))),
        key=key("sort"),
        format_func=lambda sort: f"By {SORT_NAMES.get(sort, sort.replace('_', ' ')).lower()}",
        label_visibility="collapsed",
        width=130,
    )
    st.segmented_control(
        "Direction",
        list(_WAY_NAMES),
        key=key("order"),
        format_func=_WAY_NAMES.__getitem__,
        label_visibility="collapsed",
        required=True,
    )


def pager(page: int, pages: int) -> None:
    """Buttons to turn the pages. One that shows another page than the view is drawn anew, as a widget of its own."""
    if st.session_state.get(_pager(), page) != page:
        st.session_state[_TURNS] = st.session_state.get(_TURNS, 0) + 1
    st.pagination(pages, default=page, key=_pager(), max_visible_pages=5)


def _pager() -> str:
    return key(f"page.{st.session_state.get(_TURNS, 0)}")


def export_popover(view: FindingView, answers: Answers, total: int) -> None:
    """A button that offers every finding of the list as a file from the server."""
    if not answers.context.may(Right.EXPORT):
        return
    with st.popover("Export", icon=":material/download:", key=key("popover.export")):
        if not total:
            st.markdown("Nothing matches the filters, so there is nothing to export.")
            return
        st.markdown(f"**{numbers.counted(total, 'finding')}**, exactly those of this list, in its order.")
        with st.container(horizontal=True, gap="small"):
            for extension, (label, icon) in _FILES.items():
                address = finding_links.file_address(view, answers.context.tenant, extension)
                st.link_button(label, address, icon=icon, key=key(f"export.{extension}"))
        if total > finding_links.MOST_JSON:
            first = f"JSON holds the first {finding_links.MOST_JSON:,}; its cursor leads on."
            st.markdown(f":small[:gray[{first}]]")

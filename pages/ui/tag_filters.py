"""The filter row of Tag compliance: widgets that show a view, and the view that widgets show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.tagging import VIOLATIONS
from pages.ui import asset_names, names, tag_names, url_state
from pages.ui.link_values import LONGEST_SEARCH, LONGEST_VALUE
from pages.ui.tag_view import ALL_VERDICTS, By, TagView, owned, owner_name
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from finops.model.assets import AssetFilter
    from pages.ui.tag_answers import Answers

FIELDS = {"account": "accounts", "service": "services", "region": "regions", "kind": "kinds"}
"""What is chosen from lists, and the fields of the filter it fills."""
PLURALS = {"key": "Keys", "account": "Accounts", "service": "Services", "region": "Regions", "kind": "Kinds"}
MOST_OPTIONS = 500
_TURNS = "tags.turns"
_EXPLAINED = "tags.explained"
"""Where the session keeps which key the autopsy was drawn for."""


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"tags.{field}"


def shown_view(last: TagView) -> TagView | None:
    """The view the widgets show, or None before they were drawn for the first time. `last` fills what has no widget.

    Another filter starts at the first page and closes the asset, which may not be in the list.
    """
    state = st.session_state
    if key("search") not in state:
        return None
    shown = replace(
        last,
        only=_shown_filter(last.only),
        keys=tuple(state.get(key("key")) or ()),
        verdicts=_shown_verdicts() or VIOLATIONS,
        by=By(state.get(key("by")) or last.by),
        autopsy=_shown_autopsy(last.autopsy),
    )
    kept = (shown.only, shown.keys, shown.verdicts) == (last.only, last.keys, last.verdicts)
    page = int(state.get(_pager()) or last.page) if kept else 1
    return replace(shown, opened=last.opened if kept else "", page=page)


def _shown_filter(last: AssetFilter) -> AssetFilter:
    state = st.session_state
    lists: dict[str, Any] = {field: tuple(state.get(key(name)) or ()) for name, field in FIELDS.items()}
    only = replace(last, search=" ".join((state[key("search")] or "").split()), **lists)
    return owned(only, tuple(state.get(key("owner")) or ()))


def _shown_autopsy(last: str) -> str:
    """The key that was chosen; the one that is usually explained leaves the view as it was."""
    shown: str = st.session_state.get(key("autopsy")) or ""
    return last if shown in {"", st.session_state.get(_EXPLAINED)} else shown


def _shown_verdicts() -> tuple[Any, ...]:
    chosen = st.session_state.get(key("verdict")) or ()
    return tuple(verdict for verdict in ALL_VERDICTS if verdict in chosen)


def place(view: TagView) -> None:
    """Gives every widget the view's value, before any is drawn."""
    values: dict[str, object] = {name: list(getattr(view.only, field)) for name, field in FIELDS.items()}
    values |= {
        "search": view.only.search,
        "key": list(view.keys),
        "owner": list(view.owners),
        "verdict": list(view.verdicts),
        "by": view.by,
    }
    for field, value in values.items():
        url_state.set_widget(key(field), value)


def row(view: TagView, answers: Answers) -> None:
    """Draws the row: search, then popovers that say how much they leave in."""
    st.text_input(
        "Search",
        key=key("search"),
        type="search",
        placeholder="Name, id, ARN or tag",
        label_visibility="collapsed",
        max_chars=LONGEST_SEARCH,
        width=240,
    )
    for field in ("key", "account"):
        icon = ":material/filter_alt:" if field == "key" else None
        with st.popover(_popover_name(field, view, answers), icon=icon, key=key(f"popover.{field}")):
            _list(field, _offered(field, view, answers), _name(field, answers))
    count = _more_count(view)
    with st.popover(f"More: {count}" if count else "More", icon=":material/tune:", key=key("popover.more")):
        _more(view, answers)


def _chosen(field: str, view: TagView) -> tuple[str, ...]:
    if field == "key":
        return view.keys
    found: tuple[str, ...] = getattr(view.only, FIELDS[field])
    return found


def _popover_name(field: str, view: TagView, answers: Answers) -> str:
    chosen = len(_chosen(field, view))
    return f"{PLURALS[field]}: {chosen} of {len(_offered(field, view, answers))}" if chosen else PLURALS[field]


def _offered(field: str, view: TagView, answers: Answers) -> tuple[str, ...]:
    known = answers.keys if field == "key" else answers.offered.get(field, ())
    return tuple(dict.fromkeys((*known[:MOST_OPTIONS], *_chosen(field, view))))


def _name(field: str, answers: Answers) -> Callable[[str], str]:
    if field == "account":
        return names.option_name("account", answers.accounts)
    named: dict[str, Callable[[str], str]] = {"service": asset_names.service_name, "kind": asset_names.kind_name}
    return named.get(field, lambda value: plain_line(value, limit=128))


def _list(field: str, options: Sequence[str], called: Callable[[str], str]) -> None:
    st.multiselect(PLURALS[field], options, key=key(field), format_func=called, placeholder="All")


def _more_count(view: TagView) -> int:
    """How many of the filters behind "More" are set."""
    only = view.only
    return sum(bool(values) for values in (only.services, only.regions, only.kinds, view.owners)) + (
        view.verdicts != VIOLATIONS
    )


def _more(view: TagView, answers: Answers) -> None:
    for field in ("service", "region", "kind"):
        _list(field, _offered(field, view, answers), _name(field, answers))
    st.multiselect(
        "Owners",
        list(dict.fromkeys(("", *answers.owners[:MOST_OPTIONS], *view.owners))),
        key=key("owner"),
        format_func=lambda owner: plain_line(owner_name(owner), limit=LONGEST_VALUE),
        placeholder="Anyone",
        help="The asset's own Owner tag.",
    )
    st.multiselect(
        "Verdicts",
        list(ALL_VERDICTS),
        key=key("verdict"),
        format_func=tag_names.VERDICT_NAMES.__getitem__,
        placeholder="All violations",
        help="Unknown: the tags could not be read. Untaggable: AWS has no tags for it. Neither counts as compliant.",
    )


def by_control() -> None:
    """What the worst groups are groups of; others than the usual three only where a link asks for them."""
    st.segmented_control(
        "Groups",
        list(dict.fromkeys((By.ACCOUNT, By.SERVICE, By.OWNER, By(st.session_state[key("by")])))),
        key=key("by"),
        format_func=lambda by: f"{str(by).capitalize()}s",
        label_visibility="collapsed",
        required=True,
    )


def autopsy_control(keys: Sequence[str], chosen: str) -> None:
    """The key whose untagged dollars are explained."""
    url_state.set_widget(key("autopsy"), chosen)
    st.session_state[_EXPLAINED] = chosen
    st.selectbox(
        "Key",
        list(dict.fromkeys((*keys, chosen))),
        key=key("autopsy"),
        format_func=lambda one: plain_line(one, limit=128),
        label_visibility="collapsed",
        width=150,
    )


def pager(page: int, pages: int) -> None:
    """Buttons to turn the pages. One that shows another page than the view is drawn anew, as a widget of its own."""
    if st.session_state.get(_pager(), page) != page:
        st.session_state[_TURNS] = st.session_state.get(_TURNS, 0) + 1
    st.pagination(pages, default=page, key=_pager(), max_visible_pages=5)


def _pager() -> str:
    return key(f"page.{st.session_state.get(_TURNS, 0)}")

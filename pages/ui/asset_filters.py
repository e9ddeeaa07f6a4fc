"""The filter row of Inventory: widgets that show a view, and the view that widgets show."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.assets import AssetFilter, TagTerm
from pages.ui import asset_names, names, url_state
from pages.ui.asset_links import MOST_DAYS, MOST_TAGS
from pages.ui.asset_view import ALL_LIFECYCLES, AssetView
from pages.ui.link_values import LONGEST_SEARCH
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.model.assets import Lifecycle
    from pages.ui.asset_answers import Answers

FIELDS = {"account": "accounts", "service": "services", "kind": "kinds", "region": "regions", "state": "states"}
"""Facets that are filtered by, and the fields of the filter they fill."""

MOST_OPTIONS = 500
_PLURALS = {
    "account": "Accounts",
    "service": "Services",
    "kind": "Kinds",
    "region": "Regions",
    "state": "States",
}
_IN_THE_ROW = ("account", "service", "kind")
_CENT = Decimal("0.01")
_TURNS = "inventory.turns"
_WAYS = {False: "asc", True: "desc"}
_WAY_NAMES = {"asc": ":material/arrow_upward: Up", "desc": ":material/arrow_downward: Down"}
SORT_NAMES = {
    "name": "Name",
    "cost": "Cost",
    "created": "Created",
    "kind": "Kind",
    "service": "Service",
    "account": "Account",
    "region": "Region",
    "state": "State",
    "first_seen": "First seen",
    "last_seen": "Last seen",
}


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"inventory.{field}"


def shown_view(last: AssetView, *, priced: bool) -> AssetView | None:
    """The view the widgets show, or None before they were drawn for the first time. `last` fills what has no widget.

    Another filter or order starts at the first page; another filter closes the asset, which may not be in the list.
    """
    state = st.session_state
    if key("search") not in state:
        return None
    only = _shown_filter(last.only)
    shown = replace(
        _shown_order(last, priced=priced),
        only=only,
        opened=last.opened if only == last.only else "",
        by=state.get(key("by")) or last.by,
        since=state.get(key("since")) or last.since,
        change=state.get(key("change"), last.change),
    )
    turned = only == last.only and shown.order(priced=priced) == last.order(priced=priced)
    return replace(shown, page=int(state.get(_pager()) or last.page) if turned else 1)


def _shown_order(last: AssetView, *, priced: bool) -> AssetView:
    """The order the widgets show; another column goes its own way, whatever the direction of the one before."""
    sort, descending = last.order(priced=priced)
    shown = st.session_state.get(key("sort")) or sort
    if shown != sort:
        return replace(last, sort=shown, descending=None)
    way = st.session_state.get(key("order")) or _WAYS[descending]
    return last if way == _WAYS[descending] else replace(last, descending=not descending)


def _shown_filter(last: AssetFilter) -> AssetFilter:
    state = st.session_state
    lists: dict[str, Any] = {field: tuple(state.get(key(facet)) or ()) for facet, field in FIELDS.items()}
    lives: Sequence[Lifecycle] = state.get(key("lifecycle")) or ALL_LIFECYCLES
    only = replace(
        last,
        search=" ".join((state[key("search")] or "").split()),
        **lists,
        lifecycles=tuple(life for life in ALL_LIFECYCLES if life in lives),
        tags=_shown_tags(last.tags),
        older_than_days=state.get(key("older")),
        newer_than_days=state.get(key("newer")),
        min_cost=_amount(key("min_cost")),
        max_cost=_amount(key("max_cost")),
    )
    if only.services != last.services and only.services:
        only = replace(only, kinds=tuple(kind for kind in only.kinds if kind.partition(":")[0] in only.services))
    return only


def _shown_tags(last: tuple[TagTerm, ...]) -> tuple[TagTerm, ...]:
    """A term for each chosen key, in the order of choosing; a key chosen just now asks for any value."""
    state = st.session_state
    chosen = state.get(key("tag_keys"))
    if chosen is None:
        return last
    return tuple(
        TagTerm(
            tag, tuple(state.get(key(f"tag:{tag}")) or ()), exclude=bool(state.get(key(f"tag_excluded:{tag}"), False))
        )
        for tag in chosen
    )


def _amount(widget: str) -> Decimal | None:
    value = st.session_state.get(widget)
    return None if value is None else Decimal(str(value)).quantize(_CENT)


def place(view: AssetView, *, priced: bool) -> None:
    """Gives every widget the view's value, before any is drawn."""
    only = view.only
    sort, descending = view.order(priced=priced)
    values: dict[str, object] = {
        "search": only.search,
        "lifecycle": list(only.lifecycles or ALL_LIFECYCLES),
        "tag_keys": [term.key for term in only.tags],
        "older": only.older_than_days,
        "newer": only.newer_than_days,
        "min_cost": None if only.min_cost is None else float(only.min_cost),
        "max_cost": None if only.max_cost is None else float(only.max_cost),
        "by": view.by,
        "since": view.since,
        "change": view.change,
        "sort": sort,
        "order": _WAYS[descending],
    }
    values |= {facet: list(getattr(only, field)) for facet, field in FIELDS.items()}
    for term in only.tags:
        values |= {f"tag:{term.key}": list(term.values), f"tag_excluded:{term.key}": term.exclude}
    for field, value in values.items():
        url_state.set_widget(key(field), value)


def row(view: AssetView, answers: Answers) -> None:
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
    for facet in _IN_THE_ROW:
        icon = ":material/filter_alt:" if facet == "account" else None
        with st.popover(_popover_name(facet, view, answers), icon=icon, key=key(f"popover.{facet}")):
            _values(facet, view, answers)
    count = _more_count(view.only)
    with st.popover(f"More: {count}" if count else "More", icon=":material/tune:", key=key("popover.more")):
        _more(view, answers)


def order_controls() -> None:
    """What the whole list is sorted by, and which way; a click on a column's head sorts the page alone."""
    st.selectbox(
        "Sort by",
        list(SORT_NAMES),
        key=key("sort"),
        format_func=lambda sort: f"By {SORT_NAMES[sort].lower()}",
        label_visibility="collapsed",
        width=140,
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


def _popover_name(facet: str, view: AssetView, answers: Answers) -> str:
    chosen = len(getattr(view.only, FIELDS[facet]))
    name, everything = _PLURALS[facet], len(_offered(facet, view, answers))
    return f"{name}: {chosen} of {everything}" if chosen else name


def _offered(facet: str, view: AssetView, answers: Answers) -> tuple[str, ...]:
    """What a facet can be filtered by, most used first; kinds are those of the chosen services."""
    values = answers.offered.get(facet, {})
    if facet == "kind" and view.only.services:
        values = {kind: count for kind, count in values.items() if kind.partition(":")[0] in view.only.services}
    chosen = getattr(view.only, FIELDS[facet])
    return tuple(dict.fromkeys((*list(values)[:MOST_OPTIONS], *chosen)))


def _values(facet: str, view: AssetView, answers: Answers) -> None:
    st.multiselect(
        _PLURALS[facet],
        _offered(facet, view, answers),
        key=key(facet),
        format_func=option_name(facet, answers.accounts),
        placeholder="All",
    )


def option_name(facet: str, accounts: Mapping[str, str]) -> Callable[[str], str]:
    """What the values of a facet are called in lists to choose from."""
    if facet == "account":
        return names.option_name("account", accounts)
    called = {"service": asset_names.service_name, "kind": asset_names.kind_name, "state": asset_names.state_name}
    return called.get(facet, str)


def _more_count(only: AssetFilter) -> int:
    """How many of the filters behind "More" are set."""
    ranges = (only.older_than_days, only.newer_than_days, only.min_cost, only.max_cost)
    usual = AssetFilter().lifecycles
    return (
        sum(bool(values) for values in (only.regions, only.states))
        + (only.lifecycles not in {usual, ()})
        + len(only.tags)
        + sum(value is not None for value in ranges)
    )


def _more(view: AssetView, answers: Answers) -> None:
    for facet in ("region", "state"):
        _values(facet, view, answers)
    st.multiselect(
        "Lifecycle",
        ALL_LIFECYCLES,
        key=key("lifecycle"),
        format_func=asset_names.LIFE_NAMES.__getitem__,
        placeholder="All",
        help="Missing: not in the latest complete listing. Gone: missing for the whole grace period.",
    )
    _tags(view, answers)
    left, right = st.columns(2, gap="small")
    left.number_input("Older than, days", 0, MOST_DAYS, value=None, step=1, key=key("older"), placeholder="Any")
    right.number_input("Newer than, days", 0, MOST_DAYS, value=None, step=1, key=key("newer"), placeholder="Any")
    left.number_input("Cost from", value=None, step=1.0, format="%.2f", key=key("min_cost"), placeholder="Any")
    right.number_input("Cost to", value=None, step=1.0, format="%.2f", key=key("max_cost"), placeholder="Any")


def _tags(view: AssetView, answers: Answers) -> None:
    """Tag keys, and for each of them its values, `not set` among them. A link cannot say a key with `=` in it."""
    chosen = [term.key for term in view.only.tags]
    offered = [tag for tag in answers.tag_keys[:MOST_OPTIONS] if "=" not in tag]
    st.multiselect(
        "Tags",
        list(dict.fromkeys((*offered, *chosen))),
        key=key("tag_keys"),
        format_func=lambda tag: plain_line(tag, limit=80),
        placeholder="Any",
        max_selections=MOST_TAGS,
    )
    for term in view.only.tags:
        values = list(dict.fromkeys(("", *answers.tag_values(term.key), *term.values)))
        st.multiselect(
            f"{escaped(term.key, limit=60)} is",
            values,
            key=key(f"tag:{term.key}"),
            format_func=lambda value: plain_line(value, limit=80) or "not set",
            placeholder="Any value",
        )
        st.toggle("All but these", key=key(f"tag_excluded:{term.key}"))

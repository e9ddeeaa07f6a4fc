"""Inventory: what runs where, since when and whose it is; what appeared, changed and disappeared."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.people import Right
from pages.ui import (
    asset_actions,
    asset_detail,
    asset_events,
    asset_filters,
    asset_kpis,
    asset_links,
    asset_panel,
    asset_table,
    asset_view,
    inventory_discovery,
    inventory_head,
    kpis,
    numbers,
    url_state,
)
from pages.ui.asset_answers import Answers
from pages.ui.asset_view import Since
from pages.ui.inventory_discovery import DISCOVERY
from pages.ui.page import Context, card, guarded, notices, page
from pages.ui.session import TENANT
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.model.assets import AssetPage
    from pages.ui.asset_view import AssetView

PAGE = "inventory"
SINCE_NAMES = {
    Since.DAY: "1 day",
    Since.DAYS_7: "7 days",
    Since.DAYS_30: "30 days",
    Since.MONDAY: "Since Monday",
}
TABLE_HEIGHT = 560


def badges(context: Context) -> None:
    """How fresh and whole the inventory is, and the way to a new discovery."""
    answers = Answers(context)
    standing = answers.standing()
    with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"):
        inventory_head.badges(standing, now=context.now, stale_after=answers.stale_after, accounts=answers.accounts)
        if standing.places:
            inventory_discovery.menu(context, DISCOVERY.under_way(context), standing.failed)


def chosen_view(answers: Answers) -> tuple[AssetView, bool]:
    """The view of this run, URL and widgets in step, and whether the selected row must follow it."""

    def from_widgets() -> url_state.State | None:
        written = asset_links.read(st.session_state.get(url_state.key(PAGE)) or {})[0]
        shown = asset_filters.shown_view(written, priced=answers.priced)
        return None if shown is None else asset_links.write(shown)

    state, from_link = url_state.current(PAGE, from_widgets)
    view, said = asset_links.read(state)
    if from_link:
        notices(said)
    asked = st.session_state.pop(asset_detail.ASKED, None)
    if asked is not None:
        view = replace(view, opened=asked)
    if view.opened and not answers.holds(view.opened):
        notices(("The asset that the link opens is not in this inventory.",))
        view = replace(view, opened="")
    asset_filters.place(view, priced=answers.priced)
    return view, from_link or asked is not None


def assets(answers: Answers, view: AssetView, found: AssetPage, shown: tuple[str, ...], *, follow: bool) -> str:
    """The table; returns the id of the asset that is open."""
    with card("Assets", height="stretch", control=asset_filters.order_controls):
        if not found.items:
            nothing_found(answers, view)
            return view.opened
        ids = [asset.asset_id for asset in found.items]
        selected = ids.index(view.opened) if view.opened in ids else None
        key = f"table.inventory.{fingerprint(answers, view)}"
        if follow:
            rows = [] if selected is None else [selected]
            st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
        sort = partial(sort_by, priced=answers.priced)
        look = asset_table.Look(answers.accounts, answers.context.now, answers.cost_days, sort)
        alt = f"{numbers.counted(found.total, 'asset')}, {rows_words(view, found)} shown"
        picked = asset_table.draw(found.items, shown, look, key=key, alt=alt, selected=selected)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.markdown(f":small[:gray[{rows_words(view, found)}]]", width="content")
            pages = asset_view.pages_of(found.total)
            if pages > 1:
                asset_filters.pager(view.page, pages)
        if picked is not None:
            return ids[picked]
        return "" if selected is not None else view.opened


def sort_by(sort: str, *, priced: bool) -> None:
    """Sorts the whole list at the next run; the other way round where it already is sorted so."""
    view = asset_links.read(st.session_state[url_state.key(PAGE)])[0]
    now, descending = view.order(priced=priced)
    go(replace(view, sort=sort, descending=not descending if sort == now else None, page=1))


def rows_words(view: AssetView, found: AssetPage) -> str:
    """`1–50 of 2,487`."""
    first = (view.page - 1) * asset_view.PAGE_ROWS + 1
    return f"{first:,}–{first + len(found.items) - 1:,} of {found.total:,}"


def fingerprint(answers: Answers, view: AssetView) -> str:
    """Short text that changes when the table's rows may: a selection never slips to another row."""
    question = view.question(answers.context.tenant, priced=answers.priced)
    return hashlib.sha256(repr((answers.version, question)).encode()).hexdigest()[:12]


def nothing_found(answers: Answers, view: AssetView) -> None:
    """Which filters are set, and what each alone keeps away."""
    conditions = list(asset_view.conditions(view.only, answers.accounts))
    told = ", ".join(f"**{escaped(one.name)}** {escaped(one.value, limit=80)}" for one in conditions)
    st.info(f"No asset matches {told}." if told else "No asset is active or missing.", icon=":material/filter_alt_off:")
    loosened = answers.loosened(conditions)
    if not loosened:
        st.markdown("Dropping one filter alone does not help.")
    for number, (one, count) in enumerate(loosened):
        label = f"Drop {escaped(one.name.lower())} {escaped(one.value, limit=60)}: {numbers.counted(count, 'asset')}"
        st.button(
            label,
            key=f"inventory.drop.{number}",
            type="tertiary",
            icon=":material/filter_alt_off:",
            on_click=go,
            args=(replace(view, only=one.without, page=1),),
        )
    st.button("Drop all filters", key="inventory.drop.all", on_click=go, args=(asset_view.AssetView(),))


def go(view: AssetView) -> None:
    """Shows another view at the next run, as a link to it would."""
    kept = {TENANT: st.query_params.get_all(TENANT)} if TENANT in st.query_params else {}
    st.query_params.from_dict(asset_links.write(view) | kept)


def panel(answers: Answers, view: AssetView) -> None:
    """What was selected, else what the list is made of."""
    if not view.opened:
        with card("By", control=asset_panel.by_control):
            asset_panel.breakdown(answers, view)
        return
    found = answers.detail(view.opened)
    with card(asset_detail.heading(found.asset), control=asset_detail.close_button):
        asset_detail.detail(answers, found)


def what_changed(answers: Answers, view: AssetView) -> None:
    """What appeared, changed and disappeared since a chosen day."""
    with card("What changed", height="content", control=_since_control):
        since = answers.since(view.since)
        news = answers.news(view, since)
        if not news.assets:
            st.markdown(f"Nothing changed since {numbers.clock(since)}.")
            return
        asset_events.kind_control(news, view.change, key=asset_filters.key("change"))
        listed = news if view.change is None else answers.news(view, since, (view.change,))
        asset_events.table(listed.listed, answers.accounts)


def _since_control() -> None:
    st.segmented_control(
        "Since",
        list(Since),
        key=asset_filters.key("since"),
        format_func=SINCE_NAMES.__getitem__,
        label_visibility="collapsed",
        required=True,
    )


def body(context: Context) -> None:
    """The page below its title."""
    answers = Answers(context)
    job = DISCOVERY.under_way(context)
    DISCOVERY.ended(context)
    if job is not None:
        DISCOVERY.progress(context, job)
    if not answers.standing().places:
        inventory_discovery.nothing_yet(context, job)
        return
    view, follow = chosen_view(answers)
    inventory_head.warning(answers.standing(view.only), answers.accounts)
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    shown = asset_actions.columns(context, answers.tag_keys)
    with answers.asking(view):
        with st.skeleton(TABLE_HEIGHT):
            found, view = answers.page(view)
        with bar:
            asset_filters.row(view, answers)
            st.space("stretch")
            asset_actions.columns_popover(answers.tag_keys)
            if context.may(Right.EXPORT):
                asset_actions.export_popover(context, view, answers, shown, found.total)
        key_figures = st.container()
        left, right = st.columns([1.9, 1], gap="small")
        with left:  # the list is what readers wait for; the rest is drawn when it is
            view = replace(view, opened=assets(answers, view, found, shown, follow=follow))
        url_state.publish(PAGE, asset_links.write(view), context)
    with key_figures, guarded("Key figures"):
        kpis.row(asset_kpis.strip(answers, view))
    with right:
        panel(answers, view)
    what_changed(answers, view)


with page("Inventory", right=Right.VIEW_INVENTORY, needs_costs=False, badges=badges) as ready:
    body(ready)

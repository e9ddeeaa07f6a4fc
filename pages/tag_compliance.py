"""Tag compliance: how tags stand against the policy, in assets and in dollars, why, and what would mend it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.people import Right
from finops.model.tagging import VIOLATIONS
from pages.ui import (
    asset_view,
    inventory_discovery,
    kpis,
    numbers,
    tag_autopsy,
    tag_detail,
    tag_export,
    tag_filters,
    tag_head,
    tag_kpis,
    tag_links,
    tag_panel,
    tag_policy,
    tag_run,
    tag_table,
    tag_trend,
    tag_view,
    url_state,
)
from pages.ui.inventory_discovery import DISCOVERY
from pages.ui.page import Context, card, guarded, notices, page
from pages.ui.session import TENANT
from pages.ui.tag_answers import Answers
from pages.ui.tag_run import EVALUATION
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.tagging import ViolationPage
    from pages.ui.tag_view import TagView

PAGE = "tag_compliance"
TABLE_HEIGHT = 560
asked: list[Answers] = []
"""What this run of the script asks with, shared by title row and body."""


def badges(context: Context) -> None:
    """How fresh and whole the verdicts are, and by which policy."""
    answers = Answers(context)
    asked.append(answers)
    with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"):
        if answers.standing().places:
            tag_head.badges(answers)
            tag_run.menu(context, EVALUATION.under_way(context), keys=len(answers.keys))


def chosen_view(answers: Answers) -> tuple[TagView, bool]:
    """The view of this run, URL and widgets in step, and whether the selected row must follow it."""

    def from_widgets() -> url_state.State | None:
        written = tag_links.read(st.session_state.get(url_state.key(PAGE)) or {}, answers.keys)[0]
        shown = tag_filters.shown_view(written)
        return None if shown is None else tag_links.write(shown)

    state, from_link = url_state.current(PAGE, from_widgets)
    view, said = tag_links.read(state, answers.keys)
    if from_link:
        notices(said)
    wanted = st.session_state.pop(tag_detail.ASKED, None)
    if wanted is not None:
        view = replace(view, opened=wanted)
    if view.opened and answers.detail(view.opened) is None:
        notices(("The asset that the link opens is not in this inventory.",))
        view = replace(view, opened="")
    tag_filters.place(view)
    return view, from_link or wanted is not None


def violations(answers: Answers, view: TagView, found: ViolationPage, *, follow: bool) -> str:
    """The table; returns the id of the asset that is open."""
    usual = set(view.verdicts) <= set(VIOLATIONS)
    with card("Violations" if usual else "Verdicts", note="Dearest assets first"):
        if not found.items:
            nothing_found(answers, view)
            return view.opened
        ids = [one.asset.asset_id for one in found.items]
        selected = ids.index(view.opened) if view.opened in ids else None
        key = f"table.tags.{fingerprint(answers, view)}"
        if follow:
            rows = [] if selected is None else [selected]
            st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
        words = tag_view.rows_words(view, len(found.items), found.total)
        look = tag_table.Look(answers.accounts, answers.cost_days)
        picked = tag_table.draw(found.items, look, key=key, alt=f"{words} shown", selected=selected)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.markdown(f":small[:gray[{words}]]", width="content")
            pages = asset_view.pages_of(found.total)
            if pages > 1:
                tag_filters.pager(view.page, pages)
        if picked is not None:
            return ids[picked]
        return "" if selected is not None else view.opened


def fingerprint(answers: Answers, view: TagView) -> str:
    """Short text that changes when the table's rows may: a selection never slips to another row."""
    return hashlib.sha256(repr((answers.version, view.question)).encode()).hexdigest()[:12]


def go(view: TagView) -> None:
    """Shows another view at the next run, as a link to it would."""
    kept = {TENANT: st.query_params.get_all(TENANT)} if TENANT in st.query_params else {}
    st.query_params.from_dict(tag_links.write(view) | kept)


def nothing_found(answers: Answers, view: TagView) -> None:
    """That nothing violates, with what was judged; or which filters are set, and what each alone keeps away."""
    conditions = list(tag_view.conditions(view, answers.accounts))
    if not conditions:
        score = answers.compliance(view.only).score
        judged = numbers.counted(score.judged, "asset")
        apart = f" {score.unknown:,} of unknown tags could not be judged." if score.unknown else ""
        st.info(f"Nothing violates the policy: {judged} judged.{apart}", icon=":material/check_circle:")
        return
    told = ", ".join(f"**{escaped(one.name)}** {escaped(one.value, limit=80)}" for one in conditions)
    st.info(f"Nothing matches {told}.", icon=":material/filter_alt_off:")
    loosened = [(one, answers.total(one.without)) for one in conditions]
    for number, (one, count) in enumerate(pair for pair in loosened if pair[1]):
        label = f"Drop {escaped(one.name.lower())} {escaped(one.value, limit=60)}: {numbers.counted(count, 'row')}"
        icon = ":material/filter_alt_off:"
        st.button(label, key=f"tags.drop.{number}", type="tertiary", icon=icon, on_click=go, args=(one.without,))
    st.button("Drop all filters", key="tags.drop.all", on_click=go, args=(tag_view.TagView(),))


def panel(answers: Answers, view: TagView) -> None:
    """The asset that is open, else how each key stands."""
    found = answers.detail(view.opened) if view.opened else None
    if found is None:
        with card("By key", note="Dotted: targets"):
            tag_panel.by_key(answers, view)
        return
    with card(tag_detail.heading(found), control=tag_detail.close_button):
        tag_detail.detail(answers, found)


def below(answers: Answers, view: TagView) -> None:
    """How it moved, who stands worst, why dollars are untagged, spellings, and the policy."""
    left, right = st.columns([1.9, 1], gap="small")
    with (
        left,
        card("Trend", note=f"{escaped(view.key)}, all assets" if view.key else "All assets, whatever the filters"),
    ):
        tag_trend.trend(answers, view.key)
    with right, card("Worst, violating a month", control=tag_filters.by_control):
        tag_trend.worst(answers, view)
    left, right = st.columns([1.9, 1], gap="small")
    key = tag_autopsy.usual_key(answers, view)
    with left, card("Why dollars are untagged", control=lambda: tag_filters.autopsy_control(answers.keys, key)):
        tag_autopsy.autopsy(answers, key)
    with right, card("Spelled in several ways"):
        tag_autopsy.variants(answers.variants(view.only))
    with card("Policy", height="content", control=lambda: tag_policy.files(answers)):
        tag_policy.editor(answers)
    latest = answers.trend("")
    tag_head.provenance(answers, latest[-1].evaluated if latest else None)


def body(context: Context) -> None:
    """The page below its title."""
    answers = asked[-1] if asked else Answers(context)
    job = DISCOVERY.under_way(context)
    for watched, under_way in ((DISCOVERY, job), (EVALUATION, EVALUATION.under_way(context))):
        watched.ended(context)
        if under_way is not None:
            watched.progress(context, under_way)
    tag_policy.said()
    if not answers.standing().places:
        inventory_discovery.nothing_yet(context, job)
        return
    view, follow = chosen_view(answers)
    tag_head.warning(answers)
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with st.skeleton(TABLE_HEIGHT):
        found, view = answers.page(view)
    with bar:
        tag_filters.row(view, answers)
        st.space("stretch")
        tag_export.popover(view, answers, found.total)
    key_figures = st.container()
    left, right = st.columns([1.9, 1], gap="small")
    with left:
        view = replace(view, opened=violations(answers, view, found, follow=follow))
    url_state.publish(PAGE, tag_links.write(view), context)
    with key_figures, guarded("Key figures"):
        kpis.row(tag_kpis.strip(answers, view))
    with right:
        panel(answers, view)
    below(answers, view)


with page("Tag compliance", right=Right.VIEW_TAGS, needs_costs=False, badges=badges) as ready:
    body(ready)

"""Savings: what costs money for nothing, how sure that is, what to do about it, and what the checks could not see."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.people import Right
from pages.ui import (
    asset_view,
    finding_deeds,
    finding_detail,
    finding_filters,
    finding_links,
    finding_table,
    finding_view,
    kpis,
    numbers,
    savings_head,
    savings_kpis,
    savings_matrix,
    savings_panel,
    savings_run,
    savings_thresholds,
    url_state,
)
from pages.ui.finding_answers import Answers
from pages.ui.page import Context, card, guarded, notices, page
from pages.ui.savings_run import CHECKS
from pages.ui.session import TENANT
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.store import Run
    from finops.waste.listing import Standing
    from pages.ui.finding_answers import Listed
    from pages.ui.finding_view import FindingView

PAGE = "savings"
TABLE_HEIGHT = 560
asked: list[Answers] = []
"""What this run of the script asks with, shared by title row and body: the state of all findings is read once."""


def badges(context: Context) -> None:
    """How fresh and whole the findings are, and the way to a new run."""
    answers = Answers(context)
    asked.append(answers)
    with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"):
        if answers.run is not None:
            savings_head.badges(answers, answers.run)
            savings_run.menu(context, CHECKS.under_way(context))


def chosen_view(answers: Answers) -> tuple[FindingView, bool]:
    """The view of this run, URL and widgets in step, and whether the selected row must follow it."""

    def from_widgets() -> url_state.State | None:
        written = finding_links.read(st.session_state.get(url_state.key(PAGE)) or {})[0]
        shown = finding_filters.shown_view(written)
        return None if shown is None else finding_links.write(shown)

    state, from_link = url_state.current(PAGE, from_widgets)
    view, said = finding_links.read(state)
    if from_link:
        notices(said)
    asked = st.session_state.pop(finding_detail.ASKED, None)
    if asked is not None:
        view = replace(view, opened=asked)
    if view.opened and answers.one(view.opened) is None:
        notices(("The finding that the link opens is not known here.",))
        view = replace(view, opened="")
    if from_link and view.opened:
        url_state.set_widget(finding_detail.SEVERAL, value=False)
    finding_filters.place(view)
    return view, from_link or asked is not None


def findings(answers: Answers, view: FindingView, found: Listed, *, follow: bool) -> tuple[str, list[Standing]]:
    """The table; returns the fingerprint of the finding that is open, and those picked where several may be."""
    with card("Findings", control=finding_filters.order_controls):
        if not found.items:
            nothing_found(answers, view)
            return view.opened, []
        ids = [one.finding.fingerprint for one in found.items]
        several = bool(st.session_state.get(finding_detail.SEVERAL))
        selected = [ids.index(view.opened)] if view.opened in ids and not several else []
        key = f"table.savings.{fingerprint(answers, view, several=several)}"
        if follow and not several:
            st.session_state[key] = {"selection": {"rows": selected, "columns": [], "cells": []}}
        look = finding_table.Look(answers.accounts, several, sort_by)
        words = finding_view.rows_words(view, len(found.items), found.total)
        picked = finding_table.draw(found.items, look, key=key, alt=f"{words} shown", selected=selected)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.markdown(f":small[:gray[{words}]]", width="content")
            pages = asset_view.pages_of(found.total)
            if pages > 1:
                finding_filters.pager(view.page, pages)
            finding_detail.several_control()
        return opened(view, ids, picked, selected, several=several), [found.items[row] for row in picked]


def opened(
    view: FindingView, ids: Sequence[str], picked: Sequence[int], selected: Sequence[int], *, several: bool
) -> str:
    """The finding that is open: the row picked; the view's own as long as its row is not on this page."""
    if several:
        return ""
    if picked:
        return ids[picked[0]]
    return "" if selected else view.opened


def fingerprint(answers: Answers, view: FindingView, *, several: bool) -> str:
    """Short text that changes when the table's rows may: a selection never slips to another row."""
    return hashlib.sha256(repr((answers.version, view.question, several)).encode()).hexdigest()[:12]


def sort_by(sort: str) -> None:
    """Sorts the whole list at the next run; the other way round where it already is sorted so."""
    view = finding_links.read(st.session_state[url_state.key(PAGE)])[0]
    go(replace(view, sort=sort, descending=not view.down if sort == view.sort else None, page=1))


def go(view: FindingView) -> None:
    """Shows another view at the next run, as a link to it would."""
    kept = {TENANT: st.query_params.get_all(TENANT)} if TENANT in st.query_params else {}
    st.query_params.from_dict(finding_links.write(view) | kept)


def nothing_found(answers: Answers, view: FindingView) -> None:
    """That nothing is wasted, with what was checked; or which filters are set, and what each alone keeps away."""
    conditions = list(finding_view.conditions(view, answers.titles, answers.accounts))
    if not conditions:
        st.info(checked_words(answers), icon=":material/check_circle:")
        return
    told = ", ".join(f"**{escaped(one.name)}** {escaped(one.value, limit=80)}" for one in conditions)
    st.info(f"No finding matches {told}.", icon=":material/filter_alt_off:")
    loosened = [(one, answers.total(one.without)) for one in conditions]
    for number, (one, count) in enumerate(pair for pair in loosened if pair[1]):
        label = f"Drop {escaped(one.name.lower())} {escaped(one.value, limit=60)}: {numbers.counted(count, 'finding')}"
        icon = ":material/filter_alt_off:"
        st.button(label, key=f"savings.drop.{number}", type="tertiary", icon=icon, on_click=go, args=(one.without,))
    st.button("Drop all filters", key="savings.drop.all", on_click=go, args=(finding_view.FindingView(),))


def checked_words(answers: Answers) -> str:
    """`Nothing found: 4,314 resources were checked at 20 Nov, 09:00 UTC.`."""
    run = answers.run
    counts = run.detail.get("counts") if run is not None else None
    looked = counts.get("observations") if isinstance(counts, dict) else None
    at = f" at {numbers.clock(savings_head.moment(run))}" if run is not None else ""
    seen = numbers.counted(looked, "observation") if isinstance(looked, int) else "everything"
    return f"Nothing found: {seen} judged{at}. What could not be judged is under More, Verdict, Undetermined."


def panel(answers: Answers, view: FindingView, found: Listed, picked: Sequence[Standing]) -> None:
    """The finding that is open, those that are picked, else what the total is made of."""
    if st.session_state.get(finding_detail.SEVERAL):
        with card(f"{numbers.counted(len(picked), 'finding')} selected" if picked else "Select findings"):
            if picked:
                finding_detail.several(answers, picked)
            else:
                st.markdown("Tick rows to snooze, dismiss, resolve or assign them together.")
        return
    one = answers.one(view.opened) if view.opened else None
    if one is None:
        with card("Saving by check", note=escaped(savings_kpis.trend_words(answers, found))):
            savings_panel.by_check(answers, found)
        return
    with card(one.finding.title, control=finding_detail.close_button):
        finding_detail.detail(answers, one, found)


def below(answers: Answers, view: FindingView, run: Run) -> None:
    """Thresholds to try, what the checks can see, and where it all comes from."""
    one = answers.one(view.opened) if view.opened else None
    with card("Thresholds", note="Try out: nothing is saved", height="content"):
        savings_thresholds.card_body(answers, one.finding.check_id if one is not None else "")
    with card("What the checks can see", height="content"):
        savings_matrix.card_body(answers)
    savings_head.provenance(answers, run)


def body(context: Context) -> None:
    """The page below its title."""
    answers = asked[-1] if asked else Answers(context)
    job = CHECKS.under_way(context)
    CHECKS.ended(context)
    finding_deeds.said()
    if job is not None:
        CHECKS.progress(context, job)
    if answers.run is None:
        savings_run.nothing_yet(answers, job)
        return
    view, follow = chosen_view(answers)
    savings_head.warning(answers)
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with st.skeleton(TABLE_HEIGHT):
        found, view = answers.page(view)
    with bar:
        finding_filters.row(view, answers)
        st.space("stretch")
        finding_filters.export_popover(view, answers, found.total)
    key_figures = st.container()
    left, right = st.columns([1.9, 1], gap="small")
    with left:
        fingerprint_opened, picked = findings(answers, view, found, follow=follow)
        view = replace(view, opened=fingerprint_opened)
    url_state.publish(PAGE, finding_links.write(view), context)
    with key_figures, guarded("Key figures"):
        kpis.row(savings_kpis.strip(answers, view, found))
    with right:
        panel(answers, view, found, picked)
    below(answers, view, answers.run)


with page("Savings", right=Right.VIEW_FINDINGS, needs_costs=False, badges=badges) as ready:
    body(ready)

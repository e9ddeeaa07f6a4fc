"""Anomalies: what costs more or less than anything before explains, since when, why, and what people say of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.people import Right
from pages.ui import (
    anomaly_aws,
    anomaly_deeds,
    anomaly_detail,
    anomaly_filters,
    anomaly_head,
    anomaly_kpis,
    anomaly_links,
    anomaly_names,
    anomaly_panel,
    anomaly_table,
    anomaly_thresholds,
    anomaly_timeline,
    anomaly_view,
    freshness,
    kpis,
    numbers,
    url_state,
)
from pages.ui.anomaly_answers import TRIED_DAYS, Answers
from pages.ui.page import Context, card, guarded, notices, page
from pages.ui.session import TENANT
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from finops.model.anomalies import Standing
    from pages.ui.anomaly_view import AnomalyView

PAGE = "anomalies"
BODY_HEIGHT = 560
places: list[DeltaGenerator] = []
"""The place in the title row that this run of the script fills once it knows how fresh the anomalies are."""


def badges(_: Context) -> None:
    """Keeps a place for the badges: the first detection after new costs takes a moment, and the title does not wait."""
    places.append(st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"))


def chosen_view(answers: Answers) -> tuple[AnomalyView, bool]:
    """The view of this run, URL and widgets in step, and whether the selected row must follow it."""

    def from_widgets() -> url_state.State | None:
        written = anomaly_links.read(st.session_state.get(url_state.key(PAGE)) or {})[0]
        shown = anomaly_filters.shown_view(written)
        return None if shown is None else anomaly_links.write(shown)

    state, from_link = url_state.current(PAGE, from_widgets)
    view, said = anomaly_links.read(state)
    if from_link:
        notices(said)
    wanted = st.session_state.pop(anomaly_detail.ASKED, None)
    if wanted is not None:
        view = replace(view, opened=wanted)
    if view.opened and answers.one(view.opened) is None:
        notices(("The anomaly that the link opens is not known here.",))
        view = replace(view, opened="")
    anomaly_filters.place(view)
    return view, from_link or wanted is not None


def listed(answers: Answers, view: AnomalyView, found: Sequence[Standing], *, follow: bool) -> str:
    """The table; returns the id of the anomaly that is open."""
    with card("By impact", note="Numbers as in the timeline"):
        if not found:
            nothing_found(answers, view)
            return view.opened
        shown = found[: anomaly_table.MOST_ROWS]
        ids = [one.anomaly.anomaly_id for one in shown]
        selected = ids.index(view.opened) if view.opened in ids else None
        key = f"table.anomalies.{fingerprint(answers, view)}"
        if follow:
            rows = [] if selected is None else [selected]
            st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
        words = numbers.counted(len(found), "anomaly", "anomalies")
        picked = anomaly_table.draw(shown, answers.accounts, key=key, alt=f"{words}", selected=selected)
        rest = f", the largest {len(shown):,} shown" if len(shown) < len(found) else ""
        st.markdown(f":small[:gray[{words}{rest}]]")
        if picked is not None:
            return ids[picked]
        return "" if selected is not None else view.opened


def fingerprint(answers: Answers, view: AnomalyView) -> str:
    """Short text that changes when the table's rows may: a selection never slips to another row."""
    return hashlib.sha256(repr((answers.version, replace(view, opened=""))).encode()).hexdigest()[:12]


def go(view: AnomalyView) -> None:
    """Shows another view at the next run, as a link to it would."""
    kept = {TENANT: st.query_params.get_all(TENANT)} if TENANT in st.query_params else {}
    st.query_params.from_dict(anomaly_links.write(view) | kept)


def nothing_found(answers: Answers, view: AnomalyView) -> None:
    """That nothing is out of the ordinary, with what was looked at; and which filters keep something away."""
    found = answers.detection
    looked = f"{numbers.counted(found.series, 'series', 'series')} of {found.days:,} days looked at"
    loosened = [(one, len(answers.list(one.without))) for one in anomaly_view.conditions(view, answers.accounts)]
    more = [(one, count) for one, count in loosened if count]
    icon = ":material/filter_alt_off:" if more else ":material/check_circle:"
    st.info(f"No anomaly here: {looked}.", icon=icon)
    for number, (one, count) in enumerate(more):
        told = numbers.counted(count, "anomaly", "anomalies")
        label = f"Drop {escaped(one.name.lower())} {escaped(one.value, limit=60)}: {told}"
        st.button(label, key=f"anomalies.drop.{number}", type="tertiary", icon=icon, on_click=go, args=(one.without,))


def panel(answers: Answers, view: AnomalyView, found: Sequence[Standing], currency: str) -> None:
    """The anomaly that is open, else where the dollars are."""
    one = answers.one(view.opened) if view.opened else None
    if one is None:
        with card("Impact by service", note=escaped(numbers.counted(len(found), "anomaly", "anomalies"))):
            anomaly_panel.by_service(answers, found, currency)
        return
    with card(anomaly_names.title(one.anomaly), control=anomaly_detail.close_button):
        anomaly_detail.detail(answers, one)


def below(answers: Answers) -> None:
    """Thresholds to try, AWS's own findings, and where it all comes from."""
    with card("Thresholds", note=f"Tried on the last {TRIED_DAYS} days", height="content"):
        anomaly_thresholds.card_body(answers)
    with card("AWS Cost Anomaly Detection", height="content"):
        anomaly_aws.card_body(answers)
    anomaly_head.provenance(answers)


def body(context: Context) -> None:
    """The page below its title."""
    answers = Answers(context)
    anomaly_deeds.told()
    if not context.finops.costs.coverage(context.tenant):
        freshness.nothing_yet(context.finops, context.tenant)
        return
    with st.skeleton(BODY_HEIGHT):
        found = answers.detection
    with places[-1]:
        anomaly_head.badges(answers)
    if not found.series:
        anomaly_head.nothing_detected()
        return
    shown(answers)


def shown(answers: Answers) -> None:
    """The page once there is something to look at."""
    view, follow = chosen_view(answers)
    anomaly_head.warnings(answers)
    found = answers.list(view)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        anomaly_filters.row(view, answers)
        st.space("stretch")
        anomaly_filters.export_popover(view, answers, len(found))
    currency = anomaly_kpis.currency_of(found)
    with guarded("Key figures"):
        kpis.row(anomaly_kpis.strip(found))
    left, right = st.columns([1.9, 1], gap="small")
    with left:
        with card("Daily cost", note="Triangles: anomalies on the day that stood out most", height="content"):
            anomaly_timeline.draw(answers, view, found, currency)
        view = replace(view, opened=listed(answers, view, found, follow=follow))
    url_state.publish(PAGE, anomaly_links.write(view), answers.context)
    with right:
        panel(answers, view, found, currency)
    below(answers)


with page("Anomalies", right=Right.VIEW_ANOMALIES, needs_costs=False, badges=badges) as ready:
    body(ready)

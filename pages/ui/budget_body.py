"""The budgets half of Forecast & budgets: how all of them stand, one of them in full, and what growth would do."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.budgets import BudgetSource
from pages.ui import (
    budget_chart,
    budget_detail,
    budget_editor,
    budget_head,
    budget_table,
    budget_what_if,
    figures,
    kpis,
    numbers,
)
from pages.ui.page import card, guarded, notices
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.budgets import BudgetDetail
    from finops.model.jobs import Job
    from pages.ui.budget_answers import Answers
    from pages.ui.forecast_view import ForecastView

BODY_HEIGHT = 480


def body(answers: Answers, view: ForecastView, *, follow: bool) -> ForecastView:
    """Returns the view with the budget that the reader picked."""
    job = budget_head.IMPORT.under_way(answers.context)
    budget_head.IMPORT.ended(answers.context)
    if job is not None:
        budget_head.IMPORT.progress(answers.context, job)
    budget_editor.said()
    budget_head.warnings(answers)
    with st.skeleton(BODY_HEIGHT):
        found = answers.standings
    budget_editor.show(answers)
    if not found:
        budget_head.nothing_yet(answers, job)
        return replace(view, budget="")
    return _shown(answers, view, job, follow=follow)


def _shown(answers: Answers, view: ForecastView, job: Job | None, *, follow: bool) -> ForecastView:
    found = answers.standings
    ids = [one.budget.budget_id for one in found]
    if view.budget and view.budget not in ids:
        notices(("The budget that the link opens is not kept here.",))
        view = replace(view, budget="")
    with guarded("Key figures"):
        kpis.row(budget_table.strip(found))
    left, right = st.columns([1.9, 1], gap="small")
    with left:
        with card("Budgets", control=lambda: budget_head.buttons(answers, job), height="content"):
            view = replace(view, budget=_listed(answers, view, ids, follow=follow))
        detail = answers.detail(view.budget or ids[0])
        if detail is not None:
            _burn_down(detail)
            with card("What if", note="Nothing is kept", height="content"):
                _what_if(answers, detail)
    with right:
        if detail is not None:
            with card(detail.standing.budget.name, control=lambda: _controls(answers, detail), height="content"):
                budget_detail.body(answers, detail)
    budget_head.provenance(answers)
    return view


def _listed(answers: Answers, view: ForecastView, ids: list[str], *, follow: bool) -> str:
    """The table; returns the id of the budget that was picked."""
    selected = ids.index(view.budget) if view.budget else None
    key = f"table.budgets.{hashlib.sha256(repr(ids).encode()).hexdigest()[:12]}"
    if follow:
        rows = [] if selected is None else [selected]
        st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    alt = f"{numbers.counted(len(ids), 'budget')}, the worst first"
    picked = budget_table.draw(answers.standings, today=answers.today, key=key, alt=alt, selected=selected)
    return "" if picked is None else ids[picked]


def _controls(answers: Answers, detail: BudgetDetail) -> None:
    budget_detail.badge(detail.standing)
    budget = detail.standing.budget
    if budget.source is BudgetSource.OWN and answers.may_edit:
        st.button(
            "Change",
            icon=":material/edit:",
            key="budget.change",
            type="tertiary",
            on_click=budget_editor.open_for,
            args=(budget.budget_id,),
        )


def _burn_down(detail: BudgetDetail) -> None:
    """How the open budget is spent, day by day."""
    standing = detail.standing
    with card("Burn-down", note=escaped(standing.budget.name, limit=60), height="content"):
        words = budget_chart.words(standing)
        if not detail.days or standing.spent is None:
            st.markdown(escaped(words, limit=900))
            return
        figure = budget_chart.chart(detail)
        st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(words), key="chart.budget")
        st.markdown(f":small[:gray[{escaped(words)}]]")


def _what_if(answers: Answers, detail: BudgetDetail) -> None:
    aws = detail.standing.budget.aws
    if aws is not None and not aws.comparable:
        st.markdown("Its costs cannot be asked of the stored bill, so nothing can be tried.")
        return
    budget_what_if.card_body(answers, detail)

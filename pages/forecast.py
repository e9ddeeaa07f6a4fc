"""Forecast & budgets: what the months to come will cost, how sure that is, and what may be spent."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.money import exact_sum
from finops.model.people import Right
from pages.ui import (
    budget_answers,
    budget_body,
    figures,
    forecast_aws,
    forecast_drivers,
    forecast_export,
    forecast_filters,
    forecast_head,
    forecast_kpis,
    forecast_links,
    forecast_month,
    forecast_table,
    forecast_year,
    kpis,
    names,
    url_state,
)
from pages.ui.forecast_answers import Answers
from pages.ui.forecast_view import TOTAL, Chart, ForecastView, Tab
from pages.ui.page import Context, card, guarded, notices, page
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.forecasts import Forecast, GroupForecast

PAGE = "forecast"
BODY_HEIGHT = 560


def chosen_view(answers: Answers) -> tuple[ForecastView, bool]:
    """The view of this run, URL and widgets in step, and whether the selected row must follow it."""
    offer = answers.offer

    def from_widgets() -> url_state.State | None:
        written = forecast_links.read(st.session_state.get(url_state.key(PAGE)) or {}, offer)[0]
        shown = forecast_filters.shown_view(written, offer)
        return None if shown is None else forecast_links.write(shown, offer)

    state, from_link = url_state.current(PAGE, from_widgets)
    view, said = forecast_links.read(state, offer)
    if from_link:
        notices(said)
    forecast_filters.place(view, offer)
    return view, from_link


def forecast(answers: Answers, view: ForecastView, *, follow: bool) -> ForecastView:
    """The forecast half; returns the view with the part that the reader picked."""
    with st.skeleton(BODY_HEIGHT):
        found = answers.forecast(view)
    if found.total is None or not found.total.months:
        forecast_head.nothing_to_forecast(answers, found)
        return view
    forecast_head.warnings(found)
    group = answers.part(view, found)
    if view.part is not None and group is None:
        notices(("The part that the link opens has no costs here.",))
        view = replace(view, part=None)
    above = st.container()
    view = parts(answers, view, found, follow=follow)
    group = answers.part(view, found) or found.total
    with above:
        charts(answers, view, found, group)
    forecast_head.provenance(answers, found)
    return view


def charts(answers: Answers, view: ForecastView, found: Forecast, group: GroupForecast) -> None:
    """Key figures, the main chart and its explanation: of the total, or of the part that is open."""
    last_months = answers.last_month(view, found)
    before = None
    if last_months is not None:
        before = exact_sum(last_months.values()) if group is found.total else last_months.get(group.key)
    past = answers.by_month(view, found)
    with guarded("Key figures"):
        kpis.row(forecast_kpis.strip(found, group, before, past))
    left, right = st.columns([1.9, 1], gap="small")
    name = names.value_name(view.grouped, answers.accounts)
    called = "All costs" if group is found.total else name(group.key)
    with left, card(called, control=lambda: controls(answers, view, found, group)):
        main_chart(answers, view, found, group)
    with right, card("What drives it"):
        forecast_drivers.explanation(found, group, name, last_months)


def controls(answers: Answers, view: ForecastView, found: Forecast, group: GroupForecast) -> None:
    """What the chart looks at, and AWS's own forecast."""
    forecast_aws.popover(answers, view, found, group)
    forecast_filters.chart_control()


def main_chart(answers: Answers, view: ForecastView, found: Forecast, group: GroupForecast) -> None:
    """The running month by day, or the months behind and ahead."""
    if found.month is None or found.through is None:
        return
    asked = ("chart", view.question, view.part, view.chart)
    if view.chart is Chart.YEAR:
        past = answers.by_month(view, found)
        told = forecast_year.words(past, group, found.currency)
        figure = answers.kept(asked, lambda: forecast_year.chart(past, group, found.currency))
    else:
        actual = answers.by_day(view, found, found.month)
        days = tuple(found.month.dates())
        shown = forecast_month.month(days, group, actual, found.through, found.currency)
        told = forecast_month.words(shown, group)
        figure = answers.kept(asked, lambda: forecast_month.chart(shown))
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(told), key=f"chart.forecast.{view.chart}")
    st.markdown(f":small[:gray[{escaped(told)}]]")


def parts(answers: Answers, view: ForecastView, found: Forecast, *, follow: bool) -> ForecastView:
    """The table of parts; returns the view with the one that is open."""
    if view.group_by == TOTAL or not found.groups:
        return replace(view, part=None)
    title = names.dimension_name(view.grouped, plural=True)
    with card(title, note="Pick a row for its chart"):
        ids = [group.key for group in found.groups]
        selected = ids.index(view.part) if view.part is not None and view.part in ids else None
        key = f"table.forecast.{fingerprint(answers, view)}"
        if follow:
            rows = [] if selected is None else [selected]
            st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
        look = forecast_table.Look(
            names.value_name(view.grouped, answers.accounts),
            names.dimension_name(view.grouped),
            answers.last_month(view, found),
        )
        words = forecast_table.sum_words(found)
        picked = forecast_table.draw(found, look, key=key, alt=words, selected=selected)
        st.markdown(f":small[:gray[{escaped(words)}]]")
    return replace(view, part=None if picked is None else ids[picked])


def fingerprint(answers: Answers, view: ForecastView) -> str:
    """Short text that changes when the table's rows may: a selection never slips to another row."""
    return hashlib.sha256(repr((answers.context.version, answers.today, view.question)).encode()).hexdigest()[:12]


def budgets(context: Context, view: ForecastView, *, follow: bool) -> ForecastView:
    """The budgets half, for those who may see budgets."""
    if not context.may(Right.VIEW_BUDGETS):
        st.info("Budgets need a right that you do not hold here.", icon=":material/lock:")
        return view
    return budget_body.body(budget_answers.Answers(context), view, follow=follow)


def body(context: Context) -> None:
    """The page below its title."""
    answers = Answers(context)
    view, follow = chosen_view(answers)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        forecast_filters.tabs()
        if view.tab is Tab.FORECAST:
            forecast_filters.row(view, answers)
        st.space("stretch")
        forecast_export.popover(context, view)
    shown = (
        forecast(answers, view, follow=follow) if view.tab is Tab.FORECAST else budgets(context, view, follow=follow)
    )
    url_state.publish(PAGE, forecast_links.write(shown, answers.offer), context)


with page("Forecast & budgets", right=Right.VIEW_COSTS) as ready:
    body(ready)

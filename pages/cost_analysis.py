"""Cost analysis: any period, grouped, filtered and compared; every group can be taken apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.costs import Granularity
from finops.model.money import ZERO
from finops.model.people import Right
from pages.ui import (
    analysis,
    analysis_parts,
    figures,
    filters,
    kpis,
    links,
    names,
    numbers,
    offers,
    preferred,
    series,
    tables,
    url_state,
)
from pages.ui.bar_charts import ranking, waterfall
from pages.ui.cache import remembered
from pages.ui.downloads import export_popover
from pages.ui.page import Context, card, notices, page
from pages.ui.provenance import checked, source_popover
from pages.ui.text import escaped, plain_line
from pages.ui.time_charts import Kind, cost_over_time
from pages.ui.view import Preset

if TYPE_CHECKING:
    from pages.ui.analysis import Analysis
    from pages.ui.figures import Figure
    from pages.ui.view import Offer, View

PAGE = "cost"
COLUMNS = ("name", "cost", "delta", "percent", "change", "share", "previous", "daily", "trend")
DRILL_COLUMNS = ("name", "cost", "delta", "percent", "change", "share")
MOST_RESOURCES = 20


def chosen_view(context: Context, offer: Offer) -> View:
    """The view of this run, URL and widgets in step."""

    def from_widgets() -> url_state.State | None:
        written = links.read(st.session_state.get(f"url:{PAGE}") or {}, offer)[0]
        shown = filters.shown_view(written, offer)
        return None if shown is None else links.write(shown, offer)

    def usual() -> url_state.State:
        return links.write(preferred.view(context.preferences, offer, Preset.DAYS_28), offer)

    state, from_link = url_state.current(PAGE, from_widgets, usual)
    view, said = links.read(state, offer)
    if from_link:
        notices(said)
    filters.place(view, offer)
    return view


def over_time(context: Context, view: View, offer: Offer, found: Analysis) -> None:
    """Key figures and the chart of the period."""
    title = f"Cost by {names.inside(view.group_by)}"
    with card(
        title,
        height="content",
        provenance=lambda: source_popover(found.drawn, now=context.now, key="chart"),
        control=_kind_control,
    ):
        if not checked(found.drawn):
            return
        name = names.value_name(view.group_by, context.finops.costs.account_names(context.tenant))
        kpis.row(analysis_parts.strip(found, name, context.now.date()), border=False)
        if found.arriving is not None:
            st.markdown(f":small[:gray[{escaped(analysis_parts.arriving_words(found))}]]")
        key = (context.tenant, context.version, "cost.chart", found.drawn.question, found.base, view.kind)
        axis, drawn, figure = remembered(key, lambda: _figure(context, view, offer, found))
        days = numbers.days(found.drawn.question.period, today=context.now.date())
        alt = f"{title}, {days}. {analysis_parts.finding(drawn)}"
        st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(alt), key="chart.cost")
        tables.series_table(drawn, axis, currency=found.currency, key="cost")


def _dollars(text: str) -> str:
    """Words and figures of our own as Markdown: only the dollar needs an escape."""
    return text.replace("$", "\\$")


def _kind_control() -> None:
    st.segmented_control(
        "Chart",
        list(Kind),
        key=filters.key("kind"),
        format_func=filters.KIND_NAMES.__getitem__,
        label_visibility="collapsed",
        required=True,
    )


def _figure(
    context: Context, view: View, offer: Offer, found: Analysis
) -> tuple[series.Buckets, tuple[series.Series, ...], Figure]:
    monthly = found.drawn.question.granularity is Granularity.MONTHLY
    late = offer.complete_until if found.arriving is not None else None
    axis = series.buckets(found.drawn, monthly=monthly, arriving_from=late)
    name = names.value_name(view.group_by, context.finops.costs.account_names(context.tenant))
    rows = [row for row in found.drawn.rows if row.currency == found.currency]
    drawn = series.by_group(rows, axis, offers.seats(context, view.group_by), name)
    base_name = numbers.days(found.base, today=context.now.date()) if found.base else ""
    before = analysis.earlier(found, base_name)
    figure = cost_over_time(
        drawn, axis, currency=found.currency, kind=view.kind, earlier=before, height=figures.PAGE_HEIGHT
    )
    return axis, drawn, figure


def groups(context: Context, view: View, found: Analysis) -> str | None:
    """The table; returns the group the reader opened."""
    title = names.dimension_name(view.group_by, plural=True)
    note = f"{names.counted(view.group_by, len(found.rows))}. Select one to take it apart."
    with card(
        title,
        note=escaped(note),
        height="content",
        provenance=lambda: source_popover(found.counted, now=context.now, key="table"),
    ):
        if not checked(found.counted):
            return None
        if found.comparison is not None:
            st.markdown(_dollars(tables.split_words(found.rows, found.currency)))
        keys = [row.keys[0] for row in found.rows]
        picked = tables.selectable(
            found.rows,
            _look(context, found, view.group_by),
            shown=COLUMNS,
            key=f"cost.{analysis_parts.fingerprint(found)}",
            alt=f"Cost by {names.dimension_name(view.group_by)}",
            selected=keys.index(view.opened) if view.opened in keys else None,
        )
        return None if picked is None else keys[picked]


def _look(context: Context, found: Analysis, dimension: str) -> tables.Look:
    today = context.now.date()
    return tables.Look(
        whole=found.total or ZERO,
        name=names.value_name(dimension, context.finops.costs.account_names(context.tenant)),
        dimension=names.dimension_name(dimension),
        period=found.period,
        today=today,
        currency=found.currency,
        compared=found.comparison is not None,
        base_name=numbers.days(found.base, today=today) if found.base else "",
        trends={row.keys[0]: [float(amount) for amount in row.series] for row in found.rows if row.series},
    )


def drill(context: Context, view: View, found: Analysis, opened: str) -> None:
    """One group taken apart: a service by usage type, and by resource where line items are stored."""
    costs = context.finops.costs
    inside, part = analysis.drilled(costs, found, view.group_by, opened)
    name = names.value_name(view.group_by, costs.account_names(context.tenant))(opened)
    title = f"{names.dimension_name(part, plural=True)} of {name}"
    with card(title, height="content", provenance=lambda: source_popover(inside.counted, now=context.now, key="drill")):
        if checked(inside.counted):
            if inside.comparison is not None:
                st.markdown(_dollars(tables.split_words(inside.rows, inside.currency)))
            tables.compared(inside.rows, _look(context, inside, part), shown=DRILL_COLUMNS, key="drill", alt=title)
    if view.group_by != "service":
        return
    answer = costs.resources(replace(inside.counted.question, group_by=()), MOST_RESOURCES)
    if answer.provenance.source:
        with card(
            f"Resources of {name}",
            height="content",
            provenance=lambda: source_popover(answer, now=context.now, key="resources"),
        ):
            checked(answer)
            rows = tuple(row for row in analysis.plain_rows(answer) if row.currency == found.currency)
            look = replace(
                _look(context, inside, "resource"), whole=answer.totals.get(found.currency, ZERO), compared=False
            )
            tables.compared(rows, look, shown=("name", "cost", "share"), key="resources", alt=f"Resources of {name}")


def charge_types(context: Context, found: Analysis) -> None:
    """Usage, fees, credits, refunds and tax apart, never mixed silently."""
    answer = analysis.by_charge_type(context.finops.costs, found)
    with card("Charge types", provenance=lambda: source_popover(answer, now=context.now, key="charges")):
        if not checked(answer):
            return
        bars = analysis_parts.charge_bars(answer, found.currency)
        figure = remembered(
            (context.tenant, context.version, "cost.charges", answer.question),
            lambda: ranking(
                bars, currency=found.currency, height=max(figures.EVIDENCE_HEIGHT, 30 * len(bars)), letters=26
            ),
        )
        st.plotly_chart(figure, config=figures.CONFIG, alt="Cost by charge type", key="chart.charges")
        tables.bars_table(
            bars, titles=("Charge type", f"Cost, {numbers.symbol(found.currency).strip()}"), key="charges"
        )


def kinds_of_change(context: Context, found: Analysis) -> None:
    """The net change split into new, gone, grown and shrunk groups."""
    if found.comparison is None:
        return
    comparison = found.comparison
    with card(
        "Change by kind",
        note=escaped(f"vs {numbers.days(found.base, today=context.now.date())}" if found.base else ""),
        provenance=lambda: source_popover(comparison.previous, now=context.now, key="kinds"),
    ):
        if not checked(comparison.previous):
            return
        bars = analysis_parts.kind_bars(found.rows)
        figure = remembered(
            (context.tenant, context.version, "cost.kinds", comparison.current.question, found.base),
            lambda: waterfall(bars, currency=found.currency, height=figures.EVIDENCE_HEIGHT),
        )
        st.plotly_chart(
            figure,
            config=figures.CONFIG,
            alt=plain_line(tables.split_words(found.rows, found.currency)),
            key="chart.kinds",
        )
        tables.bars_table(bars, titles=("Kind", f"Change, {numbers.symbol(found.currency).strip()}"), key="kinds")


def body(context: Context) -> None:
    """The page below its title."""
    offer = offers.offer(context)
    view = chosen_view(context, offer)
    accounts = context.finops.costs.account_names(context.tenant)
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    found = analysis.analysed(context.finops.costs, context.tenant, view, offer)
    with bar:
        filters.row(view, offer, accounts)
        st.space("stretch")
        if context.may(Right.EXPORT):
            export_popover(context, found, accounts)
    over_time(context, view, offer, found)
    opened = groups(context, view, found) if found.drawn.provenance.source else view.opened
    url_state.publish(PAGE, links.write(replace(view, opened=opened), offer), context)
    if opened is not None and found.drawn.provenance.source:
        drill(context, view, found, opened)
    left, right = st.columns(2, gap="small") if found.comparison is not None else (st.container(), st.container())
    with left:
        charge_types(context, found)
    with right:
        kinds_of_change(context, found)


with page("Cost analysis", right=Right.VIEW_COSTS) as ready:
    body(ready)

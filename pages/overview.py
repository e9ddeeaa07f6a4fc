"""Overview: how much this month, against what, why and what next, in five seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.costs import CostQuestion, Filter, Granularity
from finops.model.people import Right
from finops.model.period import add_months, month_of
from pages.ui import figures, kpis, names, numbers, offers, overview_filters, overview_period, preferred, series, tables
from pages.ui import overview_parts as parts
from pages.ui.bar_charts import moves, ranking, waterfall
from pages.ui.cache import remembered
from pages.ui.page import Context, card, page
from pages.ui.provenance import checked, source_popover
from pages.ui.text import escaped, plain_line
from pages.ui.time_charts import cost_over_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from finops.costs.overview import Overview
    from finops.model.costs import CostAnswer
    from pages.ui.figures import Figure
    from pages.ui.kpis import Kpi

TOP_SERVICES, TOP_ACCOUNTS, LEGEND = 8, 8, 6
TAG_KEYS = 8
WIDTHS = [1.9, 1]


def key_figures(context: Context, month: Overview, shown: Overview, accounts: tuple[str, ...]) -> None:
    """Of these four what the person chose: the period, its month's projection, four weeks, tagged spend."""
    made: dict[str, Callable[[], Kpi]] = {
        "to_date": lambda: parts.to_date(shown, context.now.date()),
        "projected": lambda: parts.projected(month, _month_before(context, month, accounts)),
        "recent": lambda: parts.recent(month),
        "tagged": lambda: parts.tag_kpi(_tagged(context, shown, accounts), shown),
    }
    chosen = [made[name]() for name in preferred.key_figures(context.preferences)]
    if chosen:
        kpis.row(chosen)


def _month_before(context: Context, overview: Overview, accounts: tuple[str, ...]) -> CostAnswer | None:
    """The whole month before, None where a day of it is missing."""
    last = month_of(add_months(overview.month.start, -1))
    question = CostQuestion(
        context.tenant, last, metric=overview.metric, filters=_only(accounts), currency=overview.currency or None
    )
    before = context.finops.costs.answer(question)
    return before if series.comparable(before) else None


def _only(accounts: tuple[str, ...]) -> tuple[Filter, ...]:
    return (Filter("account", accounts),) if accounts else ()


def _tagged(context: Context, overview: Overview, accounts: tuple[str, ...]) -> parts.Tagged | None:
    costs = context.finops.costs
    stored = [dimension for dimension in costs.dimensions(context.tenant) if dimension.startswith("tag:")]
    wanted = [f"tag:{key}" for key in (*context.preferences.tag_keys, *context.finops.settings.tag_keys)]
    keys = sorted(stored, key=lambda dimension: wanted.index(dimension) if dimension in wanted else len(wanted))
    period = overview.to_date or overview.base
    if period is None:
        return None
    unused = None  # a key that nothing carries says little as long as another one is in use
    for dimension in keys[:TAG_KEYS]:
        question = CostQuestion(
            context.tenant,
            period,
            Granularity.DAILY,
            overview.metric,
            (dimension,),
            _only(accounts),
            overview.currency or None,
        )
        current = costs.answer(question)
        base = costs.answer(question.over(overview.base)) if overview.base else None
        found = parts.tagged(dimension.removeprefix("tag:"), current, base, overview.currency)
        if current.provenance.source and found.untagged:
            if found.now:
                return found
            unused = unused or found
    return unused


def daily_costs(context: Context, overview: Overview) -> None:
    """Stacked bars of each day; days still arriving are hatched."""
    answer = overview.daily
    with card("Daily cost by service", provenance=lambda: source_popover(answer, now=context.now, key="daily")):
        if not checked(answer):
            return
        key = (context.tenant, context.version, "overview.daily", answer.question, overview.currency)
        axis, drawn, figure = remembered(key, lambda: _daily_figure(context, overview))
        largest = max(drawn, key=lambda one: one.total, default=None)
        days = numbers.counted(answer.question.period.days, "day")
        finding = f"Cost per day by service over {days}; largest is {largest.name}." if largest else "No cost."
        st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(finding), key="chart.daily")
        tables.series_table(drawn, axis, currency=overview.currency, key="daily")


def _daily_figure(context: Context, overview: Overview) -> tuple[series.Buckets, tuple[series.Series, ...], Figure]:
    axis = series.buckets(overview.daily, monthly=False, arriving_from=overview.complete_until)
    rows = [row for row in overview.daily.rows if row.currency == overview.currency]
    seats = offers.seats(context, "service")
    drawn = series.by_group(rows, axis, seats, names.value_name("service", {}), limit=LEGEND)
    return axis, drawn, cost_over_time(drawn, axis, currency=overview.currency)


def what_changed(context: Context, overview: Overview) -> None:
    """The movers as a waterfall from zero to the net change."""
    comparison, currency = overview.comparison, overview.currency
    if comparison is None or overview.base is None:
        with card("What changed"):
            st.info("Nothing to compare yet: the month has no complete day, or the month before is not stored.")
        return
    now, before = (answer.totals.get(currency) for answer in (comparison.current, comparison.previous))
    note = escaped(parts.versus(overview.base, context.now.date()))
    with card(
        "What changed", note=note, provenance=lambda: source_popover(comparison.previous, now=context.now, key="moves")
    ):
        if not (checked(comparison.current) and checked(comparison.previous)) or now is None or before is None:
            return
        name = names.value_name("service", {})
        steps = moves(parts.change_bars(comparison.rows, currency, name), now - before)
        figure = remembered(
            (context.tenant, context.version, "overview.moves", comparison.current.question, overview.base),
            lambda: waterfall(steps, currency=currency),
        )
        spelled = f"From {numbers.short_money(before, currency)} to {numbers.short_money(now, currency)}."
        alt = f"{parts.largest_move(comparison.rows, name, currency)} {spelled}"
        st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(alt), key="chart.moves")
        tables.bars_table(steps, titles=("Service", f"Change, {numbers.symbol(currency).strip()}"), key="moves")


def top_services(context: Context, overview: Overview) -> None:
    """The largest services with change, share and thirty days."""
    comparison, currency, today = overview.comparison, overview.currency, context.now.date()
    if comparison is None or overview.to_date is None:
        return
    note = _change_note(overview, today) if series.comparable(comparison.previous) else ""
    with card(
        "Top services", note=note, provenance=lambda: source_popover(comparison.current, now=context.now, key="top")
    ):
        if not checked(comparison.current):
            return
        rows = [row for row in comparison.rows if row.currency == currency][:TOP_SERVICES]
        tables.compared(
            rows,
            tables.Look(
                whole=comparison.current.totals[currency],
                name=names.value_name("service", {}),
                dimension="Service",
                period=overview.to_date,
                today=today,
                currency=currency,
                compared=series.comparable(comparison.previous),
                trends=_trends(overview, currency),
            ),
            shown=("name", "cost", "delta", "percent", "share", "trend"),
            key="top",
            alt="Largest services of the period",
        )


def _change_note(overview: Overview, today: date) -> str:
    return escaped(f"Change {parts.versus(overview.base, today)}")


def _trends(overview: Overview, currency: str) -> dict[str, list[float]]:
    """Complete days of the last thirty, per service: a day still arriving would look like a fall."""
    shown = [day for day in overview.daily.question.period.dates() if day < (overview.complete_until or day)]
    days = {day: index for index, day in enumerate(shown)}
    trends: dict[str, list[float]] = {}
    for row in overview.daily.rows:
        if row.currency == currency and row.day in days:
            trends.setdefault(row.keys[0], [0.0] * len(days))[days[row.day]] += float(row.amount)
    return trends


def accounts_ranked(context: Context, overview: Overview) -> None:
    """Each account's cost with its change."""
    comparison, currency = overview.accounts, overview.currency
    if comparison is None:
        return
    note = _change_note(overview, context.now.date()) if series.comparable(comparison.previous) else ""
    with card(
        "Accounts", note=note, provenance=lambda: source_popover(comparison.current, now=context.now, key="accounts")
    ):
        if not checked(comparison.current):
            return
        name = names.value_name("account", context.finops.costs.account_names(context.tenant))
        bars = parts.cost_bars(comparison, currency, name, limit=TOP_ACCOUNTS)
        figure = remembered(
            (context.tenant, context.version, "overview.accounts", comparison.current.question, overview.base),
            lambda: ranking(bars, currency=currency, height=max(figures.EVIDENCE_HEIGHT, 38 * len(bars))),
        )
        alt = f"Cost by account; largest is {bars[0].name}." if bars else "No account has cost."
        st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(alt), key="chart.accounts")
        tables.bars_table(bars, titles=("Account", f"Cost, {numbers.symbol(currency).strip()}"), key="accounts")


CARDS: dict[str, Callable[[Context, Overview], None]] = {
    "daily": daily_costs,
    "changes": what_changed,
    "services": top_services,
    "accounts": accounts_ranked,
}
"""The cards by the names they have in a person's settings; see `finops.model.preferences.CARDS`."""


def body(context: Context) -> None:
    """The page below its title."""
    view, offer = overview_filters.chosen(context)
    accounts = view.chosen("account")
    bar = st.container(horizontal=True, gap="small", vertical_alignment="center")
    month = context.finops.costs.overview(context.tenant, metric=view.metric, accounts=accounts)
    overview = overview_period.over(context.finops.costs, month, view, offer)
    with bar:
        overview_filters.row(context, view, offer)
        st.space("stretch")
        source_popover(overview.total, now=context.now, key="total")
    for note in overview.notes:
        st.info(escaped(note), icon=":material/info:")
    key_figures(context, month, overview, accounts)
    chosen = [CARDS[name] for name in preferred.cards(context.preferences)]
    for first in range(0, len(chosen), 2):
        pair = chosen[first : first + 2]
        for column, draw in zip(st.columns(WIDTHS[: len(pair)], gap="small"), pair, strict=True):
            with column:
                draw(context, overview)


with page("Overview", right=Right.VIEW_COSTS) as ready:
    body(ready)

"""How compliance moved: kept evaluations day by day, by count and by cost; and the groups that stand worst."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from finops.tagging.compliance import percent
from pages.ui import asset_names, figures, names, numbers, palette, tables, tag_names
from pages.ui.bar_charts import Bar, ranking
from pages.ui.tag_view import By
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from finops.model.tagging import DayScore
    from finops.tagging.compliance import GroupScore
    from pages.ui.tag_answers import Answers, Targets
    from pages.ui.tag_view import TagView

MOST_GROUPS, BAR_HEIGHT, LETTERS = 8, 34, 22
FEWEST_DAYS, MOST_TICKS = 2, 8
_DATES = {"type": "date", "nticks": 6, "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y"}
WITHOUT = {By.OWNER: "No owner", By.REGION: "No region"}


def shares(score: DayScore) -> tuple[Decimal | None, Decimal | None]:
    """The compliant share of a day by count and by cost; None where nothing could be judged."""
    return (
        percent(Decimal(score.compliant), Decimal(score.judged)),
        percent(score.compliant_cost, score.judged_cost),
    )


def trend(answers: Answers, key: str) -> None:
    """The card of the trend: all assets, whatever the filters."""
    days = answers.trend(key)
    if not days:
        st.markdown("No evaluation is kept yet. Each discovery keeps one a day; so does `tags evaluate`.")
        return
    figure = answers.kept(("trend chart", key, answers.targets), lambda: chart(days, answers.targets))
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(trend_words(days)), key="chart.tags.trend")
    versions = [day for before, day in pairwise(days) if before.policy_version != day.policy_version]
    if versions:
        told = ", ".join(f"version {day.policy_version} on {numbers.day(day.day)}" for day in versions[-3:])
        st.markdown(f":small[:gray[The policy changed: {escaped(told)}.]]")
    _figures(days)


def trend_words(days: Sequence[DayScore]) -> str:
    """`By count 46.6% on 20 Nov, +0.0 pp since 9 Nov; by cost 52.3%, +0.9 pp`; plain text."""
    now, first = days[-1], days[0]
    parts = []
    for name, latest, before in zip(("by count", "by cost"), shares(now), shares(first), strict=True):
        moved = f", {latest - before:+.1f} pp" if latest is not None and before is not None and now is not first else ""
        parts.append(f"{name} {tag_names.percent_words(latest)}{moved}".replace("-", numbers.MINUS))
    since = f" since {numbers.day(first.day)}" if len(days) >= FEWEST_DAYS else ""
    return f"{'; '.join(parts)}{since}"


def chart(days: Sequence[DayScore], targets: Targets) -> go.Figure:
    """Two lines in percent, from what was kept; the targets dotted in the same colours."""
    names_of = [day.day.isoformat() for day in days]
    ways = zip(*(shares(day) for day in days), strict=True)
    traces = [
        go.Scatter(
            x=names_of,
            y=[None if value is None else float(value) for value in values],
            name=name,
            mode="lines+markers",
            marker={"size": 5},
            line={"width": 2, "color": palette.SERIES[place]},
            hovertemplate="%{y:.1f}%",
        )
        for place, (name, values) in enumerate(zip(("By count", "By cost"), ways, strict=True))
    ]
    axis = figures.money_axis(Decimal(100), "") | {"tickformat": ".0f", "ticksuffix": "%", "range": [0, 102]}
    return figures.figure(
        traces,
        height=figures.PAGE_HEIGHT,
        margin=figures.MARGINS | {"t": 24},
        xaxis=figures.time_axis((), monthly=False) | _dates([day.day for day in days]),
        yaxis=axis,
        showlegend=True,
        shapes=[_level(targets.count, 0), _level(targets.cost, 1)],
    )


def _dates(days: Sequence[date]) -> dict[str, object]:
    if len(days) > MOST_TICKS:
        return dict(_DATES)
    named = [day.isoformat() for day in days]
    return _DATES | {"tickmode": "array", "tickvals": named, "ticktext": [numbers.day(day) for day in days]}


def _level(at: Decimal, place: int) -> dict[str, object]:
    line = {"color": palette.SERIES[place], "width": 1, "dash": "dot"}
    return {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": float(at), "y1": float(at), "line": line}


def _figures(days: Sequence[DayScore]) -> None:
    """The figures behind the lines, in a fold that costs nothing while it is closed."""
    fold = st.expander("Show as table", type="compact", on_change="rerun", key="fold.tags.trend")
    if not fold.open:
        return
    rows = [
        {
            "Day": day.day,
            "By count, %": None if by_count is None else float(by_count),
            "By cost, %": None if by_cost is None else float(by_cost),
            "Judged": day.judged,
            "Unknown": day.unknown,
            "Policy": day.policy_version,
        }
        for day in reversed(days)
        for by_count, by_cost in (shares(day),)
    ]
    settings = {name: st.column_config.NumberColumn(name, format="%.2f") for name in ("By count, %", "By cost, %")}
    settings["Day"] = st.column_config.DateColumn("Day", format="D MMM YYYY")
    fold.dataframe(
        rows, column_config=settings, hide_index=True, row_height=tables.ROW_HEIGHT, placeholder=numbers.UNKNOWN,
        alt="Figures of the chart above",
    )  # fmt: skip


def worst(answers: Answers, view: TagView) -> None:
    """The card of groups: what their violations cost a month, dearest first, and how much of them complies."""
    groups = answers.compliance(view.only, by=str(view.by), key=view.key).groups
    bars = group_bars(answers, view.by, groups)
    if not bars:
        st.markdown("Nothing violates here.")
        return
    currency = _currency(groups)
    figure = answers.kept(
        ("worst", view.only, view.by, view.key),
        lambda: ranking(bars, currency=currency or None, height=max(BAR_HEIGHT * len(bars), 60), letters=LETTERS),
    )
    amount = numbers.exact_money(bars[0].amount, currency) + " a month" if currency else f"{bars[0].amount:,f} assets"
    told = f"{bars[0].name} stands worst: {amount} violate, {bars[0].note} of its assets comply."
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(told), key="chart.tags.worst")
    st.markdown(
        f":small[:gray[{'Cost of assets that violate' if currency else 'Assets that violate'}, and how many comply.]]"
    )
    unit = f"Violating, {numbers.symbol(currency).strip()}/mo" if currency else "Violating assets"
    tables.bars_table(bars, titles=("Group", unit), key="tags.worst", digits=2 if currency else 0)


def _currency(groups: Sequence[GroupScore]) -> str:
    """The one currency of all groups; empty where there is none or several: then assets are counted."""
    found = {cost.currency for group in groups for cost in group.score.costs if cost.violating}
    return next(iter(found)) if len(found) == 1 else ""


def group_bars(answers: Answers, by: By, groups: Sequence[GroupScore]) -> list[Bar]:
    """Bars of the groups that violate most, dearest first; by count where there is no one currency."""
    currency, called = _currency(groups), _called(answers, by)
    wrong = [group for group in groups if group.score.violating]
    bars = [
        Bar(
            plain_line(called(group.group), limit=60),
            answers.month(sum((cost.violating for cost in group.score.costs), Decimal(0)))
            if currency
            else Decimal(group.score.violating),
            tag_names.percent_words(group.score.percent),
        )
        for group in wrong
    ]
    return sorted(bars, key=lambda bar: -bar.amount)[:MOST_GROUPS]


def _called(answers: Answers, by: By) -> Callable[[str], str]:
    known: dict[By, Callable[[str], str]] = {
        By.ACCOUNT: names.value_name("account", answers.accounts),
        By.SERVICE: asset_names.service_name,
        By.KIND: asset_names.kind_name,
    }
    called = known.get(by, str)
    return lambda group: called(group) if group else WITHOUT.get(by, numbers.UNKNOWN)

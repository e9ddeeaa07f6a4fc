"""Trying thresholds out: sliders that judge stored observations again, and what they would have said over 90 days."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import streamlit as st

from finops.model.errors import InputError
from pages.ui import figures, kpis, numbers, palette, url_state
from pages.ui.kpis import Kpi
from pages.ui.page import guarded
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.model.findings import Levels, Threshold
    from finops.waste.backtest import BackTest, BackTestDay
    from finops.waste.check import Check
    from pages.ui.finding_answers import Answers

DAYS, CHART_HEIGHT, WEEK = 90, 190, 7
MOST_STEPS, MOST_NAMES = 1_000, 8
CHECK = "savings.try.check"
_OF = "savings.try.of"
_DATES = {"type": "date", "tickmode": "auto", "nticks": 5, "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y"}


def card_body(answers: Answers, opened_check: str) -> None:
    """The whole card, drawn anew by itself when a slider moves."""
    if not answers.checks:
        st.markdown("No check is installed.")
        return
    _choose(answers, opened_check)
    _fragment(answers)


def _choose(answers: Answers, opened_check: str) -> None:
    """The check of the finding that was opened last, else the one with the most findings, until another is chosen."""
    counts = answers.flagged_by_check
    usual = max(answers.checks, key=lambda name: (counts.get(name, 0), name))
    chosen = st.session_state.get(CHECK)
    if opened_check in answers.checks and st.session_state.get(_OF) != opened_check:
        chosen = opened_check
    st.session_state[_OF] = opened_check
    url_state.set_widget(CHECK, chosen if chosen in answers.checks else usual)


@st.fragment
def _fragment(answers: Answers) -> None:
    with guarded("Thresholds"):
        _tried(answers)


def _tried(answers: Answers) -> None:
    left, right = st.columns([1, 1.5], gap="medium")
    with left:
        counts = answers.flagged_by_check
        ordered = sorted(answers.checks, key=lambda name: (-counts.get(name, 0), answers.titles[name]))
        st.selectbox("Check", ordered, key=CHECK, format_func=lambda name: plain_line(answers.titles[name], limit=80))
        check = answers.checks[st.session_state[CHECK]]
        st.markdown(":small[:gray[Flagged when, for each resource:]]")
        levels = answers.context.finops.waste.levels(check)
        tried = {threshold.name: _slider(check, threshold, levels) for threshold in check.all_thresholds}
        moved = {name: value for name, value in tried.items() if value != levels[name]}
        st.button(
            "Reset", key="savings.try.reset", icon=":material/undo:", disabled=not moved, on_click=_reset, args=(check,)
        )
    with right:
        try:
            found = answers.back_test(check.check_id, moved)
        except InputError as error:
            st.warning(escaped(str(error)), icon=":material/warning:")
            return
        _compared(answers, found)


def widget(check: Check, name: str) -> str:
    """The key of a threshold's slider."""
    return f"savings.try.{check.check_id}.{name}"


def _reset(check: Check) -> None:
    for threshold in check.all_thresholds:
        st.session_state.pop(widget(check, threshold.name), None)


def _slider(check: Check, one: Threshold, levels: Levels) -> float:
    """A slider between the bounds; a field for numbers where a slider's steps would be too many to hit one."""
    numbers_of = (one.minimum, one.maximum, levels[one.name], one.step)
    whole = all(float(value).is_integer() for value in numbers_of)
    least, most, value, step = ((int(each) if whole else float(each)) for each in numbers_of)
    label = f"{one.text[:1].upper()}{one.text[1:]}{f' ({one.unit})' if one.unit else ''}"
    told = f"In force: {levels[one.name]:g}; from {one.minimum:g} to {one.maximum:g}."
    few = (one.maximum - one.minimum) / one.step <= MOST_STEPS
    draw = st.slider if few else st.number_input
    found = draw(
        escaped(label),
        least,
        most,
        value=value,
        step=step,
        format="%d" if whole else "%.1f",
        key=widget(check, one.name),
        help=escaped(told),
    )
    return float(found)


def _compared(answers: Answers, found: BackTest) -> None:
    """Now against with these: today, over the days, and by name."""
    if found.today is None:
        st.info("This check has not run in the last 90 days, so there is nothing to judge again.")
        return
    today = found.today
    kpis.row(_figures(today), border=False)
    dollars = any(day.now.saving or day.tried.saving for day in found.days)
    tried = ("try", found.check_id, tuple(sorted(found.tried.items())))
    figure = answers.kept(tried, lambda: chart(found.days, dollars=dollars))
    what = "Saving a month, $" if dollars else "Findings"
    st.markdown(f":small[:gray[{escaped(what)}, by run date, at most {DAYS} days back]]")
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(chart_words(today)), key="chart.savings.try")
    _names(found)
    for failure in found.failures:
        st.warning(escaped(failure.message), icon=":material/warning:")


def _figures(today: BackTestDay) -> list[Kpi]:
    more = today.tried.findings - today.now.findings
    dollars = today.tried.saving - today.now.saving
    return [
        Kpi("Flagged now", f"{today.now.findings:,}", base=f"{numbers.short_money(today.now.saving)}/mo"),
        Kpi(
            "With these",
            f"{today.tried.findings:,}",
            delta=f"{more:+,d}" if more else "",
            base=f"{numbers.short_money(today.tried.saving)}/mo",
        ),
        Kpi("Difference", f"{numbers.signed_money(dollars)}/mo", base="nothing is saved here"),
    ]


def chart_words(today: BackTestDay) -> str:
    """The finding of the chart; plain text."""
    return (
        f"Now {today.now.findings} findings and {numbers.exact_money(today.now.saving)} a month; with these "
        f"{today.tried.findings} and {numbers.exact_money(today.tried.saving)}."
    )


def chart(days: Sequence[BackTestDay], *, dollars: bool) -> go.Figure:
    """Two lines over the run dates: the thresholds in force, and those tried."""
    names = [one.day.isoformat() for one in days]
    ways: Mapping[str, Sequence[Decimal]] = {
        "Now": [one.now.saving if dollars else Decimal(one.now.findings) for one in days],
        "With these": [one.tried.saving if dollars else Decimal(one.tried.findings) for one in days],
    }
    largest = max((value for values in ways.values() for value in values), default=Decimal(0))
    axis = figures.money_axis(largest, "USD")
    if not dollars:
        axis["tickformat"] = ",~g"
    axis["range"] = [0, float(max(largest, Decimal(1))) * 1.08]
    looks = ((palette.INK, "dot"), (palette.ACCENT, "solid"))
    traces = [
        go.Scatter(
            x=names,
            y=[float(value) for value in values],
            name=name,
            mode="lines+markers",
            marker={"size": 5},
            line={"width": 2, "color": colour, "dash": dash},
            hovertemplate="%{y:$,.0f}" if dollars else "%{y:,.0f}",
        )
        for (name, values), (colour, dash) in zip(ways.items(), looks, strict=True)
    ]
    return figures.figure(
        traces,
        height=CHART_HEIGHT,
        margin=figures.MARGINS | {"t": 24},
        xaxis=_dates([one.day for one in days]),
        yaxis=axis,
        showlegend=True,
    )


def _dates(days: Sequence[date]) -> dict[str, Any]:
    """An axis of real days: each run of one week, else a few days evenly apart."""
    axis = figures.time_axis((), monthly=False) | _DATES
    if days and (days[-1] - days[0]).days < WEEK:
        named = [day.isoformat() for day in days]
        margin = timedelta(days=1)
        return axis | {
            "tickmode": "array",
            "tickvals": named,
            "ticktext": [numbers.day(day) for day in days],
            "range": [(days[0] - margin).isoformat(), (days[-1] + margin).isoformat()],
        }
    return axis


def _names(found: BackTest) -> None:
    """Resources that other thresholds would add or drop today."""
    if not found.more and not found.fewer:
        moved = any(found.tried[name] != found.levels[name] for name in found.tried)
        st.markdown("The same resources as now." if moved else "Move a slider to see what would change.")
    for title, names in (("Would be added", found.more), ("Would be dropped", found.fewer)):
        if names:
            rest = f"  \n:gray[and {len(names) - MOST_NAMES} more]" if len(names) > MOST_NAMES else ""
            told = "  \n".join(escaped(short(name), limit=120) for name in names[:MOST_NAMES])
            with st.expander(f"{title}: {len(names):,}", type="compact"):
                st.markdown(f":small[{told}{rest}]")


def short(name: str) -> str:
    """`123456789012 volume/vol-0a1b us-east-1` of an ARN; anything else as it is."""
    parts = name.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":  # noqa: PLR2004 - the parts of an ARN
        return name
    return " · ".join(part for part in (parts[5], parts[4], parts[3]) if part)

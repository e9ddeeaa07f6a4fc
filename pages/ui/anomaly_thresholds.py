"""Trying thresholds out: what other ones would have told of in ninety days; kept as a person's own at a button."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from finops.model.anomalies import AnomalyKind, Direction, Sensitivity, Thresholds
from finops.model.errors import FinopsError
from finops.model.thresholds import Origin
from pages.ui import anomaly_names, figures, kpis, numbers, palette, threshold_rows
from pages.ui.anomaly_answers import MIN_IMPACT, MIN_PERCENT, SENSITIVITY, TRIED_DAYS
from pages.ui.kpis import Kpi
from pages.ui.page import guarded
from pages.ui.preference_words import ORIGIN_NAMES
from pages.ui.text import escaped, plain_line
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.anomalies.alerts import BackTest
    from finops.model.anomalies import Anomaly
    from pages.ui.anomaly_answers import Answers

IMPACTS = (0, 1, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000)
PERCENTS = (0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1_000)
CHART_HEIGHT, MOST_NAMES = 150, 8
KEPT = ("min_impact", "min_percent", "sensitivity")
_NAMES = {"min_impact": MIN_IMPACT, "min_percent": MIN_PERCENT, "sensitivity": SENSITIVITY}
_SAID = "anomalies.try.said"


def key(field: str) -> str:
    """The key of a slider."""
    return f"anomalies.try.{field}"


@st.fragment
def card_body(answers: Answers) -> None:
    """The whole card, drawn anew by itself when a slider moves."""
    with guarded("Thresholds"):
        left, right = st.columns([1, 1.5], gap="medium")
        with left:
            tried = _sliders(answers)
            _buttons(answers, tried)
        with right:
            _compared(answers.back_test(tried), tried, answers)


def _sliders(answers: Answers) -> Thresholds:
    """From the thresholds that hold for the person. Kinds and direction are tried only: nobody's settings have them."""
    mine = answers.mine
    impact = st.select_slider(
        "At least this much more or less, $",
        _steps(IMPACTS, mine.min_impact),
        value=float(mine.min_impact),
        key=key("min_impact"),
        format_func=lambda value: f"{value:,.10g}",
        disabled=_locked(answers, "min_impact"),
    )
    percent = st.select_slider(
        "And at least this much, %",
        _steps(PERCENTS, mine.min_percent),
        value=float(mine.min_percent),
        key=key("min_percent"),
        format_func=lambda value: f"{value:,.10g}",
        disabled=_locked(answers, "min_percent"),
    )
    sensitivity = st.segmented_control(
        "Sensitivity",
        list(Sensitivity),
        default=mine.sensitivity,
        key=key("sensitivity"),
        format_func=lambda value: str(value).capitalize(),
        required=True,
        disabled=_locked(answers, "sensitivity"),
        help="Low tells only the clearest deviations, high everything that was detected.",
    )
    kinds = st.pills(
        "Kinds",
        list(AnomalyKind),
        selection_mode="multi",
        default=list(AnomalyKind),
        key=key("kinds"),
        format_func=anomaly_names.KIND_NAMES.__getitem__,
    )
    ways = st.pills(
        "Direction",
        list(Direction),
        selection_mode="multi",
        default=list(Direction),
        key=key("ways"),
        format_func=anomaly_names.DIRECTION_NAMES.__getitem__,
    )
    return Thresholds(
        Decimal(str(impact)),
        Decimal(str(percent)),
        Sensitivity(sensitivity or mine.sensitivity),
        tuple(kind for kind in AnomalyKind if kind in kinds),
        tuple(way for way in Direction if way in ways),
    )


def _steps(usual: Sequence[int], mine: Decimal) -> list[float]:
    """The stops of a slider, with the person's own value among them."""
    return sorted({*map(float, usual), float(mine)})


def _locked(answers: Answers, field: str) -> bool:
    return answers.effective[_NAMES[field]].origin is Origin.LOCK


def _buttons(answers: Answers, tried: Thresholds) -> None:
    moved = [field for field in KEPT if getattr(tried, field) != getattr(answers.mine, field)]
    locked = [field for field in KEPT if _locked(answers, field)]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Keep as mine",
            key=key("keep"),
            icon=":material/save:",
            disabled=not moved,
            on_click=_keep,
            args=(answers, tried),
            help="Keeps impact, percent and sensitivity as your own thresholds; kinds and direction are only tried.",
        )
        st.button("Reset", key=key("reset"), icon=":material/undo:", type="tertiary", on_click=_reset)
    _origins(answers, locked)
    said = st.session_state.pop(_SAID, None)
    if said:
        (st.error if said[0] else st.success)(escaped(said[1]))


def _origins(answers: Answers, locked: Sequence[str]) -> None:
    """Whose thresholds hold now, and which of them the tenant has locked."""
    origins = {answers.effective[_NAMES[field]].origin for field in KEPT}
    with st.container(horizontal=True, gap="xsmall"):
        for origin in Origin:
            if origin in origins:
                st.badge(ORIGIN_NAMES[origin], icon=threshold_rows.ICONS[origin], color=threshold_rows.COLOURS[origin])
    if locked:
        names = ", ".join(field.replace("_", " ").removeprefix("min ") for field in locked)
        st.markdown(f":small[:gray[Locked by the tenant: {escaped(names)}.]]")


def _reset() -> None:
    for field in (*KEPT, "kinds", "ways"):
        st.session_state.pop(key(field), None)


def _keep(answers: Answers, tried: Thresholds) -> None:
    """Keeps what was moved as the person's own; a value that would hold anyway takes their own away."""
    context = answers.context

    def changed(chosen):  # type: ignore[no-untyped-def]
        for field in KEPT:
            one = answers.effective[_NAMES[field]]
            value = getattr(tried, field)
            wanted = str(value) if field == "sensitivity" else float(value)
            if one.origin is not Origin.LOCK and wanted != one.value:
                own = None if wanted == one.inherited else one.tunable.checked(wanted)
                chosen = chosen.with_threshold(one.tunable.key, own)
        return chosen

    try:
        UserPreferences.of(context.finops.settings).change(context.person.principal, changed)
    except FinopsError as error:
        st.session_state[_SAID] = (True, f"Nothing was kept: {error}.")
        return
    st.session_state[_SAID] = (False, "Kept as your thresholds. The list above follows at its next view.")


def words(found: BackTest) -> str:
    """`With these: 14 alerts in 90 days instead of 9; 5 more, 0 fewer.`; plain text."""
    now, tried = sum(found.now.values()), sum(found.tried.values())
    told = f"With these: {numbers.counted(tried, 'alert')} in {TRIED_DAYS} days instead of {now:,}"
    if not found.more and not found.fewer:
        return f"{told}, the same ones."
    return f"{told}; {len(found.more):,} more, {len(found.fewer):,} fewer."


def _compared(found: BackTest, tried: Thresholds, answers: Answers) -> None:
    st.markdown(f"**{escaped(words(found))}**")
    now, with_these = sum(found.now.values()), sum(found.tried.values())
    more = with_these - now
    judged = found.confirmed + found.refused
    kpis.row(
        [
            Kpi("Alerts now", f"{now:,}", base=f"in {TRIED_DAYS} days"),
            Kpi("With these", f"{with_these:,}", delta=f"{more:+,d}" if more else "", base="nothing is saved yet"),
            Kpi(
                "Of them judged",
                f"{judged:,}",
                base=f"{found.confirmed:,} real, {found.refused:,} false" if judged else "nobody has judged",
            ),
        ],
        border=False,
    )
    figure = answers.kept(("back_test chart", tried, answers.mine), lambda: chart(found))
    st.markdown(":small[:gray[Alerts by month of their first flagged day]]")
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(words(found)), key="chart.anomalies.try")
    for title, group in (("Would be told too", found.more), ("Would no longer be told", found.fewer)):
        _names_of(title, group, answers)


def chart(found: BackTest) -> go.Figure:
    """Two bars a month: the person's thresholds, and those tried."""
    months = sorted({*found.now, *found.tried})
    ways = (("Now", found.now, palette.SERIES[7]), ("With these", found.tried, palette.ACCENT))
    traces = [
        go.Bar(
            x=months,
            y=[counts.get(month, 0) for month in months],
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            text=[counts.get(month, 0) for month in months],
            textposition="outside",
            textfont={"size": 12, "color": palette.INK},
            hovertemplate="%{y}",
            cliponaxis=False,
        )
        for name, counts, colour in ways
    ]
    ticks = [f"{date.fromisoformat(f'{month}-01'):%b}" for month in months]
    axis = figures.time_axis((), monthly=True) | {"tickvals": months, "ticktext": ticks}
    largest = max([1, *found.now.values(), *found.tried.values()])
    return figures.figure(
        traces,
        height=CHART_HEIGHT,
        barmode="group",
        bargap=0.4,
        margin=figures.MARGINS | {"t": 24},
        xaxis=axis,
        yaxis=figures.bare_axis(range=[0, largest * 1.25]),
        showlegend=True,
    )


def _names_of(title: str, group: Sequence[Anomaly], answers: Answers) -> None:
    if not group:
        return
    ordered = sorted(group, key=lambda each: -abs(each.impact))
    lines = [
        f"{anomaly_names.title(each)}, {answers.accounts.get(each.account) or each.account}: "
        f"{numbers.signed_money(each.impact, each.currency)}, {numbers.day(each.start, year=True)}"
        for each in ordered[:MOST_NAMES]
    ]
    rest = f"  \n:gray[and {len(group) - MOST_NAMES} more]" if len(group) > MOST_NAMES else ""
    told = "  \n".join(escaped(line, limit=160) for line in lines)
    with st.expander(f"{title}: {len(group):,}", type="compact"):
        st.markdown(f":small[{told}{rest}]")

"""Everything about one anomaly: what it cost instead of what, the evidence, why, AWS's word, and what people said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.people import Right
from pages.ui import (
    anomaly_aws,
    anomaly_cause,
    anomaly_deeds,
    anomaly_evidence,
    anomaly_names,
    figures,
    names,
    numbers,
)
from pages.ui.anomaly_ways import way
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from finops.model.anomalies import Anomaly, Standing
    from pages.ui.anomaly_answers import Answers

ASKED = "anomalies.asked"
"""Where a button leaves the id of the anomaly to open next; empty closes the panel."""


def close_button() -> None:
    """Back to the list alone."""
    st.button("Close", key="anomalies.close", icon=":material/close:", type="tertiary", on_click=ask, args=("",))


def ask(anomaly_id: str) -> None:
    """Opens another anomaly at the next run."""
    st.session_state[ASKED] = anomaly_id


def detail(answers: Answers, one: Standing) -> None:
    """Draws everything about one anomaly."""
    anomaly = one.anomaly
    account = names.value_name("account", answers.accounts)(anomaly.account)
    st.markdown(f"**{escaped(account)}** :gray[{escaped(anomaly.service, limit=120)}]")
    _badges(one)
    st.markdown(
        f"**{escaped(anomaly_names.sentence(anomaly))}** {escaped(anomaly_names.consequence(anomaly))} "
        f":gray[{anomaly_names.KIND_WORDS[anomaly.kind]}]"
    )
    _chart(answers, anomaly)
    said = anomaly_deeds.said_of(one)
    if said:
        st.markdown(f":small[{said}]")
    anomaly_deeds.row(answers.context, one)
    shown = st.tabs(["Why", "AWS's word", "More"])
    with shown[0]:
        anomaly_cause.draw(answers, anomaly)
    with shown[1]:
        anomaly_aws.beside(answers, one)
    with shown[2]:
        _more(answers, anomaly)


def _badges(one: Standing) -> None:
    anomaly = one.anomaly
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        status = anomaly.status
        st.badge(
            anomaly_names.STATUS_NAMES[status],
            color=anomaly_names.STATUS_COLOURS[status],
            help=anomaly_names.STATUS_WORDS[status],
        )
        st.badge(
            f"Score {anomaly_names.score(anomaly)}",
            color="gray",
            help="Distance from what was expected in robust standard deviations; whatever the test, its limit is 6.5.",
        )
        if one.aws is not None:
            st.badge("AWS found it too", icon=":material/cloud_done:", color="blue")
        if one.silenced:
            st.badge("Silenced", icon=":material/notifications_off:", color="gray")


def _chart(answers: Answers, anomaly: Anomaly) -> None:
    shown = anomaly_evidence.window(answers.history(anomaly), anomaly)
    if not shown:
        return
    complete = answers.detection.through
    figure = answers.kept(
        ("evidence", anomaly.anomaly_id),
        lambda: anomaly_evidence.chart(shown, currency=anomaly.currency, complete=complete),
    )
    alt = plain_line(anomaly_evidence.words(anomaly, shown))
    st.plotly_chart(figure, config=figures.CONFIG, alt=alt, key=f"chart.anomaly.{anomaly.anomaly_id}")


def _more(answers: Answers, anomaly: Anomaly) -> None:
    """When it was seen, the way to its costs, and the same from the command line and the API."""
    facts = [
        f"Flagged first on {numbers.day(anomaly.flagged_first, year=True)}",
        f"last seen on {numbers.day(anomaly.last_seen, year=True)}",
    ]
    if anomaly.detected is not None:
        facts.append(f"kept since {numbers.clock(anomaly.detected)}")
    st.markdown(f":small[:gray[{escaped(', '.join(facts))}.]]")
    if answers.context.may(Right.VIEW_COSTS):
        way(
            "cost_analysis",
            "Its days in Cost analysis",
            cost_params(answers, anomaly),
            icon=":material/bar_chart:",
            key="anomalies.costs",
        )
    tenant = answers.context.tenant
    st.code(
        f"python -m finops --tenant {tenant} anomalies detect --account {anomaly.account} --json\n"
        f"curl 'http://localhost:8501/api/anomalies/{anomaly.anomaly_id}?tenant={tenant}'",
        language="sh",
        wrap_lines=True,
    )


def cost_params(answers: Answers, anomaly: Anomaly) -> dict[str, str]:
    """Cost Analysis's parameters: its days with four weeks before them, its account and service, by usage type."""
    held = answers.context.finops.costs.period(answers.context.tenant)
    start = anomaly.start - timedelta(days=28)
    return {
        "tenant": answers.context.tenant,
        "start": max(start, held.start).isoformat() if held else start.isoformat(),
        "end": (anomaly.last_seen + timedelta(days=1)).isoformat(),
        "account": anomaly.account,
        "service": anomaly.service,
        "group_by": "usage_type",
        "granularity": "daily",
    }

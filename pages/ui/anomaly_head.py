"""How fresh the anomalies are, which series are still learnt, what could not be seen, and where it all comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.anomalies.ages import LEARNING_DAYS
from pages.ui import numbers
from pages.ui.provenance import METRIC_NAMES, SOURCE_NAMES
from pages.ui.text import escaped

if TYPE_CHECKING:
    from pages.ui.anomaly_answers import Answers


def badges(answers: Answers) -> None:
    """The last complete day, the age of the costs when they are stale, and how many series are still learnt."""
    found, now = answers.detection, answers.context.now
    if found.through is not None:
        st.badge(
            f"Complete to {numbers.day(found.through, year=found.through.year != now.year)}",
            icon=":material/schedule:",
            color="gray",
            help="Figures of later days are still arriving: a rise is told of them if it is beyond the limit already, "
            "a drop never.",
        )
    fetched = found.fetched_at
    if fetched is not None and now - fetched > answers.stale_after:
        st.badge(f"Costs {numbers.age(fetched, now)} old", icon=":material/update:", color="orange")
    if found.learning and found.learning < found.series:
        st.badge(
            f"{found.learning:,} of {found.series:,} series learning",
            icon=":material/school:",
            color="orange",
            help=f"An account's service with {LEARNING_DAYS} days or fewer: nothing is said of it yet.",
        )


def nothing_detected() -> None:
    """Says why nothing can be said at all, and what to do."""
    st.subheader("Nothing to look at yet", anchor=False)
    st.markdown("No daily cost by account and service is stored here. It comes with a refresh of costs, or a bill:")
    st.code("python -m finops costs refresh\npython -m finops bill import PATH", language="sh")


def warnings(answers: Answers) -> None:
    """What could not be seen, a line each, and that nothing can be said yet where all is learnt; the rest stays."""
    found = answers.detection
    if found.learning == found.series:
        st.info(
            f"Still learning: {numbers.counted(found.series, 'series', 'series')} with {found.days:,} stored days. "
            f"After {LEARNING_DAYS} days of a service something is said of it. No anomaly here does not mean that "
            "there was none.",
            icon=":material/school:",
        )
    for failure in found.failures[:3]:
        grant = f" Missing permission: `{failure.missing_action}`." if failure.missing_action else ""
        st.warning(f"{escaped(failure.message)}{grant}", icon=":material/warning:")


def provenance(answers: Answers) -> None:
    """A quiet line below the page: series, days, metric, source, and what the source says about itself."""
    found, now = answers.detection, answers.context.now
    metric = METRIC_NAMES.get(found.metric, str(found.metric)) if found.metric else ""
    fetched = f"fetched {numbers.ago(found.fetched_at, now)}" if found.fetched_at else ""
    parts = (
        f"{numbers.counted(found.series, 'series', 'series')} of {found.days:,} days",
        f"{metric}, {SOURCE_NAMES.get(found.source, found.source)}" if metric else "",
        fetched,
        "the same detection for everyone, thresholds choose what is shown",
        "a month is 365/12 days",
        *found.notes,
    )
    st.markdown(f":small[:gray[{escaped(' · '.join(part for part in parts if part), limit=900)}]]")

"""Where figures come from, one click away.

Metric, source, age, period, charge types, the check of the sum, the equal command.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.costs import CostAnswer, Metric, Provenance
from pages.ui import numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from datetime import datetime

METRIC_NAMES = {
    Metric.UNBLENDED: "Unblended cost",
    Metric.NET_UNBLENDED: "Net unblended cost",
    Metric.AMORTIZED: "Amortized cost",
    Metric.NET_AMORTIZED: "Net amortized cost",
    Metric.BLENDED: "Blended cost",
    Metric.BILLED: "Billed cost",
    Metric.EFFECTIVE: "Effective cost",
    Metric.LIST: "List cost",
    Metric.CONTRACTED: "Contracted cost",
}
SOURCE_NAMES = {"cost_explorer": "AWS Cost Explorer", "focus": "Imported bill (FOCUS)", "": "No stored source"}


def source_popover(answer: CostAnswer, *, now: datetime, key: str) -> None:
    """A quiet button in a card's head that opens the provenance of the figures in that card."""
    with st.popover("Source", type="tertiary", icon=":material/info:", key=f"source.{key}"):
        st.markdown("\n".join(f"- **{label}:** {value}" for label, value in facts(answer, now=now)))
        if answer.provenance.command:
            st.markdown("The same question to AWS (one paid request, USD 0.01 a page):")
            st.code(answer.provenance.command, language="bash", wrap_lines=True)


def facts(answer: CostAnswer, *, now: datetime) -> list[tuple[str, str]]:
    """Label and Markdown of every fact about an answer, in reading order; unknown ones are left out."""
    origin = answer.provenance
    found = [("Metric", _metric(origin)), ("Source", _source(origin))]
    if origin.fetched_at is not None:
        found.append(("Fetched", f"{numbers.clock(origin.fetched_at)}, {numbers.ago(origin.fetched_at, now)}"))
    found.append(("Period", _period(answer, now)))
    if origin.estimated:
        since = f" from {numbers.day(origin.estimated_from)} on" if origin.estimated_from else ""
        found.append(("Estimated", f"yes{since}: AWS may still change these days until the month is closed"))
    else:
        found.append(("Estimated", "no"))
    if origin.charge_types:
        found.append(("Charge types", ", ".join(escaped(name) for name in origin.charge_types)))
    found.append(("Sum of parts", _sum_words(answer)))
    found += [("Note", escaped(note)) for note in origin.notes]
    found += [("Failed", escaped(failure.message)) for failure in answer.failures]
    return found


def _metric(origin: Provenance) -> str:
    name = METRIC_NAMES[origin.metric]
    return f"{name} ({escaped(origin.mapped_from)})" if origin.mapped_from else name


def _source(origin: Provenance) -> str:
    name = SOURCE_NAMES.get(origin.source, escaped(origin.source))
    return f"{name}, stored as `{origin.cube}`" if origin.cube and "`" not in origin.cube else name


def _period(answer: CostAnswer, now: datetime) -> str:
    asked = numbers.days(answer.question.period, today=now.date())
    missing = answer.provenance.missing_days
    return f"{asked}; {numbers.counted(missing, 'day')} of it not stored" if missing else f"{asked}, all days stored"


def _sum_words(answer: CostAnswer) -> str:
    if not answer.totals:
        return "no figures"
    parts = numbers.counted(len(answer.rows), "part")
    if answer.reconciles:
        return "; ".join(
            f"{parts} sum to {_exact(amount, currency)}, the source's own total"
            for currency, amount in answer.totals.items()
        )
    return f":red[{escaped(difference(answer))}]"


def _exact(amount: Decimal, currency: str) -> str:
    return escaped(numbers.exact_money(amount, currency))


def difference(answer: CostAnswer) -> str:
    """One sentence per currency whose parts and whole differ; empty when all agree."""
    sentences = []
    for currency in sorted({*answer.totals, *answer.control}):
        parts, whole = answer.totals.get(currency, Decimal(0)), answer.control.get(currency, Decimal(0))
        if parts != whole:
            spelled = [numbers.exact_money(amount, currency) for amount in (parts, whole, parts - whole)]
            sentences.append(
                f"The parts sum to {spelled[0]}, the source's own total is {spelled[1]}: {spelled[2]} apart."
            )
    return " ".join(sentences)


def checked(answer: CostAnswer) -> bool:
    """Says in red when parts and whole differ and in words when nothing could answer.

    False when there is nothing to draw.
    """
    if not answer.provenance.source:
        reasons = [escaped(note) for note in answer.provenance.notes] + [
            escaped(failure.message) for failure in answer.failures
        ]
        st.info(" ".join(dict.fromkeys(reasons)) or "No stored data can answer this.", icon=":material/info:")
        return False
    if not answer.reconciles:
        st.error(escaped(difference(answer)), icon=":material/error:", title="The sum does not match")
    if answer.provenance.missing_days:
        lacking = numbers.counted(answer.provenance.missing_days, "day")
        notes = " ".join(escaped(note) for note in answer.provenance.notes)
        st.warning(
            f"Not stored: {lacking} of this period; the figures cover the rest. {notes}",
            icon=":material/warning:",
        )
    for failure in answer.failures:
        st.warning(escaped(failure.message), icon=":material/warning:")
    return True

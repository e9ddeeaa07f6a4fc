"""Everything about one finding: the saving and its basis, the evidence, what to do, who did what."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.findings import Basis, FindingStatus, Severity, Verdict
from pages.ui import (
    asset_names,
    figures,
    finding_deeds,
    finding_evidence,
    finding_names,
    finding_table,
    names,
    numbers,
    url_state,
)
from pages.ui.finding_deeds import Target
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.findings import Finding, FindingEvent, FindingState, Remedy
    from finops.waste.listing import Standing
    from pages.ui.finding_answers import Answers, Listed

MOST_HISTORY = 20
ASKED = "savings.asked"
"""Where a button leaves the fingerprint of the finding to open next; empty closes the panel."""
SEVERAL = "savings.several"
LONGEST_COMMAND = 2048
_STANDING = frozenset({FindingStatus.OPEN, FindingStatus.REOPENED})
_CENT = Decimal("0.01")


def close_button() -> None:
    """Back to the list alone."""
    st.button("Close", key="savings.close", icon=":material/close:", type="tertiary", on_click=ask, args=("",))


def ask(fingerprint: str) -> None:
    """Opens another finding at the next run."""
    st.session_state[ASKED] = fingerprint


def detail(answers: Answers, one: Standing, listed: Listed) -> None:
    """Draws everything about one finding."""
    _resource(answers, one.finding)
    _saving(answers, one, listed)
    st.markdown(escaped(one.finding.message))
    _chart(answers, one.finding)
    if one.state is not None:
        owner = one.state.owner
        target = Target((one.finding.fingerprint,), frozenset({one.status}), owner)
        finding_deeds.row(answers.context, target)
    events = answers.history(one.finding.fingerprint)
    shown = st.tabs(["What to do", "Evidence", f"History {len(events)}"])
    with shown[0]:
        _remedy(answers, one.finding)
    with shown[1]:
        _lines(finding_evidence.fact_lines(one.finding), alt="What the finding stands on")
    with shown[2]:
        _history(events)


def _resource(answers: Answers, finding: Finding) -> None:
    """`batch-runner-07  i-0a41f2c9 · EC2 instance · prod-data · us-east-1`."""
    account = names.value_name("account", answers.accounts)(finding.account)
    name = finding_table.resource_name(finding)
    told = [finding.resource_id if finding.resource_id != name else "", asset_names.kind_name(finding.kind)]
    told += [account, finding.region]
    rest = " · ".join(escaped(part, limit=120) for part in told if part)
    st.markdown(f"**{escaped(name)}** :gray[{rest}]")


def _saving(answers: Answers, one: Standing, listed: Listed) -> None:
    """The amount with its basis and status as badges, and below how it was computed."""
    finding = one.finding
    flagged, priced = finding.verdict is Verdict.FLAGGED, finding.saving_basis is not Basis.NONE
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if priced:
            amount = escaped(numbers.exact_money(finding.monthly_saving, finding.currency))
            st.markdown(f"**{amount} a month**", width="content")
        if flagged:
            basis = finding.saving_basis
            st.badge(finding_names.BASIS_NAMES[basis], color=finding_names.BASIS_COLOURS[basis])
            st.badge(status_words(one, answers), color=finding_names.STATUS_COLOURS[one.status])
            st.badge(f"{finding_names.SEVERITY_NAMES[Severity(finding.severity)]} severity", color="gray")
        else:
            st.badge(finding_names.VERDICT_NAMES[finding.verdict], color="gray")
        if one.state is not None and one.state.owner:
            st.badge(escaped(one.state.owner, limit=60), icon=":material/person:", color="gray")
    told = [_state_words(one.state, one.status)] if one.state is not None else []
    if flagged:
        told.append(escaped(basis_words(finding)) + _counts(one, listed))
    if any(told):
        st.markdown(f":small[:gray[{'  '.join(part for part in told if part)}]]")


def basis_words(finding: Finding) -> str:
    """How the saving was computed, beside what the resource's own bill says; plain text."""
    words = finding_names.BASIS_WORDS[finding.saving_basis]
    if finding.saving_basis in {Basis.MEASURED, Basis.NONE}:
        return words
    bill = dict(finding_evidence.amounts(finding)).get("bill")
    if bill is None:
        return f"{words} No stored bill names this resource."
    return f"{words} Its own bill is {numbers.exact_money(bill, finding.currency)} a month."


def _counts(one: Standing, listed: Listed) -> str:
    """How much of it the list's total contains, where that is not all of it; Markdown."""
    finding, counted = one.finding, listed.counted.get(one.finding.fingerprint)
    if finding.saving_basis is Basis.NONE or (counted is None and one.status not in _STANDING):
        return ""
    if counted is None:
        return " Not in the total of this list: another finding about the resource counts, or a filter hides it."
    if abs(counted - finding.monthly_saving) < _CENT:
        return ""
    return f" The total counts {escaped(numbers.exact_money(counted, finding.currency))}: all that the resource costs."


def status_words(one: Standing, answers: Answers) -> str:
    """`Open, first seen 14 days ago`."""
    name = finding_names.STATUS_NAMES[one.status]
    if one.first_seen is None:
        return name
    return f"{name} · first seen {numbers.ago(one.first_seen, answers.context.now)}"


def _state_words(state: FindingState, status: FindingStatus) -> str:
    """Until when and why; Markdown."""
    parts = []
    if status is FindingStatus.SNOOZED and state.until is not None:
        parts.append(f"Until {numbers.day(state.until.date(), year=True)}")
    if state.reason and status is not FindingStatus.OPEN:
        parts.append(f"“{escaped(state.reason, limit=300)}”")
    return f"{', '.join(parts)}." if parts else ""


def _chart(answers: Answers, finding: Finding) -> None:
    check = answers.checks.get(finding.check_id)
    levels = answers.context.finops.waste.levels(check) if check is not None else {}
    shown = finding_evidence.drawn(finding, check, levels)
    if shown is None:
        return
    figure = answers.kept(("evidence", finding.finding_id), lambda: finding_evidence.chart(shown))
    st.markdown(f":small[:gray[{escaped(shown.words)}]]")
    limits = ", ".join(limit.label for limit in shown.limits)
    st.plotly_chart(
        figure,
        config=figures.CONFIG,
        alt=plain_line(f"{shown.words}. {limits}. {finding.message}"),
        key=f"chart.evidence.{finding.fingerprint}",
    )


def _remedy(answers: Answers, finding: Finding) -> None:
    """The check's own words, the way to the console, and a command that nobody here runs."""
    check = answers.checks.get(finding.check_id)
    if check is None:
        st.markdown(":small[:gray[The check that found this is not installed any more.]]")
        return
    for paragraph in check.explanation.strip().split("\n\n"):
        st.markdown(escaped(paragraph, limit=1000))
    found = remedy(answers, finding)
    if found is None:
        return
    if found.command:
        st.markdown(":small[:gray[This tool changes nothing in AWS. Whoever decides may run:]]")
        st.code(plain_line(found.command, limit=LONGEST_COMMAND), language="sh", wrap_lines=True)
    with st.container(horizontal=True, gap="small"):
        st.link_button("AWS console", found.console, icon=":material/open_in_new:", type="tertiary")
        if check.source_url:
            st.link_button("Why", check.source_url, icon=":material/menu_book:", type="tertiary")


def remedy(answers: Answers, finding: Finding) -> Remedy | None:
    """Where and how to act; None where the finding lacks a fact that the remedy names."""
    check = answers.checks.get(finding.check_id)
    try:
        return check.remedy(finding_evidence.observation(finding)) if check is not None else None
    except KeyError:
        return None


def _history(events: Sequence[FindingEvent]) -> None:
    if not events:
        st.markdown(":small[:gray[Nothing has happened to it yet.]]")
        return
    lines = [(numbers.clock(event.at), event_words(event)) for event in events[:MOST_HISTORY]]
    _lines(lines, alt="What happened to the finding")
    if len(events) > MOST_HISTORY:
        st.markdown(f":small[:gray[And {len(events) - MOST_HISTORY} more.]]")


def event_words(event: FindingEvent) -> str:
    """`Found by the checks`, `Snoozed by analyst: planned for December`; plain text."""
    who = event.by.removeprefix("persona:")
    by = "the checks" if who == "run" else who
    name = _ACTION_NAMES.get(event.action, event.action)
    if event.action in {"seen", "gone"} and event.before != event.after:
        name = event.after.capitalize() if event.before else "Found"
    text = f": {event.text}" if event.text else ""
    return plain_line(f"{name} by {by}{text}", limit=400)


_ACTION_NAMES = {str(deed): name for deed, name in finding_names.DEED_NAMES.items()}


def _lines(lines: Sequence[tuple[str, str]], *, alt: str) -> None:
    """Label and value side by side; a cell is Markdown."""
    if not lines:
        st.markdown(":small[:gray[Nothing more is known.]]")
        return
    labels = [f":gray[{escaped(label, limit=80)}]" for label, _ in lines]
    frame = pd.DataFrame({"label": labels, "value": [escaped(value, limit=400) for _, value in lines]})
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt=alt)


def several(answers: Answers, chosen: Sequence[Standing]) -> None:
    """What is done to several findings at once."""
    priced: dict[str, Decimal] = {}
    for one in chosen:
        if one.finding.saving_basis is not Basis.NONE:
            currency = one.finding.currency
            priced[currency] = priced.get(currency, Decimal(0)) + one.finding.monthly_saving
    sums = " and ".join(numbers.exact_money(amount, currency) for currency, amount in sorted(priced.items()))
    st.markdown(f"**{escaped(sums or 'No dollar basis')}**{' a month' if sums else ''}, before what counts twice.")
    acted = [one for one in chosen if one.state is not None]
    if len(acted) < len(chosen):
        st.markdown(":small[:gray[What was never flagged cannot be acted upon, so it is left out.]]")
    if acted:
        statuses = frozenset(one.status for one in acted)
        finding_deeds.row(answers.context, Target(tuple(one.finding.fingerprint for one in acted), statuses))
    titles = [
        f"- {escaped(one.finding.title, limit=80)}: {escaped(finding_table.resource_name(one.finding))}"
        for one in chosen[:MOST_HISTORY]
    ]
    st.markdown("\n".join(titles))


def turn_several() -> None:
    """Starts or ends picking several: what was open is closed."""
    st.session_state[ASKED] = ""


def several_control() -> bool:
    """A switch between one finding and several at once."""
    url_state.set_widget(SEVERAL, bool(st.session_state.get(SEVERAL, False)))
    return st.toggle("Select several", key=SEVERAL, on_change=turn_several)

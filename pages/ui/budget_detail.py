"""The panel of one budget: how it stands and why, what it is of, thresholds and crossings, AWS's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.budgets.pace import FORECAST, WEEKDAYS
from finops.budgets.standings import days_left
from finops.model.budgets import BudgetSource
from pages.ui import budget_names, numbers
from pages.ui.provenance import METRIC_NAMES
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.model.budgets import AwsBudget, BudgetDetail, BudgetStanding
    from pages.ui.budget_answers import Answers

MOST_CROSSINGS = 6
PACES = {
    FORECAST: "by what was expected of its days",
    WEEKDAYS: "by what each weekday usually costs",
}


def badge(standing: BudgetStanding) -> None:
    """How it stands: a word, an icon, a colour."""
    st.badge(
        budget_names.STATUS_NAMES[standing.status],
        icon=budget_names.STATUS_ICONS[standing.status],
        color=budget_names.STATUS_COLOURS[standing.status],
    )


def body(answers: Answers, detail: BudgetDetail) -> None:
    """The whole panel."""
    standing = detail.standing
    for reason in standing.reasons:
        st.warning(escaped(reason), icon=":material/help:")
    _table(answers, standing)
    for note in standing.notes:
        st.markdown(f":small[:gray[{escaped(note)}]]")
    _crossings(answers, detail)
    aws = standing.budget.aws
    if aws is not None:
        _aws(standing, aws)


def lines(answers: Answers, standing: BudgetStanding) -> list[tuple[str, str]]:
    """Label and value of what is known; plain text."""
    budget = standing.budget
    money = {
        "Spent": standing.spent,
        "Budget": standing.limit,
        "On pace": standing.pace if budget_names.through(standing) is not None else None,
    }
    found = [
        (label, numbers.exact_money(amount, budget.currency)) for label, amount in money.items() if amount is not None
    ]
    end = standing.forecast
    if end is not None:
        limits = [numbers.short_money(each, budget.currency) for each in (end.lower, end.upper)]
        share = numbers.percent(standing.forecast_percent)
        found.append(
            ("Expected", f"{numbers.exact_money(end.mean, budget.currency)} ({share}), 80%: {limits[0]}–{limits[1]}")
        )
    last = budget_names.through(standing)
    left = numbers.counted(days_left(standing), "day")
    found += [
        ("Period", budget_names.period_words(standing, answers.today)),
        ("Left", f"{left} not complete yet" + (f", after {numbers.day(last)}" if last is not None else "")),
        ("Of", budget_names.scope_words(budget, answers.accounts)),
        ("Metric", METRIC_NAMES[standing.metric] if standing.metric is not None else ""),
        ("Tells at", budget_names.thresholds_words(budget.thresholds)),
        ("Mails to", ", ".join(budget.recipients) or "nobody: crossings are shown here only"),
        ("Whose", _whose(standing)),
    ]
    return [(label, value) for label, value in found if value]


def _whose(standing: BudgetStanding) -> str:
    budget = standing.budget
    if budget.source is BudgetSource.AWS:
        return "AWS Budgets, read only: change it there, then import again"
    return f"kept here by {budget.owner.removeprefix('persona:') or 'nobody known'}"


def _table(answers: Answers, standing: BudgetStanding) -> None:
    shown = lines(answers, standing)
    frame = pd.DataFrame(
        {
            "label": [f":gray[{label}]" for label, _ in shown],
            "value": [escaped(value, limit=400) for _, value in shown],
        }
    )
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt="How the budget stands")
    if standing.pace_basis in PACES and standing.pace is not None:
        told = (
            f"Pace: what would be spent by now if the period were to end at the budget, {PACES[standing.pace_basis]}."
        )
        st.markdown(f":small[:gray[{escaped(told)}]]")


def _crossings(answers: Answers, detail: BudgetDetail) -> None:
    if not detail.crossings:
        st.markdown("No threshold has been crossed since the budget is kept here.")
        return
    shown, mailed = detail.crossings[:MOST_CROSSINGS], bool(detail.standing.budget.recipients)
    told = [
        f"- {escaped(budget_names.crossing_words(each, answers.today, mailed=mailed), limit=300)}" for each in shown
    ]
    rest = len(detail.crossings) - len(shown)
    if rest:
        told.append(f"- :gray[and {rest:,} earlier]")
    st.markdown("**Crossed**\n" + "\n".join(told))


def _aws(standing: BudgetStanding, aws: AwsBudget) -> None:
    """AWS's own actual and forecast beside ours; what keeps them from being compared where they cannot."""
    unit = standing.budget.currency if aws.unit == standing.budget.currency else ""

    def spelled(amount: object) -> str:
        if amount is None:
            return numbers.UNKNOWN
        return numbers.exact_money(amount, unit) if unit else f"{amount} {aws.unit}"  # type: ignore[arg-type]

    ours_end = standing.forecast.mean if standing.forecast is not None else None
    rows = [("Spent", aws.actual, standing.spent), ("Forecast", aws.forecast, ours_end)]
    frame = pd.DataFrame(
        {
            "": [label for label, _, _ in rows],
            "AWS": [escaped(spelled(theirs)) for _, theirs, _ in rows],
            "Ours": [escaped(spelled(ours) if aws.comparable else numbers.UNKNOWN) for _, _, ours in rows],
        }
    )
    st.markdown("**AWS Budgets says**")
    st.table(frame, border="horizontal", hide_index=True, alt="AWS's figures beside ours")
    told = list(aws.unmapped)
    if standing.aws_difference is not None:
        gap = numbers.signed_money(standing.aws_difference, standing.budget.currency)
        told.append(f"Ours less AWS's, spent: {gap}. AWS counts a few times a day.")
    if aws.updated is not None:
        told.append(f"AWS's are of {numbers.clock(aws.updated)}.")
    st.markdown(f":small[:gray[{escaped(' '.join(told), limit=900)}]]")

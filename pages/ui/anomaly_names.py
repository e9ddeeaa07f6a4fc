"""What kinds, statuses, verdicts and states of anomalies are called on the pages, and anomalies in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction, FeedbackVerdict, Sensitivity
from pages.ui import numbers, palette
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from finops.model.anomalies import Anomaly, Standing

Colour: TypeAlias = Literal["blue", "orange", "gray", "green", "red", "violet"]

KIND_NAMES = {
    AnomalyKind.SPIKE: "Spike",
    AnomalyKind.STEP: "Step",
    AnomalyKind.LEAK: "Slow leak",
    AnomalyKind.NEW: "New",
    AnomalyKind.DROP: "Drop",
}
KIND_WORDS = {
    AnomalyKind.SPIKE: "Some days cost more than anything before explains.",
    AnomalyKind.STEP: "The cost went to a new level and stayed there.",
    AnomalyKind.LEAK: "The cost climbs slowly, week after week.",
    AnomalyKind.NEW: "Nothing was spent on this service here before.",
    AnomalyKind.DROP: "It costs less than expected: something was switched off, or does not report.",
}
DIRECTION_NAMES = {Direction.UP: "Costs more", Direction.DOWN: "Costs less"}
STATUS_NAMES = {
    AnomalyStatus.ONGOING: "Ongoing",
    AnomalyStatus.SETTLED: "Stays",
    AnomalyStatus.OVER: "Over",
}
STATUS_WORDS = {
    AnomalyStatus.ONGOING: "It is still flagged.",
    AnomalyStatus.SETTLED: "The cost stayed where it went; it is no longer news.",
    AnomalyStatus.OVER: "The cost came back.",
}
STATUS_COLOURS: dict[AnomalyStatus, Colour] = {
    AnomalyStatus.ONGOING: "orange",
    AnomalyStatus.SETTLED: "blue",
    AnomalyStatus.OVER: "gray",
}
VERDICT_NAMES = {
    FeedbackVerdict.YES: "Real",
    FeedbackVerdict.NO: "No anomaly",
    FeedbackVerdict.PLANNED: "Planned",
}
VERDICT_COLOURS: dict[FeedbackVerdict, Colour] = {
    FeedbackVerdict.YES: "green",
    FeedbackVerdict.NO: "gray",
    FeedbackVerdict.PLANNED: "violet",
}
SENSITIVITY_NAMES = {
    Sensitivity.LOW: "Low: only the clearest",
    Sensitivity.MEDIUM: "Medium: clear ones",
    Sensitivity.HIGH: "High: everything detected",
}
SPAN_NAMES = {"28d": "Last 28 days", "90d": "Last 90 days", "365d": "Last 12 months", "all": "All stored days"}
_MOST_SCORE = 100


def title(anomaly: Anomaly) -> str:
    """`EC2, spike`; plain text."""
    return f"{service(anomaly)}, {KIND_NAMES[anomaly.kind].lower()}"


def service(anomaly: Anomaly) -> str:
    """The service as charts call it; plain text."""
    return plain_line(palette.short_name("service", anomaly.service), limit=60)


def score(anomaly: Anomaly) -> str:
    """`17.3`; beyond a hundred no digits matter."""
    return f"{anomaly.score:,.1f}" if anomaly.score < _MOST_SCORE else f"{anomaly.score:,.0f}"


def sentence(anomaly: Anomaly) -> str:
    """`$2,225 on Sun 15 Nov instead of $272.`, `$412 a day instead of $180 since 14 Nov, 12 days.`; plain text."""
    days = (anomaly.last_seen - anomaly.start).days + 1
    if days == 1:
        when, each = f"on {anomaly.day:%a} {numbers.day(anomaly.day)}", ""
        actual, usual = anomaly.actual, anomaly.expected
    else:
        going = anomaly.status is not AnomalyStatus.OVER
        first, last = numbers.day(anomaly.start), numbers.day(anomaly.last_seen)
        when = f"since {first}, {days} days" if going else f"from {first} to {last}, {days} days"
        each = " a day"
        actual, usual = (anomaly.impact + anomaly.expected_total) / days, anomaly.expected_total / days
    money = [numbers.short_money(amount, anomaly.currency) for amount in (actual, usual)]
    return f"{money[0]}{each} instead of {money[1]} {when}."


def consequence(anomaly: Anomaly) -> str:
    """`+$2,784 so far; +$7,061 a month if it stays.`; plain text."""
    so_far = f"{numbers.signed_money(anomaly.impact, anomaly.currency)} "
    so_far += "in all" if anomaly.status is AnomalyStatus.OVER else "so far"
    percent = anomaly.percent
    told = f" ({numbers.signed_percent(percent)})" if percent is not None else ""
    if anomaly.impact_month is None:
        return f"{so_far}{told}."
    return f"{so_far}{told}; {numbers.signed_money(anomaly.impact_month, anomaly.currency)} a month if it stays."


def said(one: Standing) -> str:
    """What was said of it, for a chip; empty where nothing was."""
    if one.feedback is not None:
        return VERDICT_NAMES[one.feedback.verdict]
    return VERDICT_NAMES[FeedbackVerdict.PLANNED] if one.silenced else ""


def who(principal: str) -> str:
    """A person as pages name them; plain text."""
    return plain_line(principal.removeprefix("persona:"), limit=80)

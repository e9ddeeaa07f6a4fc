"""Anomalies as records and as schemas: the same fields on API and command line."""

from __future__ import annotations

from dataclasses import asdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.api.envelope import Document, Meta, envelope
from finops.api.shapes import (
    COUNT,
    DAY,
    FLAG,
    INSTANT,
    MONEY,
    TEXT,
    answer,
    fields,
    items,
    maybe,
    one_of,
)
from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction, FeedbackVerdict
from finops.model.aws_anomalies import AwsState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.anomalies import AnomalyList
    from finops.facade import Finops
    from finops.model.anomalies import Feedback, SeriesDay, Standing
    from finops.model.aws_anomalies import AwsFinding, AwsSide

ANOMALY_FIELDS = (
    *("anomaly_id", "kind", "direction", "status", "account", "account_name", "service", "currency", "start"),
    *("flagged_first", "last_seen", "day", "actual", "expected", "lower", "upper", "score", "impact", "impact_month"),
    *("percent", "cause", "feedback", "silenced", "detected", "aws"),
)
"""The fields of every anomaly record, in order."""
SHOWN = ("kind", "status", "account_name", "service", "start", "last_seen", "impact", "impact_month", "cause")
"""Those that a terminal shows."""
_TENTH = Decimal("0.1")
_PRINT: Document = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_PART = fields({"region": TEXT, "usage_type": TEXT, "delta": MONEY, "share": MONEY})
_CAUSE = fields(
    {
        "parts": {**items(_PART), "description": "The smallest set that explains 80 to 125 %; deltas are by day."},
        "share": {**MONEY, "description": "The part of the change that is explained, 1 for all of it."},
        "basis": {**one_of(("account", "service", "")), "description": "Whose cost was asked; empty: unexplained."},
        "resources": items(fields({"resource_id": TEXT, "delta": MONEY})),
    }
)
_FEEDBACK = fields({"verdict": one_of(FeedbackVerdict), "by": TEXT, "at": INSTANT, "until": maybe(DAY), "note": TEXT})
_AWS_FINDING = fields(
    {
        "finding_id": TEXT,
        "score": {"type": "number", "description": "AWS's highest, 0 to 1."},
        "impact": {**MONEY, "description": "What AWS says it cost more than expected, in US dollars."},
        "link": {**TEXT, "description": "Where AWS's console shows it."},
        "service": TEXT,
        "account": TEXT,
        "region": TEXT,
        "usage_type": TEXT,
        "start": DAY,
        "end": {**maybe(DAY), "description": "null: it goes on."},
        "actual": maybe(MONEY),
        "expected": maybe(MONEY),
        "feedback": TEXT,
    }
)
_AWS = fields(
    {
        "state": {
            **one_of(AwsState),
            "description": "Only `told` says anything of their number: never asked is not none found.",
        },
        "asked": maybe(INSTANT),
        "told_at": {**maybe(INSTANT), "description": "When AWS last told its findings."},
        "since": maybe(DAY),
        "monitors": COUNT,
        "findings": {**COUNT, "description": "All that AWS told of."},
        "unmatched": {**items(_AWS_FINDING), "description": "Those that are about none of our anomalies."},
    }
)
_ANOMALY = fields(
    {
        "anomaly_id": _PRINT,
        "kind": one_of(AnomalyKind),
        "direction": one_of(Direction),
        "status": one_of(AnomalyStatus),
        "account": TEXT,
        "account_name": TEXT,
        "service": TEXT,
        "currency": TEXT,
        "start": DAY,
        "flagged_first": DAY,
        "last_seen": DAY,
        "day": {**DAY, "description": "The day that stood out most; cost, band and score are those of it."},
        "actual": MONEY,
        "expected": MONEY,
        "lower": MONEY,
        "upper": MONEY,
        "score": {"type": "number"},
        "impact": {**MONEY, "description": "What all its days cost more than expected; below zero: less."},
        "impact_month": {**maybe(MONEY), "description": "What a month comes to if it stays; null: it is over."},
        "percent": {**maybe(MONEY), "description": "The impact in percent of what was expected; null of nothing."},
        "cause": _CAUSE,
        "feedback": maybe(_FEEDBACK),
        "silenced": FLAG,
        "detected": {**maybe(INSTANT), "description": "When a kept detection first found it; null: none has yet."},
        "aws": {**maybe(_AWS_FINDING), "description": "AWS's finding of the same service and days; see meta.aws."},
    }
)
_DAY = fields(
    {
        "date": DAY,
        "cost": {**maybe(MONEY), "description": "null: nothing is stored of that day."},
        "expected": MONEY,
        "lower": MONEY,
        "upper": MONEY,
        "score": {"type": "number"},
        "flagged": FLAG,
        "learning": FLAG,
    }
)
_DETECTION: dict[str, Document] = {
    "total": {**COUNT, "description": "All items, whatever the page."},
    "next_cursor": maybe(TEXT),
    "series": COUNT,
    "learning": {**COUNT, "description": "Series with fewer than 56 days: nothing is said of them yet."},
    "through": {**maybe(DAY), "description": "The last complete day."},
    "notes": items(TEXT),
    "aws": _AWS,
}
ANOMALY_SCHEMAS: dict[str, Document] = {
    "Anomalies": answer(fields({"items": items(_ANOMALY)}), _DETECTION),
    "Anomaly": answer(fields({"anomaly": _ANOMALY, "series": items(_DAY)}), _DETECTION),
    "AnomalyFeedback": {
        **fields(
            {"anomaly_id": _PRINT, "verdict": one_of(FeedbackVerdict)},
            {
                "until": {**maybe(DAY), "description": "Of planned activity: until when, exclusive."},
                "note": maybe(TEXT),
            },
        ),
        "additionalProperties": False,
    },
    "AnomalyJudged": answer(fields({"anomaly": _ANOMALY})),
}


def anomaly_record(standing: Standing, names: dict[str, str]) -> Document:
    """One anomaly, the fields in the order of `ANOMALY_FIELDS`."""
    each = standing.anomaly
    percent = each.percent
    return {
        "anomaly_id": each.anomaly_id,
        "kind": str(each.kind),
        "direction": str(each.direction),
        "status": str(each.status),
        "account": each.account,
        "account_name": names.get(each.account, ""),
        "service": each.service,
        "currency": each.currency,
        "start": each.start,
        "flagged_first": each.flagged_first,
        "last_seen": each.last_seen,
        "day": each.day,
        "actual": each.actual,
        "expected": each.expected,
        "lower": each.lower,
        "upper": each.upper,
        "score": each.score,
        "impact": each.impact,
        "impact_month": each.impact_month,
        "percent": None if percent is None else percent.quantize(_TENTH, ROUND_HALF_EVEN),
        "cause": {
            "parts": [asdict(part) for part in each.cause.parts],
            "share": each.cause.share,
            "basis": each.cause.basis,
            "resources": [asdict(resource) for resource in each.cause.resources],
        },
        "feedback": _feedback(standing.feedback),
        "silenced": standing.silenced,
        "detected": each.detected,
        "aws": None if standing.aws is None else aws_record(standing.aws),
    }


def aws_record(found: AwsFinding) -> Document:
    """A finding of AWS's own."""
    return {
        "finding_id": found.finding_id,
        "score": found.score,
        "impact": found.impact,
        "link": found.link,
        "service": found.service,
        "account": found.account,
        "region": found.region,
        "usage_type": found.usage_type,
        "start": found.start,
        "end": found.end,
        "actual": found.actual,
        "expected": found.expected,
        "feedback": found.feedback,
    }


def anomaly_page(
    finops: Finops, tenant: str, standings: Iterable[Standing], found: AnomalyList, pages: Document
) -> Document:
    """`data.items`: the anomalies of one page."""
    names = finops.costs.account_names(tenant)
    data = {"items": [anomaly_record(each, names) for each in standings]}
    return envelope(data, detection_meta(tenant, found, pages))


def anomaly_detail(
    finops: Finops, tenant: str, standing: Standing, days: Iterable[SeriesDay], found: AnomalyList
) -> Document:
    """`data.anomaly` and `data.series`: its days with their band."""
    series = [
        {
            "date": each.day,
            "cost": each.cost,
            "expected": each.expected,
            "lower": each.lower,
            "upper": each.upper,
            "score": each.score,
            "flagged": each.flagged,
            "learning": each.learning,
        }
        for each in days
    ]
    data = {"anomaly": anomaly_record(standing, finops.costs.account_names(tenant)), "series": series}
    return envelope(data, detection_meta(tenant, found, {"total": 1, "next_cursor": None}))


def detection_meta(tenant: str, found: AnomalyList, pages: Document) -> Meta:
    """What a list of anomalies says about itself."""
    detection = found.detection
    currencies = {each.currency for each in detection.anomalies}
    return Meta(
        tenant=tenant,
        as_of=detection.fetched_at,
        currency=next(iter(currencies)) if len(currencies) == 1 else None,
        metric=str(detection.metric) if detection.metric else None,
        source=detection.source or None,
        partial=bool(detection.failures),
        failures=detection.failures,
        more={
            **pages,
            "series": detection.series,
            "learning": detection.learning,
            "through": detection.through,
            "notes": list(detection.notes),
            "aws": _aws_standing(found.aws),
        },
    )


def _aws_standing(side: AwsSide) -> Document:
    known = side.known
    return {
        "state": str(known.state),
        "asked": known.asked,
        "told_at": known.told_at,
        "since": known.since,
        "monitors": known.monitors,
        "findings": len(known.findings),
        "unmatched": [aws_record(each) for each in side.unmatched],
    }


def cause_text(cause: object) -> str:
    """A cause in a line: its parts, the largest first."""
    parts = cause["parts"] if isinstance(cause, dict) else []
    return ", ".join(" ".join(filter(None, (part["region"], part["usage_type"]))) for part in parts)


def _feedback(said: Feedback | None) -> Document | None:
    if said is None:
        return None
    return {"verdict": str(said.verdict), "by": said.by, "at": said.at, "until": said.until, "note": said.note}

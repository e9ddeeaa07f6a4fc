"""What can be asked of anomalies and said of them, as data and as parsers, for API and command line alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.anomalies import AnomalyQuestion
from finops.api.endpoints import FILE_TYPES, Parameter, page_limit
from finops.api.finding_parameters import DEFAULT_LIMIT, MAX_LIMIT, among, listed
from finops.api.parameters import Pairs, choice, day, limit, one
from finops.model.anomalies import (
    AnomalyKind,
    AnomalyStatus,
    Direction,
    FeedbackVerdict,
    Sensitivity,
    Thresholds,
)
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from enum import StrEnum

_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_MONEY = {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,12})?$"}
SENT = ("anomaly_id", "verdict", "until", "note")
"""The members of feedback that is sent."""


def _enum(name: str, told: str, values: type[StrEnum]) -> Parameter:
    schema = {"type": "string", "enum": [str(value) for value in values]}
    return Parameter(name, f"{told}; repeated or a comma list.", schema, many=True)


FILTERS = (
    _enum("kind", "Only of these kinds", AnomalyKind),
    _enum("direction", "Only those that cost more (`up`) or less (`down`)", Direction),
    _enum("status", "Only those that stand so", AnomalyStatus),
    Parameter("account", "Only of these accounts; repeated or a comma list.", many=True),
    Parameter("service", "Only of this service; repeated for several (names contain commas).", many=True),
    Parameter(
        "min_impact", "Impact of at least this, up or down; the person's threshold unless told, as on the page.", _MONEY
    ),
    Parameter("min_percent", "Impact of at least so many percent of what was expected; likewise.", _MONEY),
    Parameter(
        "sensitivity",
        "`low`: only the clearest, `medium`: clear ones, `high`: all; likewise.",
        {"type": "string", "enum": [str(each) for each in Sensitivity]},
    ),
    Parameter("since", "Last seen on this day or later.", {"type": "string", "format": "date"}),
    Parameter("until", "Last seen before this day.", {"type": "string", "format": "date"}),
    Parameter(
        "silenced",
        "`true` adds those that people called none or planned.",
        {"type": "string", "enum": ["true", "false"], "default": "false"},
    ),
)
"""The filters of a list of anomalies. Names of the command line's options are the same with `-` for `_`."""
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT, "Items per page; `meta.total` is always that of all of them.")
FORMAT = Parameter(
    "format",
    "`csv` and `xlsx` give every anomaly that fits as a file, whatever the page.",
    {"type": "string", "enum": ["json", *FILE_TYPES], "default": "json"},
)
ANOMALY_ID = Parameter(
    "id", "The `anomaly_id` of a list of anomalies.", {"type": "string", "pattern": "^[0-9a-f]{32}$"}
)


@dataclass(frozen=True, slots=True)
class AnomalyRequest:
    """What one request asks of `/api/anomalies`."""

    question: AnomalyQuestion
    limit: int
    cursor: str = ""
    format: str = "json"


@dataclass(frozen=True, slots=True)
class FeedbackRequest:
    """What a person says of an anomaly."""

    anomaly_id: str
    verdict: FeedbackVerdict
    until: date | None = None
    note: str = ""


def anomaly_request(pairs: Pairs, *, most: int = MAX_LIMIT) -> AnomalyRequest:
    """Everything `/api/anomalies` accepts; `most` is the longest page."""
    sensitivity = choice(one(pairs, "sensitivity"), "sensitivity", [str(each) for each in Sensitivity])
    since, until = (one(pairs, name) for name in ("since", "until"))
    services = tuple(dict.fromkeys(value.strip() for key, value in pairs if key == "service"))
    if not all(services):
        raise InputError("service", "service is empty")
    thresholds = Thresholds(
        min_impact=_amount(pairs, "min_impact"),
        min_percent=_amount(pairs, "min_percent"),
        sensitivity=Sensitivity(sensitivity or Sensitivity.HIGH),
        kinds=among(pairs, "kind", AnomalyKind) or tuple(AnomalyKind),
        directions=among(pairs, "direction", Direction) or tuple(Direction),
    )
    question = AnomalyQuestion(
        thresholds=thresholds,
        statuses=among(pairs, "status", AnomalyStatus),
        accounts=listed(pairs, "account"),
        services=services,
        since=day(since, "since") if since else None,
        until=day(until, "until") if until else None,
        silenced=choice(one(pairs, "silenced"), "silenced", ("true", "false")) == "true",
    )
    size = limit(one(pairs, "limit"), usual=DEFAULT_LIMIT, most=most)
    extension = choice(one(pairs, "format"), "format", ("json", *FILE_TYPES)) or "json"
    return AnomalyRequest(question, size, one(pairs, "cursor") or "", extension)


def feedback_request(sent: Mapping[str, object]) -> FeedbackRequest:
    """The feedback that a body describes; what it does not take is refused, not ignored."""
    unknown = sorted(name for name in sent if name not in SENT)
    if unknown:
        raise InputError(unknown[0], f"unknown member: {', '.join(unknown)[:200]} (known: {', '.join(SENT)})")
    named = _text(sent, "anomaly_id")
    if not is_anomaly_id(named):
        raise InputError("anomaly_id", "anomaly_id must be the 32 characters that a list of anomalies gives")
    verdict = choice(_text(sent, "verdict") or None, "verdict", [str(each) for each in FeedbackVerdict])
    if verdict is None:
        raise InputError("verdict", "verdict is needed")
    until = _text(sent, "until")
    return FeedbackRequest(named, FeedbackVerdict(verdict), day(until, "until") if until else None, _text(sent, "note"))


def is_anomaly_id(text: str) -> bool:
    """Whether a text can be the id of an anomaly."""
    return _ID.fullmatch(text) is not None


def _amount(pairs: Pairs, name: str) -> Decimal:
    text = one(pairs, name)
    if text is not None and not _AMOUNT.fullmatch(text):
        raise InputError(name, f"{name} must be an amount such as 12.50")
    return Decimal(text or 0)


def _text(sent: Mapping[str, object], name: str) -> str:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(name, f"{name} must be a text")
    return str(value or "").strip()

"""What can be asked of findings and done to them, as data and as parsers, for API and command line alike.

What is unknown, repeated or wrong is an InputError naming its parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from finops.api.asset_parameters import moment
from finops.api.endpoints import FILE_TYPES, Parameter, page_limit
from finops.api.parameters import Pairs, choice, limit, one
from finops.model.errors import InputError
from finops.model.findings import Act, Category, Deed, FindingStatus, Severity, Verdict
from finops.store.finding_sql import SORTS, FindingFilter, FindingOrder
from finops.waste import WORKSPACE, FindingQuestion
from finops.waste.lifecycle import PERSONS_DEEDS
from finops.waste.listing import STANDING, workspace_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from enum import StrEnum

Choice = TypeVar("Choice", bound="StrEnum")

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
MAX_NAMED = 1_000
"""So many findings may be acted on at once."""
MAX_WORDS, MAX_SEARCH = 10, 2_048
MAX_VALUES, MAX_LENGTH = 500, 1_024
MAX_TEXT, MAX_OWNER = 4_000, 191

_FINGERPRINT = re.compile(r"[0-9a-f]{32}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_MONEY = {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,12})?$"}
_GOES_WITH = {
    "until": (Deed.SNOOZE,),
    "reason": (Deed.SNOOZE, Deed.DISMISS, Deed.RESOLVE, Deed.REOPEN),
    "owner": (Deed.ASSIGN,),
    "text": (Deed.COMMENT,),
}


def _enum(name: str, told: str, values: type[StrEnum]) -> Parameter:
    schema = {"type": "string", "enum": [str(value) for value in values]}
    return Parameter(name, f"{told}; repeated or a comma list.", schema, many=True)


ACCOUNT = Parameter("account", "Only these accounts; repeated or a comma list.", many=True)
REGION = Parameter("region", "Only these regions, `global` for what has none; repeated or a comma list.", many=True)
WORKSPACE_OF = Parameter(
    "workspace",
    f"Findings of runs made for this workspace; default `{WORKSPACE}`, which the pages show.",
    {"type": "string", "default": WORKSPACE},
)
FILTERS = (
    Parameter("search", "Every of these words in name, id, ARN, title, message, check, account, region or tags."),
    Parameter("check", "Only of these checks, as in `aws.ec2.idle_instance`; repeated or a comma list.", many=True),
    _enum("category", "Only of these categories", Category),
    _enum("severity", "Only of these severities", Severity),
    ACCOUNT,
    REGION,
    Parameter("kind", "Only of these kinds of resource, as in `ec2:volume`; repeated or a comma list.", many=True),
    _enum("verdict", "Only with these verdicts, default `flagged`", Verdict),
    _enum("status", "Only those that stand so, default `open` and `reopened`; any with `verdict`", FindingStatus),
    Parameter("owner", "Only those assigned to this person; an empty value: to nobody."),
    Parameter("min_saving", "Saving a month at least this.", _MONEY),
    WORKSPACE_OF,
)
"""The filters of every list of findings. Names of the command line's options are the same with `-` for `_`."""
SORT = Parameter("sort", "What to sort by.", {"type": "string", "enum": list(SORTS), "default": "monthly_saving"})
ORDER = Parameter(
    "order",
    "`desc` (default) or `asc`; unknown values come last, the fingerprint settles ties.",
    {"type": "string", "enum": ["desc", "asc"], "default": "desc"},
)
LIMIT = page_limit(
    DEFAULT_LIMIT, MAX_LIMIT, "Items per page; `data.totals` and `meta.total` are always those of all of them."
)
ACTUAL = Parameter(
    "actual",
    "`true` adds `actual` to each finding: what its resource really cost in the last 7 and 30 complete days.",
    {"type": "string", "enum": ["true", "false"], "default": "false"},
)
FORMAT = Parameter(
    "format",
    "`csv` and `xlsx` give every finding that fits as a file, whatever the page.",
    {"type": "string", "enum": ["json", *FILE_TYPES], "default": "json"},
)
FINGERPRINT = Parameter("fingerprint", "Of a list of findings.", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
SENT = ("fingerprints", "action", "until", "reason", "owner", "text")
"""The members of an action that is sent."""


@dataclass(frozen=True, slots=True)
class FindingRequest:
    """What one request asks of `/api/findings`. `question` still starts at the first page, whatever the cursor."""

    question: FindingQuestion
    limit: int
    cursor: str = ""
    format: str = "json"
    actual: bool = False


@dataclass(frozen=True, slots=True)
class ActRequest:
    """A deed, and the findings it is to be done to."""

    fingerprints: tuple[str, ...]
    act: Act


def finding_request(pairs: Pairs, *, most: int = MAX_LIMIT) -> FindingRequest:
    """Everything `/api/findings` accepts; `most` is the longest page."""
    size = limit(one(pairs, "limit"), usual=DEFAULT_LIMIT, most=most)
    order = FindingOrder(
        choice(one(pairs, "sort"), "sort", SORTS) or "monthly_saving",
        descending=choice(one(pairs, "order"), "order", ("asc", "desc")) != "asc",
        limit=size,
    )
    verdicts, statuses = among(pairs, "verdict", Verdict), among(pairs, "status", FindingStatus)
    question = FindingQuestion(
        finding_filter(pairs, verdicts),
        statuses=statuses or (() if verdicts else STANDING),
        owner=_owner(pairs),
        order=order,
        workspace=workspace_of(pairs),
    )
    extension = choice(one(pairs, "format"), "format", ("json", *FILE_TYPES)) or "json"
    actual = choice(one(pairs, "actual"), "actual", ("true", "false")) == "true"
    return FindingRequest(question, size, one(pairs, "cursor") or "", extension, actual)


def finding_filter(pairs: Pairs, verdicts: tuple[Verdict, ...]) -> FindingFilter:
    """The filter that the parameters describe."""
    return FindingFilter(
        verdicts=verdicts or (Verdict.FLAGGED,),
        checks=listed(pairs, "check"),
        categories=tuple(map(str, among(pairs, "category", Category))),
        severities=tuple(map(str, among(pairs, "severity", Severity))),
        accounts=listed(pairs, "account"),
        regions=listed(pairs, "region"),
        kinds=listed(pairs, "kind"),
        min_saving=_saving(pairs),
        search=_search(one(pairs, "search") or ""),
    )


def act_request(sent: Mapping[str, object], *, by: str, at: datetime) -> ActRequest:
    """The deed that a body describes, done by a principal now. What an action does not take is refused, not ignored."""
    unknown = sorted(name for name in sent if name not in SENT)
    if unknown:
        raise InputError(unknown[0], f"unknown member: {', '.join(unknown)[:200]} (known: {', '.join(SENT)})")
    deed = Deed(choice(_text(sent, "action", 20), "action", tuple(map(str, PERSONS_DEEDS))) or _needed("action"))
    for name, deeds in _GOES_WITH.items():
        if sent.get(name) is not None and deed not in deeds:
            raise InputError(name, f"{name} goes with {', '.join(deeds)}, not with {deed}")
    until = _text(sent, "until", 40)
    if deed is Deed.ASSIGN and sent.get("owner") is None:
        _needed("owner")
    act = Act(
        deed,
        by,
        at,
        until=moment(until, "until") if until else None,
        reason=_text(sent, "reason", MAX_TEXT) or "",
        owner=_text(sent, "owner", MAX_OWNER) or "",
        text=_text(sent, "text", MAX_TEXT) or "",
    )
    return ActRequest(_fingerprints(sent.get("fingerprints")), act)


def is_fingerprint(text: str) -> bool:
    """Whether a text can be the fingerprint of a finding."""
    return _FINGERPRINT.fullmatch(text) is not None


def workspace_of(pairs: Pairs) -> str:
    """The workspace asked for."""
    return workspace_name(one(pairs, "workspace") or WORKSPACE)


def levels_of(pairs: Pairs, names: Collection[str]) -> dict[str, float]:
    """The thresholds among the parameters, by name; whether a value lies between its bounds is for the check to say."""
    found = {}
    for name in names:
        text = one(pairs, name)
        if text is not None and not _NUMBER.fullmatch(text):
            raise InputError(name, f"{name} must be a number such as 5 or 2.5")
        if text is not None:
            found[name] = float(text)
    return found


def listed(pairs: Pairs, name: str) -> tuple[str, ...]:
    """Values of a parameter that may be repeated or a comma list."""
    values = tuple(dict.fromkeys(part.strip() for key, value in pairs if key == name for part in value.split(",")))
    if not all(values):
        raise InputError(name, f"{name} is empty")
    if len(values) > MAX_VALUES or any(len(value) > MAX_LENGTH for value in values):
        raise InputError(name, f"{name} takes at most {MAX_VALUES} values of at most {MAX_LENGTH} characters")
    return values


def among(pairs: Pairs, name: str, choices: type[Choice]) -> tuple[Choice, ...]:
    """Members of an enumeration from a parameter that may be repeated or a comma list."""
    offered = tuple(str(each) for each in choices)
    return tuple(choices(choice(text, name, offered) or "") for text in listed(pairs, name))


def _owner(pairs: Pairs) -> str | None:
    given = [value.strip() for key, value in pairs if key == "owner"]
    if len(given) > 1:
        raise InputError("owner", "owner may be given once")
    return given[0] if given else None


def _saving(pairs: Pairs) -> Decimal | None:
    text = one(pairs, "min_saving")
    if text is not None and not _AMOUNT.fullmatch(text):
        raise InputError("min_saving", "min_saving must be an amount such as 12.50")
    return None if text is None else Decimal(text)


def _search(text: str) -> str:
    if len(text) > MAX_SEARCH or len(text.split()) > MAX_WORDS:
        raise InputError("search", f"search takes at most {MAX_WORDS} words in {MAX_SEARCH} characters")
    return text


def _fingerprints(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InputError("fingerprints", "fingerprints must be a list with at least one fingerprint")
    if len(value) > MAX_NAMED:
        raise InputError("fingerprints", f"at most {MAX_NAMED:,} findings can be acted on at once")
    for each in value:
        if not isinstance(each, str) or not is_fingerprint(each):
            raise InputError("fingerprints", "a fingerprint is the 32 characters that a list of findings gives")
    return tuple(dict.fromkeys(value))


def _text(sent: Mapping[str, object], name: str, most: int) -> str | None:
    value = sent.get(name)
    if value is not None and not (isinstance(value, str) and len(value) <= most):
        raise InputError(name, f"{name} must be a text of at most {most:,} characters")
    return None if value is None else str(value).strip()


def _needed(name: str) -> str:
    raise InputError(name, f"{name} is needed")

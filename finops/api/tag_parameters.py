"""What can be asked of tag compliance: the filters of assets, and keys, verdicts, groups, pages and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.api.asset_parameters import DEFAULT_LIMIT, FILTERS, MAX_LIMIT, asset_filter
from finops.api.endpoints import FILE_TYPES, Parameter, page_limit
from finops.api.parameters import Pairs, choice, limit, one, period
from finops.model.errors import InputError
from finops.model.tagging import MAX_KEY, VIOLATIONS, TagVerdict
from finops.tagging import ViolationQuestion
from finops.tagging.compliance import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.assets import AssetFilter
    from finops.model.period import Period
    from finops.model.tagging import Policy

from finops.tagging.policy import policy_of

MAX_KEYS = 100
DEFAULT_SUGGESTED, MAX_SUGGESTED = 100, 1_000

BY = Parameter("by", f"Adds `data.groups`: figures by {', '.join(GROUPS)} or `tag:<Key>`, dearest violations first.")
KEYS = Parameter(
    "key", "Only violations of these keys of the policy, repeated; groups are about it where there is one.", many=True
)
KEY = Parameter("key", "A key of the policy.", required=True)
VERDICT = Parameter(
    "verdict",
    f"Only these verdicts, repeated or a comma list; default all that violate: {', '.join(VIOLATIONS)}.",
    {"type": "string", "enum": [str(verdict) for verdict in TagVerdict]},
    many=True,
)
FORMAT = Parameter(
    "format",
    "`csv` and `xlsx` give all violations as a file, whatever the page.",
    {"type": "string", "enum": ["json", *FILE_TYPES], "default": "json"},
)
LIMIT = page_limit(DEFAULT_LIMIT, MAX_LIMIT, "Items per page; `meta.total` counts all of them.")
SUGGESTED = Parameter(
    "limit",
    "At most so many suggestions.",
    {"type": "integer", "minimum": 1, "maximum": MAX_SUGGESTED, "default": DEFAULT_SUGGESTED},
)
VERSION = Parameter(
    "version", "A version of the policy; default the one that holds.", {"type": "integer", "minimum": 1}
)
START = Parameter("start", "First day; with `end`; default the last thirty complete days.", {"type": "string"})
END = Parameter("end", "Day after the last one.", {"type": "string"})
COMPLIANCE_FILTERS = (*FILTERS, KEYS, VERDICT)


@dataclass(frozen=True, slots=True)
class ComplianceRequest:
    """What one request asks of `/api/tag-compliance`. `question` starts at the first page, whatever the cursor."""

    question: ViolationQuestion
    by: str = ""
    format: str = "json"
    cursor: str = ""

    @property
    def key(self) -> str:
        """The key that groups are about: the one asked for, where there is one."""
        return self.question.keys[0] if len(self.question.keys) == 1 else ""


@dataclass(frozen=True, slots=True)
class WhatIfRequest:
    """What one request asks of `/api/tag-policy/what-if`."""

    policy: Policy
    filter: AssetFilter
    limit: int
    cursor: str = ""


def compliance_request(pairs: Pairs, *, most: int = MAX_LIMIT) -> ComplianceRequest:
    """Everything `/api/tag-compliance` accepts."""
    texts = [part.strip() for key, value in pairs if key == "verdict" for part in value.split(",")]
    verdicts = tuple(dict.fromkeys(filter(None, (choice(text, "verdict", tuple(TagVerdict)) for text in texts))))
    question = ViolationQuestion(
        asset_filter(pairs),
        keys=keys_of(pairs),
        verdicts=tuple(TagVerdict(text) for text in verdicts) or VIOLATIONS,
        limit=limit(one(pairs, "limit"), usual=DEFAULT_LIMIT, most=most),
    )
    return ComplianceRequest(
        question,
        by=one(pairs, "by") or "",
        format=choice(one(pairs, "format"), "format", ("json", *FILE_TYPES)) or "json",
        cursor=one(pairs, "cursor") or "",
    )


def keys_of(pairs: Pairs) -> tuple[str, ...]:
    """Keys of the policy, repeated: a comma may be part of a key."""
    keys = tuple(dict.fromkeys(value for name, value in pairs if name == "key"))
    if len(keys) > MAX_KEYS or not all(key.strip() and len(key) <= MAX_KEY for key in keys):
        raise InputError("key", f"key takes at most {MAX_KEYS} keys of at most {MAX_KEY} characters")
    return keys


def key_of(pairs: Pairs) -> str:
    """The one key of a request."""
    keys = keys_of(pairs)
    if len(keys) != 1:
        raise InputError("key", "one key of the policy is needed")
    return keys[0]


def what_if_request(pairs: Pairs, sent: Mapping[str, object], *, most: int = MAX_LIMIT) -> WhatIfRequest:
    """Everything `/api/tag-policy/what-if` accepts: `policy` in the body, filters and page as parameters."""
    for name in sent:
        if name != "policy":
            raise InputError(str(name)[:60], "what is sent has the member policy only")
    size = limit(one(pairs, "limit"), usual=DEFAULT_LIMIT, most=most)
    return WhatIfRequest(policy_of(sent.get("policy")), asset_filter(pairs), size, one(pairs, "cursor") or "")


def version_of(pairs: Pairs) -> int | None:
    """The version asked for; None for the one that holds."""
    text = one(pairs, "version")
    return None if text is None else limit(text, most=999_999)


def period_of(pairs: Pairs) -> Period | None:
    """The period asked for; None for the usual one."""
    start, end = one(pairs, "start"), one(pairs, "end")
    return None if start is None and end is None else period(start, end)


def suggested(pairs: Pairs, *, most: int = MAX_SUGGESTED) -> int:
    """How many suggestions are asked for."""
    return limit(one(pairs, "limit"), usual=DEFAULT_SUGGESTED, most=most)

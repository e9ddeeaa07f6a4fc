"""What statuses, verdicts, bases, deeds and states of findings are called on the pages."""

from __future__ import annotations

from typing import Literal, TypeAlias

from finops.model.errors import AwsError
from finops.model.findings import Basis, Category, Deed, FindingStatus, Severity, Verdict
from pages.ui import asset_names
from pages.ui.text import plain_line

Colour: TypeAlias = Literal["blue", "orange", "gray", "green"]

STATUS_NAMES = {status: status.value.capitalize() for status in FindingStatus}
STATUS_COLOURS: dict[FindingStatus, Colour] = {
    FindingStatus.OPEN: "blue",
    FindingStatus.REOPENED: "orange",
    FindingStatus.SNOOZED: "gray",
    FindingStatus.DISMISSED: "gray",
    FindingStatus.RESOLVED: "green",
}
VERDICT_NAMES = {
    Verdict.FLAGGED: "Flagged",
    Verdict.UNDETERMINED: "Undetermined",
    Verdict.OK: "Fine",
    Verdict.NOT_APPLICABLE: "Not applicable",
}
SEVERITY_NAMES = {severity: severity.value.capitalize() for severity in Severity}
CATEGORY_NAMES = {category: category.value.capitalize() for category in Category}
BASIS_NAMES = {
    Basis.MEASURED: "Measured",
    Basis.DERIVED: "Derived",
    Basis.HEURISTIC: "Heuristic",
    Basis.NONE: "No dollar basis",
}
BASIS_COLOURS: dict[Basis, Colour] = {
    Basis.MEASURED: "green",
    Basis.DERIVED: "blue",
    Basis.HEURISTIC: "orange",
    Basis.NONE: "gray",
}
BASIS_WORDS = {
    Basis.MEASURED: "From the resource's own bill, as a month.",
    Basis.DERIVED: "Computed from list prices.",
    Basis.HEURISTIC: "An estimate: neither a bill nor a list price says it exactly.",
    Basis.NONE: "Worth fixing, but nothing says how many dollars it would save.",
}
DEED_NAMES = {
    Deed.SNOOZE: "Snoozed",
    Deed.DISMISS: "Dismissed",
    Deed.RESOLVE: "Resolved",
    Deed.REOPEN: "Reopened",
    Deed.ASSIGN: "Assigned",
    Deed.COMMENT: "Comment",
    Deed.SEEN: "Seen",
    Deed.GONE: "No longer seen",
}
OK, NO_DATA = "ok", "no_data"
STATE_NAMES = {
    AwsError.DENIED: "Denied",
    AwsError.EXPIRED: "Expired",
    AwsError.NOT_ENABLED: "Not enabled",
    AwsError.THROTTLED: "Throttled",
    AwsError.REFUSED: "Not asked",
    AwsError.UNAVAILABLE: "Unavailable",
    AwsError.MALFORMED: "Malformed",
    AwsError.INVALID: "Refused",
    NO_DATA: "No data",
    OK: "OK",
}
"""States of the visibility matrix, the gravest first."""
STATE_ORDER = tuple(STATE_NAMES)
_SHORT = {
    "cpu": "CPU",
    "iops": "IOPS",
    "mb": "MB",
    "ops": "operations",
    "id": "id",
    "az": "AZ",
    "db": "DB",
    "arn": "ARN",
}
_ENDINGS = ("gib", "mib", "days", "bytes")


def spoken(name: str) -> str:
    """A field's name in words: `cpu_average` as `CPU average`, `size_gib` as `Size, GiB`."""
    if any(name.endswith(f"_{ending}") for ending in _ENDINGS):
        return plain_line(asset_names.detail_name(name), limit=60)
    words = [_SHORT.get(word, word) for word in name.removesuffix("_day").split("_")]
    words += ["a day"] if name.endswith("_day") else []
    text = plain_line(" ".join(words), limit=60)
    return text[:1].upper() + text[1:]


def inside(name: str) -> str:
    """A spoken name within a sentence: `write operations`, `CPU maximum`."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def state_name(state: str) -> str:
    """A state of the visibility matrix in words."""
    return STATE_NAMES.get(state) or plain_line(state.replace("_", " ").capitalize(), limit=40)

"""Cost Explorer's GetCostAndUsage: one request with all seven metrics, every page of it, as columns of text.

Each page costs one cent. https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.ce_rows import DAMAGED, MergedGroups
from finops.aws.failures import Malformed, Place
from finops.aws.paging import Tokens
from finops.aws.permissions import Operation, declare
from finops.model.costs import CE_METRICS, Granularity
from finops.model.errors import AwsError, InputError
from finops.model.metering import CE_REQUEST_PRICE, Caller

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from finops.model.period import Period

REGION = "us-east-1"
"""Cost Explorer lives there for every region of the commercial partition."""

GET_COST_AND_USAGE = declare(
    Operation(
        service="ce",
        name="GetCostAndUsage",
        action="ce:GetCostAndUsage",
        feature="costs.refresh",
        lost="every cost figure that does not come from an imported bill file",
        price=CE_REQUEST_PRICE,
    )
)
GET_COST_AND_USAGE_WITH_RESOURCES = declare(
    Operation(
        service="ce",
        name="GetCostAndUsageWithResources",
        action="ce:GetCostAndUsageWithResources",
        feature="costs.refresh",
        lost="the cost of single resources, unless an imported bill has line items (FINOPS_RESOURCE_COSTS)",
        price=CE_REQUEST_PRICE,
    )
)
RESOURCE_DAYS = 14
"""Cost Explorer knows resources for so many days, today included, and only where an account has opted in."""
TOKENS = Tokens(("NextPageToken",), ("NextPageToken",))
GROUPS_AT_MOST = 2
_BUCKETS = {Granularity.DAILY: "DAILY", Granularity.MONTHLY: "MONTHLY"}
_TYPES = ("DIMENSION", "TAG", "COST_CATEGORY")
_SHORTHAND = re.compile(r"[\w:.+@/-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class CeRequest:
    """What to ask.

    `group_by` holds at most two (type, key) pairs such as ("DIMENSION", "SERVICE") or ("TAG", "Owner"); `filter` is
    Cost Explorer's expression. InputError for what the API would refuse.
    """

    period: Period
    granularity: Granularity = Granularity.DAILY
    group_by: tuple[tuple[str, str], ...] = ()
    filter: Mapping[str, Any] | None = None
    with_resources: bool = False  # needs a filter, groups by RESOURCE_ID too, reaches back RESOURCE_DAYS

    def __post_init__(self) -> None:
        if self.with_resources and self.filter is None:
            raise InputError("filter", "Cost Explorer tells resources only for a filter")
        if self.granularity not in _BUCKETS:
            raise InputError("granularity", "Cost Explorer answers by day or by month")
        if len(self.group_by) > GROUPS_AT_MOST or any(kind not in _TYPES for kind, _ in self.group_by):
            raise InputError("group_by", f"Cost Explorer groups by at most two of {', '.join(_TYPES)}")

    @property
    def operation(self) -> Operation:
        """The operation that answers it."""
        return GET_COST_AND_USAGE_WITH_RESOURCES if self.with_resources else GET_COST_AND_USAGE

    def params(self) -> dict[str, Any]:
        """The parameters of GetCostAndUsage, without a page token."""
        wanted: dict[str, Any] = {
            "TimePeriod": {"Start": self.period.start.isoformat(), "End": self.period.end.isoformat()},
            "Granularity": _BUCKETS[self.granularity],
            "Metrics": list(CE_METRICS),
        }
        if self.group_by:
            wanted["GroupBy"] = [{"Type": kind, "Key": key} for kind, key in self.group_by]
        if self.filter is not None:
            wanted["Filter"] = dict(self.filter)
        return wanted

    def buckets(self) -> dict[str, str]:
        """First day of each bucket that a complete answer holds, with its end; partial months are clipped."""
        if self.granularity is Granularity.MONTHLY:
            return {part.start.isoformat(): part.end.isoformat() for part in self.period.months()}
        days = [day.isoformat() for day in (*self.period.dates(), self.period.end)]
        return dict(pairwise(days))


@dataclass(frozen=True, slots=True)
class CePages:
    """All pages of one request, merged.

    `columns` are those of `CubeDraft`: `charge_date`, a column for each group-by (`service`, `account`, `region`,
    `usage_type`, `charge_type`, `tag_value`, `category_value`; other dimensions under their lower-case name),
    `currency`, the seven metrics as decimal text, `usage_unit` and `estimated`. `pages` were paid for.
    `account_names` by account id.
    """

    columns: dict[str, list[str | None]]
    pages: int
    estimated_from: date | None
    account_names: dict[str, str]


def cost_and_usage(calls: Calls, caller: Caller, request: CeRequest) -> CePages:
    """Asks until the last page and returns everything, or raises: a part of an answer must not pass for the whole.

    AwsError MALFORMED for amounts that are no finite decimals, for a row whose cost metrics differ in currency, for
    groups that contradict each other, and for missing buckets; CeilingReached when the budget ends before the pages
    do.
    """
    ask = Ask(request.operation, request.params(), ("ResultsByTime",), region=REGION)
    merged = MergedGroups(request.group_by, request.buckets())
    pages = 0
    for page in calls.pages(ask, caller, tokens=TOKENS):
        pages += 1
        try:
            merged.add(page)
        except DAMAGED as error:
            raise _malformed(request.operation, error) from None
    try:
        columns = merged.columns()
    except DAMAGED as error:
        raise _malformed(request.operation, error) from None
    return CePages(columns, pages, merged.estimated_from(), merged.account_names)


def aws_command(request: CeRequest) -> str:
    """The `aws ce get-cost-and-usage …` line that asks the same question (its first page), quoted for a POSIX shell."""
    params = request.params()
    span = params["TimePeriod"]
    words = ["aws", "ce", "get-cost-and-usage", "--time-period", f"Start={span['Start']},End={span['End']}"]
    words += ["--granularity", params["Granularity"], "--metrics", *params["Metrics"]]
    if request.group_by and all(_SHORTHAND.fullmatch(key) for _, key in request.group_by):
        words += ["--group-by", *(f"Type={kind},Key={key}" for kind, key in request.group_by)]
    elif request.group_by:
        words += ["--group-by", _json(params["GroupBy"])]
    if request.filter is not None:
        words += ["--filter", _json(params["Filter"])]
    return shlex.join(words)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _malformed(operation: Operation, error: Exception) -> AwsError:
    reason = str(error) if isinstance(error, Malformed) else "A group or bucket lacks a documented part."
    return Place(operation, "", REGION).error(AwsError.MALFORMED, "Malformed", reason)

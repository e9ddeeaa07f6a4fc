"""Tags of resources whose own listing has none: one sweep of the tagging API for each account and region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.failures import failure_of
from finops.aws.fields import Found, tags_of
from finops.aws.pace import Pace
from finops.aws.paging import Tokens
from finops.aws.permissions import Operation, declare
from finops.model.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.model.metering import Caller
    from finops.model.outcome import Failure

GET_RESOURCES = declare(
    Operation(
        service="resourcegroupstaggingapi",
        name="GetResources",
        action="tag:GetResources",
        feature="inventory",
        lost="the tags of resources whose own listing has none: functions, buckets, queues, log groups and others",
        scope="member",
    )
)
READS = {
    ("resourcegroupstaggingapi", "GetResources"): frozenset(
        {"PaginationToken", "ResourceTagMappingList[].ResourceARN", "ResourceTagMappingList[].Tags[]"}
    )
}
RESOURCES_PER_PAGE = 100
TYPES_AT_MOST = 100
RATE = 10.0
"""Calls per second; AWS documents 15 for an account and region."""
_LOG_STREAMS = ":*"  # CloudWatch Logs writes the ARN of a log group with it in some places, without it in others
_TOKENS = Tokens(("PaginationToken",), ("PaginationToken",))


@dataclass(frozen=True, slots=True)
class TagSweep:
    """Tags by ARN. With a failure they are those that came before it, None if there were none: the rest is unknown."""

    tags: Mapping[str, Mapping[str, str]] | None
    failure: Failure | None = None


def tag_sweep(
    calls: Calls, account: str, region: str, types: Sequence[str], caller: Caller, *, pace: Pace | None = None
) -> TagSweep:
    """The tags of everything of the types (`lambda:function`, `s3`) that has or had any in one region.

    A type that AWS does not know would cost all the others their tags: then the sweep is made without types.
    """
    wanted = sorted(set(types))
    if not wanted:
        return TagSweep({})
    sweep = _Sweep(calls, account, region, caller, pace or Pace())
    return sweep.of({"ResourceTypeFilters": wanted} if len(wanted) <= TYPES_AT_MOST else {})


@dataclass(frozen=True, slots=True)
class _Sweep:
    calls: Calls
    account: str
    region: str
    caller: Caller
    pace: Pace

    def of(self, params: Mapping[str, Any]) -> TagSweep:
        tags: dict[str, dict[str, str]] = {}
        try:
            for page in self._pages(params):
                for entry in page["ResourceTagMappingList"]:
                    arn = str(entry.get("ResourceARN", "")).removesuffix(_LOG_STREAMS)
                    tags.setdefault(arn, {}).update(tags_of(Found(entry), "Tags[]"))
        except AwsError as error:
            if error.kind == AwsError.INVALID and params and not tags:
                return self.of({})
            return TagSweep(tags or None, failure_of(error))
        return TagSweep(tags)

    def _pages(self, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        wanted = {**params, "ResourcesPerPage": RESOURCES_PER_PAGE}
        ask = Ask(GET_RESOURCES, wanted, ("ResourceTagMappingList",), self.account, self.region)
        turn = (self.account, self.region, GET_RESOURCES.service)
        self.pace.wait(turn, RATE)
        for page in self.calls.pages(ask, self.caller, tokens=_TOKENS):
            yield page
            if _TOKENS.following(page):
                self.pace.wait(turn, RATE)

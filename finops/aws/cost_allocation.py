"""What Cost Explorer knows of a tag key: whether it is a cost allocation tag, and what was billed without it.

Both are requests to Cost Explorer, so each page is counted at its price of one cent.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_ListCostAllocationTags.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask, Calls
from finops.aws.cost_explorer import REGION, CePages, CeRequest, cost_and_usage
from finops.aws.paging import Tokens
from finops.aws.permissions import Operation, declare
from finops.model.costs import Granularity
from finops.model.metering import CE_REQUEST_PRICE, Caller
from finops.model.tagging import Activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.period import Period

LIST_COST_ALLOCATION_TAGS = declare(
    Operation(
        service="ce",
        name="ListCostAllocationTags",
        action="ce:ListCostAllocationTags",
        feature="tags",
        lost="whether a tag key is activated for cost allocation, which the autopsy of untagged cost asks",
        price=CE_REQUEST_PRICE,
    )
)
UNTOLD_CHARGE = "Tax"
"""The charge type that is left out where resources are asked for: no resource carries it."""
_TOKENS = Tokens(("NextToken",), ("NextToken",))
_KEYS_A_CALL = 100
_STATUS = {"Active": Activation.ACTIVE, "Inactive": Activation.INACTIVE}


def activations(calls: Calls, caller: Caller, keys: Sequence[str]) -> dict[str, Activation]:
    """The activation of each key; `unlisted` for one that no billed resource has carried yet. AwsError as usual."""
    found = dict.fromkeys(keys, Activation.UNLISTED)
    for start in range(0, len(keys), _KEYS_A_CALL):
        some = list(keys[start : start + _KEYS_A_CALL])
        ask = Ask(LIST_COST_ALLOCATION_TAGS, {"TagKeys": some}, ("CostAllocationTags",), region=REGION)
        for page in calls.pages(ask, caller, tokens=_TOKENS):
            for tag in page["CostAllocationTags"]:
                if tag.get("TagKey") in found and tag.get("Type") != "AWSGenerated":
                    found[str(tag["TagKey"])] = _STATUS.get(str(tag.get("Status")), Activation.UNKNOWN)
    return found


def untagged_by_charge_type(calls: Calls, caller: Caller, key: str, period: Period) -> CePages:
    """What was billed without a key, by charge type: all of it. The columns are `charge_type` and the metrics."""
    groups = (("DIMENSION", "RECORD_TYPE"),)
    return cost_and_usage(calls, caller, CeRequest(period, Granularity.MONTHLY, groups, _absent(key)))


def untagged_by_resource(calls: Calls, caller: Caller, key: str, period: Period) -> CePages:
    """What was billed without a key, by charge type and resource, tax apart. `period` reaches back 14 days at most.

    The columns are those of `cost_and_usage`: `charge_type`, `resource` and the metrics. AwsError as usual.
    """
    whole = {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": [UNTOLD_CHARGE]}}}
    request = CeRequest(
        period,
        Granularity.MONTHLY,
        group_by=(("DIMENSION", "RECORD_TYPE"), ("DIMENSION", "RESOURCE_ID")),
        filter={"And": [_absent(key), whole]},
        with_resources=True,
    )
    return cost_and_usage(calls, caller, request)


def _absent(key: str) -> dict[str, Any]:
    return {"Tags": {"Key": key, "MatchOptions": ["ABSENT"]}}

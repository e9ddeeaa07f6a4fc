"""What AWS itself recommends: everything that Cost Optimization Hub lists, with the saving that AWS estimates.

It is asked in the account that this product runs in, which sees the whole organization once the hub is switched on
there; it costs nothing. Where an own check flags the same resource for the same action, the own finding stands alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask
from finops.aws.paging import Tokens
from finops.model.findings import Action, ActionType, Category, Effort, Severity
from finops.model.outcome import Failure
from finops.waste.accounts import BILLING_REGION, Subject, hub_account, observation_about
from finops.waste.check import Check, measuring
from finops.waste.imported import Recommendation, judge, observed
from finops.waste.running import NOT_ENABLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.model.findings import Observation
    from finops.waste.context import Context

ID = "aws.hub.recommendation"
SERVICE = "cost-optimization-hub"
ENROLLED = measuring(SERVICE, "ListEnrollmentStatuses", "whether Cost Optimization Hub is switched on", hub=True)
LISTED = measuring(SERVICE, "ListRecommendations", "what AWS itself recommends", hub=True)
_TOKENS = Tokens(("nextToken",), ("nextToken",))


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every recommendation, once the hub says that it is switched on."""
    hub = hub_account(context)
    if isinstance(hub, Failure):
        yield hub
        return
    enrolled = _enrolled(context)
    if isinstance(enrolled, Failure):
        yield enrolled
    elif not enrolled:
        yield observation_about(ID, Subject(hub), {NOT_ENABLED: True})
    else:
        yield from _recommendations(context)


def _enrolled(context: Context) -> bool | Failure:
    ask = Ask(ENROLLED, {"includeOrganizationInfo": False}, ("items",), region=BILLING_REGION)
    found = context.reads.answers([("", ask)])[0][1]
    if isinstance(found, Failure):
        return found
    return any(one.get("status") == "Active" for one in found["items"])


def _recommendations(context: Context) -> Iterator[Observation | Failure]:
    ask = Ask(LISTED, {"maxResults": 1000, "includeAllRecommendations": False}, ("items",), region=BILLING_REGION)
    reads = context.reads
    pages = reads.each([("", ask)], lambda one: list(reads.calls.pages(one, reads.caller, tokens=_TOKENS)))[0][1]
    if isinstance(pages, Failure):
        yield pages
        return
    for page in pages:
        for item in page["items"]:
            yield observed(context, ID, _told(item))


def _told(item: Mapping[str, Any]) -> Recommendation:
    return Recommendation(
        account=str(item.get("accountId", "")),
        region=str(item.get("region", "")),
        resource_type=str(item.get("currentResourceType", "")),
        resource_id=str(item.get("resourceId", "")),
        arn=str(item.get("resourceArn", "")),
        action=str(item.get("actionType", "")),
        now=str(item.get("currentResourceSummary", "")),
        then=str(item.get("recommendedResourceSummary", "")),
        effort=str(item.get("implementationEffort", "")),
        restart_needed=bool(item.get("restartNeeded")),
        rollback_possible=bool(item.get("rollbackPossible")),
        source="CostOptimizationHub",
        saving=_amount(item.get("estimatedMonthlySavings")),
        cost=_amount(item.get("estimatedMonthlyCost")),
        currency=str(item.get("currencyCode", "USD")),
    )


def _amount(value: object) -> str:
    """A number of the answer as decimal text; empty where there is none."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


CHECK = Check(
    check_id=ID,
    title="Recommended by Cost Optimization Hub",
    explanation=__doc__,
    category=Category.OVERSIZED,
    severity=Severity.MEDIUM,
    kinds=(),
    action=Action(
        ActionType.RIGHTSIZE,
        Effort.MEDIUM,
        restart_needed=True,
        rollback_possible=True,
        source="CostOptimizationHub",
    ),
    measure=measure,
    judge=judge,
    console="costmanagement/home?region={region}#/cost-optimization-hub",
    operations=(ENROLLED, LISTED),
    aged=False,
    source_url="https://docs.aws.amazon.com/cost-management/latest/userguide/cost-optimization-hub.html",
)

"""What Compute Optimizer recommends for EC2 instances and EBS volumes, with the saving that it estimates.

It is asked in every account and region that has such resources, once it is switched on there; it costs nothing. Where
an own check flags the same resource for the same action, the own finding stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.aws.calls import Ask
from finops.aws.paging import Tokens
from finops.model.findings import Action, ActionType, Category, Effort, Severity
from finops.model.outcome import Failure
from finops.waste.accounts import Subject, observation_about
from finops.waste.check import Check, measuring
from finops.waste.imported import Recommendation, judge, observed
from finops.waste.running import NOT_ENABLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from finops.aws.permissions import Operation
    from finops.model.findings import Observation
    from finops.waste.context import Context

ID = "aws.computeoptimizer.recommendation"
SERVICE = "compute-optimizer"
ENROLLED = measuring(SERVICE, "GetEnrollmentStatus", "whether Compute Optimizer is switched on")
INSTANCES = measuring(SERVICE, "GetEC2InstanceRecommendations", "what Compute Optimizer says of EC2 instances")
VOLUMES = measuring(SERVICE, "GetEBSVolumeRecommendations", "what Compute Optimizer says of EBS volumes")
_TOKENS = Tokens(("nextToken",), ("nextToken",))
_HOME = "us-east-1"
_LEAST_EFFORT = {"VeryLow": "VeryLow", "Low": "Low", "Medium": "Medium", "High": "High"}


@dataclass(frozen=True, slots=True)
class _Listing:
    operation: Operation
    kind: str
    items: str
    told: Callable[[Mapping[str, Any]], Recommendation | None]


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Recommendations of every place that has instances or volumes, in accounts where the optimizer is switched on."""
    accounts = sorted({asset.account for asset in context.estate.of("ec2:instance", "ec2:volume")})
    enrolled = []
    asks = [(account, Ask(ENROLLED, {}, ("status",), account, _HOME)) for account in accounts]
    for account, found in context.reads.answers(asks):
        if isinstance(found, Failure):
            yield found
        elif found["status"] == "Active":
            enrolled.append(account)
        else:
            yield observation_about(ID, Subject(account), {NOT_ENABLED: True})
    for listing in _LISTINGS:
        yield from _listed(context, listing, enrolled)


def _listed(context: Context, listing: _Listing, accounts: Sequence[str]) -> Iterator[Observation | Failure]:
    places = {(asset.account, asset.region) for asset in context.estate.of(listing.kind)}
    asks = [
        (place, Ask(listing.operation, {"maxResults": 1000}, (listing.items,), *place))
        for place in sorted(places)
        if place[0] in accounts
    ]
    reads = context.reads
    for (account, region), pages in reads.each(
        asks, lambda ask: list(reads.calls.pages(ask, reads.caller, tokens=_TOKENS))
    ):
        if isinstance(pages, Failure):
            yield pages
            continue
        for told in (listing.told(item) for page in pages for item in page[listing.items]):
            if told is not None and (told.account, told.region) == (account, region):
                yield observed(context, ID, told)


def _instance(item: Mapping[str, Any]) -> Recommendation | None:
    """Over-provisioned ones, with the first option; the others save nothing."""
    option = _best(item.get("recommendationOptions"))
    finding = str(item.get("finding", "")).upper().replace("_", "")
    if option is None or finding != "OVERPROVISIONED":
        return None
    effort = _LEAST_EFFORT.get(str(option.get("migrationEffort", "")), "Medium")
    types = ("Ec2Instance", item.get("currentInstanceType"), option.get("instanceType"))
    return _recommendation(item, option, arn="instanceArn", of=types, effort=effort)


def _volume(item: Mapping[str, Any]) -> Recommendation | None:
    option = _best(item.get("volumeRecommendationOptions"))
    finding = str(item.get("finding", "")).upper().replace("_", "")
    if option is None or finding != "NOTOPTIMIZED":
        return None
    before, after = _volume_words(item.get("currentConfiguration")), _volume_words(option.get("configuration"))
    return _recommendation(item, option, arn="volumeArn", of=("EbsVolume", before, after), effort="Low")


def _recommendation(
    item: Mapping[str, Any], option: Mapping[str, Any], *, arn: str, of: tuple[str, Any, Any], effort: str
) -> Recommendation:
    resource = str(item.get(arn, ""))
    saving = (option.get("savingsOpportunity") or {}).get("estimatedMonthlySavings") or {}
    kind, now, then = of
    return Recommendation(
        account=str(item.get("accountId", "")),
        region=resource.split(":")[3] if resource.count(":") > 3 else "",  # noqa: PLR2004 - the fourth part of an ARN
        resource_type=kind,
        resource_id=resource.rpartition("/")[2],
        arn=resource,
        action=str(ActionType.RIGHTSIZE),
        now=str(now or ""),
        then=str(then or ""),
        effort=effort,
        restart_needed=kind == "Ec2Instance",
        rollback_possible=True,
        source="ComputeOptimizer",
        saving=str(saving["value"]) if isinstance(saving.get("value"), int | float) else "",
        cost="",
        currency=str(saving.get("currency", "USD")),
    )


def _best(options: object) -> Mapping[str, Any] | None:
    """The option of the first rank."""
    found = [one for one in options if isinstance(one, dict)] if isinstance(options, list) else []
    return min(found, key=lambda one: int(one.get("rank") or 99), default=None)


def _volume_words(configuration: object) -> str:
    if not isinstance(configuration, dict):
        return ""
    return f"{configuration.get('volumeType')}, {configuration.get('volumeSize')} GiB"


_LISTINGS = (
    _Listing(INSTANCES, "ec2:instance", "instanceRecommendations", _instance),
    _Listing(VOLUMES, "ec2:volume", "volumeRecommendations", _volume),
)

CHECK = Check(
    check_id=ID,
    title="Recommended by Compute Optimizer",
    explanation=__doc__,
    category=Category.OVERSIZED,
    severity=Severity.MEDIUM,
    kinds=("ec2:instance", "ec2:volume"),
    action=Action(
        ActionType.RIGHTSIZE, Effort.MEDIUM, restart_needed=True, rollback_possible=True, source="ComputeOptimizer"
    ),
    measure=measure,
    judge=judge,
    console="compute-optimizer/home?region={region}#/dashboard",
    operations=(ENROLLED, INSTANCES, VOLUMES),
    aged=False,
    source_url="https://docs.aws.amazon.com/compute-optimizer/latest/ug/what-is-compute-optimizer.html",
)

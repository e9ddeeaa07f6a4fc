"""A load balancer with nothing healthy behind it, or next to nobody in front of it.

It is flagged when none of its targets is healthy (a target group without targets counts as none, and so does no target
group), or when it had fewer than 100 requests a day in the last 7 days; of a network load balancer new flows count, and
it must have carried next to nothing. A load balancer that answers by itself (redirects, fixed responses) has no targets
either: dismiss the finding then. CloudWatch reports requests only when there are some, so a day without data is a day
without requests, for a load balancer whose targets were just seen; network load balancers report always, so that such a
day says nothing. Gateway load balancers are judged by their targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity, Threshold, Verdict
from finops.model.outcome import Failure
from finops.waste.check import Check, measuring
from finops.waste.context import Gauge
from finops.waste.judging import (
    counted,
    fine,
    flagged,
    not_applicable,
    number,
    recent,
    too_few,
    undetermined,
    whole_cost,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from finops.model.assets import Asset
    from finops.model.findings import Fact, Judgement, Levels, Observation
    from finops.waste.context import Context
    from finops.waste.judging import Recent

ID = "aws.elb.idle_load_balancer"
DAYS = Threshold("window_days", "the last days that are looked at", 7, 7, 30, "days")
REQUESTS = Threshold(
    "requests_day", "it had fewer requests, or new flows, a day than this", 100, 1, 10_000, "a day", 10
)
TRAFFIC = Threshold("traffic_mb_day", "a network load balancer carried at most this a day", 5, 0, 1000, "MB")

TARGET_HEALTH = measuring(
    "elbv2",
    "DescribeTargetHealth",
    "whether anything healthy is behind a load balancer",
    action="elasticloadbalancing:DescribeTargetHealth",
)
INSTANCE_HEALTH = measuring(
    "elb",
    "DescribeInstanceHealth",
    "whether anything healthy is behind a classic load balancer",
    action="elasticloadbalancing:DescribeInstanceHealth",
)


def _by_arn(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("LoadBalancer", asset.arn.partition(":loadbalancer/")[2]),)


def _by_name(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("LoadBalancerName", asset.resource_id),)


GAUGES: Mapping[str, tuple[Gauge, ...]] = {
    "application": (Gauge("requests", "AWS/ApplicationELB", "RequestCount", "Sum", _by_arn),),
    "network": (
        Gauge("new_flows", "AWS/NetworkELB", "NewFlowCount", "Sum", _by_arn),
        Gauge("processed_bytes", "AWS/NetworkELB", "ProcessedBytes", "Sum", _by_arn),
    ),
    "classic": (Gauge("requests", "AWS/ELB", "RequestCount", "Sum", _by_name),),
}
_ACTIVE = ("active", "active_impaired")


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind a load balancer; None where not all of it could be asked."""

    groups: int | None = None
    targets: int | None = None
    healthy: int | None = None


UNKNOWN = Behind()


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The targets of every load balancer, and what it had to do."""
    assets = context.estate.of("elb:loadbalancer", "elb:classic")
    behind, failures = _behind(context, assets)
    yield from failures
    for kind in dict.fromkeys(_type(asset) for asset in assets):
        alike = [asset for asset in assets if _type(asset) == kind]
        gauges = GAUGES.get(str(kind), ())
        measured = context.metrics(alike, gauges, int(DAYS.maximum)) if gauges else None
        yield from measured.failures if measured else ()
        price = f"elb.loadbalancer:{kind}"
        for asset in alike:
            hourly = context.prices.of(price, asset.region)
            amounts = {"list": None if hourly is None else hourly * HOURS_A_MONTH}
            facts = _facts(asset, behind.get(asset.asset_id, UNKNOWN))
            yield context.observation(ID, asset, facts, measured=measured, amounts=amounts)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Nothing behind it, or nobody in front of it."""
    state, kind, healthy = seen.facts.get("state"), seen.facts.get("type"), number(seen, "healthy_targets")
    if not state or not kind:
        return undetermined("AWS does not tell its state or its type.")
    if state not in _ACTIVE:
        return not_applicable(f"It is {state}.")
    if healthy == 0:
        return flagged(f"{_words(seen).capitalize()}.", whole_cost(seen))
    found = _by_traffic(seen, str(kind), levels)
    if healthy is None and found.verdict is not Verdict.FLAGGED:
        return undetermined("Whether its targets are healthy is not known.")
    return found


def _by_traffic(seen: Observation, kind: str, levels: Levels) -> Judgement:
    days = levels["window_days"]
    if kind == "network":
        return _by_flows(seen, recent(seen, "new_flows", days), recent(seen, "processed_bytes", days), levels)
    if kind not in GAUGES:
        return fine(f"{_words(seen).capitalize()}.")
    requests = recent(seen, "requests", days)
    # Absence is zero: "if there are no requests flowing through the load balancer … the metric is not reported". That
    # it was there is what its targets' health has just shown; else its silence says nothing.
    observed = "requests" in seen.series and number(seen, "healthy_targets") is not None
    if not observed and not requests.enough:
        return too_few("Its traffic", requests)
    a_day = requests.total / (requests.days if observed else len(requests.values))
    words = f"It had {a_day:,.0f} requests a day in {counted(requests.days, 'day')}; {_words(seen)}"
    return flagged(f"{words}.", whole_cost(seen)) if a_day < levels["requests_day"] else fine(f"{words}.")


def _by_flows(seen: Observation, flows: Recent, carried: Recent, levels: Levels) -> Judgement:
    """NewFlowCount and ProcessedBytes are "always reported": a day without data is not known."""
    if (
        flows.total >= levels["requests_day"] * flows.days
        or carried.total > levels["traffic_mb_day"] * 1e6 * flows.days
    ):
        return fine(f"It had {flows.total:,.0f} new flows in {counted(flows.days, 'day')}.")
    for found in (flows, carried):
        if not found.enough:
            return too_few("Its traffic", found)
    a_day, megabytes = flows.average, carried.average / 1e6
    words = f"It had {a_day:,.0f} new flows and carried {megabytes:,.1f} MB a day in {counted(flows.days, 'day')}"
    quiet = a_day < levels["requests_day"] and megabytes <= levels["traffic_mb_day"]
    return flagged(f"{words}; {_words(seen)}.", whole_cost(seen)) if quiet else fine(f"{words}.")


def _words(seen: Observation) -> str:
    healthy, targets, groups = (number(seen, name) for name in ("healthy_targets", "targets", "target_groups"))
    if healthy is None:
        return "its targets are not known"
    if groups == 0:
        return "it has no target group"
    return f"{healthy:.0f} of its {targets:.0f} targets are healthy" if targets else "it has no targets"


def _type(asset: Asset) -> Fact:
    return "classic" if asset.kind == "elb:classic" else asset.details.get("type")


def _facts(asset: Asset, behind: Behind) -> dict[str, Fact]:
    classic = asset.kind == "elb:classic"
    return {
        "state": "active" if classic else asset.state or None,  # a classic one has no state: it is there
        "type": _type(asset),
        "scheme": asset.details.get("scheme"),
        "target_groups": behind.groups,
        "targets": behind.targets,
        "healthy_targets": behind.healthy,
        "api": "elb" if classic else "elbv2",
        "named_by": "--load-balancer-name" if classic else "--load-balancer-arn",
        "called": asset.resource_id if classic else asset.arn,
    }


def _behind(context: Context, assets: Sequence[Asset]) -> tuple[dict[str, Behind], list[Failure]]:
    """What is behind each load balancer, by its asset id, and what could not be asked."""
    groups = {
        asset.asset_id: context.estate.pointing("elb:targetgroup", "attached_to", asset)
        for asset in assets
        if asset.kind == "elb:loadbalancer"
    }
    asks = [
        (group.asset_id, context.ask(TARGET_HEALTH, {"TargetGroupArn": group.arn}, group, "TargetHealthDescriptions"))
        for group in {group.asset_id: group for found in groups.values() for group in found}.values()
    ]
    asks += [
        (asset.asset_id, context.ask(INSTANCE_HEALTH, {"LoadBalancerName": asset.resource_id}, asset, "InstanceStates"))
        for asset in assets
        if asset.kind == "elb:classic"
    ]
    answers = context.reads.answers(asks)
    counts = {asset_id: None if isinstance(answer, Failure) else _count(answer) for asset_id, answer in answers}
    behind = {asset.asset_id: _sum([counts[asset.asset_id]], None) for asset in assets if asset.asset_id in counts}
    for asset in assets:
        if asset.asset_id in groups:
            listed = context.estate.complete("elb:targetgroup", asset.account, asset.region)
            found = [counts[group.asset_id] for group in groups[asset.asset_id]]
            behind[asset.asset_id] = _sum(found if listed else [*found, None], len(found))
    return behind, [answer for _, answer in answers if isinstance(answer, Failure)]


def _count(answer: Mapping[str, Any]) -> tuple[int, int]:
    """How many targets there are, and how many of them take requests.

    A target that is being registered, and one whose group checks no health, are given the benefit of the doubt.
    """
    health = [each.get("TargetHealth", {}) for each in answer.get("TargetHealthDescriptions", ())]
    serving = sum(
        each.get("State") in ("healthy", "initial") or each.get("Reason") == "Target.HealthCheckDisabled"
        for each in health
    )
    instances = answer.get("InstanceStates", ())
    in_service = sum(each.get("State") == "InService" for each in instances)
    return len(health) + len(instances), serving + in_service


def _sum(counts: Sequence[tuple[int, int] | None], groups: int | None) -> Behind:
    """One healthy target suffices to know; that there is none needs every answer."""
    known = [count for count in counts if count is not None]
    healthy = sum(serving for _, serving in known)
    if len(known) < len(counts) and not healthy:
        return UNKNOWN
    return Behind(groups, sum(targets for targets, _ in known), healthy)


CHECK = Check(
    check_id=ID,
    title="Idle load balancer",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.MEDIUM,
    kinds=("elb:loadbalancer", "elb:classic"),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#LoadBalancers:search={name}",
    command=("{api}", "delete-load-balancer", "{named_by}", "{called}"),
    thresholds=(DAYS, REQUESTS, TRAFFIC),
    operations=(GET_METRIC_DATA, TARGET_HEALTH, INSTANCE_HEALTH),
    stands_on=(("requests", "requests_day"), ("new_flows", "requests_day")),
    source_url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
)

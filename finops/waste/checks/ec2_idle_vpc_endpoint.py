"""An interface endpoint of a VPC that nobody talks through.

It costs by the hour in each Availability Zone it is in. It is flagged when not one byte went through it in the last 30
days. CloudWatch reports an endpoint only in minutes with traffic, so a day without data is a day without traffic;
since an endpoint that is not measured at all looks the same, something else must have been seen: traffic of another
endpoint or of this one, or its own bill. Gateway endpoints cost nothing, and those that an AWS service made are its
own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import counted, fine, flagged, not_applicable, recent, undetermined, whole_cost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context, Measured

ID = "aws.ec2.idle_vpc_endpoint"
DAYS = Threshold("window_days", "the last days that are looked at", 30, 7, 60, "days")
TRAFFIC = Threshold("traffic_mb_day", "at most this went through it a day", 0, 0, 1000, "MB")
MEASURED_TYPES = ("Interface", "GatewayLoadBalancer")
"""Gateway endpoints have no metrics, and no price: see the source."""


def _dimensions(asset: Asset, vpc: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Endpoint Type", str(asset.details.get("endpoint_type"))),
        ("Service Name", str(asset.details.get("endpoint_service"))),
        ("VPC Endpoint Id", asset.resource_id),
        ("VPC Id", vpc),
    )


def measure(context: Context) -> Iterator[Observation | Failure]:
    """What went through every endpoint that is measured."""
    assets = context.estate.of("ec2:vpc-endpoint")
    vpcs = {asset.asset_id: _vpc(context, asset) for asset in assets}
    gauge = Gauge(
        "bytes", "AWS/PrivateLinkEndpoints", "BytesProcessed", "Sum", lambda one: _dimensions(one, vpcs[one.asset_id])
    )
    measured = context.metrics([each for each in assets if _is_measured(each, vpcs)], (gauge,), int(DAYS.maximum))
    yield from measured.failures
    lively = {(each.account, each.region) for each in assets if _has_traffic(each, measured)}
    for asset in assets:
        facts = {
            "state": asset.state or None,
            "endpoint_type": asset.details.get("endpoint_type"),
            "endpoint_service": asset.details.get("endpoint_service"),
            "managed": asset.details.get("managed"),
            "vpc": vpcs[asset.asset_id] or None,
            "subnets": asset.details.get("subnets"),
            "metric_seen": (asset.account, asset.region) in lively,
        }
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": _listed(context, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Available, paid for, and silent."""
    facts, state, kind = seen.facts, seen.facts.get("state"), seen.facts.get("endpoint_type")
    if not state or not kind:
        return undetermined("AWS does not tell its state or its type.")
    if kind not in MEASURED_TYPES or facts.get("managed"):
        return not_applicable("An AWS service manages it." if facts.get("managed") else f"A {kind} endpoint is free.")
    if str(state).casefold() != "available":
        return not_applicable(f"It is {state}.")
    if "bytes" not in seen.series or not (facts.get("metric_seen") or seen.amounts.get("bill")):
        return undetermined("Nothing shows that its traffic is measured.")
    # Absence is zero: BytesProcessed is reported when "the endpoint received traffic during the one-minute period".
    found = recent(seen, "bytes", levels["window_days"])
    words = f"{found.total / 1e6:,.1f} MB went through it in {counted(found.days, 'day')}"
    if found.total > levels["traffic_mb_day"] * 1e6 * found.days:
        return fine(f"{words}.")
    return flagged(f"{words}; it leads to {facts.get('endpoint_service')}.", whole_cost(seen))


def _vpc(context: Context, asset: Asset) -> str:
    return next((link.target for link in context.estate.links(asset, "in", "ec2:vpc")), "")


def _is_measured(asset: Asset, vpcs: dict[str, str]) -> bool:
    """Whether CloudWatch has its metric, under dimensions that are all known: not where it leads to another region."""
    service = str(asset.details.get("endpoint_service") or "")
    here = f".{asset.region}." in service or service.startswith("aws.")
    return asset.details.get("endpoint_type") in MEASURED_TYPES and bool(vpcs[asset.asset_id]) and here


def _has_traffic(asset: Asset, measured: Measured) -> bool:
    return any(value is not None for value in measured.of(asset).get("bytes", ()))


def _listed(context: Context, asset: Asset) -> Decimal | None:
    hourly, zones = context.prices.of("ec2.vpc-endpoint:hour", asset.region), asset.details.get("subnets")
    return hourly * zones * HOURS_A_MONTH if hourly is not None and isinstance(zones, int) and zones else None


CHECK = Check(
    check_id=ID,
    title="Idle interface endpoint",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.LOW,
    kinds=("ec2:vpc-endpoint",),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="vpcconsole/home?region={region}#EndpointDetails:vpcEndpointId={id}",
    command=("ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", "{id}"),
    thresholds=(DAYS, TRAFFIC),
    operations=(GET_METRIC_DATA,),
    stands_on=(("bytes", ""),),
    source_url="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html",
)

"""A NAT gateway that carries nothing.

It costs by the hour whether anything goes through it or not. It is flagged when not one byte went in or out, towards
the VPC or the internet, in the last 14 days, and all of those days have data: an idle gateway reports zeros, so days
without data say nothing. Take it out of the route tables and delete it; its Elastic IP address has to be released as
well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.context import Gauge
from finops.waste.judging import counted, fine, flagged, not_applicable, recent, too_few, undetermined, whole_cost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.idle_nat_gateway"
DAYS = Threshold("window_days", "the last days that are looked at", 14, 7, 30, "days")
TRAFFIC = Threshold("traffic_mb_day", "it carried at most this a day in either direction", 0, 0, 1000, "MB")


def _dimensions(asset: Asset) -> tuple[tuple[str, str], ...]:
    return (("NatGatewayId", asset.resource_id),)


GAUGES = (
    Gauge("out_to_destination", "AWS/NATGateway", "BytesOutToDestination", "Sum", _dimensions),
    Gauge("out_to_source", "AWS/NATGateway", "BytesOutToSource", "Sum", _dimensions),
    Gauge("in_from_destination", "AWS/NATGateway", "BytesInFromDestination", "Sum", _dimensions),
    Gauge("in_from_source", "AWS/NATGateway", "BytesInFromSource", "Sum", _dimensions),
)


def measure(context: Context) -> Iterator[Observation | Failure]:
    """What went through every gateway, in its four directions."""
    assets = context.estate.of("ec2:natgateway")
    available = [asset for asset in assets if asset.state == "available"]
    measured = context.metrics(available, GAUGES, int(DAYS.maximum))
    yield from measured.failures
    for asset in assets:
        vpc = next((link.target for link in context.estate.links(asset, "in", "ec2:vpc")), None)
        facts = {
            "state": asset.state or None,
            "vpc": vpc,
            "connectivity": asset.details.get("connectivity"),
            "availability_mode": asset.details.get("availability_mode"),
        }
        yield context.observation(ID, asset, facts, measured=measured, amounts={"list": _listed(context, asset)})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Nothing in any direction, on every single day."""
    state = seen.facts.get("state")
    if not state:
        return undetermined("AWS does not tell its state.")
    if state != "available":
        return not_applicable(f"It is {state}.")
    found = [recent(seen, gauge.label, levels["window_days"]) for gauge in GAUGES]
    days, most = found[0].days, max(each.total for each in found)
    if most > levels["traffic_mb_day"] * 1e6 * days:
        return fine(f"It carried {most / 1e6:,.1f} MB in {counted(days, 'day')}.")
    fewest = min(found, key=lambda each: len(each.values))
    if len(fewest.values) < days:
        return too_few("Its traffic", fewest)
    return flagged(f"It carried {most / 1e6:,.1f} MB in {counted(days, 'day')}.", whole_cost(seen))


def _listed(context: Context, asset: Asset) -> Decimal | None:
    if asset.details.get("availability_mode") == "regional":
        return None  # it is charged for each zone it is in, and nobody tells how many
    hourly = context.prices.of("ec2.natgateway:hour", asset.region)
    return None if hourly is None else hourly * HOURS_A_MONTH


CHECK = Check(
    check_id=ID,
    title="Idle NAT gateway",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.MEDIUM,
    kinds=("ec2:natgateway",),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="vpcconsole/home?region={region}#NatGatewayDetails:natGatewayId={id}",
    command=("ec2", "delete-nat-gateway", "--nat-gateway-id", "{id}"),
    thresholds=(DAYS, TRAFFIC),
    operations=(GET_METRIC_DATA,),
    stands_on=tuple((gauge.label, "") for gauge in GAUGES),
    source_url="https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html",
)

"""An EC2 instance that has been stopped for a month and still pays for its volumes and addresses.

The instance itself costs nothing while it is stopped; what hangs on it does. It is flagged when it has been stopped for
30 days and has a volume or an Elastic IP address; AWS tells since when, or the inventory saw it run. What would be
saved is the sum of those. Make an image of it in case, then terminate it and release its addresses.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.instances import stopped_days
from finops.waste.judging import counted, fine, flagged, not_applicable, number, of_amounts, undetermined
from finops.waste.volumes import volume_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.stopped_instance"
DAYS = Threshold("stopped_days", "it has been stopped for at least this long", 30, 1, 365, "days")
_PARTS = ("ec2:volume", "ec2:elastic-ip")


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every instance, since when it is stopped, and what hangs on it."""
    for asset in context.estate.of("ec2:instance"):
        volumes, addresses = (context.estate.pointing(kind, "attached_to", asset) for kind in _PARTS)
        listed = all(context.estate.complete(kind, asset.account, asset.region) for kind in _PARTS)
        facts = {
            "state": asset.state or None,
            "stopped_days": stopped_days(context, asset),
            "instance_type": asset.details.get("instance_type"),
            "parts": len(volumes) + len(addresses) if listed else None,
            "volumes": [each.resource_id for each in volumes],
            "addresses": [each.resource_id for each in addresses],
        }
        yield context.observation(ID, asset, facts, amounts=_amounts(context, (*volumes, *addresses)))


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Stopped for long enough, and something hangs on it."""
    facts, days, parts = seen.facts, number(seen, "stopped_days"), number(seen, "parts")
    state = facts.get("state")
    if not state:
        return undetermined("AWS does not tell its state.")
    if state != "stopped":
        return not_applicable(f"It is {state}.")
    if days is None or parts is None:
        unknown = "Nobody knows since when it is stopped." if days is None else "What hangs on it could not be listed."
        return undetermined(unknown)
    words = f"It has been stopped for {counted(int(days), 'day')}"
    if days < levels["stopped_days"]:
        return fine(f"{words}: not long enough.")
    if not parts:
        return fine(f"{words}, and nothing that costs hangs on it.")
    return flagged(f"{words}; {_counts(facts)} go on costing.", of_amounts(seen, "parts_bill", "parts"))


def _counts(facts: Mapping[str, object]) -> str:
    volumes, addresses = (len(each) if isinstance(each, list) else 0 for each in _lists(facts))
    both = (f"{volumes} EBS volume(s)" if volumes else "", f"{addresses} Elastic IP address(es)" if addresses else "")
    return " and ".join(each for each in both if each)


def _lists(facts: Mapping[str, object]) -> tuple[object, object]:
    return facts.get("volumes"), facts.get("addresses")


def _amounts(context: Context, parts: Sequence[Asset]) -> dict[str, Decimal | None]:
    """What the parts cost by their bills, if all have one, and else by bills and list prices, as far as known."""
    bills = [context.monthly_bill(part) for part in parts]
    costs = [_listed(context, part) if bill is None else bill for part, bill in zip(parts, bills, strict=True)]
    known = [cost for cost in costs if cost is not None]
    total = sum(known, Decimal(0)) if known else None
    return {"parts_bill": total if None not in bills else None, "parts": total}


def _listed(context: Context, part: Asset) -> Decimal | None:
    if part.kind == "ec2:volume":
        return volume_month(context.prices, part)
    hourly = context.prices.of("ec2.address:hour", part.region)
    return None if hourly is None else hourly * HOURS_A_MONTH


CHECK = Check(
    check_id=ID,
    title="Stopped EC2 instance that still pays",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.MEDIUM,
    kinds=("ec2:instance",),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#InstanceDetails:instanceId={id}",
    command=("ec2", "terminate-instances", "--instance-ids", "{id}"),
    thresholds=(DAYS,),
)

"""A running EC2 instance of a generation that AWS has superseded.

t2, m3, m4, c3, c4, r3, r4 and older families have successors that do more for less. What would be saved is what the
instance costs × (1 − the list price of the new type / that of the old one), for the type of the same size in the family
that runs the same software (t2 → t3, m4 → m6i, c4 → c6i, r4 → r6i). The new types need drivers for ENA and NVMe, which
images of the last years have. It needs a stop and a start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity
from finops.waste.check import Check
from finops.waste.instance_types import instance_type, is_superseded, superseding
from finops.waste.instances import instance_month, scaling_group
from finops.waste.judging import fine, flagged, not_applicable, undetermined
from finops.waste.part_savings import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.old_generation_instance"


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every instance, its type and the one that superseded it: the inventory suffices."""
    for asset in context.estate.of("ec2:instance"):
        kind = asset.details.get("instance_type")
        newer = superseding(kind)
        facts = {
            "state": asset.state or None,
            "instance_type": kind,
            "to_type": newer,
            "auto_scaling_group": scaling_group(context.estate, asset),
        }
        amounts = {
            "list": instance_month(context.prices, asset, kind),
            "list_then": instance_month(context.prices, asset, newer) if newer else None,
        }
        yield context.observation(ID, asset, facts, amounts=amounts)


def judge(seen: Observation, _levels: Levels) -> Judgement:
    """Running, superseded, and not cheaper than its successor."""
    state, kind, newer = (seen.facts.get(name) for name in ("state", "instance_type", "to_type"))
    if not state or (state == "running" and instance_type(kind) is None):
        return undetermined("AWS does not tell its state or its type.")
    if state != "running":
        return not_applicable(f"It is {state}.")
    if not is_superseded(kind):
        return fine(f"{kind} is not superseded.")
    listed, then = seen.amounts.get("list"), seen.amounts.get("list_then")
    if listed is None or then is None:
        return flagged(f"{kind} is of an old generation; what {newer} would cost in its place is not known.")
    words = f"{kind} lists at ${listed:.2f} a month, {newer} of today at ${then:.2f}"
    return flagged(f"{words}.", difference(seen)) if then < listed else fine(f"{words}: not less.")


CHECK = Check(
    check_id=ID,
    title="EC2 instance of an old generation",
    explanation=__doc__,
    category=Category.OUTDATED,
    severity=Severity.LOW,
    kinds=("ec2:instance",),
    action=Action(ActionType.UPGRADE, Effort.MEDIUM, restart_needed=True, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#InstanceDetails:instanceId={id}",
    command=(
        *("ec2", "modify-instance-attribute", "--instance-id", "{id}"),
        *("--instance-type", "Value={to_type}"),
    ),
    source_url="https://aws.amazon.com/ec2/previous-generation/",
)

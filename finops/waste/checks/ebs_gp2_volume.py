"""A gp2 volume that would cost less as gp3 with the same performance.

gp3 has 3,000 IOPS and 125 MiB/s for nothing more. A month costs less by size × the price of gp2, minus: size × the
price of gp3, the IOPS above 3,000 (gp2 has three for each GiB, up to 16,000) and the throughput above 125 MiB/s. What
gp2 gives a volume of more than 170 GiB is taken to be 250 MiB/s; a smaller one's 128 MiB/s count as those 125. Its type
is changed while it is in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, not_applicable, undetermined
from finops.waste.part_savings import difference
from finops.waste.volumes import FREE_IOPS, FREE_MIBPS, storage_month, volume_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ebs.gp2_volume"
IOPS_A_GIB, MOST_IOPS = 3, 16_000
SMALL_GIB, LARGE_MIBPS = 170, 250
"""https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html: throughput of gp2 by its size."""


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every volume: what it costs by the list, and what it would as gp3."""
    for asset in context.estate.of("ec2:volume"):
        kind, size = asset.details.get("volume_type"), asset.details.get("size_gib")
        iops, mibps = _performance(size, asset.details.get("throughput_mibps"))
        facts = {"volume_type": kind, "size_gib": size, "to_type": "gp3", "to_iops": iops, "to_mibps": mibps}
        amounts = {
            "list": volume_month(context.prices, asset),
            "list_then": storage_month(context.prices, asset.region, "gp3", size, iops=iops, mibps=mibps),
        }
        yield context.observation(ID, asset, facts, amounts=amounts if kind == "gp2" else {})


def judge(seen: Observation, _levels: Levels) -> Judgement:
    """It is gp2, and gp3 is cheaper."""
    facts, listed, then = seen.facts, seen.amounts.get("list"), seen.amounts.get("list_then")
    kind = facts.get("volume_type")
    if not kind:
        return undetermined("AWS does not tell its type.")
    if kind != "gp2":
        return not_applicable(f"It is {kind}.")
    if listed is None or then is None:
        return undetermined("Its size, or the price of gp2 or gp3 in its region, is not known.")
    words = f"{facts.get('size_gib')} GiB of gp2 list at ${listed:.2f} a month, the same as gp3 at ${then:.2f}"
    return flagged(f"{words}.", difference(seen)) if then < listed else fine(f"{words}.")


def _performance(size: object, mibps: object) -> tuple[int, int]:
    if not isinstance(size, int | float):
        return FREE_IOPS, FREE_MIBPS
    iops = min(MOST_IOPS, max(FREE_IOPS, int(size * IOPS_A_GIB)))
    usual = LARGE_MIBPS if size > SMALL_GIB else FREE_MIBPS
    return iops, max(FREE_MIBPS, int(mibps)) if isinstance(mibps, int | float) else usual


CHECK = Check(
    check_id=ID,
    title="gp2 volume that gp3 would be cheaper for",
    explanation=__doc__,
    category=Category.OUTDATED,
    severity=Severity.LOW,
    kinds=("ec2:volume",),
    action=Action(ActionType.UPGRADE, Effort.VERY_LOW, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#ModifyVolume:volumeId={id}",
    command=(
        *("ec2", "modify-volume", "--volume-id", "{id}", "--volume-type", "{to_type}"),
        *("--iops", "{to_iops}", "--throughput", "{to_mibps}"),
    ),
    source_url="https://aws.amazon.com/ebs/pricing/",
)

"""A volume with provisioned IOPS (io1, io2) that gp3 could serve for less.

It is flagged when it has at most 16,000 IOPS, which gp3 reaches too, and the list price of a gp3 volume with the same
IOPS and throughput is lower. io2 is more durable than gp3 (99.999 %) and answers faster: where that is needed, dismiss
the finding. A volume that several instances share must stay what it is. Its type is changed while it is in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, not_applicable, number, undetermined
from finops.waste.part_savings import difference
from finops.waste.volumes import FREE_IOPS, FREE_MIBPS, storage_month, volume_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ebs.provisioned_iops_volume"
IOPS = Threshold("iops", "its provisioned IOPS are at most this many", 16_000, 3000, 16_000, "IOPS", 1000)

GP3_IOPS_A_GIB = 500
MIBPS_AN_IOPS = 0.25  # io1 and io2 move at most 256 KiB an operation
MOST_MIBPS = {"io1": 500, "io2": 1000}  # io2 does more; gp3 does not


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every volume: what it costs by the list, and what it would as gp3."""
    for asset in context.estate.of("ec2:volume"):
        kind, size, iops = (asset.details.get(name) for name in ("volume_type", "size_gib", "iops"))
        to_iops, to_mibps = _performance(str(kind), iops)
        facts = {
            "volume_type": kind,
            "size_gib": size,
            "iops": iops,
            "multi_attach": asset.details.get("multi_attach"),
            "to_type": "gp3",
            "to_iops": to_iops,
            "to_mibps": to_mibps,
        }
        then = storage_month(context.prices, asset.region, "gp3", size, iops=to_iops, mibps=to_mibps)
        amounts = {"list": volume_month(context.prices, asset), "list_then": then}
        yield context.observation(ID, asset, facts, amounts=amounts if kind in MOST_MIBPS else {})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """gp3 can do the same, for less."""
    kind, iops, size = seen.facts.get("volume_type"), number(seen, "iops"), number(seen, "size_gib")
    if not kind:
        return undetermined("AWS does not tell its type.")
    if kind not in MOST_MIBPS:
        return not_applicable(f"It is {kind}.")
    if iops is None or size is None:
        return undetermined("AWS does not tell its size or its IOPS.")
    if seen.facts.get("multi_attach"):
        return not_applicable("Several instances may share it, which gp3 does not offer.")
    words = f"It is {size:g} GiB of {kind} with {iops:,.0f} IOPS"
    if iops > levels["iops"] or iops > max(FREE_IOPS, size * GP3_IOPS_A_GIB):
        return fine(f"{words}: more than gp3 is asked for here.")
    return _cheaper(seen, words)


def _cheaper(seen: Observation, words: str) -> Judgement:
    listed, then = seen.amounts.get("list"), seen.amounts.get("list_then")
    if listed is None or then is None:
        return undetermined("The price of its type, or of gp3, in its region is not known.")
    prices = f"{words}, which list at ${listed:.2f} a month; the same as gp3 does at ${then:.2f}."
    return flagged(prices, difference(seen)) if then < listed else fine(prices)


def _performance(kind: str, iops: object) -> tuple[int, int]:
    if not isinstance(iops, int | float):
        return FREE_IOPS, FREE_MIBPS
    mibps = min(MOST_MIBPS.get(kind, FREE_MIBPS), int(iops * MIBPS_AN_IOPS))
    return max(FREE_IOPS, int(iops)), max(FREE_MIBPS, mibps)


CHECK = Check(
    check_id=ID,
    title="Provisioned-IOPS volume that gp3 would be cheaper for",
    explanation=__doc__,
    category=Category.OVERSIZED,
    severity=Severity.MEDIUM,
    kinds=("ec2:volume",),
    action=Action(ActionType.RIGHTSIZE, Effort.LOW, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#ModifyVolume:volumeId={id}",
    command=(
        *("ec2", "modify-volume", "--volume-id", "{id}", "--volume-type", "{to_type}"),
        *("--iops", "{to_iops}", "--throughput", "{to_mibps}"),
    ),
    thresholds=(IOPS,),
    source_url="https://aws.amazon.com/ebs/pricing/",
)

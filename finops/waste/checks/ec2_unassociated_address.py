"""An Elastic IP address that is associated with nothing.

AWS charges every public IPv4 address by the hour, used or not. It does not tell when an address was allocated or let
go of: the days count from when the inventory saw that, and an address that was unassociated when its place was first
listed is flagged at once. Release it, unless somebody's firewall knows it: a released address is seldom got back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.model.findings import HOURS_A_MONTH, Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import counted, fine, flagged, not_applicable, number, undetermined, whole_cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.ec2.unassociated_address"
DAYS = Threshold("unassociated_days", "it was let go of at least this long ago, where that was seen", 7, 0, 365, "days")
_DISCOVERY = timedelta(days=1)  # what turns up a day after the rest of its place was not there before


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every address and since when nothing has it, as far as the inventory saw it."""
    beginnings = _first_listings(context)
    hourly = {region: context.prices.of("ec2.address:hour", region) for _, region in beginnings}
    for asset in context.estate.of("ec2:elastic-ip"):
        price = hourly[asset.region]
        since = _since(context, asset, beginnings)
        facts = {
            "state": asset.state or None,
            "public_ip": asset.details.get("public_ip"),
            "managed_by": asset.details.get("managed_by"),
            "unassociated_days": None if since is None else (context.now - since).days,
            "seen_days": (context.now - asset.first_seen).days,
        }
        listed = None if price is None else price * HOURS_A_MONTH
        yield context.observation(ID, asset, facts, amounts={"list": listed})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Nothing has it, and as far as anybody knows not only since yesterday."""
    facts, days = seen.facts, number(seen, "unassociated_days")
    state, manager = facts.get("state"), facts.get("managed_by")
    if not state:
        return undetermined("AWS does not tell whether it is associated.")
    if manager:
        return not_applicable(f"The service {manager} manages it.")
    if state != "unassociated":
        return fine("It is associated.")
    if days is None:
        since = f"since before it was first seen, {counted(facts.get('seen_days'), 'day')} ago"
        return flagged(f"{facts.get('public_ip')} is associated with nothing, {since}.", whole_cost(seen))
    words = f"{facts.get('public_ip')} has been associated with nothing for {counted(int(days), 'day')}"
    if days < levels["unassociated_days"]:
        return fine(f"{words}: not long enough.")
    return flagged(f"{words}.", whole_cost(seen))


def _first_listings(context: Context) -> Mapping[tuple[str, str], datetime]:
    """When each account and region was first listed: networks have been there from the beginning."""
    found: dict[tuple[str, str], datetime] = {}
    for asset in context.estate.of("ec2:vpc", "ec2:subnet", "ec2:elastic-ip"):
        place = asset.account, asset.region
        found[place] = min(found.get(place, asset.first_seen), asset.first_seen)
    return found


def _since(context: Context, asset: Asset, beginnings: Mapping[tuple[str, str], datetime]) -> datetime | None:
    let_go = context.estate.left(asset, "state", "associated")
    appeared = asset.first_seen > beginnings[asset.account, asset.region] + _DISCOVERY
    return let_go or (asset.first_seen if appeared else None)


CHECK = Check(
    check_id=ID,
    title="Unassociated Elastic IP address",
    explanation=__doc__,
    category=Category.UNATTACHED,
    severity=Severity.MEDIUM,
    kinds=("ec2:elastic-ip",),
    action=Action(ActionType.DELETE, Effort.VERY_LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="ec2/home?region={region}#ElasticIpDetails:AllocationId={id}",
    command=("ec2", "release-address", "--allocation-id", "{id}"),
    thresholds=(DAYS,),
    aged=False,  # AWS does not tell when an address was allocated
    source_url="https://aws.amazon.com/vpc/pricing/",
)

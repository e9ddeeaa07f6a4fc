"""A CloudWatch log group that keeps everything for ever.

It is flagged when it has no retention: its events never expire. Groups of the delivery class, which AWS itself empties,
are exempt. The saving is what storing the events costs that are older than the days you would keep. How old they are,
AWS does not tell: the group is assumed to have grown evenly since it was made.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Basis, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, not_applicable, number, undetermined
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.logs.no_retention"
KEEP = Threshold("keep_days", "events older than this would be dropped", 90, 1, 3653, "days")
GIB = 2**30


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every log group, its retention and what it stores: what the inventory knows suffices."""
    for asset in context.estate.of("logs:log-group"):
        size, price = asset.details.get("stored_bytes"), context.prices.of("logs.gib:month", asset.region)
        stored = price * size / GIB if price is not None and isinstance(size, int) else None
        facts = {
            "expires": asset.details.get("retention_days") is not None,
            "retention_days": asset.details.get("retention_days"),
            "stored_gib": round(size / GIB, 3) if isinstance(size, int) else None,
            "log_class": asset.details.get("log_class"),
        }
        yield context.observation(ID, asset, facts, amounts={"storage": stored})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Without retention, whatever it holds. AWS leaves the retention out of its answer where events never expire."""
    facts, keep = seen.facts, levels["keep_days"]
    if facts.get("log_class") == "DELIVERY":
        return not_applicable("AWS empties groups of the delivery class itself.")
    retention = number(seen, "retention_days")
    if retention is not None:
        return fine(f"Its events expire after {retention:.0f} days.")
    if facts.get("expires") is not False:
        return undetermined("Whether its events expire is not known.")
    age, stored, size = number(seen, "age_days"), seen.amounts.get("storage"), facts.get("stored_gib")
    words = "Its events never expire"
    if age is None or stored is None:
        return flagged(f"{words}. What they cost is not known.")
    share = max(Decimal(0), 1 - Decimal(str(keep)) / Decimal(str(age))) if age else Decimal(0)
    told = f"{words}: {size} GiB, of which {share * 100:.0f} % would be older than {keep:.0f} days"
    return flagged(f"{told}.", estimated(seen, stored * share, Basis.HEURISTIC))


CHECK = Check(
    check_id=ID,
    title="Log group without retention",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=("logs:log-group",),
    action=Action(ActionType.CONFIGURE, Effort.VERY_LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="cloudwatch/home?region={region}#logsV2:log-groups",
    command=("logs", "put-retention-policy", "--log-group-name", "{id}", "--retention-in-days", "90"),
    thresholds=(KEEP,),
    source_url="https://aws.amazon.com/cloudwatch/pricing/",
)

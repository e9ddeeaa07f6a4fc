"""A secret that nobody has read for 90 days.

It is flagged when it was last read at least 90 days ago, or never since it was made that long ago. AWS keeps the date
of the last reading, not the hour. Secrets that another AWS service made and manages are that service's business and are
left alone. Each secret costs $0.40 a month, a replica in another region as much again: less than the usual least saving
of a finding, so lower that to see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.fields import moment
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, not_applicable, number, undetermined, whole_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.assets import Asset
    from finops.model.findings import Judgement, Levels, Observation
    from finops.model.outcome import Failure
    from finops.waste.context import Context

ID = "aws.secretsmanager.unused_secret"
DAYS = Threshold("unused_days", "nobody has read it for at least this long", 90, 7, 365, "days")


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every secret and when it was last read: what the inventory knows suffices."""
    for asset in context.estate.of("secretsmanager:secret"):
        read = asset.details.get("last_accessed")
        facts = {
            "last_accessed": read,
            "unused_days": _days_unused(context, asset),
            "rotation": asset.details.get("rotation"),
            "managed_by": asset.details.get("managed_by"),
        }
        price = context.prices.of("secretsmanager.secret:month", asset.region)
        yield context.observation(ID, asset, facts, amounts={"list": price})


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Unread for long enough."""
    owner, days = seen.facts.get("managed_by"), number(seen, "unused_days")
    if owner:
        return not_applicable(f"It belongs to the AWS service {owner}.")
    if days is None:
        return undetermined("AWS does not tell when it was made, nor when it was last read.")
    read = seen.facts.get("last_accessed")
    words = (
        f"It was last read on {str(read)[:10]}, {days:.0f} days ago"
        if read
        else f"Nobody has read it in {days:.0f} days"
    )
    if days < levels["unused_days"]:
        return fine(f"{words}.")
    return flagged(f"{words}.", whole_cost(seen))


def _days_unused(context: Context, asset: Asset) -> int | None:
    """Days since it was read, since it was made where it never was: AWS leaves the date out then.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html
    """
    read = asset.details.get("last_accessed")
    at = moment(read) if read else asset.created
    return None if at is None else (context.now - at).days


CHECK = Check(
    check_id=ID,
    title="Unused secret",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.LOW,
    kinds=("secretsmanager:secret",),
    action=Action(ActionType.DELETE, Effort.VERY_LOW, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="secretsmanager/secret?name={id}&region={region}",
    command=("secretsmanager", "delete-secret", "--secret-id", "{id}", "--recovery-window-in-days", "30"),
    thresholds=(DAYS,),
    least_saving=0.4,
    source_url="https://aws.amazon.com/secrets-manager/pricing/",
)

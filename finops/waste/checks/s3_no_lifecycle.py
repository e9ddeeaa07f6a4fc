"""An S3 bucket without lifecycle rules: nothing in it ever moves to cheaper storage or ends.

It is flagged when it has no lifecycle configuration, or only rules that are switched off. What rules would save depends
on what the bucket holds, so no dollars are claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Category, Effort, Severity
from finops.model.outcome import Failure
from finops.waste.buckets import LIFECYCLE, lifecycle_rules
from finops.waste.check import Check
from finops.waste.judging import fine, flagged, number, undetermined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Judgement, Levels, Observation
    from finops.waste.context import Context

ID = "aws.s3.no_lifecycle"


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The lifecycle rules of every bucket."""
    buckets = context.estate.of("s3:bucket")
    told = lifecycle_rules(context, buckets)
    for bucket in buckets:
        rules = told[bucket.asset_id]
        if isinstance(rules, Failure):
            yield rules
        count = None if isinstance(rules, Failure) else len(rules)
        yield context.observation(ID, bucket, {"enabled_rules": count})


def judge(seen: Observation, levels: Levels) -> Judgement:  # noqa: ARG001 - no threshold: rules are there or not
    """Without an enabled rule."""
    rules = number(seen, "enabled_rules")
    if rules is None:
        return undetermined("Its lifecycle configuration could not be read.")
    if rules:
        return fine(f"It has lifecycle rules: {rules}.")
    return flagged("It has no lifecycle rule that is enabled.")


CHECK = Check(
    check_id=ID,
    title="S3 bucket without lifecycle rules",
    explanation=__doc__,
    category=Category.STORAGE,
    severity=Severity.LOW,
    kinds=("s3:bucket",),
    action=Action(ActionType.CONFIGURE, Effort.LOW, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="s3/management/{id}/lifecycle/create?region={region}",
    command=(
        "s3api",
        "put-bucket-lifecycle-configuration",
        "--bucket",
        "{id}",
        "--lifecycle-configuration",
        "file://lifecycle.json",
    ),
    operations=(LIFECYCLE,),
    source_url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
)

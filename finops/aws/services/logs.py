"""CloudWatch log groups."""

from __future__ import annotations

from finops.aws.fields import gauge
from finops.aws.listing import Kind, Step, reading

GROUPS = reading("logs", "DescribeLogGroups", "CloudWatch log groups")

KINDS = (
    Kind(
        kind="logs:log-group",
        title="Log group",
        steps=(Step(GROUPS, "logGroups[]", {"limit": 50}),),
        resource_id="logGroupName",
        name="logGroupName",
        # As the tagging API spells it; `arn` in the answer ends in ":*".
        arn="arn:{partition}:logs:{region}:{account}:log-group:{id}",
        created=("creationTime",),
        tag_type="logs:log-group",
        details={
            "retention_days": "retentionInDays",  # none: kept for ever
            "stored_bytes": gauge("storedBytes"),
            "log_class": "logGroupClass",
            "deletion_protection": "deletionProtectionEnabled",
        },
        rate=5.0,
    ),
)

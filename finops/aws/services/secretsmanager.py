"""Secrets Manager: that a secret exists and when it was last read. Never what it holds, nor its description."""

from __future__ import annotations

from finops.aws.fields import gauge, when
from finops.aws.listing import Kind, Step, reading

SECRETS = reading("secretsmanager", "ListSecrets", "the names of secrets")

KINDS = (
    Kind(
        kind="secretsmanager:secret",
        title="Secret",
        steps=(Step(SECRETS, "SecretList[]", {"MaxResults": 100}),),
        resource_id="Name",
        name="Name",
        arn="ARN",
        created=("CreatedDate",),
        tags="Tags[]",
        details={
            "rotation": "RotationEnabled",
            "last_accessed": gauge(when("LastAccessedDate")),
            "last_changed": when("LastChangedDate"),
            "last_rotated": when("LastRotatedDate"),
            "managed_by": "OwningService",
            "primary_region": "PrimaryRegion",
        },
    ),
)

"""The lifecycle rules of S3 buckets. A bucket without any is answered with an error, which is an answer here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from finops.aws.calls import Ask
from finops.model.assets import GLOBAL
from finops.model.outcome import Failure
from finops.waste.check import measuring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.aws.permissions import Operation
    from finops.model.assets import Asset
    from finops.waste.context import Context

LIFECYCLE = measuring(
    "s3",
    "GetBucketLifecycleConfiguration",
    "whether buckets have lifecycle rules, and rules against incomplete uploads",
    action="s3:GetLifecycleConfiguration",
)
_NONE = "NoSuchLifecycleConfiguration"

Rules: TypeAlias = "list[dict[str, Any]]"


def lifecycle_rules(context: Context, buckets: Sequence[Asset]) -> dict[str, Rules | Failure]:
    """The enabled rules of each bucket by asset id, none for one that has none, or why they could not be asked."""
    asks = [
        (bucket.asset_id, bucket_ask(LIFECYCLE, {"Bucket": bucket.resource_id}, bucket, "Rules")) for bucket in buckets
    ]
    return {asset_id: _enabled(answer) for asset_id, answer in context.reads.answers(asks)}


def bucket_ask(operation: Operation, params: Mapping[str, Any], bucket: Asset, *required: str) -> Ask:
    """A question about a bucket, where it lies; the configured region finds those whose place is not known."""
    return Ask(operation, params, required, bucket.account, "" if bucket.region == GLOBAL else bucket.region)


def aborts_uploads(rules: Rules) -> bool:
    """Whether a rule ends incomplete uploads in the whole bucket."""
    return any("AbortIncompleteMultipartUpload" in rule and _covers_all(rule) for rule in rules)


def _enabled(answer: dict[str, Any] | Failure) -> Rules | Failure:
    if isinstance(answer, Failure):
        return [] if answer.code == _NONE else answer
    return [rule for rule in answer["Rules"] if rule.get("Status") == "Enabled"]


def _covers_all(rule: Mapping[str, Any]) -> bool:
    limits = rule.get("Filter", {})
    return not rule.get("Prefix") and not any(limits.values())

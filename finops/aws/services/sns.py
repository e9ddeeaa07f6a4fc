"""SNS topics."""

from __future__ import annotations

from finops.aws.fields import last
from finops.aws.listing import Kind, Step, reading

TOPICS = reading("sns", "ListTopics", "SNS topics")

KINDS = (
    Kind(
        kind="sns:topic",
        title="SNS topic",
        steps=(Step(TOPICS, "Topics[]"),),
        resource_id=last("TopicArn", ":"),
        name=last("TopicArn", ":"),
        arn="TopicArn",
        tag_type="sns",  # an SNS ARN names no type
    ),
)

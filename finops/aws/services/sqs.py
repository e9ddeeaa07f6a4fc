"""SQS queues. Their list is one of URLs, and is left out altogether where there is no queue."""

from __future__ import annotations

from finops.aws.fields import ITSELF, last
from finops.aws.listing import Kind, Step, reading

QUEUES = reading("sqs", "ListQueues", "SQS queues")

KINDS = (
    Kind(
        kind="sqs:queue",
        title="SQS queue",
        steps=(Step(QUEUES, "QueueUrls[]", {"MaxResults": 1000}, proof=""),),
        resource_id=last(ITSELF),
        name=last(ITSELF),
        arn="arn:{partition}:sqs:{region}:{account}:{id}",
        tag_type="sqs",  # an SQS ARN names no type
    ),
)

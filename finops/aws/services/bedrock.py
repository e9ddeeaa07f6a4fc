"""Bedrock provisioned throughput: model units paid by the hour."""

from __future__ import annotations

from finops.aws.fields import last, when
from finops.aws.listing import Kind, Step, reading

THROUGHPUTS = reading("bedrock", "ListProvisionedModelThroughputs", "Bedrock provisioned throughput")

KINDS = (
    Kind(
        kind="bedrock:provisioned-model",
        title="Bedrock provisioned throughput",
        steps=(Step(THROUGHPUTS, "provisionedModelSummaries[]", {"maxResults": 1000}),),
        resource_id=last("provisionedModelArn"),
        name="provisionedModelName",
        arn="provisionedModelArn",
        state="status",
        created=("creationTime",),
        tag_type="bedrock:provisioned-model",
        details={
            "model": last("modelArn"),
            "model_units": "modelUnits",
            "desired_model_units": "desiredModelUnits",
            "commitment": "commitmentDuration",
            "commitment_ends": when("commitmentExpirationTime"),
        },
        rate=5.0,
    ),
)

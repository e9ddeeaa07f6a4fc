"""Amazon Q Business applications and their indices.

Regions: https://docs.aws.amazon.com/general/latest/gr/amazonq.html; botocore's data name all, and most do not answer.
"""

from __future__ import annotations

from finops.aws.listing import Kind, Linked, Step, reading

APPLICATIONS = reading("qbusiness", "ListApplications", "Q Business applications and indices")
INDICES = reading("qbusiness", "ListIndices", "Q Business indices")
REGIONS = ("ap-southeast-2", "eu-west-1", "us-east-1", "us-west-2")
CALLS_PER_SECOND = 5.0
_LIST = Step(APPLICATIONS, "applications[]", {"maxResults": 100})

KINDS = (
    Kind(
        kind="qbusiness:application",
        title="Q Business application",
        steps=(_LIST,),
        resource_id="applicationId",
        name="displayName",
        arn="arn:{partition}:qbusiness:{region}:{account}:application/{id}",
        state="status",
        created=("createdAt",),
        tag_type="qbusiness",
        details={"identity_type": "identityType"},
        regions=REGIONS,
        rate=CALLS_PER_SECOND,
    ),
    Kind(
        kind="qbusiness:index",
        title="Q Business index",
        steps=(
            _LIST,
            Step(
                INDICES,
                "indices[]",
                {"maxResults": 100},
                each={"applicationId": "applicationId"},
                vanished=("ResourceNotFoundException",),
            ),
        ),
        resource_id="indexId",
        name="displayName",
        arn="arn:{partition}:qbusiness:{region}:{account}:application/{^applicationId}/index/{id}",
        state="status",
        created=("createdAt",),
        tag_type="qbusiness",
        links=(Linked("in", "qbusiness:application", "^applicationId"),),
        regions=REGIONS,
        rate=CALLS_PER_SECOND,
    ),
)

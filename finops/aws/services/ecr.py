"""ECR repositories of container images."""

from __future__ import annotations

from finops.aws.listing import Kind, Step, reading

REPOSITORIES = reading("ecr", "DescribeRepositories", "ECR repositories")

KINDS = (
    Kind(
        kind="ecr:repository",
        title="ECR repository",
        steps=(Step(REPOSITORIES, "repositories[]", {"maxResults": 1000}),),
        resource_id="repositoryName",
        name="repositoryName",
        arn="repositoryArn",
        created=("createdAt",),
        tag_type="ecr:repository",
        details={
            "tag_mutability": "imageTagMutability",
            "scan_on_push": "imageScanningConfiguration.scanOnPush",
            "encryption": "encryptionConfiguration.encryptionType",
        },
    ),
)

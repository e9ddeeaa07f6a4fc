"""S3 buckets. One list holds those of all regions; each says where it lies only when the list is paged."""

from __future__ import annotations

from finops.aws.listing import Kind, Step, reading

BUCKETS = reading("s3", "ListBuckets", "S3 buckets", action="s3:ListAllMyBuckets")

KINDS = (
    Kind(
        kind="s3:bucket",
        title="S3 bucket",
        steps=(Step(BUCKETS, "Buckets[]", {"MaxBuckets": 1000}),),
        resource_id="Name",
        name="Name",
        arn="arn:{partition}:s3:::{id}",
        created=("CreationDate",),
        tag_type="s3",  # an S3 ARN names no type
        region="BucketRegion",
        scope="global",
    ),
)

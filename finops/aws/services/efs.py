"""EFS file systems."""

from __future__ import annotations

from finops.aws.fields import gauge
from finops.aws.listing import Kind, Step, reading

FILE_SYSTEMS = reading("efs", "DescribeFileSystems", "EFS file systems", action="elasticfilesystem:DescribeFileSystems")

KINDS = (
    Kind(
        kind="efs:filesystem",
        title="EFS file system",
        steps=(Step(FILE_SYSTEMS, "FileSystems[]", {"MaxItems": 100}),),
        resource_id="FileSystemId",
        arn="FileSystemArn",
        state="LifeCycleState",
        created=("CreationTime",),
        tags="Tags[]",
        ended=("deleted",),
        details={
            "size_bytes": gauge("SizeInBytes.Value"),
            "infrequent_access_bytes": gauge("SizeInBytes.ValueInIA"),
            "performance_mode": "PerformanceMode",
            "throughput_mode": "ThroughputMode",
            "provisioned_throughput_mibps": "ProvisionedThroughputInMibps",
            "mount_targets": "NumberOfMountTargets",
            "availability_zone": "AvailabilityZoneName",
            "encrypted": "Encrypted",
        },
    ),
)

"""EBS volumes and snapshots."""

from __future__ import annotations

from finops.aws.fields import or_else, when
from finops.aws.listing import Kind, Linked, Step, reading

VOLUMES = reading("ec2", "DescribeVolumes", "EBS volumes")
SNAPSHOTS = reading("ec2", "DescribeSnapshots", "the account's own EBS snapshots")

KINDS = (
    Kind(
        kind="ec2:volume",
        title="EBS volume",
        steps=(Step(VOLUMES, "Volumes[]", {"MaxResults": 500}),),
        resource_id="VolumeId",
        arn="arn:{partition}:ec2:{region}:{account}:volume/{id}",
        state="State",
        created=("CreateTime",),
        tags="Tags[]",
        ended=("deleted",),
        details={
            "size_gib": "Size",
            "volume_type": "VolumeType",
            "iops": "Iops",
            "throughput_mibps": "Throughput",
            "encrypted": "Encrypted",
            "availability_zone": "AvailabilityZone",
            "multi_attach": "MultiAttachEnabled",
            "attached_since": when("Attachments[].AttachTime"),
        },
        links=(
            Linked("attached_to", "ec2:instance", "Attachments[].InstanceId"),
            Linked("made_from", "ec2:snapshot", "SnapshotId"),
        ),
    ),
    Kind(
        kind="ec2:snapshot",
        title="EBS snapshot",
        steps=(Step(SNAPSHOTS, "Snapshots[]", {"OwnerIds": ["self"], "MaxResults": 1000}),),
        resource_id="SnapshotId",
        arn="arn:{partition}:ec2:{region}:{account}:snapshot/{id}",
        state="State",
        created=("StartTime",),
        tags="Tags[]",
        details={
            "size_gib": "VolumeSize",
            "full_size_bytes": "FullSnapshotSizeInBytes",
            "storage_tier": or_else("StorageTier", "standard"),
            "encrypted": "Encrypted",
        },
        links=(Linked("made_from", "ec2:volume", "VolumeId"),),
    ),
)

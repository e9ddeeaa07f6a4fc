"""EC2 instances and machine images."""

from __future__ import annotations

from finops.aws.fields import gauge, or_else, present, tag, total, when
from finops.aws.listing import Kind, Linked, Step, reading

INSTANCES = reading("ec2", "DescribeInstances", "EC2 instances")
IMAGES = reading("ec2", "DescribeImages", "the account's own machine images (AMIs)")

KINDS = (
    Kind(
        kind="ec2:instance",
        title="EC2 instance",
        steps=(Step(INSTANCES, "Reservations[].Instances[]", {"MaxResults": 1000}),),
        resource_id="InstanceId",
        arn="arn:{partition}:ec2:{region}:{account}:instance/{id}",
        state="State.Name",
        # A start resets LaunchTime; the first volume has been attached since the beginning.
        created=("LaunchTime", "BlockDeviceMappings[].Ebs.AttachTime"),
        tags="Tags[]",
        ended=("terminated",),
        details={
            "instance_type": "InstanceType",
            "lifecycle": or_else("InstanceLifecycle", "on-demand"),
            "platform": "PlatformDetails",
            "architecture": "Architecture",
            "availability_zone": "Placement.AvailabilityZone",
            "tenancy": "Placement.Tenancy",
            "launched": when("LaunchTime"),
            "state_reason": "StateTransitionReason",
            "public": present("PublicIpAddress"),
            "ebs_optimized": "EbsOptimized",
            "detailed_monitoring": "Monitoring.State",
        },
        links=(
            Linked("in", "ec2:vpc", "VpcId"),
            Linked("in", "ec2:subnet", "SubnetId"),
            Linked("made_from", "ec2:image", "ImageId"),
            Linked("member_of", "autoscaling:group", tag("Tags[]", "aws:autoscaling:groupName")),
        ),
    ),
    Kind(
        kind="ec2:image",
        title="Machine image (AMI)",
        steps=(Step(IMAGES, "Images[]", {"Owners": ["self"], "MaxResults": 1000}),),
        resource_id="ImageId",
        name="Name",
        arn="arn:{partition}:ec2:{region}:{account}:image/{id}",
        state="State",
        created=("CreationDate",),
        tags="Tags[]",
        ended=("deregistered",),
        details={
            "architecture": "Architecture",
            "platform": "PlatformDetails",
            "root_device_type": "RootDeviceType",
            "size_gib": total("BlockDeviceMappings[].Ebs.VolumeSize"),
            "public": "Public",
            "last_launched": gauge(when("LastLaunchedTime")),
            "deprecated": when("DeprecationTime"),
        },
        links=(
            Linked("made_from", "ec2:snapshot", "BlockDeviceMappings[].Ebs.SnapshotId"),
            Linked("made_from", "ec2:instance", "SourceInstanceId"),
        ),
    ),
)

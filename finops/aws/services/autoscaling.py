"""EC2 Auto Scaling groups."""

from __future__ import annotations

from finops.aws.fields import count, gauge
from finops.aws.listing import Kind, Linked, Step, reading

GROUPS = reading("autoscaling", "DescribeAutoScalingGroups", "Auto Scaling groups")
_MIXED = "MixedInstancesPolicy.InstancesDistribution"

KINDS = (
    Kind(
        kind="autoscaling:group",
        title="Auto Scaling group",
        steps=(Step(GROUPS, "AutoScalingGroups[]", {"MaxRecords": 100}),),
        resource_id="AutoScalingGroupName",
        name="AutoScalingGroupName",
        arn="AutoScalingGroupARN",
        state="Status",
        created=("CreatedTime",),
        tags="Tags[]",
        details={
            "min_size": "MinSize",
            "max_size": "MaxSize",
            "desired_capacity": gauge("DesiredCapacity"),
            "instances": gauge(count("Instances[].InstanceId")),
            "launch_template": "LaunchTemplate.LaunchTemplateName",
            "on_demand_base_capacity": f"{_MIXED}.OnDemandBaseCapacity",
            "on_demand_percentage": f"{_MIXED}.OnDemandPercentageAboveBaseCapacity",
            "availability_zones": "AvailabilityZones[]",
        },
        links=(Linked("uses", "elb:targetgroup", "TargetGroupARNs[]"),),
    ),
)

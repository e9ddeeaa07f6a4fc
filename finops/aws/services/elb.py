"""Load balancers and target groups. The tagging API knows both generations of load balancers as one type."""

from __future__ import annotations

from finops.aws.fields import count
from finops.aws.listing import Kind, Linked, Step, reading

_IAM = "elasticloadbalancing"
CLASSIC = reading("elb", "DescribeLoadBalancers", "classic load balancers", action=f"{_IAM}:DescribeLoadBalancers")
BALANCERS = reading(
    "elbv2",
    "DescribeLoadBalancers",
    "application, network and gateway load balancers",
    action=f"{_IAM}:DescribeLoadBalancers",
)
TARGET_GROUPS = reading("elbv2", "DescribeTargetGroups", "target groups", action=f"{_IAM}:DescribeTargetGroups")
CALLS_PER_SECOND = 10.0

KINDS = (
    Kind(
        kind="elb:classic",
        title="Classic load balancer",
        steps=(Step(CLASSIC, "LoadBalancerDescriptions[]", {"PageSize": 400}),),
        resource_id="LoadBalancerName",
        name="LoadBalancerName",
        arn="arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
        created=("CreatedTime",),
        tag_type="elasticloadbalancing:loadbalancer",
        details={
            "scheme": "Scheme",
            "dns_name": "DNSName",
            "availability_zones": "AvailabilityZones[]",
            "instances": count("Instances[].InstanceId"),
        },
        links=(Linked("targets", "ec2:instance", "Instances[].InstanceId"), Linked("in", "ec2:vpc", "VPCId")),
        rate=CALLS_PER_SECOND,
    ),
    Kind(
        kind="elb:loadbalancer",
        title="Load balancer",
        steps=(Step(BALANCERS, "LoadBalancers[]", {"PageSize": 400}),),
        resource_id="LoadBalancerName",
        name="LoadBalancerName",
        arn="LoadBalancerArn",
        state="State.Code",
        created=("CreatedTime",),
        tag_type="elasticloadbalancing:loadbalancer",
        details={
            "type": "Type",
            "scheme": "Scheme",
            "dns_name": "DNSName",
            "ip_address_type": "IpAddressType",
            "availability_zones": "AvailabilityZones[].ZoneName",
        },
        links=(Linked("in", "ec2:vpc", "VpcId"),),
        rate=CALLS_PER_SECOND,
    ),
    Kind(
        kind="elb:targetgroup",
        title="Target group",
        steps=(Step(TARGET_GROUPS, "TargetGroups[]", {"PageSize": 400}),),
        resource_id="TargetGroupName",
        name="TargetGroupName",
        arn="TargetGroupArn",
        tag_type="elasticloadbalancing:targetgroup",
        details={
            "target_type": "TargetType",
            "protocol": "Protocol",
            "port": "Port",
            "load_balancers": count("LoadBalancerArns[]"),
        },
        links=(
            Linked("attached_to", "elb:loadbalancer", "LoadBalancerArns[]"),
            Linked("in", "ec2:vpc", "VpcId"),
        ),
        rate=CALLS_PER_SECOND,
    ),
)

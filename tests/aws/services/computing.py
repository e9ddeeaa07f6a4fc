"""Networks, machines, load balancers, made in moto."""

from __future__ import annotations

from tests.aws.services.made import REGION, SECRET, Made, arn, client, pairs, spec


def network() -> list[Made]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone=f"{REGION}a", TagSpecifications=spec("subnet")
    )["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip"))
    gateway = ec2.create_nat_gateway(
        SubnetId=subnet, AllocationId=address["AllocationId"], TagSpecifications=spec("natgateway")
    )["NatGateway"]["NatGatewayId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.sqs",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        TagSpecifications=spec("vpc-endpoint"),
    )["VpcEndpoint"]["VpcEndpointId"]
    inside = ("in", "ec2:vpc", vpc)
    return [
        Made("ec2:vpc", vpc, "checkout", arn("ec2", f"vpc/{vpc}"), "available", {"cidr_block": "10.0.0.0/16"}),
        Made(
            "ec2:subnet",
            subnet,
            "checkout",
            arn("ec2", f"subnet/{subnet}"),
            details={"availability_zone": f"{REGION}a"},
            links=(inside,),
        ),
        Made(
            "ec2:elastic-ip",
            address["AllocationId"],
            "checkout",
            arn("ec2", f"elastic-ip/{address['AllocationId']}"),
            details={"public_ip": address["PublicIp"], "domain": "vpc"},
        ),
        Made(
            "ec2:natgateway",
            gateway,
            "checkout",
            arn("ec2", f"natgateway/{gateway}"),
            links=(inside, ("in", "ec2:subnet", subnet), ("uses", "ec2:elastic-ip", address["AllocationId"])),
        ),
        Made(
            "ec2:vpc-endpoint",
            endpoint,
            "checkout",
            arn("ec2", f"vpc-endpoint/{endpoint}"),
            details={"endpoint_type": "Interface", "subnets": 1},
            links=(inside,),
        ),
    ]


def machines() -> list[Made]:
    ec2 = client("ec2")
    made = ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType="m5.large",
        MinCount=1,
        MaxCount=1,
        UserData=f"export PASSWORD={SECRET}",
        TagSpecifications=spec("instance"),
    )["Instances"][0]
    instance = made["InstanceId"]
    volume = ec2.create_volume(
        Size=100, AvailabilityZone=f"{REGION}a", VolumeType="gp3", Iops=4000, TagSpecifications=spec("volume")
    )["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    snapshot = ec2.create_snapshot(VolumeId=volume, Description=SECRET, TagSpecifications=spec("snapshot"))[
        "SnapshotId"
    ]
    image = ec2.create_image(InstanceId=instance, Name="golden", Description=SECRET, TagSpecifications=spec("image"))[
        "ImageId"
    ]
    return [
        Made(
            "ec2:instance",
            instance,
            "checkout",
            arn("ec2", f"instance/{instance}"),
            "running",
            {"instance_type": "m5.large", "lifecycle": "on-demand"},
            (("in", "ec2:vpc", made["VpcId"]), ("in", "ec2:subnet", made["SubnetId"])),
        ),
        Made(
            "ec2:volume",
            volume,
            "checkout",
            arn("ec2", f"volume/{volume}"),
            "in-use",
            {"size_gib": 100, "volume_type": "gp3", "iops": 4000},
            (("attached_to", "ec2:instance", instance),),
        ),
        Made(
            "ec2:snapshot",
            snapshot,
            "checkout",
            arn("ec2", f"snapshot/{snapshot}"),
            "completed",
            {"size_gib": 100, "storage_tier": "standard"},
            (("made_from", "ec2:volume", volume),),
        ),
        Made("ec2:image", image, "golden", arn("ec2", f"image/{image}"), "available", {"public": False}),
    ]


def balancers() -> list[Made]:
    ec2, classic, elb, groups = client("ec2"), client("elb"), client("elbv2"), client("autoscaling")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"] if subnet["DefaultForAz"]][:2]
    vpc = ec2.describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"]
    listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 8080}
    classic.create_load_balancer(
        LoadBalancerName="old", Listeners=[listener], AvailabilityZones=[f"{REGION}a"], Tags=pairs()
    )
    balancer = elb.create_load_balancer(Name="front", Subnets=subnets, Scheme="internal", Tags=pairs())[
        "LoadBalancers"
    ][0]
    target = elb.create_target_group(Name="api", Protocol="HTTP", Port=80, VpcId=vpc, Tags=pairs())["TargetGroups"][0]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target["TargetGroupArn"]}],
    )
    ec2.create_launch_template(
        LaunchTemplateName="batch", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    )
    groups.create_auto_scaling_group(
        AutoScalingGroupName="batch",
        LaunchTemplate={"LaunchTemplateName": "batch"},
        MinSize=1,
        MaxSize=3,
        TargetGroupARNs=[target["TargetGroupArn"]],
        VPCZoneIdentifier=subnets[0],
        Tags=[{**pair, "PropagateAtLaunch": False} for pair in pairs()],
    )
    return [
        Made("elb:classic", "old", "old", arn("elasticloadbalancing", "loadbalancer/old"), tagged=False),
        Made(
            "elb:loadbalancer",
            "front",
            "front",
            balancer["LoadBalancerArn"],
            details={"type": "application", "scheme": "internal"},
            links=(("in", "ec2:vpc", vpc),),
        ),
        Made(
            "elb:targetgroup",
            "api",
            "api",
            target["TargetGroupArn"],
            details={"load_balancers": 1, "port": 80},
            links=(("attached_to", "elb:loadbalancer", balancer["LoadBalancerArn"]), ("in", "ec2:vpc", vpc)),
        ),
        Made(
            "autoscaling:group",
            "batch",
            "batch",
            details={"min_size": 1, "max_size": 3, "instances": 1, "launch_template": "batch"},
            links=(("uses", "elb:targetgroup", target["TargetGroupArn"]),),
        ),
    ]

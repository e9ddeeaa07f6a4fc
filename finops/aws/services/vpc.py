"""Networks: VPCs, subnets, endpoints, NAT gateways and Elastic IP addresses."""

from __future__ import annotations

from finops.aws.fields import count, gauge, present
from finops.aws.listing import Kind, Linked, Step, reading

ADDRESSES = reading("ec2", "DescribeAddresses", "Elastic IP addresses")
NAT_GATEWAYS = reading("ec2", "DescribeNatGateways", "NAT gateways")
VPCS = reading("ec2", "DescribeVpcs", "VPCs")
SUBNETS = reading("ec2", "DescribeSubnets", "subnets")
ENDPOINTS = reading("ec2", "DescribeVpcEndpoints", "VPC endpoints")

KINDS = (
    Kind(
        kind="ec2:elastic-ip",
        title="Elastic IP address",
        steps=(Step(ADDRESSES, "Addresses[]", paged=False),),
        resource_id="AllocationId",
        arn="arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}",
        state=present("AssociationId", "associated", "unassociated"),
        tags="Tags[]",
        details={
            "public_ip": "PublicIp",
            "domain": "Domain",
            "managed_by": "ServiceManaged",
            "network_interface": "NetworkInterfaceId",
        },
        links=(Linked("attached_to", "ec2:instance", "InstanceId"),),
    ),
    Kind(
        kind="ec2:natgateway",
        title="NAT gateway",
        steps=(Step(NAT_GATEWAYS, "NatGateways[]", {"MaxResults": 1000}),),
        resource_id="NatGatewayId",
        arn="arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
        state="State",
        created=("CreateTime",),
        tags="Tags[]",
        ended=("deleted",),
        details={
            "connectivity": "ConnectivityType",
            "availability_mode": "AvailabilityMode",
            "public_ips": "NatGatewayAddresses[].PublicIp",
        },
        links=(
            Linked("in", "ec2:vpc", "VpcId"),
            Linked("in", "ec2:subnet", "SubnetId"),
            Linked("uses", "ec2:elastic-ip", "NatGatewayAddresses[].AllocationId"),
        ),
    ),
    Kind(
        kind="ec2:vpc",
        title="VPC",
        steps=(Step(VPCS, "Vpcs[]", {"MaxResults": 1000}),),
        resource_id="VpcId",
        arn="arn:{partition}:ec2:{region}:{account}:vpc/{id}",
        state="State",
        tags="Tags[]",
        owner="OwnerId",
        details={"cidr_block": "CidrBlock", "default": "IsDefault", "tenancy": "InstanceTenancy"},
    ),
    Kind(
        kind="ec2:subnet",
        title="Subnet",
        steps=(Step(SUBNETS, "Subnets[]", {"MaxResults": 1000}),),
        resource_id="SubnetId",
        arn="arn:{partition}:ec2:{region}:{account}:subnet/{id}",
        state="State",
        tags="Tags[]",
        owner="OwnerId",
        details={
            "cidr_block": "CidrBlock",
            "availability_zone": "AvailabilityZone",
            "default": "DefaultForAz",
            "public": "MapPublicIpOnLaunch",
            "available_addresses": gauge("AvailableIpAddressCount"),
        },
        links=(Linked("in", "ec2:vpc", "VpcId"),),
    ),
    Kind(
        kind="ec2:vpc-endpoint",
        title="VPC endpoint",
        steps=(Step(ENDPOINTS, "VpcEndpoints[]", {"MaxResults": 1000}),),
        resource_id="VpcEndpointId",
        arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
        state="State",
        created=("CreationTimestamp",),
        tags="Tags[]",
        owner="OwnerId",
        ended=("deleted",),
        details={
            "endpoint_type": "VpcEndpointType",
            "endpoint_service": "ServiceName",
            "subnets": count("SubnetIds[]"),
            "private_dns": "PrivateDnsEnabled",
            "managed": "RequesterManaged",
        },
        links=(Linked("in", "ec2:vpc", "VpcId"),),
    ),
)

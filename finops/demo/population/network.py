"""VPCs, subnets, NAT gateways and endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import EC2_OTHER, VPC
from finops.demo.estate import REGIONS
from finops.demo.population.addresses import address, idle_addresses, interface
from finops.demo.population.life import created
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.demo.population.ground import Ground
    from finops.demo.population.life import Life

_LARGE = 0.1
_NAT_HOURS, _ENDPOINT_HOURS = "NatGateway-Hours", "VpcEndpoint-Hours"
_INTERFACES = (
    "ecr.api",
    "ecr.dkr",
    "logs",
    "sts",
    "secretsmanager",
    "ssm",
    "kms",
    "sqs",
    "ec2messages",
    "monitoring",
    "execute-api",
    "states",
)
_IDLE_EVERY = 5


@dataclass(frozen=True, slots=True)
class Subnet:
    """Where something can be put. `block` is the first two numbers of its addresses, `number` its place in the VPC."""

    id: str
    vpc: str
    zone: str
    public: bool
    number: int
    block: str

    def address(self, number: int) -> str:
        """One of its addresses."""
        return f"{self.block}.{self.number * 16 + number // 251 % 16}.{number % 250 + 4}"


@dataclass(frozen=True, slots=True)
class Network:
    """The network of a place: its working VPC and that one's subnets."""

    vpc: str
    subnets: tuple[Subnet, ...]
    resources: tuple[Resource, ...]

    def private(self, number: int) -> Subnet:
        """A subnet for things that are not reached from outside."""
        inside = [subnet for subnet in self.subnets if not subnet.public]
        return inside[number % len(inside)]

    @property
    def private_ids(self) -> list[str]:
        """The ids of all such subnets."""
        return [subnet.id for subnet in self.subnets if not subnet.public]

    @property
    def public_ids(self) -> list[str]:
        """The ids of all others."""
        return [subnet.id for subnet in self.subnets if subnet.public]


def network(ground: Ground) -> Network:
    """The network of a place. Large accounts have three zones; some keep the default VPC, or one nobody uses."""
    resources, subnets = _vpc(ground, "main", second=_second(ground), zones=3 if ground.account.weight >= _LARGE else 2)
    if ground.number("default vpc") % 2:
        resources += _vpc(ground, "default", second=31, zones=3)[0]
    if ground.main and ground.account.weight >= _LARGE:
        resources += _vpc(ground, "legacy", second=200, zones=1)[0]
    resources += nat_gateways(ground, subnets)
    resources += endpoints(ground, subnets)
    resources += idle_addresses(ground)
    return Network(subnets[0].vpc, subnets, tuple(resources))


def _second(ground: Ground) -> int:
    """The second number of the working VPC's addresses: one range per account and region."""
    names = [name for name, _, _ in REGIONS]
    return 32 + (int(ground.owner[-4:]) // 37 * len(names) + names.index(ground.region)) % 160


def _vpc(ground: Ground, label: str, *, second: int, zones: int) -> tuple[list[Resource], tuple[Subnet, ...]]:
    life = ground.settled("vpc", label)
    vpc = f"vpc-{ground.code('vpc', label)}"
    default = label == "default"
    name = f"{ground.account.name}-{label}"
    tags = {} if default else {"Name": name, **ground.badge("vpc", label).tags}
    item = {
        "VpcId": vpc,
        "OwnerId": ground.owner,
        "State": "available",
        "CidrBlock": f"10.{second}.0.0/16" if not default else "172.31.0.0/16",
        "IsDefault": default,
        "InstanceTenancy": "default",
        "DhcpOptionsId": f"dopt-{ground.code('dopt')}",
        "Tags": aws_tags(tags),
    }
    role = BUSY if label == "main" else FORGOTTEN
    found = [
        Resource("ec2:vpc", ground.owner, ground.region, vpc, ground.arn("ec2", f"vpc/{vpc}"), life, item, tags, role)
    ]
    kinds = (True,) if default else (True, False)
    block = "172.31" if default else f"10.{second}"
    subnets = tuple(
        Subnet(f"subnet-{ground.code('subnet', label, i)}", vpc, ground.zones[i // len(kinds)], public, i, block)
        for i, public in enumerate(kinds * zones)
    )
    found += [_subnet(ground, subnet, life=life, tags=tags) for subnet in subnets]
    return found, subnets


def _subnet(ground: Ground, subnet: Subnet, *, life: Life, tags: Mapping[str, str]) -> Resource:
    side = "public" if subnet.public else "private"
    own = {**tags, "Name": f"{tags['Name']}-{side}-{subnet.zone[-1]}"} if tags else {}
    arn = ground.arn("ec2", f"subnet/{subnet.id}")
    item = {
        "SubnetId": subnet.id,
        "SubnetArn": arn,
        "VpcId": subnet.vpc,
        "OwnerId": ground.owner,
        "State": "available",
        "AvailabilityZone": subnet.zone,
        "AvailabilityZoneId": zone_id(subnet.zone),
        "CidrBlock": f"{subnet.block}.{subnet.number * 16}.0/20",
        "AvailableIpAddressCount": 4091 - ground.number("free", subnet.id) % 900,
        "DefaultForAz": not tags,
        "MapPublicIpOnLaunch": subnet.public,
        "AssignIpv6AddressOnCreation": False,
        "Tags": aws_tags(own),
    }
    return Resource("ec2:subnet", ground.owner, ground.region, subnet.id, arn, life, item, own)


def zone_id(zone: str) -> str:
    """AWS's own name of a zone: `use1-az1` for us-east-1a."""
    area, direction, rest = zone[:-1].split("-")
    short = {"east": "e", "central": "c", "southeast": "se"}[direction]
    return f"{area}{short}{rest}-az{'abc'.index(zone[-1]) + 1}"


def nat_gateways(ground: Ground, subnets: tuple[Subnet, ...]) -> Iterator[Resource]:
    """NAT gateways in public subnets with the addresses they hold; the last of several has nothing to do."""
    count = ground.machines(EC2_OTHER, _NAT_HOURS)
    outside = [subnet for subnet in subnets if subnet.public]
    public = VPC in ground.services
    for index in range(count):
        subnet, life = outside[index % len(outside)], ground.settled("nat", index)
        nat = f"nat-{ground.code('nat', index)}"
        role = IDLE if count > 1 and index == count - 1 else BUSY
        tags = {"Name": f"{ground.account.name}-nat-{subnet.zone[-1]}{index // len(outside) or ''}"}
        tags |= ground.badge("nat", index).tags
        held: dict[str, Any] = {
            "NetworkInterfaceId": interface(ground, "nat", index),
            "PrivateIp": subnet.address(10 + index),
            "IsPrimary": True,
            "Status": "succeeded",
        }
        if public:
            elastic = address(ground, "nat", index, interface_of=held, role=role)
            held |= {name: elastic.item[name] for name in ("AllocationId", "PublicIp", "AssociationId")}
            yield elastic
        item = {
            "NatGatewayId": nat,
            "VpcId": subnet.vpc,
            "SubnetId": subnet.id,
            "State": "available",
            "ConnectivityType": "public" if public else "private",
            "CreateTime": created(life, nat),
            "NatGatewayAddresses": [held],
            "Tags": aws_tags(tags),
        }
        arn = ground.arn("ec2", f"natgateway/{nat}")
        bills = ground.bills(EC2_OTHER, arn, _NAT_HOURS)
        if role == BUSY:
            bills += ground.bills(EC2_OTHER, arn, "NatGateway-Bytes", weight=1 + ground.number("bytes", nat) % 9)
        yield Resource("ec2:natgateway", ground.owner, ground.region, nat, arn, life, item, tags, role, bills)


def endpoints(ground: Ground, subnets: tuple[Subnet, ...]) -> Iterator[Resource]:
    """Endpoints: free gateways for S3 and DynamoDB, and interfaces, each paid for in every zone it stands in."""
    inside = [subnet for subnet in subnets if not subnet.public]
    for name in ("s3", "dynamodb") if ground.main else ("s3",):
        yield _endpoint(ground, name, subnets=[], vpc=inside[0].vpc)
    zones = ground.machines(VPC, _ENDPOINT_HOURS)
    for name in _INTERFACES[: max(1, round(zones / len(inside))) if zones else 0]:
        yield _endpoint(ground, name, subnets=inside, vpc=inside[0].vpc)


def _endpoint(ground: Ground, name: str, *, subnets: list[Subnet], vpc: str) -> Resource:
    endpoint, life = f"vpce-{ground.code('vpce', name)}", ground.settled("vpce", name)
    tags = {"Name": f"{ground.account.name}-{name}", **ground.badge("vpce", name).tags}
    item: dict[str, Any] = {
        "VpcEndpointId": endpoint,
        "VpcEndpointType": "Interface" if subnets else "Gateway",
        "VpcId": vpc,
        "ServiceName": f"com.amazonaws.{ground.region}.{name}",
        "State": "available",
        "OwnerId": ground.owner,
        "RequesterManaged": False,
        "PrivateDnsEnabled": bool(subnets),
        "PolicyDocument": '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}',
        "SubnetIds": [subnet.id for subnet in subnets],
        "NetworkInterfaceIds": [interface(ground, endpoint, subnet.id) for subnet in subnets],
        "CreationTimestamp": created(life, endpoint),
        "Tags": aws_tags(tags),
    }
    arn = ground.arn("ec2", f"vpc-endpoint/{endpoint}")
    role = IDLE if subnets and ground.number("idle", endpoint) % _IDLE_EVERY == 0 else QUIET
    bills = ground.bills(VPC, arn, _ENDPOINT_HOURS, weight=len(subnets)) if subnets else ()
    return Resource("ec2:vpc-endpoint", ground.owner, ground.region, endpoint, arn, life, item, tags, role, bills)

"""Instances as EC2 describes them, and the scaling groups they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import EC2, EC2_OTHER
from finops.demo.population.addresses import instance_address, interface, security_group
from finops.demo.population.life import created
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import CHATTY, IDLE, QUIET, STOPPED, Bill, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.population.ground import Ground
    from finops.demo.population.machines import Crew, Machine

_CODES = {"running": 16, "stopped": 80, "terminated": 48}
_CORES = {
    "m6i.2xlarge": (4, 2),
    "c6i.4xlarge": (8, 2),
    "r6g.xlarge": (4, 1),
    "m4.xlarge": (2, 2),
    "t2.large": (2, 1),
}
_ADDRESSED = 6
_QUIET_ROLES = (IDLE, QUIET, STOPPED)


IMAGES_IN_USE = 2


def image_of(ground: Ground, seat: str) -> int:
    """Which of a place's images the machines of a seat are made from."""
    return ground.number("image of", seat) % IMAGES_IN_USE


def image_id(ground: Ground, index: int) -> str:
    """An image of a place."""
    return f"ami-{ground.code('image', index)}"


def image_snapshot_id(ground: Ground, index: int) -> str:
    """The snapshot that an image starts volumes from."""
    return f"snap-{ground.code('snapshot', 'image', index)}"


def volume_id(ground: Ground, machine: Machine, index: int) -> str:
    """A volume of an instance: the root one (0) is its own, data volumes stay with the seat."""
    return f"vol-{ground.code('vol', machine.seat if index else machine.id, index)}"


def device(index: int) -> str:
    """What a volume is attached as."""
    return "/dev/xvda" if index == 0 else f"/dev/sd{'fgh'[index - 1]}"


def instances(ground: Ground, crew: Sequence[Machine]) -> Iterator[Resource]:
    """The instances, and the elastic addresses that a few of them have."""
    for machine in crew:
        item = _item(ground, machine, image=image_id(ground, image_of(ground, machine.seat)))
        if _addressed(ground, machine):
            address = instance_address(ground, machine.seat, instance=machine.id, private=item["PrivateIpAddress"])
            item["PublicIpAddress"] = address.item["PublicIp"]
            yield address
        arn = ground.arn("ec2", f"instance/{machine.id}")
        tags = machine.tags if machine.there else {}
        yield Resource(
            "ec2:instance",
            ground.owner,
            ground.region,
            machine.id,
            arn,
            machine.life,
            item,
            tags,
            machine.role,
            _bills(ground, machine),
            machine.work,
            machine.quirk,
        )


def _addressed(ground: Ground, machine: Machine) -> bool:
    alone = not machine.crew.group and not machine.crew.lasting
    return alone and machine.life.on(ground.days.today) and ground.number("addressed", machine.seat) % _ADDRESSED == 0


def _item(ground: Ground, machine: Machine, *, image: str) -> dict[str, Any]:
    kind, number = machine.crew.instance_type, ground.number("ip", machine.id)
    cores, threads = _CORES[kind]
    item: dict[str, Any] = {
        "InstanceId": machine.id,
        "ImageId": image,
        "InstanceType": kind,
        "State": {"Code": _CODES[machine.state], "Name": machine.state},
        "StateTransitionReason": _reason(ground, machine),
        "LaunchTime": created(machine.life, machine.id),
        "Placement": {"AvailabilityZone": machine.subnet.zone, "GroupName": "", "Tenancy": "default"},
        "Monitoring": {"State": "disabled" if number % 4 else "enabled"},
        "Architecture": "arm64" if "g." in kind else "x86_64",
        "VirtualizationType": "hvm",
        "Hypervisor": "xen",
        "EbsOptimized": kind != "t2.large",
        "EnaSupport": True,
        "AmiLaunchIndex": 0,
        "ClientToken": "",
        "CpuOptions": {"CoreCount": cores, "ThreadsPerCore": threads},
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "RootDeviceName": device(0),
        "RootDeviceType": "ebs",
        "BlockDeviceMappings": [],
        "Tags": aws_tags(machine.tags),
    }
    if machine.crew.spot:
        item |= {"InstanceLifecycle": "spot", "SpotInstanceRequestId": f"sir-{machine.id[-8:]}"}
    return {**item, **_attached(ground, machine, number)} if machine.there else item


def _reason(ground: Ground, machine: Machine) -> str:
    """Who stopped it, and when. AWS does not always know: of one machine nothing is told."""
    untold = ground.kind == "shared" and machine.seat == "off/0"
    if machine.state == "running" or machine.stopped is None or untold:
        return ""
    return f"User initiated ({machine.stopped.isoformat()} 06:12:40 GMT)"


def _attached(ground: Ground, machine: Machine, number: int) -> dict[str, Any]:
    """What an instance has until it is terminated: volumes, a place in the network, a role."""
    private = machine.subnet.address(number)
    launched = created(machine.life, machine.id)
    group = {"GroupId": security_group(ground, machine.crew.instance_type), "GroupName": f"{ground.account.name}-app"}
    return {
        "SubnetId": machine.subnet.id,
        "VpcId": machine.subnet.vpc,
        "PrivateIpAddress": private,
        "PrivateDnsName": f"ip-{private.replace('.', '-')}.ec2.internal",
        "PublicDnsName": "",
        "SecurityGroups": [group],
        "SourceDestCheck": True,
        "IamInstanceProfile": {
            "Arn": f"arn:aws:iam::{ground.owner}:instance-profile/{ground.account.name}-app",
            "Id": f"AIPADEMO{ground.owner}",
        },
        "BlockDeviceMappings": [
            {
                "DeviceName": device(index),
                "Ebs": {
                    "VolumeId": volume_id(ground, machine, index),
                    "Status": "attached",
                    "AttachTime": launched,
                    "DeleteOnTermination": index == 0,
                },
            }
            for index in range(machine.disks)
        ],
        "NetworkInterfaces": [
            {
                "NetworkInterfaceId": interface(ground, machine.id),
                "SubnetId": machine.subnet.id,
                "VpcId": machine.subnet.vpc,
                "OwnerId": ground.owner,
                "PrivateIpAddress": private,
                "Status": "in-use",
            }
        ],
    }


def _bills(ground: Ground, machine: Machine) -> tuple[Bill, ...]:
    """Its hours until it is stopped, and its traffic."""
    usage = f"{'SpotUsage' if machine.crew.spot else 'BoxUsage'}:{machine.crew.instance_type}"
    traffic = (
        1 if machine.role in _QUIET_ROLES and machine.quirk != CHATTY else 4 + ground.number("traffic", machine.id) % 30
    )
    shares = (
        (EC2, usage, 1),
        (EC2, "DataTransfer-Out-Bytes", traffic),
        (EC2_OTHER, "DataTransfer-Regional-Bytes", traffic),
    )
    return tuple(Bill(*share[:2], machine.id, share[2], machine.stopped, machine.rests) for share in shares)


def scaling_groups(ground: Ground, crews: Sequence[Crew], crew: Sequence[Machine]) -> Iterator[Resource]:
    """The scaling groups with the instances that are in them today."""
    members: dict[str, list[Machine]] = {}
    for machine in crew:
        if machine.crew.group and machine.there and machine.life.on(ground.days.today):
            members.setdefault(machine.crew.group, []).append(machine)
    for group in (one for one in crews if one.group):
        yield _scaling_group(ground, group, members.get(group.group, []))


def _scaling_group(ground: Ground, crew: Crew, members: list[Machine]) -> Resource:
    life = ground.settled("asg", crew.group)
    arn = ground.arn(
        "autoscaling",
        f"autoScalingGroup:{ground.code('asg', crew.group)}:autoScalingGroupName/{crew.group}",
    )
    tags = dict(members[0].tags) if members else dict(ground.badge("asg", crew.group).tags)
    own = {name: value for name, value in tags.items() if not name.startswith("aws:")}
    size = len(members)
    template = {
        "LaunchTemplateId": f"lt-{ground.code('lt', crew.group)}",
        "LaunchTemplateName": crew.group,
        "Version": "$Latest",
    }
    item = {
        "AutoScalingGroupName": crew.group,
        "AutoScalingGroupARN": arn,
        "LaunchTemplate": template,
        "MinSize": min(1, size),
        "MaxSize": size * 2 + 2,
        "DesiredCapacity": size,
        "DefaultCooldown": 300,
        "AvailabilityZones": list(ground.zones[:2]),
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 300,
        "CreatedTime": created(life, arn),
        "VPCZoneIdentifier": ",".join(sorted({machine.subnet.id for machine in members})) or "subnet-none",
        "Instances": [_member(machine, template) for machine in members],
        "SuspendedProcesses": [],
        "Tags": [
            {"Key": name, "Value": value, "ResourceId": crew.group, "ResourceType": "auto-scaling-group"}
            | {"PropagateAtLaunch": True}
            for name, value in own.items()
        ],
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": False,
    }
    role = IDLE if not members else members[0].role
    return Resource("autoscaling:group", ground.owner, ground.region, crew.group, arn, life, item, own, role)


def _member(machine: Machine, template: dict[str, str]) -> dict[str, Any]:
    return {
        "InstanceId": machine.id,
        "InstanceType": machine.crew.instance_type,
        "AvailabilityZone": machine.subnet.zone,
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "LaunchTemplate": template,
        "ProtectedFromScaleIn": False,
    }

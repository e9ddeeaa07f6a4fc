"""Elastic addresses, and the ids of network interfaces and security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import VPC
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, Bill, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.demo.population.ground import Ground

_IDLE_ADDRESS, _ADDRESS = "PublicIPv4:IdleAddress", "PublicIPv4:InUseAddress"


def security_group(ground: Ground, *words: object) -> str:
    """The id of a security group."""
    return f"sg-{ground.code('sg', *words)}"


def interface(ground: Ground, *words: object) -> str:
    """The id of a network interface."""
    return f"eni-{ground.code('eni', *words)}"


def public_addresses(ground: Ground, holder: str, count: int) -> tuple[Bill, ...]:
    """What a thing pays for public addresses of its own, which the bill knows by their network interfaces."""
    interfaces = [ground.arn("ec2", f"network-interface/{interface(ground, holder, i)}") for i in range(count)]
    return tuple(Bill(VPC, _ADDRESS, one) for one in interfaces)


def instance_address(ground: Ground, seat: str, *, instance: str, private: str) -> Resource:
    """The elastic address of a seat, held by the instance that fills it now."""
    held = {"NetworkInterfaceId": interface(ground, instance), "PrivateIp": private, "InstanceId": instance}
    return address(ground, "instance", seat, interface_of=held, role=BUSY)


def idle_addresses(ground: Ground) -> Iterator[Resource]:
    """Addresses that nothing holds, and that are paid for all the same."""
    for index in range(ground.machines(VPC, _IDLE_ADDRESS)):
        yield address(ground, "idle", index, interface_of=None, role=FORGOTTEN)


def address(ground: Ground, *words: object, interface_of: Mapping[str, Any] | None, role: str) -> Resource:
    """An elastic address and the network interface that holds it, if any."""
    number = ground.number("ip", *words)
    allocation = f"eipalloc-{ground.code('eip', *words)}"
    tags = dict(ground.badge("eip", *words).tags)
    item: dict[str, Any] = {
        "AllocationId": allocation,
        "PublicIp": f"203.0.113.{number % 254 + 1}" if number % 2 else f"198.51.100.{number % 254 + 1}",
        "PublicIpv4Pool": "amazon",
        "NetworkBorderGroup": ground.region,
        "Domain": "vpc",
        "Tags": aws_tags(tags),
    }
    if interface_of is not None:
        item["AssociationId"] = f"eipassoc-{ground.code('eipassoc', *words)}"
        item["NetworkInterfaceId"] = interface_of["NetworkInterfaceId"]
        item["NetworkInterfaceOwnerId"] = ground.owner
        item["PrivateIpAddress"] = interface_of["PrivateIp"]
        item |= {"InstanceId": interface_of["InstanceId"]} if "InstanceId" in interface_of else {}
    arn = ground.arn("ec2", f"elastic-ip/{allocation}")
    usage = _IDLE_ADDRESS if interface_of is None else _ADDRESS
    bills = ground.bills(VPC, arn, usage)
    life = ground.settled("eip", *words)
    return Resource("ec2:elastic-ip", ground.owner, ground.region, allocation, arn, life, item, tags, role, bills)

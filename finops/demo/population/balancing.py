"""Load balancers of three kinds with their target groups; some balance nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import ELB
from finops.demo.population.addresses import public_addresses, security_group
from finops.demo.population.life import created
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.population.ground import Ground
    from finops.demo.population.machines import Machine
    from finops.demo.population.network import Network

_HOURS, _UNITS = "LoadBalancerUsage", "LCUUsage"
_MANY = 4
_PARTS = ("web", "api", "gw", "admin", "grpc", "partner")
EMPTY = "empty"
"""The role of a target group in which nothing is registered."""


def balancers(ground: Ground, net: Network, crew: Sequence[Machine]) -> Iterator[Resource]:
    """Every load balancer and target group of a place.

    Of several, the last has no target group and the one before it an empty one.
    """
    count = ground.machines(ELB, _HOURS)
    for index in range(count):
        if index % 9 == 8:  # noqa: PLR2004 - one in nine is of the first generation
            yield _classic(ground, net, crew=crew, index=index)
            continue
        last = count - index if count >= _MANY else _MANY
        role = {1: FORGOTTEN, 2: IDLE}.get(last, QUIET if index % 5 == 4 else BUSY)  # noqa: PLR2004 - one in five
        balancer = _balancer(ground, net, index, role=role)
        yield balancer
        for number in range(0 if last == 1 else 1 + (index % 6 == 0)):
            target_role = EMPTY if role == IDLE else role
            name = f"{balancer.item['LoadBalancerName'][:28]}-tg{number}"
            yield _target_group(ground, net, name, balancers=[balancer], role=target_role)
    if count:
        yield _target_group(ground, net, "unused-blue-green", balancers=[], role=EMPTY)


def _balancer(ground: Ground, net: Network, index: int, *, role: str) -> Resource:
    network = index % 4 == 3  # noqa: PLR2004 - one in four
    badge = ground.badge("lb", index)
    name = f"{badge.name(_PARTS[index % len(_PARTS)])[:24].rstrip('-')}-{index + 1}"
    code, life = ground.code("lb", index)[1:], ground.settled("lb", index)
    kind = "net" if network else "app"
    arn = ground.arn("elasticloadbalancing", f"loadbalancer/{kind}/{name}/{code}")
    internal = index % 3 == 2  # noqa: PLR2004 - one in three
    scheme = "internal" if internal else "internet-facing"
    subnets = [subnet for subnet in net.subnets if subnet.public != internal][:2]
    item: dict[str, Any] = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "DNSName": f"{'internal-' if internal else ''}{name}-{code[:10]}.{ground.region}.elb.amazonaws.com",
        "CanonicalHostedZoneId": f"Z{code[:12].upper()}",
        "CreatedTime": created(life, arn),
        "Scheme": scheme,
        "VpcId": net.vpc,
        "State": {"Code": "active"},
        "Type": "network" if network else "application",
        "AvailabilityZones": [{"ZoneName": subnet.zone, "SubnetId": subnet.id} for subnet in subnets],
        "SecurityGroups": [] if network else [security_group(ground, "lb")],
        "IpAddressType": "ipv4",
    }
    bills = ground.bills(ELB, arn, _HOURS)
    if role in {BUSY, QUIET}:
        bills += ground.bills(ELB, arn, _UNITS, weight=1 if role == QUIET else 5 + ground.number("lcu", arn) % 40)
    if not internal:
        bills += public_addresses(ground, arn, len(subnets))
    return Resource("elb:loadbalancer", ground.owner, ground.region, name, arn, life, item, badge.tags, role, bills)


def _target_group(ground: Ground, net: Network, name: str, *, balancers: list[Resource], role: str) -> Resource:
    code = ground.code("tg", name)[1:]
    arn = ground.arn("elasticloadbalancing", f"targetgroup/{name}/{code}")
    network = any(balancer.item["Type"] == "network" for balancer in balancers)
    item: dict[str, Any] = {
        "TargetGroupArn": arn,
        "TargetGroupName": name,
        "Protocol": "TCP" if network else "HTTP",
        "Port": 443 if network else 8080,
        "VpcId": net.vpc,
        "TargetType": ground.pick(("ip", "ip", "instance"), "target", name),
        "LoadBalancerArns": [balancer.arn for balancer in balancers],
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "TCP" if network else "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 6,
        "HealthyThresholdCount": 3,
        "UnhealthyThresholdCount": 3,
        "IpAddressType": "ipv4",
    }
    if not network:
        item |= {"HealthCheckPath": "/healthz", "Matcher": {"HttpCode": "200"}, "ProtocolVersion": "HTTP1"}
    tags = balancers[0].tags if balancers else {}
    life = balancers[0].life if balancers else ground.settled("tg", name)
    return Resource("elb:targetgroup", ground.owner, ground.region, name, arn, life, item, tags, role)


def _classic(ground: Ground, net: Network, *, crew: Sequence[Machine], index: int) -> Resource:
    badge, life = ground.badge("classic", index), ground.settled("classic", index)
    name = f"{badge.app}-classic-{index}"
    today = ground.days.today
    alone = [one for one in crew if not one.crew.group and one.there and one.life.on(today) and one.state == "running"]
    inside = [one for one in alone if not one.crew.lasting][:2]
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    item: dict[str, Any] = {
        "LoadBalancerName": name,
        "DNSName": f"{name}-{ground.number('dns', name) % 10**9}.{ground.region}.elb.amazonaws.com",
        "ListenerDescriptions": [{"Listener": listener, "PolicyNames": []}],
        "AvailabilityZones": list(ground.zones[:2]),
        "Subnets": net.public_ids[:2],
        "VPCId": net.vpc,
        "Instances": [{"InstanceId": machine.id} for machine in inside],
        "HealthCheck": {
            "Target": "HTTP:8080/",
            "Interval": 30,
            "Timeout": 5,
            "UnhealthyThreshold": 2,
            "HealthyThreshold": 10,
        },
        "SecurityGroups": [security_group(ground, "classic")],
        "CreatedTime": created(life, name),
        "Scheme": "internet-facing",
    }
    arn = ground.arn("elasticloadbalancing", f"loadbalancer/{name}")
    bills, role = ground.bills(ELB, arn, _HOURS), QUIET if inside else IDLE
    return Resource("elb:classic", ground.owner, ground.region, name, arn, life, item, badge.tags, role, bills)

"""Clusters of EKS and ECS with their node groups and services, and the image repositories of ECR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import ECS, EKS
from finops.demo.population.addresses import security_group
from finops.demo.population.ground import HOURS_A_MONTH, Ground
from finops.demo.population.life import created
from finops.demo.population.naming import aws_tags
from finops.demo.population.releases import supported_version
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, QUIET, Bill, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.population.machines import Crew, Machine
    from finops.demo.population.network import Network

_CONTROL_PLANE, _EXTENDED = "AmazonEKS-Hours:perCluster", "AmazonEKS-Hours:extendedSupport"
_VCPU, _MEMORY = "Fargate-vCPU-Hours:perCPU", "Fargate-GB-Hours"
_OLD = "1.32"
_PURPOSES = ("apps", "platform", "batch", "edge", "tools")
_WORTH_A_CLUSTER = 0.3
_DOLLARS_A_SERVICE, _SERVICES_A_CLUSTER = 115, 9
_PARTS = ("api", "web", "worker", "consumer", "gateway", "scheduler", "mailer")


def cluster_names(ground: Ground) -> list[str]:
    """The EKS clusters of a place."""
    count = ground.machines(EKS, _CONTROL_PLANE)
    return [f"{ground.account.name}-{_PURPOSES[index % 5]}{index // 5 or ''}" for index in range(count)]


def eks(ground: Ground, net: Network, *, crews: Sequence[Crew], crew: Sequence[Machine]) -> Iterator[Resource]:
    """The EKS clusters and their node groups, as large as there are nodes today."""
    for index, name in enumerate(cluster_names(ground)):
        badge, life = ground.badge("eks", name), ground.settled("eks", name)
        arn = ground.arn("eks", f"cluster/{name}")
        old = index == 0 and ground.quantity(EKS, _EXTENDED) > HOURS_A_MONTH * _WORTH_A_CLUSTER
        version = _OLD if old else supported_version(ground.days.today, ahead=index % 3)
        item = {
            "name": name,
            "arn": arn,
            "createdAt": created(life, arn),
            "version": version,
            "platformVersion": "eks.9",
            "status": "ACTIVE",
            "endpoint": f"https://{ground.code('eks', name).upper()}.gr7.{ground.region}.eks.amazonaws.com",
            "roleArn": f"arn:aws:iam::{ground.owner}:role/eks-cluster",
            "resourcesVpcConfig": {
                "subnetIds": net.private_ids,
                "securityGroupIds": [security_group(ground, name)],
                "vpcId": net.vpc,
                "endpointPublicAccess": index % 2 == 0,
                "endpointPrivateAccess": True,
                "publicAccessCidrs": ["0.0.0.0/0"],
            },
            "certificateAuthority": {"data": "bWFkZSB1cCwgb3BlbnMgbm90aGluZw=="},
            "upgradePolicy": {"supportType": "EXTENDED"},
            "tags": dict(badge.tags),
        }
        bills = ground.bills(EKS, arn, _CONTROL_PLANE) + (ground.bills(EKS, arn, _EXTENDED) if old else ())
        yield Resource(
            "eks:cluster", ground.owner, ground.region, name, arn, life, _tagged(item), badge.tags, BUSY, bills
        )
        for group in (one for one in crews if one.cluster == name):
            nodes = [one for one in crew if one.crew.group == group.group and one.life.on(ground.days.today)]
            yield _nodegroup(ground, net, group, version=version, nodes=nodes)


def _nodegroup(ground: Ground, net: Network, crew: Crew, *, version: str, nodes: list[Machine]) -> Resource:
    arn = ground.arn("eks", f"nodegroup/{crew.cluster}/{crew.nodegroup}/{crew.group[-8:]}-demo")
    life, tags = ground.settled("eks", crew.cluster), ground.badge("eks", crew.cluster).tags
    item = {
        "nodegroupName": crew.nodegroup,
        "nodegroupArn": arn,
        "clusterName": crew.cluster,
        "version": version,
        "releaseVersion": f"{version}.2-20260911",
        "createdAt": created(life, arn),
        "modifiedAt": created(life, arn),
        "status": "ACTIVE",
        "capacityType": "SPOT" if crew.spot else "ON_DEMAND",
        "scalingConfig": {"minSize": 0, "maxSize": len(nodes) * 2 + 3, "desiredSize": len(nodes)},
        "instanceTypes": [crew.instance_type],
        "subnets": net.private_ids,
        "amiType": "AL2023_x86_64_STANDARD",
        "nodeRole": f"arn:aws:iam::{ground.owner}:role/eks-node",
        "diskSize": 30,
        "resources": {"autoScalingGroups": [{"name": crew.group}]},
        "health": {"issues": []},
        "tags": dict(tags),
    }
    name, role = f"{crew.cluster}/{crew.nodegroup}", BUSY if nodes else IDLE
    return Resource("eks:nodegroup", ground.owner, ground.region, name, arn, life, _tagged(item), tags, role)


def _tagged(item: dict[str, Any]) -> dict[str, Any]:
    """EKS leaves the tags out where there are none."""
    return {name: value for name, value in item.items() if name != "tags" or value}


def ecs(ground: Ground, net: Network) -> Iterator[Resource]:
    """ECS clusters with services on Fargate; the tasks of a service are what the bill names."""
    if ECS not in ground.services:
        return
    services = max(2, round(ground.dollars(ECS) / _DOLLARS_A_SERVICE))
    clusters = [f"{ground.account.name}-{name}" for name in ("services", "internal", "jobs", "partner")]
    used = clusters[: -(-services // _SERVICES_A_CLUSTER)]
    members: dict[str, list[Resource]] = {name: [] for name in used}
    for index in range(services):
        cluster = used[index % len(used)]
        members[cluster].append(_service(ground, net, cluster=cluster, index=index))
    for name, inside in members.items():
        yield _cluster(ground, name, inside)
        yield from inside
    if ground.main:
        yield _cluster(ground, "default", [])


def _cluster(ground: Ground, name: str, services: list[Resource]) -> Resource:
    arn, tags = ground.arn("ecs", f"cluster/{name}"), ground.badge("ecs", name).tags
    item = {
        "clusterArn": arn,
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": sum(service.item["runningCount"] for service in services),
        "pendingTasksCount": 0,
        "activeServicesCount": len(services),
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [],
        "tags": lower_tags(tags),
    }
    role = BUSY if services else FORGOTTEN
    return Resource(
        "ecs:cluster", ground.owner, ground.region, name, arn, ground.settled("ecs", name), item, tags, role
    )


def _service(ground: Ground, net: Network, *, cluster: str, index: int) -> Resource:
    badge, life = ground.badge("ecs service", index), ground.settled("ecs service", index)
    name = f"{badge.app}-{_PARTS[index % len(_PARTS)]}-{index + 1}"
    arn = ground.arn("ecs", f"service/{cluster}/{name}")
    tasks = 0 if index and index % 11 == 0 else 1 + ground.number("tasks", name) % 4
    item = {
        "serviceArn": arn,
        "serviceName": name,
        "clusterArn": ground.arn("ecs", f"cluster/{cluster}"),
        "status": "ACTIVE",
        "desiredCount": tasks,
        "runningCount": tasks,
        "pendingCount": 0,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "taskDefinition": ground.arn("ecs", f"task-definition/{name}:{1 + ground.number('revision', name) % 80}"),
        "schedulingStrategy": "REPLICA",
        "createdAt": created(life, arn),
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": net.private_ids[:2],
                "securityGroups": [security_group(ground, name)],
                "assignPublicIp": "DISABLED",
            }
        },
        "tags": lower_tags(badge.tags),
    }
    ids = [ground.arn("ecs", f"task/{cluster}/{ground.code('task', name, number)}") for number in range(tasks)]
    size = 1 + ground.number("size", name) % 4
    bills = tuple(Bill(ECS, usage, task, size) for task in ids for usage in (_VCPU, _MEMORY))
    role = IDLE if not tasks else ground.pick((BUSY, BUSY, QUIET), "role", name)
    return Resource("ecs:service", ground.owner, ground.region, name, arn, life, item, badge.tags, role, bills)


def lower_tags(tags: Any) -> list[dict[str, str]]:
    """Tags as ECS spells them."""
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in aws_tags(tags)]


def repositories(ground: Ground) -> Iterator[Resource]:
    """Image repositories where containers run; most of them where software is built."""
    if not {ECS, EKS} & ground.services:
        return
    count = 18 if ground.kind == "shared" and ground.main else 6 if ground.main else 2
    for index in range(count):
        badge, life = ground.badge("ecr", index), ground.settled("ecr", index)
        name = f"{badge.app}/{_PARTS[index % len(_PARTS)]}{index // len(_PARTS) or ''}"
        arn = ground.arn("ecr", f"repository/{name}")
        item = {
            "repositoryArn": arn,
            "registryId": ground.owner,
            "repositoryName": name,
            "repositoryUri": f"{ground.owner}.dkr.ecr.{ground.region}.amazonaws.com/{name}",
            "createdAt": created(life, arn),
            "imageTagMutability": "MUTABLE" if index % 3 else "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": index % 2 == 0},
            "encryptionConfiguration": {"encryptionType": "AES256"},
        }
        role = FORGOTTEN if index % 6 == 5 else BUSY  # noqa: PLR2004 - one in six
        yield Resource("ecr:repository", ground.owner, ground.region, name, arn, life, item, badge.tags, role)

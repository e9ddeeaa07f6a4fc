"""RDS: Aurora clusters and single databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import RDS
from finops.demo.population.addresses import security_group
from finops.demo.population.database_copies import cluster_copies, copies
from finops.demo.population.database_plan import AURORA_IO, EXTENDED, MULTI, SINGLE, STORAGE, Database, common, planned
from finops.demo.population.life import created
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, IDLE, STOPPED, Bill, Resource, Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.ground import Ground
    from finops.demo.population.network import Network


def databases(ground: Ground, net: Network) -> Iterator[Resource]:
    """The databases of a place, their clusters, and the snapshots of both."""
    if RDS not in ground.services:
        return
    clusters: dict[str, list[Database]] = {}
    alone: list[Database] = []
    for one in planned(ground):
        (clusters.setdefault(one.cluster, []) if one.cluster else alone).append(one)
        yield _instance(ground, net, one)
    for name, members in clusters.items():
        yield _cluster(ground, name, members)
        yield from cluster_copies(ground, name, members[0])
    yield from copies(ground, alone)


def _instance(ground: Ground, net: Network, one: Database) -> Resource:
    arn = ground.arn("rds", f"db:{one.name}")
    host = f"{one.name}.c{ground.code('rds')[:11]}.{ground.region}.rds.amazonaws.com"
    item: dict[str, Any] = common(ground, one, ground.days.today) | {
        "DBInstanceIdentifier": one.name,
        "DBInstanceArn": arn,
        "DBInstanceClass": one.size_class,
        "DBInstanceStatus": one.state,
        "DBName": one.badge.app,
        "Endpoint": {"Address": host, "Port": one.port, "HostedZoneId": "Z2R2ITUGPM61AM"},
        "InstanceCreateTime": created(one.life, arn),
        "BackupRetentionPeriod": 7 if one.cluster or one.multi else 1,
        "PreferredBackupWindow": "03:10-03:40",
        "PreferredMaintenanceWindow": "sun:04:30-sun:05:00",
        "AvailabilityZone": ground.pick(ground.zones, "rds", one.name),
        "MultiAZ": one.multi,
        "AutoMinorVersionUpgrade": True,
        "PubliclyAccessible": one.role == IDLE,
        "StorageEncrypted": True,
        "DeletionProtection": one.multi,
        "CopyTagsToSnapshot": True,
        "PerformanceInsightsEnabled": bool(one.cluster),
        "EngineLifecycleSupport": "open-source-rds-extended-support",
        "DBSubnetGroup": {
            "DBSubnetGroupName": f"{ground.account.name}-db",
            "DBSubnetGroupDescription": "private subnets",
            "VpcId": net.vpc,
            "SubnetGroupStatus": "Complete",
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": security_group(ground, "rds"), "Status": "active"}],
        "ReadReplicaDBInstanceIdentifiers": [],
        "TagList": aws_tags(one.badge.tags),
    }
    if one.cluster:
        item["DBClusterIdentifier"] = one.cluster
    else:
        item |= {"Iops": 3000, "StorageThroughput": 125, "MaxAllocatedStorage": one.storage_gib * 2}
    place, role, bills = (ground.owner, ground.region), one.role, _bills(ground, one, arn)
    tags, work = one.badge.tags, Work(() if one.state == STOPPED else None)
    return Resource("rds:db", *place, one.name, arn, one.life, item, tags, role, bills, work, one.quirk)


def _bills(ground: Ground, one: Database, arn: str) -> tuple[Bill, ...]:
    bills = () if one.state == STOPPED else ground.bills(RDS, arn, MULTI if one.multi else SINGLE)
    if not one.cluster:
        bills += ground.bills(RDS, arn, STORAGE, weight=one.storage_gib)
    return bills + (ground.bills(RDS, arn, EXTENDED) if one.line.startswith("5.7") else ())


def _cluster(ground: Ground, name: str, members: list[Database]) -> Resource:
    arn, first = ground.arn("rds", f"cluster:{name}"), members[0]
    host = f"c{ground.code('rds')[:11]}.{ground.region}.rds.amazonaws.com"
    item = {
        "DBClusterIdentifier": name,
        "DBClusterArn": arn,
        "DbClusterResourceId": f"cluster-{ground.code('rds', name)[:12].upper()}",
        "Status": "available",
        "Engine": first.engine,
        "EngineVersion": first.version(ground.days.today),
        "EngineMode": "provisioned",
        "AllocatedStorage": 1,
        "Port": first.port,
        "Endpoint": f"{name}.cluster-{host}",
        "ReaderEndpoint": f"{name}.cluster-ro-{host}",
        "MasterUsername": "app",
        "MultiAZ": len(members) > 1,
        "AvailabilityZones": list(ground.zones),
        "BackupRetentionPeriod": 7,
        "ClusterCreateTime": created(first.life, arn),
        "DBSubnetGroup": f"{ground.account.name}-db",
        "DBClusterMembers": [
            {"DBInstanceIdentifier": member.name, "IsClusterWriter": index == 0, "PromotionTier": index}
            for index, member in enumerate(members)
        ],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": security_group(ground, "rds"), "Status": "active"}],
        "StorageEncrypted": True,
        "DeletionProtection": True,
        "HttpEndpointEnabled": False,
        "EngineLifecycleSupport": "open-source-rds-extended-support",
        "TagList": aws_tags(first.badge.tags),
    }
    tags, bills = first.badge.tags, ground.bills(RDS, arn, AURORA_IO, weight=1 + ground.number("io", name) % 20)
    return Resource("rds:cluster", ground.owner, ground.region, name, arn, first.life, item, tags, BUSY, bills)

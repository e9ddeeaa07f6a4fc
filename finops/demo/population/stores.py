"""Caches, tables, search domains, streams, warehouses and file systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import DYNAMODB, EC2, ELASTICACHE, KINESIS, OPENSEARCH, REDSHIFT
from finops.demo.population.addresses import security_group
from finops.demo.population.database_plan import release
from finops.demo.population.life import created
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, OVERSIZED, PATCHY, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.ground import Ground
    from finops.demo.population.network import Network

_NODE, _SEARCH, _SEARCH_DISK = "NodeUsage:cache.r6g.large", "ESInstance:r6g.xlarge", "ES:gp3-Storage"
_READS, _WRITES, _TABLE_DISK = "ReadRequestUnits", "WriteRequestUnits", "TimedStorage-ByteHrs"
_READ_CAPACITY, _WRITE_CAPACITY = "ReadCapacityUnit-Hrs", "WriteCapacityUnit-Hrs"
_DOLLARS_A_TABLE = 115
_TABLES = ("carts", "sessions", "orders", "prices", "flags", "features", "events", "locks", "profiles", "inventory")
_HOURS = 730
_USE, _USED_FIRST = (IDLE, QUIET, BUSY), {"prod": 0, "staging": 2}


def caches(ground: Ground) -> Iterator[Resource]:
    """ElastiCache nodes, most in replication groups of two."""
    count = ground.machines(ELASTICACHE, _NODE)
    for index in range(count):
        badge, life = ground.badge("cache", index // 2), ground.settled("cache", index // 2)
        group = f"{badge.app[:14]}-cache-{index // 2 + 1}"
        name = f"{group}-{index % 2 + 1:03d}"
        arn = ground.arn("elasticache", f"cluster:{name}")
        old = index // 2 % 5 == 4  # noqa: PLR2004 - one group in five
        item = {
            "CacheClusterId": name,
            "ARN": arn,
            "CacheNodeType": "cache.r6g.large",
            "Engine": "redis",
            "EngineVersion": "5.0.6" if old else "7.1.0",
            "CacheClusterStatus": "incompatible-network" if old and ground.main and index % 2 else "available",
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": ground.zones[index % 2],
            "CacheClusterCreateTime": created(life, group),
            "ReplicationGroupId": group,
            "CacheSubnetGroupName": f"{ground.account.name}-cache",
            "AutoMinorVersionUpgrade": True,
            "SnapshotRetentionLimit": 0 if old else 3,
            "AtRestEncryptionEnabled": not old,
            "TransitEncryptionEnabled": not old,
            "AuthTokenEnabled": False,
            "SecurityGroups": [{"SecurityGroupId": security_group(ground, "cache"), "Status": "active"}],
        }
        idle = count > 2 and index // 2 == (count - 1) // 2  # noqa: PLR2004 - the last group of several
        role = IDLE if idle else BUSY
        bills, place = ground.bills(ELASTICACHE, arn, _NODE), (ground.owner, ground.region)
        quirk = PATCHY if role == IDLE and ground.kind == "staging" else ""
        yield Resource("elasticache:cluster", *place, name, arn, life, item, badge.tags, role, bills, quirk=quirk)


def tables(ground: Ground) -> Iterator[Resource]:
    """DynamoDB tables: most pay by request, a few hold capacity that is used, hardly used, or not at all."""
    if DYNAMODB not in ground.services:
        return
    count = max(2, round(ground.dollars(DYNAMODB) / _DOLLARS_A_TABLE))
    provisioned = 0
    if ground.dollars(DYNAMODB, _WRITE_CAPACITY) or ground.dollars(DYNAMODB, _READ_CAPACITY):
        provisioned = max(1, count // 8)
    for index in range(count):
        yield _table(ground, index, provisioned=provisioned if index < provisioned else 0)


def _table(ground: Ground, index: int, *, provisioned: int) -> Resource:
    badge, life = ground.badge("table", index), ground.settled("table", index)
    name = f"{badge.app}-{_TABLES[index % len(_TABLES)]}{index // len(_TABLES) or ''}"
    arn, size = ground.arn("dynamodb", f"table/{name}"), 1 + ground.number("table", index) % 40
    read = write = 0
    bills = ground.bills(DYNAMODB, arn, _TABLE_DISK, weight=size)
    if provisioned:
        read = max(5, round(ground.quantity(DYNAMODB, _READ_CAPACITY) / _HOURS / provisioned / 5) * 5)
        write = max(5, round(ground.quantity(DYNAMODB, _WRITE_CAPACITY) / _HOURS / provisioned / 5) * 5)
        bills += ground.bills(DYNAMODB, arn, _READ_CAPACITY, _WRITE_CAPACITY)
    else:
        bills += ground.bills(DYNAMODB, arn, _READS, _WRITES, weight=size)
    item = {
        "TableName": name,
        "TableArn": arn,
        "TableId": ground.uuid("table", name),
        "TableStatus": "ACTIVE",
        "CreationDateTime": created(life, arn),
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write},
        "BillingModeSummary": {"BillingMode": "PROVISIONED" if provisioned else "PAY_PER_REQUEST"},
        "TableSizeBytes": size * 2**28,
        "ItemCount": size * 41_000,
        "TableClassSummary": {"TableClass": "STANDARD"},
        "DeletionProtectionEnabled": index % 3 == 0,
    }
    first = _USED_FIRST.get(ground.kind) if ground.main else None
    turn = ground.number("provisioned") if first is None else first
    role = _USE[(turn + index) % len(_USE)] if provisioned else ground.pick((BUSY, BUSY, QUIET), "table", index)
    return Resource("dynamodb:table", ground.owner, ground.region, name, arn, life, item, badge.tags, role, bills)


def domains(ground: Ground, net: Network) -> Iterator[Resource]:
    """OpenSearch domains of three nodes, or as many as there are."""
    nodes = ground.machines(OPENSEARCH, _SEARCH)
    for index in range(0, nodes, 3):
        size = min(3, nodes - index)
        badge, life = ground.badge("search", index), ground.settled("search", index)
        name = f"{badge.app[:16]}-search-{index // 3 + 1}"
        arn = ground.arn("es", f"domain/{name}")
        disk = max(20, round(ground.quantity(OPENSEARCH, _SEARCH_DISK) / nodes / 10) * 10)
        item = {
            "DomainId": f"{ground.owner}/{name}",
            "DomainName": name,
            "ARN": arn,
            "Created": True,
            "Deleted": False,
            "Processing": False,
            "UpgradeProcessing": False,
            "EngineVersion": "OpenSearch_1.3" if index == 3 else "OpenSearch_2.19",  # noqa: PLR2004 - the second
            "Endpoints": {"vpc": f"vpc-{name}-{ground.code('search', name)}.{ground.region}.es.amazonaws.com"},
            "ClusterConfig": {
                "InstanceType": "r6g.xlarge.search",
                "InstanceCount": size,
                "DedicatedMasterEnabled": False,
                "ZoneAwarenessEnabled": size > 1,
                "WarmEnabled": False,
            },
            "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": disk, "Iops": 3000},
            "VPCOptions": {"VPCId": net.vpc, "SubnetIds": net.private_ids[:size]},
            "EncryptionAtRestOptions": {"Enabled": True},
            "NodeToNodeEncryptionOptions": {"Enabled": True},
            "AccessPolicies": '{"Statement":[]}',
        }
        bills = ground.bills(OPENSEARCH, arn, _SEARCH, _SEARCH_DISK, weight=size)
        role = BUSY if index == 0 else IDLE if index + size >= nodes else OVERSIZED
        place, quirk = (ground.owner, ground.region), PATCHY if role == IDLE and ground.kind == "data" else ""
        yield Resource("opensearch:domain", *place, name, arn, life, item, badge.tags, role, bills, quirk=quirk)


def streams(ground: Ground, net: Network) -> Iterator[Resource]:
    """Kafka clusters: one where streams are paid for, a serverless one beside it where most work is done.

    The data team also keeps one to play events again, which nobody does.
    """
    if KINESIS not in ground.services:
        return
    labels = ("events", "bursts") if ground.main else ("events",)
    for label in (*labels, *(("replay",) if ground.main and ground.kind == "data" else ())):
        serverless = label == "bursts"
        badge = ground.badge("kafka", label)
        life, name = ground.settled("kafka", label), f"{badge.app}-{label}"
        arn = ground.arn("kafka", f"cluster/{name}/{ground.uuid('kafka', name)}-2")
        item: dict[str, Any] = {
            "ClusterName": name,
            "ClusterArn": arn,
            "ClusterType": "SERVERLESS" if serverless else "PROVISIONED",
            "CreationTime": created(life, arn),
            "CurrentVersion": "K3AEGXETSR30VB",
            "State": "ACTIVE",
            "Tags": dict(badge.tags),
        }
        if serverless:
            item["Serverless"] = {"VpcConfigs": [{"SubnetIds": net.private_ids[:2]}]}
        else:
            item["Provisioned"] = {
                "BrokerNodeGroupInfo": {
                    "ClientSubnets": net.private_ids[:2],
                    "InstanceType": "kafka.m5.large",
                    "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 500}},
                },
                "CurrentBrokerSoftwareInfo": {"KafkaVersion": "3.7.x"},
                "NumberOfBrokerNodes": 2,
                "StorageMode": "LOCAL",
            }
        role = BUSY if label == "events" else IDLE
        yield Resource("kafka:cluster", ground.owner, ground.region, name, arn, life, item, badge.tags, role)


def warehouses(ground: Ground, net: Network) -> Iterator[Resource]:
    """A Redshift cluster of as many nodes as are paid for."""
    nodes = ground.machines(REDSHIFT, "Node:ra3.4xlarge")
    if not nodes:
        return
    badge, life = ground.badge("redshift"), ground.settled("redshift")
    name = f"{badge.app}-warehouse"
    arn = ground.arn("redshift", f"cluster:{name}")
    item = {
        "ClusterIdentifier": name,
        "NodeType": "ra3.4xlarge",
        "NumberOfNodes": nodes,
        "ClusterStatus": "available",
        "ClusterAvailabilityStatus": "Available",
        "MasterUsername": "admin",
        "DBName": "warehouse",
        "Endpoint": {"Address": f"{name}.c{ground.code('redshift')[:10]}.{ground.region}.redshift.amazonaws.com"}
        | {"Port": 5439},
        "ClusterCreateTime": created(life, arn),
        "AutomatedSnapshotRetentionPeriod": 7,
        "VpcId": net.vpc,
        "AvailabilityZone": ground.zones[0],
        "ClusterVersion": f"1.0.{release(ground.days.today, 0)}",
        "AllowVersionUpgrade": True,
        "PubliclyAccessible": False,
        "Encrypted": True,
        "ClusterNamespaceArn": ground.arn("redshift", f"namespace:{ground.code('redshift namespace')}"),
        "Tags": aws_tags(badge.tags),
    }
    bills, role = ground.bills(REDSHIFT, arn), OVERSIZED if ground.main else IDLE
    yield Resource("redshift:cluster", ground.owner, ground.region, name, arn, life, item, badge.tags, role, bills)


def file_systems(ground: Ground) -> Iterator[Resource]:
    """EFS: shared folders of machines, one of them mounted nowhere."""
    if EC2 not in ground.services:
        return
    for index in range(3 if ground.main else 1):
        badge, life = ground.badge("efs", index), ground.settled("efs", index)
        file_system = f"fs-{ground.code('efs', index)}"
        name = badge.name("shared", index + 1)
        tags = {"Name": name, **badge.tags} if badge.tags else {}
        arn = ground.arn("elasticfilesystem", f"file-system/{file_system}")
        size, orphan = 2**30 * (5 + ground.number("efs", index) % 400), index == 2  # noqa: PLR2004 - the third
        item = {
            "FileSystemId": file_system,
            "FileSystemArn": arn,
            "OwnerId": ground.owner,
            "CreationToken": f"token-{file_system}",
            "CreationTime": created(life, arn),
            "LifeCycleState": "available",
            "NumberOfMountTargets": 0 if orphan else 2,
            "SizeInBytes": {"Value": size, "ValueInIA": size // 3, "ValueInStandard": size - size // 3},
            "PerformanceMode": "generalPurpose",
            "ThroughputMode": "elastic" if index else "bursting",
            "Encrypted": True,
            "Tags": aws_tags(tags),
        } | ({"Name": name} if tags else {})
        role = FORGOTTEN if orphan else BUSY
        yield Resource("efs:filesystem", ground.owner, ground.region, file_system, arn, life, item, tags, role)

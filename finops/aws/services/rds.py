"""RDS, Aurora, Neptune and DocumentDB: instances, clusters and their snapshots."""

from __future__ import annotations

from finops.aws.fields import count, present, when
from finops.aws.listing import Kind, Linked, Step, reading

INSTANCES = reading("rds", "DescribeDBInstances", "database instances")
CLUSTERS = reading("rds", "DescribeDBClusters", "database clusters")
SNAPSHOTS = reading("rds", "DescribeDBSnapshots", "snapshots of database instances")
CLUSTER_SNAPSHOTS = reading("rds", "DescribeDBClusterSnapshots", "snapshots of database clusters")
_PAGE = {"MaxRecords": 100}

KINDS = (
    Kind(
        kind="rds:db",
        title="Database instance",
        steps=(Step(INSTANCES, "DBInstances[]", _PAGE),),
        resource_id="DBInstanceIdentifier",
        name="DBInstanceIdentifier",
        arn="DBInstanceArn",
        state="DBInstanceStatus",
        created=("InstanceCreateTime",),
        tags="TagList[]",
        details={
            "instance_class": "DBInstanceClass",
            "engine": "Engine",
            "engine_version": "EngineVersion",
            "lifecycle_support": "EngineLifecycleSupport",
            "license_model": "LicenseModel",
            "multi_az": "MultiAZ",
            "availability_zone": "AvailabilityZone",
            "storage_gib": "AllocatedStorage",
            "max_storage_gib": "MaxAllocatedStorage",
            "storage_type": "StorageType",
            "iops": "Iops",
            "throughput_mibps": "StorageThroughput",
            "encrypted": "StorageEncrypted",
            "public": "PubliclyAccessible",
            "backup_retention_days": "BackupRetentionPeriod",
            "read_replica": present("ReadReplicaSourceDBInstanceIdentifier"),
            "deletion_protection": "DeletionProtection",
            "restarts": when("AutomaticRestartTime"),
        },
        links=(
            Linked("member_of", "rds:cluster", "DBClusterIdentifier"),
            Linked("in", "ec2:vpc", "DBSubnetGroup.VpcId"),
        ),
    ),
    Kind(
        kind="rds:cluster",
        title="Database cluster",
        steps=(Step(CLUSTERS, "DBClusters[]", _PAGE),),
        resource_id="DBClusterIdentifier",
        name="DBClusterIdentifier",
        arn="DBClusterArn",
        state="Status",
        created=("ClusterCreateTime",),
        tags="TagList[]",
        details={
            "engine": "Engine",
            "engine_version": "EngineVersion",
            "engine_mode": "EngineMode",
            "lifecycle_support": "EngineLifecycleSupport",
            "instance_class": "DBClusterInstanceClass",
            "members": count("DBClusterMembers[].DBInstanceIdentifier"),
            "multi_az": "MultiAZ",
            "availability_zones": "AvailabilityZones[]",
            "storage_gib": "AllocatedStorage",
            "storage_type": "StorageType",
            "iops": "Iops",
            "min_capacity_acu": "ServerlessV2ScalingConfiguration.MinCapacity",
            "max_capacity_acu": "ServerlessV2ScalingConfiguration.MaxCapacity",
            "encrypted": "StorageEncrypted",
            "backup_retention_days": "BackupRetentionPeriod",
            "deletion_protection": "DeletionProtection",
        },
    ),
    Kind(
        kind="rds:snapshot",
        title="Database snapshot",
        steps=(Step(SNAPSHOTS, "DBSnapshots[]", _PAGE),),
        resource_id="DBSnapshotIdentifier",
        name="DBSnapshotIdentifier",
        arn="DBSnapshotArn",
        state="Status",
        created=("SnapshotCreateTime",),
        tags="TagList[]",
        details={
            "snapshot_type": "SnapshotType",
            "engine": "Engine",
            "engine_version": "EngineVersion",
            "storage_gib": "AllocatedStorage",
            "storage_type": "StorageType",
            "encrypted": "Encrypted",
            "source_region": "SourceRegion",
        },
        links=(Linked("made_from", "rds:db", "DBInstanceIdentifier"),),
    ),
    Kind(
        kind="rds:cluster-snapshot",
        title="Database cluster snapshot",
        steps=(Step(CLUSTER_SNAPSHOTS, "DBClusterSnapshots[]", _PAGE),),
        resource_id="DBClusterSnapshotIdentifier",
        name="DBClusterSnapshotIdentifier",
        arn="DBClusterSnapshotArn",
        state="Status",
        created=("SnapshotCreateTime",),
        tags="TagList[]",
        details={
            "snapshot_type": "SnapshotType",
            "engine": "Engine",
            "engine_version": "EngineVersion",
            "storage_gib": "AllocatedStorage",
            "storage_type": "StorageType",
            "encrypted": "StorageEncrypted",
        },
        links=(Linked("made_from", "rds:cluster", "DBClusterIdentifier"),),
    ),
)

"""ElastiCache clusters: each node group member of Redis and Valkey, each Memcached cluster."""

from __future__ import annotations

from finops.aws.listing import Kind, Step, reading

CLUSTERS = reading("elasticache", "DescribeCacheClusters", "ElastiCache clusters")

KINDS = (
    Kind(
        kind="elasticache:cluster",
        title="ElastiCache cluster",
        steps=(Step(CLUSTERS, "CacheClusters[]", {"MaxRecords": 100}),),
        resource_id="CacheClusterId",
        name="CacheClusterId",
        arn="ARN",
        state="CacheClusterStatus",
        created=("CacheClusterCreateTime",),
        tag_type="elasticache:cluster",
        details={
            "node_type": "CacheNodeType",
            "nodes": "NumCacheNodes",
            "engine": "Engine",
            "engine_version": "EngineVersion",
            "replication_group": "ReplicationGroupId",
            "availability_zone": "PreferredAvailabilityZone",
            "snapshot_retention_days": "SnapshotRetentionLimit",
            "encrypted": "AtRestEncryptionEnabled",
        },
    ),
)

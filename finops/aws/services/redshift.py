"""Redshift clusters."""

from __future__ import annotations

from finops.aws.listing import Kind, Linked, Step, reading

CLUSTERS = reading("redshift", "DescribeClusters", "Redshift clusters")

KINDS = (
    Kind(
        kind="redshift:cluster",
        title="Redshift cluster",
        steps=(Step(CLUSTERS, "Clusters[]", {"MaxRecords": 100}),),
        resource_id="ClusterIdentifier",
        name="ClusterIdentifier",
        arn="arn:{partition}:redshift:{region}:{account}:cluster:{id}",
        state="ClusterStatus",
        created=("ClusterCreateTime",),
        tags="Tags[]",
        details={
            "node_type": "NodeType",
            "nodes": "NumberOfNodes",
            "version": "ClusterVersion",
            "availability_zone": "AvailabilityZone",
            "encrypted": "Encrypted",
            "public": "PubliclyAccessible",
            "snapshot_retention_days": "AutomatedSnapshotRetentionPeriod",
        },
        links=(Linked("in", "ec2:vpc", "VpcId"),),
    ),
)

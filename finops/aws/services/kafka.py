"""MSK (Kafka) clusters, provisioned and serverless."""

from __future__ import annotations

from finops.aws.listing import Kind, Step, reading

CLUSTERS = reading("kafka", "ListClustersV2", "MSK clusters")

KINDS = (
    Kind(
        kind="kafka:cluster",
        title="MSK cluster",
        steps=(Step(CLUSTERS, "ClusterInfoList[]", {"MaxResults": 100}),),
        resource_id="ClusterName",
        name="ClusterName",
        arn="ClusterArn",
        state="State",
        created=("CreationTime",),
        tags="Tags",
        details={
            "cluster_type": "ClusterType",
            "instance_type": "Provisioned.BrokerNodeGroupInfo.InstanceType",
            "brokers": "Provisioned.NumberOfBrokerNodes",
            "broker_volume_gib": "Provisioned.BrokerNodeGroupInfo.StorageInfo.EbsStorageInfo.VolumeSize",
            "storage_mode": "Provisioned.StorageMode",
            "kafka_version": "Provisioned.CurrentBrokerSoftwareInfo.KafkaVersion",
        },
        rate=5.0,
    ),
)

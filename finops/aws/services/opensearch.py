"""OpenSearch and Elasticsearch domains."""

from __future__ import annotations

from finops.aws.listing import Batch, Kind, Linked, Step, reading

LIST_DOMAINS = reading("opensearch", "ListDomainNames", "OpenSearch domains", action="es:ListDomainNames")
DESCRIBE_DOMAINS = reading("opensearch", "DescribeDomains", "OpenSearch domains", action="es:DescribeDomains")

KINDS = (
    Kind(
        kind="opensearch:domain",
        title="OpenSearch domain",
        steps=(
            Step(LIST_DOMAINS, "DomainNames[]", paged=False),
            Step(
                DESCRIBE_DOMAINS,
                "DomainStatusList[]",
                batch=Batch("DomainNames", "DomainName", 5),
                paged=False,
                vanished=("ResourceNotFoundException",),
            ),
        ),
        resource_id="DomainName",
        name="DomainName",
        arn="ARN",
        state="DomainProcessingStatus",
        tag_type="es:domain",
        details={
            "engine_version": "EngineVersion",
            "instance_type": "ClusterConfig.InstanceType",
            "instances": "ClusterConfig.InstanceCount",
            "dedicated_master_type": "ClusterConfig.DedicatedMasterType",
            "dedicated_masters": "ClusterConfig.DedicatedMasterCount",
            "warm_type": "ClusterConfig.WarmType",
            "warm_nodes": "ClusterConfig.WarmCount",
            "multi_az": "ClusterConfig.ZoneAwarenessEnabled",
            "volume_type": "EBSOptions.VolumeType",
            "volume_gib": "EBSOptions.VolumeSize",
            "iops": "EBSOptions.Iops",
            "throughput_mibps": "EBSOptions.Throughput",
        },
        links=(Linked("in", "ec2:vpc", "VPCOptions.VPCId"),),
        rate=5.0,
    ),
)

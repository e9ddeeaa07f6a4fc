"""EKS clusters and node groups."""

from __future__ import annotations

from finops.aws.fields import ITSELF, gauge, joined
from finops.aws.listing import Kind, Linked, Step, reading

LIST_CLUSTERS = reading("eks", "ListClusters", "EKS clusters and node groups")
DESCRIBE_CLUSTER = reading("eks", "DescribeCluster", "EKS clusters")
LIST_NODE_GROUPS = reading("eks", "ListNodegroups", "EKS node groups")
DESCRIBE_NODE_GROUP = reading("eks", "DescribeNodegroup", "EKS node groups")
_GONE = ("ResourceNotFoundException",)
_LIST = Step(LIST_CLUSTERS, "clusters[]", {"maxResults": 100})
CALLS_PER_SECOND = 10.0

KINDS = (
    Kind(
        kind="eks:cluster",
        title="EKS cluster",
        steps=(_LIST, Step(DESCRIBE_CLUSTER, "cluster", each={"name": ITSELF}, paged=False, vanished=_GONE)),
        resource_id="name",
        name="name",
        arn="arn",
        state="status",
        created=("createdAt",),
        tags="tags",
        details={
            "version": "version",
            "support_type": "upgradePolicy.supportType",
            "auto_mode": "computeConfig.enabled",
            "control_plane_tier": "controlPlaneScalingConfig.tier",
            "public_endpoint": "resourcesVpcConfig.endpointPublicAccess",
            "private_endpoint": "resourcesVpcConfig.endpointPrivateAccess",
            "deletion_protection": "deletionProtection",
        },
        links=(Linked("in", "ec2:vpc", "resourcesVpcConfig.vpcId"),),
        rate=CALLS_PER_SECOND,
    ),
    Kind(
        kind="eks:nodegroup",
        title="EKS node group",
        steps=(
            _LIST,
            Step(LIST_NODE_GROUPS, "nodegroups[]", {"maxResults": 100}, each={"clusterName": ITSELF}, vanished=_GONE),
            Step(
                DESCRIBE_NODE_GROUP,
                "nodegroup",
                each={"clusterName": "^", "nodegroupName": ITSELF},
                paged=False,
                vanished=_GONE,
            ),
        ),
        resource_id=joined("clusterName", "nodegroupName"),
        name="nodegroupName",
        arn="nodegroupArn",
        state="status",
        created=("createdAt",),
        tags="tags",
        details={
            "version": "version",
            "capacity_type": "capacityType",
            "instance_types": "instanceTypes[]",
            "ami_type": "amiType",
            "disk_size_gib": "diskSize",
            "min_size": "scalingConfig.minSize",
            "max_size": "scalingConfig.maxSize",
            "desired_size": gauge("scalingConfig.desiredSize"),
            "launch_template": "launchTemplate.name",
        },
        links=(
            Linked("member_of", "eks:cluster", "clusterName"),
            Linked("uses", "autoscaling:group", "resources.autoScalingGroups[].name"),
        ),
        rate=CALLS_PER_SECOND,
    ),
)

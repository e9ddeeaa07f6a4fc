"""ECS clusters and services."""

from __future__ import annotations

from finops.aws.fields import ITSELF, gauge, last
from finops.aws.listing import Batch, Kind, Linked, Step, reading

LIST_CLUSTERS = reading("ecs", "ListClusters", "ECS clusters and services")
DESCRIBE_CLUSTERS = reading("ecs", "DescribeClusters", "ECS clusters")
LIST_SERVICES = reading("ecs", "ListServices", "ECS services")
DESCRIBE_SERVICES = reading("ecs", "DescribeServices", "ECS services")
_GONE = ("ClusterNotFoundException", "MISSING")
_LIST = Step(LIST_CLUSTERS, "clusterArns[]", {"maxResults": 100})
_WITH_TAGS = {"include": ["TAGS"]}

KINDS = (
    Kind(
        kind="ecs:cluster",
        title="ECS cluster",
        steps=(
            _LIST,
            Step(
                DESCRIBE_CLUSTERS,
                "clusters[]",
                _WITH_TAGS,
                batch=Batch("clusters", ITSELF, 100),
                paged=False,
                vanished=_GONE,
                reasons="failures[].reason",
            ),
        ),
        resource_id="clusterName",
        name="clusterName",
        arn="clusterArn",
        state="status",
        tags="tags[]",
        ended=("inactive",),
        details={
            "services": gauge("activeServicesCount"),
            "running_tasks": gauge("runningTasksCount"),
            "container_instances": gauge("registeredContainerInstancesCount"),
            "capacity_providers": "capacityProviders[]",
        },
    ),
    Kind(
        kind="ecs:service",
        title="ECS service",
        steps=(
            _LIST,
            Step(LIST_SERVICES, "serviceArns[]", {"maxResults": 100}, each={"cluster": ITSELF}, vanished=_GONE),
            Step(
                DESCRIBE_SERVICES,
                "services[]",
                _WITH_TAGS,
                each={"cluster": "^"},
                batch=Batch("services", ITSELF, 10),
                paged=False,
                vanished=_GONE,
                reasons="failures[].reason",
            ),
        ),
        resource_id=last("serviceArn", ":service/"),  # "cluster/service": names repeat from cluster to cluster
        name="serviceName",
        arn="serviceArn",
        state="status",
        created=("createdAt",),
        tags="tags[]",
        ended=("inactive",),
        details={
            "launch_type": "launchType",
            "scheduling_strategy": "schedulingStrategy",
            "platform_version": "platformVersion",
            "capacity_providers": "capacityProviderStrategy[].capacityProvider",
            "task_definition": last("taskDefinition"),
            "desired_tasks": gauge("desiredCount"),
            "running_tasks": gauge("runningCount"),
        },
        links=(
            Linked("member_of", "ecs:cluster", "clusterArn"),
            Linked("uses", "elb:targetgroup", "loadBalancers[].targetGroupArn"),
        ),
    ),
)

"""EKS, ECS and ECR: lists of names, and descriptions of what is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Listing, Page, listing_answers, refuse_unknown
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_PAGE = Page("nextToken", "nextToken", "maxResults", code="InvalidParameterException")
_ECR_PAGE = Page("nextToken", "nextToken", "maxResults", usual=100, most=1000, code="InvalidParameterException")
CLUSTERS_AT_MOST, SERVICES_AT_MOST = 100, 10


def _of_cluster(request: Request, resource: Resource) -> bool:
    asked = request.params.get("cluster", "default")
    return bool(resource.item["clusterArn"].rsplit("/", 1)[1] == asked.rsplit("/", 1)[-1])


_CLUSTERS = Listing("eks", "ListClusters", "eks:cluster", "clusters", _PAGE, shown=lambda one: one.id)
_NODEGROUPS = Listing(
    "eks",
    "ListNodegroups",
    "eks:nodegroup",
    "nodegroups",
    _PAGE,
    shown=lambda one: one.item["nodegroupName"],
    keep=lambda request, one: bool(one.item["clusterName"] == request.params["clusterName"]),
    honours=("clusterName",),
)
_ECS_CLUSTERS = Listing("ecs", "ListClusters", "ecs:cluster", "clusterArns", _PAGE, shown=lambda one: one.arn)
_ECS_SERVICES = Listing(
    "ecs",
    "ListServices",
    "ecs:service",
    "serviceArns",
    Page("nextToken", "nextToken", "maxResults", usual=10, code="InvalidParameterException"),
    shown=lambda one: one.arn,
    keep=_of_cluster,
    honours=("cluster",),
)
_REPOSITORIES = Listing("ecr", "DescribeRepositories", "ecr:repository", "repositories", _ECR_PAGE)


def answers(census: Census) -> dict[tuple[str, str], Answer]:
    """The answers of the three services."""
    desk = Described(census)
    listed = listing_answers((_CLUSTERS, _NODEGROUPS, _ECS_CLUSTERS, _ECS_SERVICES, _REPOSITORIES), census)
    nodegroups, services = listed["eks", "ListNodegroups"], listed["ecs", "ListServices"]

    def nodegroups_of(request: Request) -> dict[str, Any]:
        desk.eks(request, request.params["clusterName"])
        return nodegroups(request)

    def services_of(request: Request) -> dict[str, Any]:
        desk.ecs(request)
        return services(request)

    return {
        **listed,
        ("eks", "ListNodegroups"): nodegroups_of,
        ("ecs", "ListServices"): services_of,
        ("eks", "DescribeCluster"): desk.cluster,
        ("eks", "DescribeNodegroup"): desk.nodegroup,
        ("ecs", "DescribeClusters"): desk.clusters,
        ("ecs", "DescribeServices"): desk.services,
    }


@dataclass(frozen=True, slots=True)
class Described:
    """Answers about clusters and services that the caller names."""

    census: Census

    def cluster(self, request: Request) -> dict[str, Any]:
        """One EKS cluster."""
        return {"cluster": dict(self.eks(request, request.params["name"]).item)}

    def nodegroup(self, request: Request) -> dict[str, Any]:
        """One node group of an EKS cluster."""
        cluster, name = request.params["clusterName"], request.params["nodegroupName"]
        for one in self._at(request, "eks:nodegroup"):
            if one.id == f"{cluster}/{name}":
                return {"nodegroup": dict(one.item)}
        raise aws_error("ResourceNotFoundException", f"No node group found for name: {name}.")

    def clusters(self, request: Request) -> dict[str, Any]:
        """ECS clusters by name or ARN; `default` where none is named."""
        refuse_unknown(request, ("clusters", "include"))
        return self._several(request, "clusters", request.params.get("clusters") or ["default"], most=CLUSTERS_AT_MOST)

    def services(self, request: Request) -> dict[str, Any]:
        """Services of one ECS cluster by name or ARN."""
        refuse_unknown(request, ("cluster", "services", "include"))
        self.ecs(request)
        return self._several(request, "services", request.params["services"], most=SERVICES_AT_MOST)

    def eks(self, request: Request, name: str) -> Resource:
        """The EKS cluster of a name; ResourceNotFoundException without one."""
        for one in self._at(request, "eks:cluster"):
            if one.id == name:
                return one
        raise aws_error("ResourceNotFoundException", f"No cluster found for name: {name}.")

    def ecs(self, request: Request) -> None:
        """ClusterNotFoundException where the ECS cluster asked for is not there."""
        asked = request.params.get("cluster", "default")
        if not any(asked in {one.arn, one.id} for one in self._at(request, "ecs:cluster")):
            raise aws_error("ClusterNotFoundException", "Cluster not found.")

    def _several(self, request: Request, field: str, names: Sequence[str], *, most: int) -> dict[str, Any]:
        if len(names) > most:
            raise aws_error("InvalidParameterException", f"{field.capitalize()} cannot have more than {most} elements")
        found = {}
        for one in self._at(request, f"ecs:{field[:-1]}"):
            if field == "clusters" or _of_cluster(request, one):
                found[one.arn] = found[one.id] = one
        tagged = "TAGS" in (request.params.get("include") or ())
        return {
            field: [_described(found[name], tagged=tagged) for name in names if name in found],
            "failures": [{"arn": name, "reason": "MISSING"} for name in names if name not in found],
        }

    def _at(self, request: Request, kind: str) -> Sequence[Resource]:
        return self.census.today().at(kind, request.account, request.region)


def _described(resource: Resource, *, tagged: bool) -> dict[str, Any]:
    """ECS tells tags when asked to include them."""
    return dict(resource.item) if tagged else {**resource.item, "tags": []}

"""Who stands behind a load balancer, and whether it answers health checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, refuse_unknown
from finops.demo.noise import key
from finops.demo.population.balancing import EMPTY
from finops.demo.population.resource import QUIET
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from finops.demo.population.everything import Census, Population
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_ALL_WELL, _ONE_ILL, _ALL_ILL = 2, 1, 0
_ILL = {"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"}


@dataclass(frozen=True, slots=True)
class Health:
    """Answers from one census."""

    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of both generations of load balancers."""
        return {
            ("elbv2", "DescribeTargetHealth"): self.targets,
            ("elb", "DescribeInstanceHealth"): self.instances,
        }

    def targets(self, request: Request) -> dict[str, Any]:
        """The targets of one target group; TargetGroupNotFound without it."""
        refuse_unknown(request, ("TargetGroupArn",))
        population = self.census.today()
        for group in population.at("elb:targetgroup", request.account, request.region):
            if group.arn == request.params["TargetGroupArn"]:
                return {"TargetHealthDescriptions": _described(group, _targets(population, group))}
        raise aws_error("TargetGroupNotFound", "One or more target groups not found")

    def instances(self, request: Request) -> dict[str, Any]:
        """The instances of a load balancer of the first generation; LoadBalancerNotFound without it."""
        refuse_unknown(request, ("LoadBalancerName",))
        name = request.params["LoadBalancerName"]
        for balancer in self.census.today().at("elb:classic", request.account, request.region):
            if balancer.id == name:
                return {"InstanceStates": _states(balancer)}
        raise aws_error("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")


def _condition(resource: Resource) -> int:
    """Of the quiet ones a third has nobody who answers, and a third one who does not."""
    return key("health", resource.arn) % 3 if resource.role == QUIET else _ALL_WELL


def _targets(population: Population, group: Resource) -> list[str]:
    """Instances that run, or addresses in the network: two to four of them."""
    if group.role == EMPTY:
        return []
    count = 2 + key("targets", group.arn) % 3
    running = [
        one.id
        for one in population.at("ec2:instance", group.account, group.region)
        if one.item["State"]["Name"] == "running"
    ]
    if group.item["TargetType"] == "instance" and len(running) >= count:
        first = key("first target", group.arn) % len(running)
        return sorted((running * 2)[first : first + count])
    return [f"10.{key('block', group.arn) % 200}.{number}.{10 + number}" for number in range(count)]


def _described(group: Resource, targets: list[str]) -> list[dict[str, Any]]:
    condition, port = _condition(group), group.item["Port"]
    return [
        {
            "Target": {"Id": target, "Port": port},
            "HealthCheckPort": str(port),
            "TargetHealth": _ILL if condition == _ALL_ILL or condition == index == _ONE_ILL else {"State": "healthy"},
        }
        for index, target in enumerate(targets)
    ]


def _states(balancer: Resource) -> list[dict[str, Any]]:
    condition, found = _condition(balancer), []
    for index, one in enumerate(balancer.item["Instances"]):
        ill = condition == _ALL_ILL or condition == index == _ONE_ILL
        words = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
        state = {"State": "OutOfService" if ill else "InService", "ReasonCode": "Instance" if ill else "N/A"}
        found.append({**one, **state, "Description": words if ill else "N/A"})
    return found

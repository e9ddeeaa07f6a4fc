"""The tagging API: every resource of a region that has a tag, with its tags, under the ARN by which AWS knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.demo.estate import GLOBAL
from finops.demo.listings.grammar import Page, refuse_unknown, sliced
from finops.demo.population.naming import aws_tags
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

GLOBAL_REGION = "us-east-1"
"""Where the tagging API keeps resources that have no region."""
UNKNOWN_TO_TAGGING = {"autoscaling:group"}
"""Kinds that the tagging API does not list."""

SERVICES = {
    *("apigateway", "bedrock", "cloudfront", "cognito-identity", "cognito-idp", "dynamodb", "ec2", "ecr", "ecs"),
    *("eks", "elasticache", "elasticfilesystem", "elasticloadbalancing", "es", "kafka", "lambda", "logs"),
    *("qbusiness", "rds", "redshift", "route53", "s3", "secretsmanager", "sns", "sqs"),
}
"""The services it knows, as ARNs spell them."""

_CODE = "InvalidParameterException"
_PAGE = Page("PaginationToken", "PaginationToken", "ResourcesPerPage", usual=50, most=100, code=_CODE)
_TYPELESS = {"s3": "bucket", "sqs": "queue", "sns": "topic"}


@dataclass(frozen=True, slots=True)
class Tagging:
    """Answers from one census."""

    census: Census

    def get_resources(self, request: Request) -> dict[str, Any]:
        """Tagged resources of the wanted types; an empty token closes the last page."""
        refuse_unknown(request, ("ResourceTypeFilters", _PAGE.token, _PAGE.limit))
        wanted = set(request.params.get("ResourceTypeFilters") or ())
        for name in wanted:
            if name.partition(":")[0] not in SERVICES:
                raise aws_error(_CODE, f"ResourceTypeFilters contains an invalid resource type: {name}")
        found = [one for one in self._tagged(request) if not wanted or not wanted.isdisjoint(_names(one))]
        shown, more = sliced(request, _PAGE, found)
        entries = [{"ResourceARN": one.arn, "Tags": aws_tags(one.tags)} for one in shown]
        return {"ResourceTagMappingList": entries, _PAGE.following: "", **more}

    def _tagged(self, request: Request) -> Iterator[Resource]:
        population = self.census.today()
        for region in (request.region, GLOBAL) if request.region == GLOBAL_REGION else (request.region,):
            for one in population.within(request.account, region):
                if one.tags and one.kind not in UNKNOWN_TO_TAGGING:
                    yield one


def tag_type(resource: Resource) -> str:
    """The type of a resource as its ARN tells it: `ec2:instance`, `logs:log-group`, `s3:bucket` where it tells none."""
    service, rest = resource.arn.split(":", 5)[2], resource.arn.split(":", 5)[5]
    if service in _TYPELESS:
        return f"{service}:{_TYPELESS[service]}"
    return f"{service}:{rest.strip('/').replace('/', ':').split(':')[0]}"


def _names(resource: Resource) -> set[str]:
    kind = tag_type(resource)
    own = {kind, kind.partition(":")[0]}
    return own | {"qbusiness:index"} if resource.kind == "qbusiness:index" else own

"""The tagging API of the demo: exactly the tagged resources of a region, under AWS's ARNs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.demo.estate import GLOBAL, Estate

if TYPE_CHECKING:
    from aws_session import AwsSessions
    from finops.demo.population.everything import Population

PROD, SHARED = (Estate().members[index].account_id for index in (1, 5))


def sweep(client: Any, size: int = 100, **params: Any) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    token = ""
    while True:
        more = {"PaginationToken": token} if token else {}
        answer = client.get_resources(ResourcesPerPage=size, **params, **more)
        assert len(answer["ResourceTagMappingList"]) <= size
        for entry in answer["ResourceTagMappingList"]:
            assert entry["ResourceARN"] not in found
            found[entry["ResourceARN"]] = {tag["Key"]: tag["Value"] for tag in entry["Tags"]}
        token = answer["PaginationToken"]
        if not token:
            return found


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
@pytest.mark.parametrize("account", [PROD, SHARED])
def test_it_lists_what_has_a_tag_and_nothing_else(
    sessions: AwsSessions, population: Population, account: str, region: str
) -> None:
    here = {region, GLOBAL} if region == "us-east-1" else {region}
    expected = {
        one.arn: one.tags
        for one in population.listed
        if one.account == account and one.region in here and one.tags and one.kind != "autoscaling:group"
    }
    client: Any = sessions.client("resourcegroupstaggingapi", account=account, region=region)
    assert sweep(client) == expected
    assert sweep(client, size=7) == expected
    untagged = [one.arn for one in population.listed if one.account == account and not one.tags]
    assert untagged
    assert not expected.keys() & set(untagged)


@pytest.mark.parametrize(
    ("wanted", "start"),
    [
        ("lambda:function", "arn:aws:lambda:us-east-1:{}:function:"),
        ("logs:log-group", "arn:aws:logs:us-east-1:{}:log-group:"),
        ("s3", "arn:aws:s3:::"),
        ("sqs", "arn:aws:sqs:us-east-1:{}:"),
        ("elasticloadbalancing:loadbalancer", "arn:aws:elasticloadbalancing:us-east-1:{}:loadbalancer/"),
        ("es:domain", "arn:aws:es:us-east-1:{}:domain/"),
        ("cloudfront:distribution", "arn:aws:cloudfront::{}:distribution/"),
        ("route53:hostedzone", "arn:aws:route53:::hostedzone/"),
        ("cognito-idp:userpool", "arn:aws:cognito-idp:us-east-1:{}:userpool/"),
        ("ec2:instance", "arn:aws:ec2:us-east-1:{}:instance/"),
    ],
)
def test_types_are_those_of_the_arns(sessions: AwsSessions, wanted: str, start: str) -> None:
    client: Any = sessions.client("resourcegroupstaggingapi", account=PROD)
    found = sweep(client, ResourceTypeFilters=[wanted])
    assert found
    assert all(arn.startswith(start.format(PROD)) for arn in found)
    assert not [arn for arn in found if arn.endswith(":*")]
    both = sweep(client, ResourceTypeFilters=[wanted, "ecr:repository"])
    assert both.keys() > found.keys()


def test_global_resources_are_kept_in_one_region(sessions: AwsSessions) -> None:
    elsewhere: Any = sessions.client("resourcegroupstaggingapi", account=PROD, region="eu-central-1")
    assert sweep(elsewhere, ResourceTypeFilters=["cloudfront", "route53"]) == {}


def test_a_type_that_aws_does_not_know_is_refused(sessions: AwsSessions) -> None:
    client: Any = sessions.client("resourcegroupstaggingapi", account=PROD)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client.get_resources(ResourceTypeFilters=["lambda:function", "lambada:dancer"])
    with pytest.raises(ClientError, match="does not follow TagFilters"):
        client.get_resources(TagFilters=[{"Key": "Owner"}])

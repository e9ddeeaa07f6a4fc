"""Every listing operation through botocore's own paginators, in full shape, with pages of every size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, DataNotFoundError, ParamValidationError
from botocore.session import Session

from finops.demo.estate import Estate
from finops.demo.listings import buckets, upkeep
from finops.demo.listings.registry import check_answers, inventory_answers
from finops.demo.population.concurrency import concurrency_of
from finops.demo.population.everything import Census
from finops.demo.population.functions import FAKE_SECRET
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Resource

CENSUS = Census(Estate(), lambda: TODAY)
UNPAGED = {("cloudwatch", "GetMetricData"), ("s3", "ListParts"), ("s3", "ListMultipartUploads")}
"""Operations whose pages are no slices of one list, or that need something named; they have tests of their own."""
EMPTY = {("opensearch", "DescribeReservedInstances"), ("redshift", "DescribeReservedNodes")}
"""What nobody in the estate bought."""
OPERATIONS = sorted({*inventory_answers(CENSUS), *check_answers(Estate(), CENSUS, lambda: TODAY)} - UNPAGED - EMPTY)
SIZES = (1, 3, 5, 7, 20, 25, 50, 60, 100, 400, 1000)
PROD, ML = (Estate().members[index].account_id for index in (1, 3))
LIMITED: dict[tuple[str, str], dict[str, Any]] = {
    ("cognito-idp", "ListUserPools"): {"MaxResults": 60},
    ("cognito-identity", "ListIdentityPools"): {"MaxResults": 60},
}
"""Operations that cannot be asked without a limit."""


def needed(population: Population, service: str, operation: str) -> tuple[str, dict[str, Any]]:
    """An account where an operation finds something, and the parameters it cannot be called without."""
    names = {
        kind: [one for one in population.listed if one.kind == kind and one.region == "us-east-1"]
        for kind in ("eks:nodegroup", "ecs:service", "dynamodb:table", "opensearch:domain", "qbusiness:application")
    }
    group, member, table = (names[kind][0] for kind in ("eks:nodegroup", "ecs:service", "dynamodb:table"))
    domains, application = names["opensearch:domain"], names["qbusiness:application"][0]
    cluster = {"clusterName": group.item["clusterName"]}
    special: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
        ("eks", "DescribeCluster"): (group.account, {"name": group.item["clusterName"]}),
        ("eks", "ListNodegroups"): (group.account, cluster),
        ("eks", "DescribeNodegroup"): (group.account, {**cluster, "nodegroupName": group.item["nodegroupName"]}),
        ("ecs", "DescribeClusters"): (member.account, {"clusters": [member.item["clusterArn"]]}),
        ("ecs", "ListServices"): (member.account, {"cluster": member.item["clusterArn"]}),
        ("ecs", "DescribeServices"): (member.account, {"cluster": member.item["clusterArn"], "services": [member.arn]}),
        ("dynamodb", "DescribeTable"): (table.account, {"TableName": table.id}),
        ("opensearch", "DescribeDomains"): (domains[0].account, {"DomainNames": [domains[0].id]}),
        ("qbusiness", "ListApplications"): (application.account, {}),
        ("qbusiness", "ListIndices"): (application.account, {"applicationId": application.id}),
        ("bedrock", "ListProvisionedModelThroughputs"): (ML, {}),
        ("redshift", "DescribeClusters"): (Estate().members[2].account_id, {}),
        **of_checks(population),
    }
    return special.get((service, operation), (PROD, {}))


def of_checks(population: Population) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """The same for what checks ask about something that they name."""

    def first(kind: str, wanted: Callable[[Resource], bool] = lambda _: True) -> Resource:
        return next(one for one in population.at(kind, PROD, "us-east-1") if wanted(one))

    ruled = next(one for one in population.of("s3:bucket", PROD) if buckets.rules(one))
    warm = first("lambda:function", lambda one: concurrency_of(one) is not None)
    tidy = first("ecr:repository", upkeep.tidy)
    group, classic = first("elb:targetgroup", lambda one: one.role != "empty"), first("elb:classic")
    return {
        ("elbv2", "DescribeTargetHealth"): (PROD, {"TargetGroupArn": group.arn}),
        ("elb", "DescribeInstanceHealth"): (PROD, {"LoadBalancerName": classic.id}),
        ("ec2", "DescribeLaunchTemplateVersions"): (PROD, {"Versions": ["$Latest"]}),
        ("s3", "GetBucketLifecycleConfiguration"): (PROD, {"Bucket": ruled.id}),
        ("lambda", "ListProvisionedConcurrencyConfigs"): (PROD, {"FunctionName": warm.id}),
        ("ecr", "GetLifecyclePolicy"): (PROD, {"repositoryName": tidy.id}),
        ("ecr", "DescribeImages"): (PROD, {"repositoryName": tidy.id}),
        ("budgets", "DescribeBudgets"): (PROD, {"AccountId": PROD}),
        ("savingsplans", "DescribeSavingsPlans"): (Estate().management.account_id, {}),
        ("pricing", "GetProducts"): (Estate().management.account_id, {"ServiceCode": "AWSELB"}),
    }


def refused_sizes(client: Any, name: str, rule: dict[str, Any], params: dict[str, Any]) -> Iterator[int]:
    """Page sizes that botocore or AWS do not accept; `LIMITED` and text limits are spelled as botocore wants them."""
    for size in SIZES:
        try:
            getattr(client, name)(**{**params, rule["limit_key"]: spelled(client, name, rule, size)})
        except (ParamValidationError, ClientError):
            yield size


def spelled(client: Any, name: str, rule: dict[str, Any], size: int) -> Any:
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
    return str(size) if operation.input_shape.members[rule["limit_key"]].type_name == "string" else size


@pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=lambda word: word)
def test_an_answer_has_its_full_shape_and_is_the_same_in_pages_of_every_size(
    client_of: Callable[..., Any], population: Population, service: str, operation: str
) -> None:
    account, params = needed(population, service, operation)
    client, name = client_of(account, service), xform_name(operation)
    asked = {**LIMITED.get((service, operation), {}), **params}
    whole = getattr(client, name)(**asked)
    filled = [value for key, value in whole.items() if key != "ResponseMetadata" and value]
    assert filled, "an answer with something in it"
    rule = rule_of(service, operation)
    if "limit_key" not in rule:
        return
    refused = set(refused_sizes(client, name, rule, params))
    accepted = [size for size in SIZES if size not in refused]
    assert len(accepted) >= 3
    paginator = client.get_paginator(name)
    found = {size: list(paginator.paginate(**params, PaginationConfig={"PageSize": size})) for size in accepted}
    items = {size: [item for page in pages for item in listed(paginator, page)] for size, pages in found.items()}
    for size in accepted:
        assert items[size] == items[accepted[-1]], size
        assert all(len(listed(paginator, page)) <= size for page in found[size])
        assert len(found[size]) >= len(items[size]) / size
    assert len(items[accepted[0]]) > 0


def rule_of(service: str, operation: str) -> dict[str, Any]:
    """Botocore's paging rule of an operation, empty without one."""
    try:
        return dict(Session().get_paginator_model(service).get_paginator(operation))
    except (ValueError, DataNotFoundError):
        return {}


def listed(paginator: Any, page: dict[str, Any]) -> list[Any]:
    """The items of one page."""
    return paginator.result_keys[0].search(page) or []


@pytest.mark.parametrize(
    ("service", "name", "token", "code"),
    [
        ("ec2", "describe_volumes", "NextToken", "InvalidParameterValue"),
        ("rds", "describe_db_instances", "Marker", "InvalidParameterValue"),
        ("lambda", "list_functions", "Marker", "InvalidParameterValueException"),
        ("s3", "list_buckets", "ContinuationToken", "InvalidArgument"),
        ("route53", "list_hosted_zones", "Marker", "InvalidInput"),
        ("logs", "describe_log_groups", "nextToken", "InvalidParameterException"),
        ("resourcegroupstaggingapi", "get_resources", "PaginationToken", "InvalidParameterException"),
        ("apigateway", "get_rest_apis", "position", "BadRequestException"),
    ],
)
def test_a_foreign_token_is_refused(
    client_of: Callable[..., Any], service: str, name: str, token: str, code: str
) -> None:
    client = client_of(PROD, service)
    with pytest.raises(ClientError) as caught:
        getattr(client, name)(**{token: "bm90IGEgdG9rZW4="})
    assert caught.value.response["Error"]["Code"] == code


def test_a_token_opens_its_own_list_only(client_of: Callable[..., Any]) -> None:
    here, there = client_of(PROD, "ec2"), client_of(PROD, "ec2", "eu-central-1")
    neighbour = client_of(ML, "ec2")
    token = here.describe_volumes(MaxResults=5)["NextToken"]
    assert len(here.describe_volumes(MaxResults=20, NextToken=token)["Volumes"]) == 20, "pages may change their size"
    for client, name in ((there, "describe_volumes"), (neighbour, "describe_volumes"), (here, "describe_instances")):
        with pytest.raises(ClientError, match="changed between pages"):
            getattr(client, name)(MaxResults=5, NextToken=token)


@pytest.mark.parametrize(
    ("service", "name", "params"),
    [
        ("ec2", "describe_instances", {"MaxResults": 4}),
        ("ec2", "describe_instances", {"MaxResults": 1001}),
        ("rds", "describe_db_instances", {"MaxRecords": 19}),
        ("rds", "describe_db_instances", {"MaxRecords": 101}),
        ("elbv2", "describe_load_balancers", {"PageSize": 401}),
        ("cloudfront", "list_distributions", {"MaxItems": "many"}),
        ("sqs", "list_queues", {"MaxResults": 1001}),
        ("dynamodb", "list_tables", {"Limit": 101}),
    ],
)
def test_page_sizes_that_aws_does_not_take_are_refused(
    client_of: Callable[..., Any], service: str, name: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError):
        getattr(client_of(PROD, service), name)(**params)


def test_lambda_gives_fifty_whatever_is_asked(client_of: Callable[..., Any]) -> None:
    answer = client_of(PROD, "lambda").list_functions(MaxItems=1000)
    assert len(answer["Functions"]) == 50
    assert answer["NextMarker"]


def test_a_filter_that_the_demo_does_not_follow_is_refused_not_ignored(client_of: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="does not follow Filters of DescribeInstances"):
        client_of(PROD, "ec2").describe_instances(Filters=[{"Name": "instance-type", "Values": ["m6i.2xlarge"]}])


def test_owners(client_of: Callable[..., Any]) -> None:
    ec2 = client_of(PROD, "ec2")
    own = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert own == ec2.describe_snapshots(OwnerIds=[PROD])["Snapshots"]
    assert own
    assert ec2.describe_snapshots(OwnerIds=[ML])["Snapshots"] == []
    assert ec2.describe_images(Owners=["amazon"])["Images"] == []
    assert ec2.describe_images(Owners=["self"])["Images"]


def test_the_regions_of_an_account(client_of: Callable[..., Any]) -> None:
    regions = client_of(PROD, "ec2").describe_regions(AllRegions=False)["Regions"]
    names = {region["RegionName"] for region in regions}
    assert names == {"us-east-1", "us-east-2", "eu-central-1", "ap-southeast-1"}


def test_buckets_of_all_regions_are_told_once_and_by_region_when_paged(client_of: Callable[..., Any]) -> None:
    s3 = client_of(PROD, "s3", "eu-central-1")
    plain = s3.list_buckets()["Buckets"]
    paged = s3.list_buckets(MaxBuckets=1000)["Buckets"]
    assert [bucket["Name"] for bucket in plain] == [bucket["Name"] for bucket in paged]
    assert all("BucketRegion" not in bucket for bucket in plain)
    assert {bucket["BucketRegion"] for bucket in paged} == {
        "us-east-1",
        "us-east-2",
        "eu-central-1",
        "ap-southeast-1",
    }
    german = s3.list_buckets(BucketRegion="eu-central-1")["Buckets"]
    assert german == [bucket for bucket in paged if bucket["BucketRegion"] == "eu-central-1"]
    prefix = plain[0]["Name"][:12]
    assert all(bucket["Name"].startswith(prefix) for bucket in s3.list_buckets(Prefix=prefix)["Buckets"])


def test_an_account_without_queues_or_distributions_gets_no_list_at_all(client_of: Callable[..., Any]) -> None:
    assert "QueueUrls" not in client_of(ML, "sqs").list_queues()
    listed = client_of(ML, "cloudfront").list_distributions()["DistributionList"]
    assert listed["Quantity"] == 0
    assert "Items" not in listed


def test_ecs_tells_tags_only_when_asked_and_names_what_is_missing(
    client_of: Callable[..., Any], population: Population
) -> None:
    tagged = next(one for one in population.listed if one.kind == "ecs:service" and one.account == PROD and one.tags)
    ecs = client_of(PROD, "ecs", tagged.region)
    asked = {"cluster": tagged.item["clusterArn"], "services": [tagged.arn, "nobody"]}
    answer = ecs.describe_services(**asked, include=["TAGS"])
    assert {tag["key"]: tag["value"] for tag in answer["services"][0]["tags"]} == tagged.tags
    assert answer["failures"] == [{"arn": "nobody", "reason": "MISSING"}]
    assert ecs.describe_services(**asked)["services"][0]["tags"] == []
    with pytest.raises(ClientError, match="more than 10 elements"):
        ecs.describe_services(cluster=asked["cluster"], services=["x"] * 11)
    with pytest.raises(ClientError, match="ClusterNotFoundException"):
        ecs.list_services(cluster="nowhere")


def test_what_does_not_exist_is_not_found(client_of: Callable[..., Any]) -> None:
    eks, dynamodb = client_of(PROD, "eks"), client_of(PROD, "dynamodb")
    for call, params in (
        (eks.describe_cluster, {"name": "nowhere"}),
        (eks.list_nodegroups, {"clusterName": "nowhere"}),
        (eks.describe_nodegroup, {"clusterName": "nowhere", "nodegroupName": "none"}),
        (dynamodb.describe_table, {"TableName": "nowhere"}),
    ):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call(**params)
    with pytest.raises(ClientError, match="maximum of 5"):
        client_of(PROD, "opensearch").describe_domains(DomainNames=["abc"] * 6)


def test_secrets_are_planted_where_aws_would_show_them(client_of: Callable[..., Any]) -> None:
    """So that tests of the inventory can prove that they are dropped."""
    function = client_of(PROD, "lambda").list_functions()["Functions"][0]
    assert FAKE_SECRET in function["Environment"]["Variables"].values()
    distribution = client_of(PROD, "cloudfront").list_distributions()["DistributionList"]["Items"][0]
    assert FAKE_SECRET in str(distribution["Origins"])

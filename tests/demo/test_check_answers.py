"""What checks ask beyond the inventory, at botocore's wire and in full shape: health, versions, uploads, guardrails."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from finops.demo.budgets import WITHOUT_BUDGET
from finops.demo.estate import Estate
from finops.demo.listings.guardrails import WITH_MONITOR
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_session import AwsSessions
    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Resource

ESTATE = Estate()
HUB, PROD, DATA, SHARED, STAGING, SECURITY = (ESTATE.members[index].account_id for index in (0, 1, 2, 5, 4, 7))


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Callable[..., Any]:
    """`client(service, account, region)`."""
    return lambda service, account=PROD, region="us-east-1": client_of(account, service, region)


def of(population: Population, kind: str) -> list[Resource]:
    return [one for one in population.listed if one.kind == kind]


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def told_or(call: Callable[..., Any], refused: tuple[str, int], **params: Any) -> dict[str, Any]:
    """An answer, or nothing where it is refused in these words."""
    try:
        answer: dict[str, Any] = call(**params)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if (error.response["Error"]["Code"], status) != refused:
            raise
        return {}
    return answer


def paged(client: Any, name: str, **params: Any) -> Iterator[dict[str, Any]]:
    yield from client.get_paginator(name).paginate(**params)


def test_some_balancers_have_nobody_healthy_behind_them(client: Callable[..., Any], population: Population) -> None:
    states: dict[str, Counter[str]] = {}
    instances = {one.id for one in of(population, "ec2:instance") if one.item["State"]["Name"] == "running"}
    for group in of(population, "elb:targetgroup"):
        elbv2 = client("elbv2", group.account, group.region)
        found = elbv2.describe_target_health(TargetGroupArn=group.arn)["TargetHealthDescriptions"]
        states[group.arn] = Counter(each["TargetHealth"]["State"] for each in found)
        assert (group.role == "empty") == (not found)
        ids = {each["Target"]["Id"] for each in found}
        assert len(ids) == len(found)
        assert {one for one in ids if one.startswith("i-")} <= instances
    assert sum(not found for found in states.values()) > 5
    assert sum(bool(found) and not found["healthy"] for found in states.values()) >= 1
    assert sum(found["healthy"] > 0 and found["unhealthy"] > 0 for found in states.values()) >= 1
    assert refusal(client("elbv2").describe_target_health, TargetGroupArn="arn:x") == ("TargetGroupNotFound", 400)


def test_classic_balancers_tell_the_health_of_their_instances(
    client: Callable[..., Any], population: Population
) -> None:
    for one in of(population, "elb:classic"):
        found = client("elb", one.account, one.region).describe_instance_health(LoadBalancerName=one.id)
        assert [each["InstanceId"] for each in found["InstanceStates"]] == [
            each["InstanceId"] for each in one.item["Instances"]
        ]
        assert {each["State"] for each in found["InstanceStates"]} <= {"InService", "OutOfService"}
    assert refusal(client("elb").describe_instance_health, LoadBalancerName="x") == ("LoadBalancerNotFound", 400)


def test_some_images_are_held_by_templates_only_and_some_by_nothing(
    client: Callable[..., Any], population: Population
) -> None:
    named: set[str] = set()
    for account, region in {(one.account, one.region) for one in of(population, "autoscaling:group")}:
        ec2, scaling = client("ec2", account, region), client("autoscaling", account, region)
        versions = ec2.describe_launch_template_versions(Versions=["$Latest", "$Default"])["LaunchTemplateVersions"]
        newest = {row["LaunchTemplateId"] for row in versions if row["VersionNumber"] == 3}
        groups = population.at("autoscaling:group", account, region)
        assert newest == {one.item["LaunchTemplate"]["LaunchTemplateId"] for one in groups}
        assert all(row["VersionNumber"] == 3 or row["DefaultVersion"] for row in versions)
        named |= {row["LaunchTemplateData"]["ImageId"] for row in versions}
        named |= {row["ImageId"] for row in scaling.describe_launch_configurations()["LaunchConfigurations"]}
    started = {one.item["ImageId"] for one in of(population, "ec2:instance")}
    images = {one.id for one in of(population, "ec2:image")}
    assert named <= images
    assert images & named - started, "waiting in a template"
    assert images - named - started, "orphans"


def test_one_template_can_be_asked_for(client: Callable[..., Any], population: Population) -> None:
    ec2, group = client("ec2"), population.at("autoscaling:group", PROD, "us-east-1")[0]
    held = group.item["LaunchTemplate"]
    whole = ec2.describe_launch_template_versions(LaunchTemplateId=held["LaunchTemplateId"])["LaunchTemplateVersions"]
    assert [row["VersionNumber"] for row in whole] == [1, 3]
    one = ec2.describe_launch_template_versions(LaunchTemplateName=held["LaunchTemplateName"], Versions=["1"])
    assert [row["VersionNumber"] for row in one["LaunchTemplateVersions"]] == [1]
    assert refusal(ec2.describe_launch_template_versions)[0] == "MissingParameter"
    assert refusal(ec2.describe_launch_template_versions, LaunchTemplateId="lt-0")[0].endswith("NotFound")


def test_versions_know_until_when_they_are_supported(client: Callable[..., Any], population: Population) -> None:
    rds = client("rds")
    engines = {
        (one["Engine"], one["MajorEngineVersion"]): one["SupportedEngineLifecycles"]
        for one in rds.describe_db_major_engine_versions()["DBMajorEngineVersions"]
    }
    standard, extended = engines["mysql", "8.0"]
    assert standard["LifecycleSupportEndDate"].date() == date(2026, 7, 31)
    assert extended["LifecycleSupportStartDate"].date() == date(2026, 8, 1)
    assert len(rds.describe_db_major_engine_versions(Engine="postgres")["DBMajorEngineVersions"]) < len(engines)
    told = {one["clusterVersion"]: one for one in client("eks").describe_cluster_versions()["clusterVersions"]}
    assert told["1.32"]["versionStatus"] == "EXTENDED_SUPPORT"
    assert "1.30" not in told
    every = client("eks").describe_cluster_versions(includeAll=True)["clusterVersions"]
    assert every[-1]["versionStatus"] == "UNSUPPORTED"
    assert [one["defaultVersion"] for one in told.values()].count(True) == 1
    used = Counter(told[one.item["version"]]["versionStatus"] for one in of(population, "eks:cluster"))
    assert used["EXTENDED_SUPPORT"] >= 1
    assert used["STANDARD_SUPPORT"] > used["EXTENDED_SUPPORT"]


def test_buckets_have_rules_or_not_and_uploads_of_old(client: Callable[..., Any], population: Population) -> None:
    without, aborting, ages = 0, 0, []
    for bucket in population.of("s3:bucket", PROD):
        s3 = client("s3", PROD, bucket.region)
        rules = told_or(s3.get_bucket_lifecycle_configuration, ("NoSuchLifecycleConfiguration", 404), Bucket=bucket.id)
        ends = any("AbortIncompleteMultipartUpload" in rule for rule in rules.get("Rules", ()))
        aborting += ends
        without += not rules
        for upload in s3.list_multipart_uploads(Bucket=bucket.id).get("Uploads", ()):
            age = (TODAY - upload["Initiated"]).days
            assert 0 <= age < 7 or not ends
            ages.append(age)
    assert without > 10
    assert aborting > 5
    assert min(ages) < 7
    assert max(ages) > 90
    assert refusal(client("s3").list_multipart_uploads, Bucket="nobodys") == ("NoSuchBucket", 404)


def test_uploads_and_their_parts_come_in_pages(client: Callable[..., Any], population: Population) -> None:
    s3 = client("s3", PROD)
    found = {
        bucket.id: s3.list_multipart_uploads(Bucket=bucket.id).get("Uploads", [])
        for bucket in population.of("s3:bucket", PROD)
    }
    bucket, uploads = max(found.items(), key=lambda pair: len(pair[1]))
    assert len(uploads) > 1
    pages = list(paged(s3, "list_multipart_uploads", Bucket=bucket, PaginationConfig={"PageSize": 1}))
    assert [each for page in pages for each in page["Uploads"]] == uploads
    named = {"Bucket": bucket, "Key": uploads[0]["Key"], "UploadId": uploads[0]["UploadId"]}
    whole = s3.list_parts(**named)["Parts"]
    parts = [
        part for page in paged(s3, "list_parts", **named, PaginationConfig={"PageSize": 7}) for part in page["Parts"]
    ]
    assert parts == whole
    assert [part["PartNumber"] for part in whole] == list(range(1, len(whole) + 1))
    assert refusal(s3.list_parts, **{**named, "UploadId": "2~0"}) == ("NoSuchUpload", 404)


def test_provisioned_concurrency_is_used_or_forgotten(client: Callable[..., Any], population: Population) -> None:
    kept = Counter[str]()
    for one in of(population, "lambda:function"):
        answer = client("lambda", one.account, one.region).list_provisioned_concurrency_configs(FunctionName=one.id)
        for config in answer["ProvisionedConcurrencyConfigs"]:
            assert config["FunctionArn"] == f"{one.arn}:live"
            kept[one.role] += 1
    assert kept["busy"] >= 2
    assert kept["idle"] >= 1
    call = client("lambda").list_provisioned_concurrency_configs
    assert refusal(call, FunctionName="nobody")[0] == "ResourceNotFoundException"


def test_repositories_without_a_policy_fill_up(client: Callable[..., Any], population: Population) -> None:
    counts: dict[bool, list[int]] = {True: [], False: []}
    for one in population.of("ecr:repository", SHARED):
        ecr = client("ecr", SHARED, one.region)
        policy = told_or(ecr.get_lifecycle_policy, ("LifecyclePolicyNotFoundException", 400), repositoryName=one.id)
        tidy = bool(policy) and bool(json.loads(policy["lifecyclePolicyText"])["rules"])
        asked = {"repositoryName": one.id}
        untagged, tagged, every = (
            [
                image
                for page in paged(ecr, "describe_images", **asked, **wanted, PaginationConfig={"PageSize": 9})
                for image in page["imageDetails"]
            ]
            for wanted in ({"filter": {"tagStatus": "UNTAGGED"}}, {"filter": {"tagStatus": "TAGGED"}}, {})
        )
        assert len(untagged) + len(tagged) == len(every)
        assert all("imageTags" not in image for image in untagged)
        assert tagged
        counts[tidy].append(len(untagged))
    assert max(counts[True]) < min(counts[False])
    assert refusal(client("ecr").get_lifecycle_policy, repositoryName="nowhere")[0] == "RepositoryNotFoundException"


def test_some_accounts_watch_their_money_and_some_do_not(client: Callable[..., Any]) -> None:
    for member in ESTATE.members:
        account = member.account_id
        budgets = client("budgets", account).describe_budgets(AccountId=account).get("Budgets", [])
        assert bool(budgets) == (member.kind not in WITHOUT_BUDGET)
        monitors = client("ce", account).get_anomaly_monitors()["AnomalyMonitors"]
        assert bool(monitors) == (member.kind in WITH_MONITOR)
    call = client("budgets").describe_budgets
    assert refusal(call, AccountId=DATA)[0] == "AccessDeniedException"


def test_the_standing_faults_of_the_checks_name_what_to_grant(open_sessions: Callable[..., AwsSessions]) -> None:
    troubled = open_sessions(ESTATE, troubled=True)
    metrics: Any = troubled.client("cloudwatch", account=SECURITY)
    query = {"Metric": {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization"}, "Period": 86_400, "Stat": "Average"}
    asked = {"MetricDataQueries": [{"Id": "a", "MetricStat": query}], "StartTime": TODAY - timedelta(days=9)}
    with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:GetMetricData because") as caught:
        metrics.get_metric_data(**asked, EndTime=TODAY)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    germany: Any = troubled.client("elbv2", account=STAGING, region="eu-central-1")
    with pytest.raises(ClientError, match="perform: elasticloadbalancing:DescribeTargetHealth because"):
        germany.describe_target_health(TargetGroupArn="arn:aws:elasticloadbalancing:x")
    virginia: Any = troubled.client("elbv2", account=STAGING)
    assert refusal(virginia.describe_target_health, TargetGroupArn="arn:x")[0] == "TargetGroupNotFound"


@pytest.mark.parametrize(
    ("service", "name", "params", "word"),
    [
        ("elbv2", "describe_target_health", {"TargetGroupArn": "arn:x", "Targets": [{"Id": "i-1"}]}, "Targets"),
        ("ec2", "describe_reserved_instances", {"OfferingClass": "standard"}, "OfferingClass"),
        ("ec2", "describe_reserved_instances", {"Filters": [{"Name": "scope", "Values": ["Region"]}]}, "scope"),
        ("rds", "describe_reserved_db_instances", {"DBInstanceClass": "db.r6g.large"}, "DBInstanceClass"),
        ("eks", "describe_cluster_versions", {"defaultOnly": True}, "defaultOnly"),
        ("s3", "list_multipart_uploads", {"Bucket": "x", "Delimiter": "/"}, "Delimiter"),
        ("ecr", "describe_images", {"repositoryName": "xx", "filter": {"imageStatus": "ANY"}}, "imageStatus"),
        ("savingsplans", "describe_savings_plans", {"filters": [{"name": "region", "values": ["x"]}]}, "filters"),
        ("ce", "get_anomaly_monitors", {"MonitorArnList": ["arn:x"]}, "MonitorArnList"),
        ("cost-optimization-hub", "list_recommendations", {"filter": {"tags": [{"key": "a"}]}}, "tags"),
        ("compute-optimizer", "get_ec2_instance_recommendations", {"recommendationPreferences": {}}, "Preferences"),
    ],
)
def test_parameters_that_the_demo_does_not_follow_are_refused(
    client: Callable[..., Any], service: str, name: str, params: dict[str, Any], word: str
) -> None:
    with pytest.raises(ClientError, match=rf"does not follow.*{word}"):
        getattr(client(service), name)(**params)

"""The made-up resources: what is promised of them, on any day and for any seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finops.aws.services import kinds
from finops.demo import catalogue
from finops.demo.estate import GLOBAL, REGIONS, TAG_COMBINATIONS, Estate
from finops.demo.population.everything import Population
from finops.demo.population.life import COST_DAYS
from finops.demo.usage import usage_series

if TYPE_CHECKING:
    from finops.demo.population.resource import Resource

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 20)
BILLED = {
    "ec2:instance": catalogue.EC2,
    "ec2:volume": catalogue.EC2_OTHER,
    "ec2:snapshot": catalogue.EC2_OTHER,
    "ec2:natgateway": catalogue.EC2_OTHER,
    "elb:classic": catalogue.ELB,
    "elb:loadbalancer": catalogue.ELB,
    "elb:targetgroup": catalogue.ELB,
    "autoscaling:group": catalogue.EC2,
    "eks:cluster": catalogue.EKS,
    "eks:nodegroup": catalogue.EKS,
    "ecs:cluster": catalogue.ECS,
    "ecs:service": catalogue.ECS,
    "lambda:function": catalogue.LAMBDA,
    "rds:db": catalogue.RDS,
    "rds:cluster": catalogue.RDS,
    "rds:snapshot": catalogue.RDS,
    "rds:cluster-snapshot": catalogue.RDS,
    "elasticache:cluster": catalogue.ELASTICACHE,
    "dynamodb:table": catalogue.DYNAMODB,
    "opensearch:domain": catalogue.OPENSEARCH,
    "redshift:cluster": catalogue.REDSHIFT,
    "s3:bucket": catalogue.S3,
    "cloudfront:distribution": catalogue.CLOUDFRONT,
    "route53:hostedzone": catalogue.ROUTE53,
    "sqs:queue": catalogue.SQS,
    "secretsmanager:secret": catalogue.SECRETS,
    "bedrock:provisioned-model": catalogue.BEDROCK,
}
"""The service of the bill that pays for a kind. Other kinds cost nothing, or the bill does not list their service."""


def digest(population: Population) -> str:
    return hashlib.sha256(repr(population.listed).encode()).hexdigest()


def by_id(population: Population, kind: str) -> dict[tuple[str, str, str], Resource]:
    return {(one.account, one.region, one.id): one for one in population.listed if one.kind == kind}


def differences(one: Population, other: Population) -> tuple[set[str], set[str], set[str]]:
    """ARNs that appeared, that vanished, and that are not what they were."""
    before, after = ({resource.arn: resource for resource in population.listed} for population in (one, other))
    kept = before.keys() & after.keys()
    changed = {arn for arn in kept if (before[arn].item, before[arn].tags) != (after[arn].item, after[arn].tags)}
    return after.keys() - before.keys(), before.keys() - after.keys(), changed


def test_another_process_makes_the_same_resources(population: Population) -> None:
    program = (
        "from datetime import date; from finops.demo.estate import Estate;"
        "from finops.demo.population.everything import Population; from tests.demo.test_population import digest;"
        "print(digest(Population(Estate(), date(2026, 11, 20))))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
    ).stdout.strip()
    assert found == digest(population)


def test_another_seed_is_another_estate(population: Population) -> None:
    ours = {one.arn for one in population.listed if one.kind == "ec2:instance"}
    assert not ours & {one.arn for one in Population(Estate(seed=8), TODAY).listed}


@pytest.mark.parametrize("today", [TODAY, date(2026, 2, 28), date(2027, 3, 5), date(2028, 1, 31)])
@pytest.mark.parametrize("seed", [7, 8])
def test_about_2_500_resources_of_every_kind_whenever_it_is_looked_at(today: date, seed: int) -> None:
    found = Population(Estate(seed=seed), today).listed
    assert 2_300 <= len(found) <= 2_800
    trial = set() if any(one.kind == "bedrock:provisioned-model" for one in found) else {"bedrock:provisioned-model"}
    assert {one.kind for one in found} == {kind.kind for kind in kinds()} - trial
    assert {one.account for one in found} == {member.account_id for member in Estate().members}
    assert {one.region for one in found} == {name for name, _, _ in REGIONS} | {GLOBAL}
    assert len({one.arn for one in found}) == len(found)
    assert len({(one.kind, one.account, one.region, one.id) for one in found}) == len(found)
    assert all(one.life.born <= today for one in found)


def test_counts_follow_what_is_paid_for(population: Population) -> None:
    counted = Counter(one.kind for one in population.listed)
    working = [
        one for one in population.listed if one.kind == "ec2:instance" and one.item["State"]["Name"] == "running"
    ]
    assert 150 <= len(working) <= 200
    assert 350 <= counted["ec2:volume"] <= 480
    assert 25 <= counted["rds:db"] <= 40
    assert counted["redshift:cluster"] == 2
    sizes: Counter[str] = Counter()
    for one in population.listed:
        if one.kind == "ec2:volume":
            sizes[one.item["VolumeType"]] += one.item["Size"]
    paid = {
        name: sum(
            series.daily * 365 / 12 / series.kind.price
            for series in usage_series(Estate())
            if series.kind.name == f"EBS:VolumeUsage.{usage}"
        )
        for name, usage in (("gp3", "gp3"), ("gp2", "gp2"), ("io1", "piops"))
    }
    assert {name: pytest.approx(size, rel=0.3) for name, size in sizes.items()} == paid


@pytest.mark.parametrize("accounts", [1, 3, 8, 30])
def test_a_resource_stands_where_its_service_costs_something(accounts: int) -> None:
    estate = Estate(accounts=accounts)
    paid: dict[tuple[str, str], set[str]] = {}
    for series in usage_series(estate):
        paid.setdefault((series.line.account, series.line.region), set()).add(series.line.service)
    for one in Population(estate, TODAY).listed:
        assert (one.account, one.region) in paid, one.arn
        needed = BILLED.get(one.kind)
        assert needed is None or needed in paid[one.account, one.region], one.arn


def test_instances_and_their_parts_belong_together(population: Population) -> None:
    instances, volumes = by_id(population, "ec2:instance"), by_id(population, "ec2:volume")
    subnets, images = by_id(population, "ec2:subnet"), by_id(population, "ec2:image")
    groups = by_id(population, "autoscaling:group")
    seen = Counter(one.item["State"]["Name"] for one in instances.values())
    assert seen["running"] > 100
    assert seen["stopped"] >= 5
    assert seen["terminated"] >= 1
    for place, one in instances.items():
        here = place[:2]
        assert (*here, one.item["ImageId"]) in images
        if one.item["State"]["Name"] == "terminated":
            assert not one.item["BlockDeviceMappings"]
            continue
        subnet = subnets[*here, one.item["SubnetId"]]
        assert subnet.item["VpcId"] == one.item["VpcId"]
        assert subnet.item["AvailabilityZone"] == one.item["Placement"]["AvailabilityZone"]
        for disk in one.item["BlockDeviceMappings"]:
            volume = volumes[*here, disk["Ebs"]["VolumeId"]]
            assert [part["InstanceId"] for part in volume.item["Attachments"]] == [one.id]
        group = one.tags.get("aws:autoscaling:groupName")
        if group:
            assert one.id in {member["InstanceId"] for member in groups[*here, group].item["Instances"]}
    for place, scaling in groups.items():
        assert all((*place[:2], member["InstanceId"]) in instances for member in scaling.item["Instances"])
        assert scaling.item["DesiredCapacity"] == len(scaling.item["Instances"])


def test_volumes_snapshots_and_images_belong_together(population: Population) -> None:
    instances, volumes = by_id(population, "ec2:instance"), by_id(population, "ec2:volume")
    snapshots = by_id(population, "ec2:snapshot")
    loose = [one for one in volumes.values() if one.item["State"] == "available"]
    assert 20 <= len(loose) <= 80
    for place, volume in volumes.items():
        for part in volume.item["Attachments"]:
            instance = instances[*place[:2], part["InstanceId"]]
            assert instance.item["Placement"]["AvailabilityZone"] == volume.item["AvailabilityZone"]
        if volume.item["SnapshotId"]:
            assert (*place[:2], volume.item["SnapshotId"]) in snapshots
    known = {place: one for place, one in snapshots.items() if (*place[:2], one.item["VolumeId"]) in volumes}
    assert len(known) > 80, "snapshots of volumes that are there"
    assert len(snapshots) - len(known) > 20, "and of volumes that are gone"
    for place, image in by_id(population, "ec2:image").items():
        assert (*place[:2], image.item["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]) in snapshots


def test_the_rest_belongs_together_too(population: Population) -> None:
    listed = {kind: by_id(population, kind) for kind in {one.kind for one in population.listed}}
    arns = {one.arn for one in population.listed}
    balancers = [one.arn for one in listed["elb:loadbalancer"].values()]
    balanced = {arn for one in listed["elb:targetgroup"].values() for arn in one.item["LoadBalancerArns"]}
    assert balanced <= set(balancers)
    assert len(balancers) > len(balanced), "some load balancer has no target group"
    assert any(one.role == "empty" for one in listed["elb:targetgroup"].values())
    for (account, region, _), gateway in listed["ec2:natgateway"].items():
        assert (account, region, gateway.item["SubnetId"]) in listed["ec2:subnet"]
        for address in gateway.item["NatGatewayAddresses"]:
            if "AllocationId" in address:
                held = listed["ec2:elastic-ip"][account, region, address["AllocationId"]]
                assert held.item["NetworkInterfaceId"] == address["NetworkInterfaceId"]
    for (account, region, _), group in listed["eks:nodegroup"].items():
        assert (account, region, group.item["clusterName"]) in listed["eks:cluster"]
        scaling = group.item["resources"]["autoScalingGroups"][0]["name"]
        assert (
            listed["autoscaling:group"][account, region, scaling].item["DesiredCapacity"]
            == (group.item["scalingConfig"]["desiredSize"])
        )
    assert all(one.item["clusterArn"] in arns for one in listed["ecs:service"].values())
    assert all(one.arn.rpartition("/index/")[0] in arns for one in listed["qbusiness:index"].values())
    members = {
        (account, region, member["DBInstanceIdentifier"])
        for (account, region, _), cluster in listed["rds:cluster"].items()
        for member in cluster.item["DBClusterMembers"]
    }
    assert members == {place for place, one in listed["rds:db"].items() if "DBClusterIdentifier" in one.item}


def test_what_wastes_money_is_there_to_be_found(population: Population) -> None:
    def some(kind: str, least: int, wanted: Any) -> None:
        found = sum(bool(wanted(one)) for one in population.listed if one.kind == kind)
        assert found >= least, (kind, found)

    some("ec2:volume", 50, lambda one: one.item["VolumeType"] == "gp2")
    some("ec2:volume", 3, lambda one: one.item["VolumeType"] == "io1")
    some("ec2:snapshot", 50, lambda one: one.life.age(TODAY) > 90)
    some("ec2:instance", 10, lambda one: one.item["InstanceType"] in {"m4.xlarge", "t2.large"})
    some("ec2:instance", 5, lambda one: one.role == "idle")
    some("ec2:elastic-ip", 10, lambda one: "AssociationId" not in one.item)
    some("ec2:natgateway", 3, lambda one: one.role == "idle")
    some("ec2:vpc-endpoint", 2, lambda one: one.role == "idle")
    some("elb:loadbalancer", 3, lambda one: one.role in {"idle", "forgotten"})
    some("rds:db", 2, lambda one: one.item["EngineVersion"].startswith(("5.7", "8.0")))
    some("rds:db", 2, lambda one: one.role == "idle")
    some("rds:snapshot", 5, lambda one: one.role == "forgotten")
    some("eks:cluster", 1, lambda one: one.item["version"] == "1.32")
    some("elasticache:cluster", 1, lambda one: one.item["EngineVersion"].startswith("5."))
    some("dynamodb:table", 3, lambda one: one.item["BillingModeSummary"]["BillingMode"] == "PROVISIONED")
    some("logs:log-group", 30, lambda one: "retentionInDays" not in one.item)
    some("secretsmanager:secret", 10, lambda one: one.role == "forgotten")
    some("lambda:function", 10, lambda one: one.role == "idle")


@pytest.mark.parametrize("today", [TODAY, date(2026, 2, 28), date(2027, 3, 6)])
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_every_check_has_something_to_find_and_something_to_pass(today: date, seed: int) -> None:
    found = Population(Estate(seed=seed), today)

    def of(kind: str) -> list[Resource]:
        return [one for one in found.listed if one.kind == kind]

    loose = {one.life.age(today) for one in of("ec2:volume") if one.item["State"] == "available"}
    assert {6, 7, 8} <= loose, "left behind this week, last week and exactly a week ago"
    fast = [one.item["Iops"] for one in of("ec2:volume") if one.item["VolumeType"] == "io1"]
    assert min(fast) <= 16_000 < max(fast) <= 20_000
    stopped = [one for one in of("ec2:instance") if one.role == "stopped"]
    since = [(today - one.work.spans[0][1]).days for one in stopped if one.work.spans and one.work.spans[0][1]]
    assert max(since) > 30
    assert any(one.item["StateTransitionReason"] == "" for one in stopped), "AWS does not always know since when"
    quirks = Counter(one.quirk for one in of("ec2:instance"))
    assert {"average at limit", "maximum at limit", "patchy", "nearly whole", "chatty"} <= quirks.keys()
    idle = {one.kind: "provisioned" for one in found.listed if one.role == "idle" and "Provisioned" in one.item}
    assert idle == {"kafka:cluster": "provisioned"}
    assert sorted(one.role for one in of("redshift:cluster")) == ["idle", "oversized"]
    assert {"idle", "busy"} <= {one.role for one in of("opensearch:domain")}
    capacity = [one for one in of("dynamodb:table") if one.item["ProvisionedThroughput"]["ReadCapacityUnits"]]
    assert {one.role for one in capacity} == {"idle", "quiet", "busy"}
    assert [one.item["logGroupClass"] for one in of("logs:log-group")].count("DELIVERY") == 2
    young = [one for one in of("rds:snapshot") if one.item["SnapshotType"] == "manual" and one.life.age(today) < 90]
    assert young, "a copy before a release"
    assert any(one.item["CacheClusterStatus"] != "available" for one in of("elasticache:cluster"))


def test_a_group_of_caches_is_idle_as_a_whole(population: Population) -> None:
    groups: dict[tuple[str, str, str], set[str]] = {}
    for one in population.listed:
        if one.kind == "elasticache:cluster":
            groups.setdefault((one.account, one.region, one.item["ReplicationGroupId"]), set()).add(one.role)
    assert all(len(roles) == 1 for roles in groups.values())


def test_tags_are_as_people_set_them(population: Population) -> None:
    values = {value for combination in TAG_COMBINATIONS for value in combination if value}
    tagged = [one for one in population.listed if one.tags]
    assert 0.75 < len(tagged) / len(population.listed) < 0.9
    spelled = {name: {one.tags[name] for one in tagged if name in one.tags} for name in ("Environment", "CostCenter")}
    assert {"production", "prod", "Production"} <= spelled["Environment"] <= values
    assert {"CC-2002", "cc-2002"} <= spelled["CostCenter"] <= values
    keys = {name for one in tagged for name in one.tags}
    assert {"environment", "Cost-Center", "aws:autoscaling:groupName", "eks:cluster-name"} <= keys
    assert "aws:cloudformation:stack-name" in keys
    for one in tagged:
        own = one.item.get("Tags") or one.item.get("TagList")
        if isinstance(own, list) and one.kind != "autoscaling:group":
            assert {tag["Key"]: tag["Value"] for tag in own} == one.tags, one.arn


def test_some_resources_come_and_some_go_each_day() -> None:
    days = [Population(Estate(), TODAY + timedelta(days=offset)) for offset in range(15)]
    turnover = [differences(one, other)[:2] for one, other in pairwise(days)]
    came, went = ([len(sets[side]) for sets in turnover] for side in (0, 1))
    assert all(3 <= number <= 22 for number in (*came, *went)), (came, went)
    assert 5 <= sum(came) / len(came) <= 15
    assert 5 <= sum(went) / len(went) <= 15
    kinds_of_new = {arn.split(":", 5)[2] for new, _ in turnover for arn in new}
    assert {"ec2", "logs", "lambda"} <= kinds_of_new
    gone, born = (set().union(*(sets[side] for sets in turnover)) for side in (1, 0))
    assert not {arn for arn in gone if arn in {one.arn for one in days[-1].listed}}, "what is gone stays gone"
    assert born


def test_some_resources_change_and_most_do_not() -> None:
    monday, wednesday, saturday = (Population(Estate(), date(2026, 11, day)) for day in (16, 18, 21))
    came, went, changed = differences(monday, wednesday)
    assert 5 <= len(changed) <= 60
    assert came
    assert went
    before, after = ({one.arn: one for one in population.listed} for population in (monday, saturday))
    resting = {
        arn
        for arn in before.keys() & after.keys()
        if before[arn].kind == "ec2:instance"
        and (before[arn].item["State"]["Name"], after[arn].item["State"]["Name"]) == ("running", "stopped")
    }
    assert len(resting) >= 3, "testers' machines are off at the weekend"
    month = {one.arn: one for one in Population(Estate(), date(2026, 12, 20)).listed}
    kept = before.keys() & month.keys()
    assert sum(before[arn].tags != month[arn].tags for arn in kept) >= 20
    sizes = [(before[arn].item["Size"], month[arn].item["Size"]) for arn in kept if before[arn].kind == "ec2:volume"]
    assert sum(one < other for one, other in sizes) >= 5, "some volumes grew"
    assert sum(one == other for one, other in sizes) > 0.8 * len(sizes)


def test_a_population_knows_the_days_that_costs_go_back_to() -> None:
    then = Population(Estate(), TODAY - timedelta(days=COST_DAYS))
    now = Population(Estate(), TODAY)
    assert {one.arn for one in then.listed} <= {one.arn for one in now.seen}
    there = {one.arn for one in now.seen if one.life.on(then.today)}
    assert there == {one.arn for one in then.listed}


def test_it_takes_little_time_and_memory() -> None:
    spent = []
    for offset in range(3):
        start = time.process_time()
        Population(Estate(), TODAY + timedelta(days=offset))
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3
    tracemalloc.start()
    try:
        kept = Population(Estate(), TODAY)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.listed
    assert held < 30 * 2**20

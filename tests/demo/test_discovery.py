"""The product's own declarations list the made-up estate, through the models it cuts: all of it, and no secret."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from aws_session import AwsSessions
from finops.aws.calls import Calls
from finops.aws.lister import listed, with_tags
from finops.aws.pace import Pace
from finops.aws.permissions import permitted
from finops.aws.regions import enabled_regions
from finops.aws.services import kinds, reads
from finops.aws.slim import slim_hook
from finops.aws.tagging import tag_sweep
from finops.demo.estate import GLOBAL, Estate
from finops.demo.faults import standing_faults
from finops.demo.handler import demo_hook
from finops.demo.population.functions import FAKE_SECRET
from finops.demo.sts import demo_credentials
from finops.model.metering import Caller
from tests.aws.wire import PocketMeter
from tests.demo.conftest import TODAY

if TYPE_CHECKING:
    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Resource
    from finops.model.assets import Seen
    from finops.model.outcome import Failure

CALLER = Caller("demo", "inventory", "ann")


@dataclass(frozen=True)
class Visit:
    """What a discovery of every account and region came back with."""

    seen: dict[str, Seen]
    failures: list[Failure]


@pytest.fixture(scope="module")
def visit(estate: Estate) -> Visit:
    sessions = AwsSessions(
        permitted=permitted(),
        now=lambda: TODAY,
        role_name="finops-read",
        static_keys=demo_credentials(estate),
        hooks=[slim_hook(reads(), permitted()), demo_hook(estate, now=lambda: TODAY)],
    )
    calls = Calls(sessions, PocketMeter(), now=lambda: TODAY)
    unhurried = Pace(sleep=lambda _: None)
    types = [kind.tag_type for kind in kinds() if kind.tag_type]
    items: list[Seen] = []
    failures: list[Failure] = []
    for member in estate.members:
        regions = enabled_regions(calls, member.account_id, CALLER)
        sweeps = {
            region: tag_sweep(calls, member.account_id, region, types, CALLER, pace=unhurried) for region in regions
        }
        failures += [sweep.failure for sweep in sweeps.values() if sweep.failure]
        for kind in kinds():
            for region in ["us-east-1"] if kind.scope == "global" else regions:
                found = listed(calls, kind, member.account_id, region, CALLER, pace=unhurried)
                failures += [found.failure] if found.failure else []
                items += with_tags(found, sweeps[region].tags, sweeps[region].failure).items
    return Visit({item.arn: item for item in items}, failures)


def hidden(estate: Estate, resource: Resource) -> bool:
    """Whether some standing fault keeps a resource from being listed."""
    operations = {
        "ec2:snapshot": "DescribeSnapshots",
        "lambda:function": "ListFunctions",
        "secretsmanager:secret": "ListSecrets",
        "rds:snapshot": "DescribeDBSnapshots",
        "logs:log-group": "DescribeLogGroups",
    }
    return any(
        resource.account in fault.accounts
        and fault.operation == operations.get(resource.kind)
        and (not fault.regions or resource.region in fault.regions)
        for fault in standing_faults(estate)
    )


def test_everything_that_may_be_listed_is_found(visit: Visit, population: Population, estate: Estate) -> None:
    expected = {one.arn: one for one in population.listed if not hidden(estate, one)}
    assert Counter(one.kind for one in visit.seen.values()) == Counter(one.kind for one in expected.values())
    assert visit.seen.keys() == expected.keys()
    for arn, seen in visit.seen.items():
        assert (seen.account, seen.region) == (expected[arn].account, expected[arn].region)
    assert len(population.listed) - len(expected) < 0.05 * len(population.listed), "most of the estate is there"


def test_tags_are_those_that_were_set(visit: Visit, population: Population) -> None:
    swept_later = ("arn:aws:s3:", "arn:aws:cloudfront:", "arn:aws:route53:")  # in the region where each lies
    for one in population.listed:
        seen = visit.seen.get(one.arn)
        if seen is not None and not seen.ended and not one.arn.startswith(swept_later):
            assert dict(seen.tags or {}) == dict(one.tags), one.arn
            assert seen.tags is not None


def test_resources_have_names_and_dates(visit: Visit) -> None:
    dated = [one.created for one in visit.seen.values() if one.created]
    assert len(dated) > 0.6 * len(visit.seen)
    assert all(moment < TODAY for moment in dated)
    assert all(one.name and one.resource_id for one in visit.seen.values())
    assert sum(one.ended for one in visit.seen.values()) >= 1, "a terminated instance is still listed"


def test_links_lead_to_resources_of_the_same_place(visit: Visit) -> None:
    places = {(one.account, one.region, name) for one in visit.seen.values() for name in (one.arn, one.resource_id)}
    dangling = Counter(
        (one.kind, link.target_kind)
        for one in visit.seen.values()
        for link in one.links
        if (one.account, one.region, link.target) not in places
    )
    allowed = {("ec2:snapshot", "ec2:volume"), ("rds:snapshot", "rds:db")}  # of what is gone
    hidden_snapshots = {("ec2:volume", "ec2:snapshot"), ("ec2:image", "ec2:snapshot")}  # listed where nobody may look
    assert not dangling.keys() - allowed - hidden_snapshots, dangling


def test_the_failures_are_the_promised_ones_and_name_what_to_grant(visit: Visit, estate: Estate) -> None:
    sandbox = next(member.account_id for member in estate.members if member.kind == "sandbox")
    prod = next(member.account_id for member in estate.members if member.kind == "prod")
    regions = {"us-east-1", "us-east-2", "eu-central-1", "ap-southeast-1"}
    denied = {("ec2:DescribeSnapshots"), ("lambda:ListFunctions"), ("secretsmanager:ListSecrets")}
    expected = {(sandbox, region, action) for region in regions for action in denied}
    assert {(one.account, one.region, one.missing_action) for one in visit.failures if one.missing_action} == expected
    throttled = {(one.account, one.region, one.service) for one in visit.failures if not one.missing_action}
    assert throttled == {(prod, "ap-southeast-1", service) for service in ("ec2", "rds", "logs")}


def test_no_secret_comes_through(visit: Visit) -> None:
    assert FAKE_SECRET not in repr(visit.seen)
    assert GLOBAL in {one.region for one in visit.seen.values()}

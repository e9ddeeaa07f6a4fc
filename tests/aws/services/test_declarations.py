"""Every declaration, checked against what botocore knows of AWS."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from botocore.validate import ParamValidator

from finops.aws.lister import listed
from finops.aws.permissions import declared
from finops.aws.services import kind_named, kinds, reads
from finops.aws.slim import slim_model
from finops.model.metering import Caller
from tests.aws.services.made import ACCOUNT, REGION
from tests.aws.services.samples import AT, full_answer, model, paging
from tests.aws.standins import StandIn

if TYPE_CHECKING:
    from botocore.model import Shape

    from finops.aws.listing import Kind, Step
    from finops.model.assets import Detail, Seen

CALLER = Caller("default", "inventory", "ann")
ALL = pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.kind)
STEPS = [pytest.param(kind, step, id=f"{kind.kind}-{step.operation.name}") for kind in kinds() for step in kind.steps]
FORBIDDEN = re.compile(
    r"(^|\.)(environment|variables|userdata|customheaders?|secretstring|secretbinary|\w*password|comment|description"
    r"|certificate\w*|\w*connectstring\w*|\w*authtoken|polic(y|ies)|policydocument|accesspolicies|\w*username)(\[\]|\.|$)",
    re.IGNORECASE,
)
WITHOUT_PAGE_SIZE = {
    "ListTopics",
    "GetApis",
}  # AWS gives 100 topics whatever is asked, and tells no limit for the other
RELATIONS = {"attached_to", "in", "member_of", "targets", "made_from", "uses"}
ISSUE = """ec2:instance ec2:volume ec2:snapshot ec2:image ec2:elastic-ip ec2:natgateway ec2:vpc ec2:subnet
ec2:vpc-endpoint elb:classic elb:loadbalancer elb:targetgroup autoscaling:group eks:cluster eks:nodegroup ecs:cluster
ecs:service ecr:repository lambda:function rds:db rds:cluster rds:snapshot rds:cluster-snapshot elasticache:cluster
dynamodb:table opensearch:domain kafka:cluster redshift:cluster s3:bucket efs:filesystem cloudfront:distribution
route53:hostedzone cognito:userpool cognito:identitypool apigateway:restapi apigateway:api sqs:queue sns:topic
secretsmanager:secret logs:log-group qbusiness:application qbusiness:index bedrock:provisioned-model"""


def at(shape: Shape, path: str) -> list[Shape]:
    """The shapes passed on the way down a path; AssertionError where it leads nowhere."""
    passed = [shape]
    for name in path.split("."):
        bare = name.removesuffix("[]")
        here: Any = passed[-1]
        assert here.type_name == "structure", f"{bare} of {path} is looked for in a {here.type_name}"
        assert bare in here.members, f"{path}: there is no {bare}"
        passed.append(here.members[bare])
        assert (passed[-1].type_name == "list") == name.endswith("[]"), f"{path}: mark lists, and only them, with []"
        if name.endswith("[]"):
            passed.append(passed[-1].member)  # type: ignore[attr-defined]
    return passed


@cache
def seen(name: str) -> Seen:
    """What is kept of answers that are full to the brim."""
    kind = kind_named(name)
    steps = {step.operation.name: step for step in kind.steps}
    found = listed(StandIn(lambda name, _: full_answer(steps[name].operation)).calls(), kind, ACCOUNT, REGION, CALLER)
    assert found.failure is None
    assert len(found.items) == 1
    return found.items[0]


def test_all_of_the_issue_is_declared_under_unique_titles():
    assert [kind.kind for kind in kinds()] == sorted(ISSUE.split())
    assert len({kind.title for kind in kinds()}) == len(kinds())
    assert kind_named("ec2:volume").title == "EBS volume"
    with pytest.raises(KeyError):
        kind_named("ec2:unheard-of")


@pytest.mark.parametrize(("kind", "step"), STEPS)
def test_each_call_is_one_that_aws_takes(kind: Kind, step: Step):
    shape = model(step.operation).input_shape
    each = dict.fromkeys(step.each, "x" * 36)
    batch = {step.batch.parameter: ["xxx"] * step.batch.size} if step.batch else {}
    params = {**step.params, **each, **batch}
    report = ParamValidator().validate(params, shape)
    assert not report.has_errors(), report.generate_report()
    for name, value in params.items():
        limits = shape.members[name].metadata
        assert limits.get("min", 0) <= (value if isinstance(value, int) else len(value)) <= limits.get("max", 10**6)


@pytest.mark.parametrize(("kind", "step"), STEPS)
def test_pages_are_asked_for_where_there_are_any_and_as_long_as_possible(kind: Kind, step: Step):
    rule = paging(step.operation)
    assert step.paged == bool(rule)
    if rule and step.operation.name not in WITHOUT_PAGE_SIZE:
        assert rule["limit_key"] in step.params


@ALL
def test_every_path_leads_somewhere_and_no_secret_lies_on_it(kind: Kind):
    for operation, path in kind.reads:
        passed = at(model(operation).output_shape, path)  # type: ignore[arg-type]
        assert not any(shape.metadata.get("sensitive") for shape in passed), path
        assert not FORBIDDEN.search(path), path
        assert path in reads()[operation.service, operation.name] or any(
            other.startswith((f"{path}.", f"{path}[")) for other in reads()[operation.service, operation.name]
        )


@ALL
def test_whatever_is_declared_is_found_and_fits_its_place(kind: Kind):
    item = seen(kind.kind)
    assert set(item.details) == set(kind.details)
    assert all(_fits(value) for value in item.details.values())
    assert item.resource_id
    assert item.name
    assert item.arn
    assert item.created == (AT if kind.created and kind.kind != "logs:log-group" else item.created)
    assert bool(item.created) == bool(kind.created)
    assert bool(item.state) == bool(kind.state)
    assert (item.tags is None) == bool(kind.tag_type)
    assert item.tags is None or len(item.tags) == 1
    assert {(link.relation, link.target_kind) for link in item.links} >= {
        (link.relation, link.kind) for link in kind.links if link.relation != "member_of"
    }


@ALL
def test_nothing_that_is_not_declared_is_kept(kind: Kind):
    allowed = {path for operation, path in kind.reads}
    for path in re.findall(r"«([^»]*)»", repr(seen(kind.kind))):
        assert any(path == one or path.startswith((f"{one}.", f"{one}{{")) for one in allowed), path


@ALL
def test_links_lead_to_kinds_that_are_listed(kind: Kind):
    for link in kind.links:
        assert link.relation in RELATIONS
        assert kind_named(link.kind)


@ALL
def test_tags_come_from_the_listing_or_from_the_sweep(kind: Kind):
    assert bool(kind.tags) != bool(kind.tag_type)
    if kind.tags:
        tags = at(model(kind.steps[-1].operation).output_shape, f"{kind.steps[-1].items}.{kind.tags}")[-1]  # type: ignore[arg-type]
        assert tags.type_name == ("structure" if kind.tags.endswith("[]") else "map")
    else:
        assert re.fullmatch(r"[a-z0-9-]+(:[a-z0-9-]+)?", kind.tag_type)
        assert "{" not in kind.arn or f":{kind.tag_type.partition(':')[0]}:" in kind.arn


def test_reads_cut_every_model_without_a_fault():
    for service in {service for service, _ in reads()}:
        wanted = {name: paths for (owner, name), paths in reads().items() if owner == service}
        slim_model(Loader().load_service_model(service, "service-2"), wanted, ())


def test_each_operation_of_the_inventory_is_declared_for_members_and_says_what_is_lost():
    declarations = {(one.service, one.name): one for one in declared()}
    for operation in reads():
        assert declarations[operation].scope == "member"
        assert declarations[operation].feature == "inventory"
        assert declarations[operation].price == 0


@pytest.mark.parametrize(
    "path",
    [
        "Functions[].Environment.Variables",
        "Items[].Origins.Items[].CustomHeaders",
        "A.Password",
        "SecretString",
        "Policy",
    ],
)
def test_the_test_above_would_notice(path: str):
    assert FORBIDDEN.search(path)


def test_titles_and_losses_read_like_language():
    assert all(kind.title[0].isupper() and not kind.title.endswith(".") for kind in kinds())


def _fits(value: Detail) -> bool:
    return isinstance(value, str | int | float | bool) or (
        isinstance(value, list) and all(isinstance(member, str) for member in value)
    )

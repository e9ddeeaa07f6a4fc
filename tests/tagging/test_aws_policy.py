"""AWS Organizations tag policies: what AWS documents is read, and every round trip keeps its meaning."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.aws.services import kinds
from finops.model.errors import InputError
from finops.model.tagging import Exemption, Policy, Rule, ValueCase
from finops.tagging.aws_policy import exported, imported
from finops.tagging.kinds import matcher
from finops.tagging.policy import STARTER
from tests.tagging.kit import TODAY

DOCUMENTED = {
    "tags": {
        "costcenter": {
            "tag_key": {"@@assign": "CostCenter", "@@operators_allowed_for_child_policies": ["@@none"]},
            "tag_value": {"@@assign": ["100", "200", "300*"]},
            "enforced_for": {"@@assign": ["secretsmanager:ALL_SUPPORTED", "ec2:instance"]},
            "report_required_tag_for": {"@@assign": ["elasticfilesystem:file-system", "rds:*"]},
        },
        "Project": {"tag_value": {"@@assign": ["*"]}},
    }
}


def read(document: Any) -> Policy:
    return imported(json.dumps(document))


def test_the_documented_members_are_read():
    cost_center, project = read(DOCUMENTED).rules
    assert cost_center == Rule(
        "CostCenter",
        required=True,
        required_kinds=("efs:filesystem", "rds:*"),
        values=("100", "200", "300*"),
        enforced=("secretsmanager:*", "ec2:instance"),
        children=(("tag_key", ("@@none",)),),
    )
    assert project == Rule("project", required=False)  # lower case is what AWS takes where none is assigned


def test_an_effective_policy_has_no_operators():
    found = read({"tags": {"owner": {"tag_key": "Owner", "tag_value": ["a", "b"]}}})
    assert found.rules == (Rule("Owner", required=False, values=("a", "b")),)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "policy"),
        ({"rules": []}, "policy.rules"),
        ({"tags": []}, "tags"),
        ({"tags": {"owner": []}}, "tags.owner"),
        ({"tags": {"owner": {"tag_keys": {}}}}, "tags.owner.tag_keys"),
        ({"tags": {"owner": {"tag_key": {"@@assign": "Team"}}}}, "tags.owner.tag_key"),
        ({"tags": {"owner": {"tag_value": {"@@append": ["x"]}}}}, "tags.owner.tag_value.@@append"),
        ({"tags": {"owner": {"tag_value": {"@@remove": ["x"]}}}}, "tags.owner.tag_value.@@remove"),
        ({"tags": {"owner": {"tag_value": {"@@assign": [1]}}}}, "tags.owner.tag_value[0]"),
        ({"tags": {"owner": {"tag_value": {"@@assign": ["a*b*"]}}}}, "rules[0].values[0]"),
        ({"tags": {"owner": {"enforced_for": {"@@assign": ["ec2"]}}}}, "tags.owner.enforced_for[0]"),
        ({"tags": {"owner": {}, "Owner": {}}}, "tags.Owner"),
        ({"tags": {"@@assign": {}}}, "tags.@@assign"),
    ],
)
def test_what_aws_would_not_take_is_refused_by_name(document, field):
    with pytest.raises(InputError) as caught:
        read(document)
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff", '{"tags": {"a": {}, "a": {}}}'])
def test_what_is_no_sound_json_is_refused(text):
    with pytest.raises(InputError):
        imported(text)


_NAMES = st.text("abcXYZ019 _.:/=+-@ä🦆\u202e", min_size=1, max_size=12).filter(lambda text: text.strip())
_VALUES = st.one_of(_NAMES, _NAMES.map(lambda text: f"{text}*"), st.just("*@example.com"))
_OWN = tuple(sorted(kind.kind for kind in kinds()))
_TYPES = st.sampled_from(
    (
        *("ec2:instance", "ec2:ALL_SUPPORTED", "ec2:*", "elasticloadbalancing:loadbalancer", "es:domain", "s3:bucket"),
        *("elasticfilesystem:ALL_SUPPORTED", "cognito-idp:userpool", "cognito-idp:ALL_SUPPORTED", "acme:thing"),
        *("autoscaling:autoScalingGroup", "rds:db", "iot:ALL_SUPPORTED", "cognito-identity:ALL_SUPPORTED"),
    )
)


def assigned(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    operators = st.sampled_from(("@@all", "@@none", "@@append"))
    allowed = st.fixed_dictionaries({}, optional={"@@operators_allowed_for_child_policies": st.just(["@@none"])})
    return st.builds(lambda value, more: {"@@assign": value, **more}, values, allowed | st.builds(
        lambda each: {"@@operators_allowed_for_child_policies": [each]}, operators))  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    keys = _NAMES.filter(lambda name: not name.startswith("@@"))  # that is an operator to AWS
    names = draw(st.lists(keys, max_size=4, unique_by=str.casefold))
    lists = st.lists(_TYPES, min_size=1, max_size=5, unique=True)
    tags = {}
    for name in names:
        optional = {
            "tag_value": assigned(st.lists(_VALUES, max_size=3, unique=True)),
            "enforced_for": assigned(lists),
            "report_required_tag_for": assigned(lists),
        }
        tags[name] = draw(st.fixed_dictionaries({"tag_key": assigned(st.just(name))}, optional=optional))
    return {"tags": tags}


def meaning(document: Any) -> Any:
    """What a tag policy says, by AWS's own rules, with every type name as the kinds it stands for here."""

    def types(entry: Any, part: str) -> Any:
        named = entry.get(part, {}).get("@@assign", [])
        spelled = {each.replace(":*", ":ALL_SUPPORTED") for each in named}
        for service in ("cognito-idp:userpool", "cognito-identity:identitypool"):  # a service of one type
            if f"{service.split(':', maxsplit=1)[0]}:ALL_SUPPORTED" in spelled:
                spelled |= {service}
            elif service in spelled:
                spelled |= {f"{service.split(':', maxsplit=1)[0]}:ALL_SUPPORTED"}
        return frozenset(spelled)

    def rule(entry: Any) -> Any:
        values = frozenset(entry.get("tag_value", {}).get("@@assign", []))
        children = {
            part: entry.get(part, {}).get("@@operators_allowed_for_child_policies")
            for part in ("tag_key", "tag_value", "enforced_for", "report_required_tag_for")
        }
        return (
            values if "*" not in values else frozenset(),
            types(entry, "enforced_for"),
            types(entry, "report_required_tag_for"),
            {part: operators for part, operators in children.items() if operators},
        )

    return {entry["tag_key"]["@@assign"]: rule(entry) for entry in document["tags"].values()}


@given(documents())
def test_every_round_trip_keeps_the_meaning(document):
    once = read(document)
    out = exported(once)
    assert not out.lost
    assert meaning(json.loads(out.text)) == meaning(document)
    again = read(json.loads(out.text))
    assert {rule.key: replace(rule, enforced=()) for rule in again.rules} == {
        rule.key: replace(rule, enforced=()) for rule in once.rules
    }
    for first, second in zip(once.rules, again.rules, strict=True):
        for part in ("enforced", "required_kinds"):
            one, other = matcher(getattr(first, part)), matcher(getattr(second, part))
            assert [one(kind) for kind in _OWN] == [other(kind) for kind in _OWN]


def test_a_key_that_aws_takes_for_an_operator_is_left_out_and_told():
    out = exported(Policy((Rule("@@team"), Rule("Owner"))))
    assert [field for field, _ in out.lost] == ["rules[0].key"]
    assert [rule.key for rule in imported(out.text).rules] == ["Owner"]


def test_required_everywhere_stays_so():
    plain = Policy(tuple(replace(rule, aliases=()) for rule in STARTER.rules))
    out = exported(plain)
    assert not out.lost
    assert imported(out.text) == plain


def test_what_aws_cannot_say_is_told():
    rule = Rule(
        "Owner", aliases=("Team",), kinds=("ec2:*",), patterns=("x",), case=ValueCase.NORMALISE, inherit=True,
        since=TODAY, exemptions=(Exemption(TODAY, "x"),),
    )  # fmt: skip
    out = exported(Policy((rule, Rule("owner")), untaggable=("acme:x",)))
    fields = {field for field, _ in out.lost}
    named = ("aliases", "patterns", "inherit", "since", "exemptions", "case", "kinds")
    assert fields == {*(f"rules[0].{name}" for name in named), "rules[1].key", "untaggable"}
    assert "tag_value" not in out.document["tags"]["owner"]

"""Likely owners: each signal by example, measured by leaving one out, and never more sure than it was right."""

from __future__ import annotations

import csv
import io
import json
import shlex

import pytest

from finops.api.tag_exports import fix_pieces
from finops.model.assets import Link
from finops.model.errors import InputError
from finops.model.tagging import Rule, TagVerdict
from finops.tagging.fixing import ARNS_A_CALL, cli_lines
from tests.tagging.kit import TENANT, TWO, opened, price, seen

OWNER = Rule("Owner")
STACK = "aws:cloudformation:stack-name"


def guesses(finops, key="Owner"):
    return {each.asset.resource_id: each.guess for each in finops.tagging.suggestions(TENANT, key).items}


def test_members_of_a_stack_vote(tmp_path):
    assets = [
        *(seen(number, {"Owner": "a", STACK: "shop"}, name="x") for number in range(9)),
        seen(9, {"Owner": "b", STACK: "shop"}, name="x"),
        seen(10, {STACK: "shop"}, name="x"),
        seen(11, {STACK: "shop"}, name="x", account=TWO),
    ]
    with opened(tmp_path, assets, OWNER) as finops:
        found = finops.tagging.suggestions(TENANT, "Owner")
        (item,) = found.items  # a stack of the same name in another account is another stack
    guess = item.guess
    assert (guess.value, guess.signal, guess.agreeing, guess.votes) == ("a", "stack", 9, 10)
    (stack,) = [each for each in found.signals if each.signal == "stack"]
    assert (stack.tagged, stack.guessed, stack.right) == (10, 10, 9)  # the one of b is guessed wrong, all others right
    assert guess.confidence == round(0.9 * 0.9, 4)
    assert "9 of 10" in guess.evidence
    assert "shop" in guess.evidence
    assert found.untagged == 2


def test_a_volume_belongs_to_whom_its_instance_belongs(tmp_path):
    assets = []
    for number in range(8):
        owner = "a" if number % 2 else "b"
        tags = {"Owner": owner}
        assets.append(seen(number, tags, name=f"{number}"))
        told = tags if number < 6 else {}
        link = Link("attached_to", "ec2:instance", f"instance-{number}")
        assets.append(seen(number, told, "ec2:volume", links=(link,), name=f"v{number}"))
    with opened(tmp_path, assets, OWNER) as finops:
        found = guesses(finops)
    assert {name: (guess.value, guess.signal) for name, guess in found.items()} == {
        "volume-6": ("b", "link"),
        "volume-7": ("a", "link"),
    }


@pytest.mark.parametrize(
    ("signal", "more"),
    [
        ("cluster", {"tags": {"eks:cluster-name": "c"}}),
        ("cluster", {"tags": {"kubernetes.io/cluster/c": "owned"}}),
        ("autoscaling", {"tags": {"aws:autoscaling:groupName": "g"}}),
        ("creator", {"tags": {"aws:createdBy": "IAMUser:x:ann"}}),
        ("name", {"name": "checkout-api-07"}),
        ("subnet", {"links": (Link("in", "ec2:subnet", "subnet-1"),)}),
        ("vpc", {"links": (Link("in", "ec2:vpc", "vpc-1"),)}),
    ],
)
def test_each_signal_has_its_say(tmp_path, signal, more):
    own = dict(more)
    tags = own.pop("tags", {})
    assets = [seen(number, {**tags, "Owner": "a"}, **({"name": "x"} | own)) for number in range(6)]
    assets.append(seen(7, tags, **({"name": "x"} | own)))
    with opened(tmp_path, assets, OWNER) as finops:
        (guess,) = guesses(finops).values()
    assert (guess.value, guess.signal, guess.confidence) == ("a", signal, 1.0)


def test_neighbours_that_disagree_say_nothing(tmp_path):
    assets = [seen(number, {"Owner": "ab"[number % 2], STACK: "s"}, name="x") for number in range(10)]
    with opened(tmp_path, [*assets, seen(11, {STACK: "s"}, name="x")], OWNER) as finops:
        assert guesses(finops) == {}


def test_a_signal_that_is_usually_wrong_is_not_asked(tmp_path):
    assets = [seen(number, {"Owner": f"o{number}", STACK: f"s{number // 2}"}, name="x") for number in range(20)]
    with opened(tmp_path, [*assets, seen(21, {STACK: "s1"}, name="x")], OWNER) as finops:
        found = finops.tagging.suggestions(TENANT, "Owner")
    assert found.items == ()
    assert {each.accuracy for each in found.signals} == {0.0}


def test_values_that_the_policy_refuses_are_not_suggested(tmp_path):
    rule = Rule("Owner", values=("a",))
    assets = [seen(number, {"Owner": "zz", STACK: "s"}, name="x") for number in range(9)]
    with opened(tmp_path, [*assets, seen(11, {STACK: "s"}, name="x")], rule) as finops:
        assert guesses(finops) == {}


def test_a_key_without_a_rule_is_refused(tmp_path):
    with opened(tmp_path, [seen(1, {})], OWNER) as finops, pytest.raises(InputError):
        finops.tagging.suggestions(TENANT, "Nope")


HOSTILE = ("$(touch /tmp/x)", "'; rm -rf /; '", "`id`", "a\nb", "=1+1", "\u202eb", "\U0001f986", '"', "-x", "ä")


def test_fixes_and_lines_that_a_shell_reads_as_they_are_meant(tmp_path):
    rule = Rule("Owner", values=("ops", *HOSTILE))
    assets = [
        seen(1, {"owner": "ops"}),
        seen(2, {"Owner": "OPS"}),
        seen(3, {"Owner": "nobody"}),
        seen(4, {"owner": "nobody"}),
        *(seen(10 + number, {"owner": value}, account=TWO) for number, value in enumerate(HOSTILE)),
        seen(50, {"owner": "ops"}, arn="", resource_id="no\narn"),
    ]
    with opened(tmp_path, assets, rule) as finops:
        price(finops, {"instance-1": "9"})
        fixes = finops.tagging.fix_list(TENANT)
    found = {fix.asset.resource_id: (fix.verdict, fix.value, fix.confidence) for fix in fixes}
    assert found["instance-1"] == (TagVerdict.ALIAS, "ops", 1.0)
    assert found["instance-2"] == (TagVerdict.BAD_CASE, "ops", 1.0)
    assert not {"instance-3", "instance-4"} & set(found)  # nobody can tell
    assert fixes[0].asset.resource_id == "instance-1"
    lines = list(cli_lines(fixes))
    assert not any("\n" in line for line in lines)
    assert any("no\N{REPLACEMENT CHARACTER}arn" in line for line in lines)
    set_tags = {}
    for line in lines:
        words = shlex.split(line, comments=True)
        if words:
            assert words[:3] == ["aws", "resourcegroupstaggingapi", "tag-resources"]
            arns = words[words.index("--resource-arn-list") + 1 : words.index("--tags")]
            set_tags |= dict.fromkeys(arns, json.loads(words[-1]))
    wanted = {fix.asset.arn: {"Owner": fix.value} for fix in fixes if fix.asset.arn}
    assert set_tags == wanted
    assert {each["Owner"] for each in wanted.values()} == {"ops", *HOSTILE}


def test_one_line_names_so_many_resources_as_aws_takes(tmp_path):
    assets = [seen(number, {"owner": "a"}) for number in range(ARNS_A_CALL + 1)]
    with opened(tmp_path, assets, OWNER) as finops:
        lines = [line for line in cli_lines(finops.tagging.fix_list(TENANT)) if line.startswith("aws ")]
    assert [line.count("arn:aws:") for line in lines] == [ARNS_A_CALL, 1]


def test_a_fix_list_as_csv_runs_nothing(tmp_path):
    assets = [seen(1, {"owner": "=HYPERLINK(1)"}, name="=1+1")]
    with opened(tmp_path, assets, OWNER) as finops:
        text = "".join(fix_pieces(finops.tagging.fix_list(TENANT)))
    ((row),) = list(csv.DictReader(io.StringIO(text)))
    assert row["Value"] == "'=HYPERLINK(1)"
    assert row["Tag: Name"] == "'=1+1"
    assert row["Verdict"] == "alias"


def test_fixes_below_a_confidence_are_left_out(tmp_path):
    assets = [seen(number, {"Owner": "a" if number else "b", STACK: "s"}, name="x") for number in range(8)]
    with opened(tmp_path, [*assets, seen(9, {STACK: "s"}, name="x")], OWNER) as finops:
        (fix,) = finops.tagging.fix_list(TENANT)
        assert 0.5 < fix.confidence < 0.9
        assert finops.tagging.fix_list(TENANT, least_confidence=0.9) == ()

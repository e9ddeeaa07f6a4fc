"""Another policy before it is saved: both scores, every changed verdict once, and rules that nothing reaches."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.model.assets import AssetFilter
from finops.model.errors import InputError
from finops.model.tagging import Policy, Rule
from tests.tagging.kit import ONE, TENANT, TWO, opened, price, seen

OWNER, ENVIRONMENT = Rule("Owner"), Rule("Environment")
ASSETS = (
    seen(1, {"Owner": "a"}),
    seen(2, {"Owner": "b"}),
    seen(3, {"Environment": "x"}, account=TWO),
    seen(4, None),
)


@pytest.fixture
def finops(tmp_path):
    with opened(tmp_path, ASSETS, OWNER, ENVIRONMENT) as finops:
        price(finops, {"instance-1": "3", "instance-2": "1"})
        yield finops


def test_both_scores_and_what_changes(finops):
    found = finops.tagging.what_if(TENANT, Policy((Rule("Owner", values=("a",)),)))
    assert (found.before.percent, found.after.percent) == (0, Decimal("33.33"))
    assert found.after.cost_percent == 75
    told = {(each.asset.resource_id, each.key, each.before, each.after) for each in found.changes}
    assert told == {
        ("instance-2", "Owner", "ok", "bad_value"),
        ("instance-1", "Environment", "missing", None),
        ("instance-2", "Environment", "missing", None),
        ("instance-3", "Environment", "ok", None),
        ("instance-4", "Environment", "unknown", None),
    }
    assert found.changed == 5 == sum(move.assets for move in found.moves)
    assert finops.tagging.policy(TENANT).policy.keys == ("Owner", "Environment")  # nothing was kept


def test_pages_make_up_the_whole(finops):
    policy = Policy((Rule("Owner", values=("a",)),))
    whole = finops.tagging.what_if(TENANT, policy).changes
    pages = [finops.tagging.what_if(TENANT, policy, offset=at, limit=2) for at in (0, 2, 4)]
    assert tuple(each for page in pages for each in page.changes) == whole
    assert {page.changed for page in pages} == {5}


def test_the_same_policy_changes_nothing(finops):
    found = finops.tagging.what_if(TENANT, Policy((OWNER, ENVIRONMENT)))
    assert (found.changed, found.changes, found.before) == (0, (), found.after)


def test_a_filter_narrows_it(finops):
    found = finops.tagging.what_if(TENANT, Policy((OWNER,)), AssetFilter(accounts=(ONE,)))
    assert {each.asset.account for each in found.changes} == {ONE}


def test_rules_that_nothing_can_reach_are_named(finops):
    policy = Policy(
        (
            OWNER,
            Rule("A", kinds=("rds:*",)),
            Rule("B", required=False),
            Rule("C", required_kinds=("s3:bucket",)),
        )
    )
    found = finops.tagging.what_if(TENANT, policy).unreachable
    assert [(each.key, each.field) for each in found] == [("A", "rules[1].kinds")]  # unknown tags may hold B and C
    only_known = finops.tagging.what_if(TENANT, policy, AssetFilter(accounts=(TWO,))).unreachable
    assert [each.key for each in only_known] == ["A"]


def test_a_rule_that_no_tag_and_no_kind_meets(tmp_path):
    with opened(tmp_path, [seen(1, {"Owner": "a"})], OWNER) as finops:
        policy = Policy((Rule("B", required=False), Rule("C", required_kinds=("s3:bucket",))), untaggable=("ec2:*",))
        fields = [each.field for each in finops.tagging.what_if(TENANT, policy).unreachable]
        assert fields == ["rules[0].required", "rules[1].required_kinds"]


def test_a_faulty_rule_is_refused(finops):
    with pytest.raises(InputError) as caught:
        finops.tagging.what_if(TENANT, Policy((Rule("Owner", values=("a", "b*c*")),)))
    assert caught.value.field == "rules[0].values[1]"

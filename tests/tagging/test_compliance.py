"""Figures over a small inventory, added up by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from finops.model.assets import AssetFilter
from finops.model.errors import InputError
from finops.model.tagging import Rule, TagVerdict
from finops.tagging import ViolationQuestion
from finops.tagging.compliance import percent
from tests.tagging.kit import NOW, ONE, TENANT, TWO, keep, opened, price, seen

OWNER, ENVIRONMENT = Rule("Owner"), Rule("Environment", values=("prod",), kinds=("ec2:*",))
ASSETS = (
    seen(1, {"Owner": "a", "Environment": "prod"}),
    seen(2, {"Owner": "a"}),
    seen(3, {}, account=TWO),
    seen(4, None),
    seen(5, {"Owner": "b"}, "s3:bucket", account=TWO, region="eu-central-1", created=NOW - timedelta(days=3)),
    seen(6, {"Owner": ""}, "s3:bucket", created=NOW - timedelta(days=3)),
    seen(7, {}, "iam:group"),
)
COSTS = {"instance-1": "10.000001", "instance-2": "20", "instance-3": "0.5", "instance-4": "1000", "bucket-5": "5"}


@pytest.fixture
def finops(tmp_path):
    with opened(tmp_path, ASSETS, OWNER, ENVIRONMENT) as finops:
        price(finops, COSTS)
        yield finops


def test_by_count_and_weighted_by_cost(finops):
    found = finops.tagging.compliance(TENANT)
    score = found.score
    assert (score.compliant, score.violating, score.untagged) == (2, 3, 3)
    assert (score.exempt, score.untaggable, score.unknown, score.unpriced) == (0, 1, 1, 1)
    assert score.percent == Decimal("40.00")
    assert score.cost.compliant == Decimal("15.000001")
    assert score.cost.violating == score.cost.untagged == Decimal("20.5")
    assert score.cost.judged == Decimal("35.500001")
    assert score.cost.unknown == Decimal(1000)  # apart: no denominator has it
    assert score.cost_percent == Decimal("42.25")


def test_by_key(finops):
    owner, environment = finops.tagging.compliance(TENANT).keys
    assert owner.verdicts[TagVerdict.OK] == 3
    assert owner.verdicts[TagVerdict.EMPTY] == owner.verdicts[TagVerdict.MISSING] == 1
    assert owner.verdicts[TagVerdict.UNTAGGABLE] == owner.verdicts[TagVerdict.UNKNOWN] == 1
    assert owner.score.cost.untagged == Decimal("0.5")
    assert environment.score.judged == 3
    assert environment.score.cost.untagged == Decimal("20.5")


def test_groups_are_the_whole_dearest_violations_first(finops):
    for by in ("account", "service", "region", "kind", "owner", "tag:Environment"):
        found = finops.tagging.compliance(TENANT, by=by)
        assert sum(each.score.judged for each in found.groups) == found.score.judged
        assert sum(each.score.unknown for each in found.groups) == found.score.unknown
        costs = [cost.violating for each in found.groups for cost in each.score.costs]
        assert sum(costs) == found.score.cost.violating
    accounts = finops.tagging.compliance(TENANT, by="account").groups
    assert [each.group for each in accounts] == [ONE, TWO]
    owners = {each.group: each.score for each in finops.tagging.compliance(TENANT, by="owner").groups}
    assert owners["a"].percent == Decimal("50.00")
    of_owner = {each.group: each.score for each in finops.tagging.compliance(TENANT, by="account", key="Owner").groups}
    assert of_owner[ONE].cost.untagged == 0


def test_filters_keep_what_they_say(finops):
    found = finops.tagging.compliance(TENANT, AssetFilter(accounts=(TWO,)))
    assert (found.assets, found.score.compliant, found.score.violating) == (2, 1, 1)
    assert finops.tagging.compliance(TENANT, AssetFilter(search="nothing like it")).score.percent is None


def test_new_assets_were_neither_seen_nor_created_before(finops):
    new = finops.tagging.compliance(TENANT).new
    assert (new.compliant, new.violating) == (1, 1)


def test_costs_of_two_currencies_are_never_added(tmp_path):
    with opened(tmp_path, [seen(1, {"Owner": "a"}), seen(2, {})], OWNER) as finops:
        finops.inventory.price(TENANT, {"instance-1": (Decimal(1), "USD"), "instance-2": (Decimal(2), "CNY")})
        score = finops.tagging.compliance(TENANT).score
    assert {each.currency: each.judged for each in score.costs} == {"USD": Decimal(1), "CNY": Decimal(2)}
    assert score.cost_percent is None
    assert score.percent == 50


@pytest.mark.parametrize(("by", "key", "field"), [("team", "", "by"), ("tag:", "", "by"), ("account", "Nope", "key")])
def test_what_nobody_knows_is_refused(finops, by, key, field):
    with pytest.raises(InputError) as caught:
        finops.tagging.compliance(TENANT, by=by, key=key)
    assert caught.value.field == field


def test_a_share_is_never_rounded_up_to_all():
    assert percent(Decimal("99.999999"), Decimal(100)) == Decimal("99.99")
    assert percent(Decimal(100), Decimal(100)) == 100
    assert percent(Decimal(1), Decimal(0)) is None


def test_violations_dearest_first_in_pages(finops):
    whole = finops.tagging.violations(TENANT)
    told = [(each.asset.resource_id, each.key, each.verdict) for each in whole.items]
    assert told[0] == ("instance-2", "Environment", "missing")
    assert whole.total == len(told) == 4
    pages = [finops.tagging.violations(TENANT, ViolationQuestion(offset=at, limit=3)).items for at in (0, 3)]
    assert [*pages[0], *pages[1]] == [*whole.items]
    assert list(finops.tagging.every_violation(TENANT, ViolationQuestion(), rows=1)) == [*whole.items]
    only = finops.tagging.violations(TENANT, ViolationQuestion(keys=("Owner",), verdicts=(TagVerdict.EMPTY,)))
    (empty,) = only.items
    assert (empty.asset.resource_id, empty.found_key, empty.value) == ("bucket-6", "Owner", "")
    unknown = finops.tagging.violations(TENANT, ViolationQuestion(verdicts=(TagVerdict.UNKNOWN,)))
    assert {each.asset.resource_id for each in unknown.items} == {"instance-4"}
    with pytest.raises(InputError):
        finops.tagging.violations(TENANT, ViolationQuestion(keys=("Nope",)))


def test_what_is_shown_changes_with_inventory_and_policy(finops):
    before = finops.tagging.version(TENANT)
    assert finops.tagging.compliance(TENANT).score.violating == 3
    keep(finops, [seen(3, {"Owner": "c", "Environment": "prod"}, account=TWO)], NOW + timedelta(hours=1))
    assert finops.tagging.version(TENANT) != before
    assert finops.tagging.compliance(TENANT).score.violating == 2
    finops.tagging.save(TENANT, finops.tagging.starter(), over=1, by="ann")
    assert finops.tagging.compliance(TENANT).score.violating == 5


def test_tenants_do_not_see_each_other(finops):
    assert finops.tagging.compliance("other").assets == 0
    assert finops.tagging.policy("other").version == 0


def test_an_evaluation_is_kept_by_day(tmp_path):
    with opened(tmp_path, ASSETS, OWNER) as finops:
        assert finops.tagging.evaluate(TENANT).counts["violating"] == 2
        finops.tagging.evaluate(TENANT)
    with opened(tmp_path, [seen(6, {"Owner": "x"}, "s3:bucket")], now=NOW + timedelta(days=1)) as finops:
        finops.tagging.evaluate(TENANT)
        trend = finops.tagging.trend(TENANT, "Owner")
        assert [(each.day.day, each.compliant, each.judged, each.policy_version) for each in trend] == [
            (20, 3, 5, 1),
            (21, 4, 5, 1),
        ]
        assert len(finops.tagging.trend(TENANT)) == 2


def test_nothing_listed_is_nothing_evaluated(tmp_path):
    with opened(tmp_path, [], OWNER) as finops:
        outcome = finops.tagging.evaluate(TENANT)
        assert outcome.nothing_done
        assert finops.tagging.trend(TENANT) == ()
        assert finops.tagging.compliance(TENANT).score.percent is None

"""Untagged dollars fall to one of six causes each, and the causes add up to the bill."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.facade import open_finops
from finops.model.money import exact_sum
from finops.model.period import Period
from finops.model.tagging import Activation, Rule, UntaggedCharge
from finops.tagging.autopsy import Body, Cause, can_be_tagged, parts_of
from tests import stocked
from tests.tagging.kit import TENANT, opened, seen

RULE = Rule("Owner", aliases=("Team",))
BODIES = {
    "i-none": Body("1", {}, taggable=True),
    "i-empty": Body("2", {"Owner": " "}, taggable=True),
    "i-owned": Body("3", {"Owner": "a"}, taggable=True),
    "i-alias": Body("4", {"Team": "a"}, taggable=True),
    "i-slip": Body("5", {"Ownr": "a", "Owner": ""}, taggable=True),
    "i-blank-alias": Body("6", {"team": ""}, taggable=True),
    "i-unknown": Body("7", None, taggable=True),
    "i-group": Body("8", {}, taggable=False),
}


def cause(resource: str, charge_type: str = "Usage", *, activated: bool = True) -> Cause:
    charges = [UntaggedCharge(resource, charge_type, Decimal(1))]
    (part,) = [part for part in parts_of(charges, RULE, BODIES.get, activated=activated) if part.amount]
    return part.cause


@pytest.mark.parametrize(
    ("resource", "wanted"),
    [
        ("i-none", Cause.NOT_TAGGED),
        ("i-empty", Cause.NOT_TAGGED),
        ("i-blank-alias", Cause.NOT_TAGGED),
        ("i-owned", Cause.TAGGED_LATER),
        ("i-alias", Cause.VARIANT),
        ("i-slip", Cause.VARIANT),
        ("i-unknown", Cause.NOT_TAGGED),
        ("i-gone", Cause.NOT_TAGGED),
        ("i-group", Cause.CANNOT_BE_TAGGED),
        ("", Cause.NO_RESOURCE),
        ("NoResourceId", Cause.NO_RESOURCE),
    ],
)
def test_each_cause_by_example(resource, wanted):
    assert cause(resource) is wanted


def test_a_key_that_is_not_activated_is_not_the_owners_fault():
    assert cause("i-owned", activated=False) is Cause.NOT_ACTIVATED
    assert cause("i-unknown", activated=False) is Cause.NOT_ACTIVATED
    assert cause("i-none", activated=False) is Cause.NOT_TAGGED
    assert cause("i-alias", activated=False) is Cause.VARIANT


@pytest.mark.parametrize(
    "charge_type", ["Tax", "Support", "SavingsPlanRecurringFee", "Credit", "Fee", "RIFee", "Refund"]
)
def test_charges_that_nobody_can_tag(charge_type):
    assert cause("i-none", charge_type) is cause("", charge_type) is Cause.CANNOT_BE_TAGGED


def test_discounts_of_a_resource_follow_it():
    assert can_be_tagged("Enterprise Discount Program Discount", named=True)
    assert not can_be_tagged("Enterprise Discount Program Discount", named=False)
    assert can_be_tagged("Savings Plan Negation", named=False)


_CHARGES = st.builds(
    UntaggedCharge,
    st.sampled_from((*BODIES, "", "i-gone")),
    st.sampled_from(("Usage", "Tax", "DiscountedUsage", "")),
    st.decimals("-1e9", "1e9", places=10),
)


@given(st.lists(_CHARGES, max_size=30), st.booleans())
def test_the_six_parts_are_the_whole_to_the_last_digit(charges, activated):
    parts = parts_of(charges, RULE, BODIES.get, activated=activated)
    assert [part.cause for part in parts] == list(Cause)
    assert exact_sum(part.amount for part in parts) == exact_sum(charge.amount for charge in charges)


def test_without_line_items_or_a_question_there_is_a_reason_and_no_zero(tmp_path):
    with opened(tmp_path, [seen(1, {})], RULE) as finops:
        found = finops.tagging.autopsy(TENANT, "Owner")
    assert (found.source, found.parts, found.reconciles) == ("", (), None)
    assert found.failures[0].code == "not_stored"


# Over the demo: Cost Explorer's answers


@pytest.fixture(scope="module")
def finops(tmp_path_factory):
    place = tmp_path_factory.mktemp("tagged") / "data"
    shutil.copytree(stocked.folder(), place)
    with closing(open_finops(stocked.settings(place))) as opened_finops:
        opened_finops.jobs.run("inventory.discover", "demo", {}, user="test")
        yield opened_finops


@pytest.mark.parametrize("key", ["Environment", "Owner", "CostCenter", "Application"])
def test_the_parts_reconcile_with_cost_explorer(finops, key):
    found = finops.tagging.autopsy("demo", key)
    assert found.activation is Activation.ACTIVE
    assert found.reconciles is True
    assert found.explained == found.untagged > 0
    amounts = {part.cause: part.amount for part in found.parts}
    assert amounts[Cause.VARIANT] > 0
    assert amounts[Cause.NOT_ACTIVATED] == 0
    assert found.total > found.untagged


def test_the_bill_is_asked_once_a_day_and_every_question_counted(finops):
    spent = finops.store.meter.spent("2026-11")
    asked = [line for line in finops.store.meter.lines("2026-11", "demo") if line.feature == "tags"]
    assert {line.operation for line in asked} == {
        "ListCostAllocationTags",
        "GetCostAndUsage",
        "GetCostAndUsageWithResources",
    }
    assert all(line.cost == line.requests * Decimal("0.01") for line in asked)
    again = finops.jobs.run("tags.evaluate", "demo", {"bill": True}, user="test")
    assert again.counts["keys_asked"] == 0
    assert finops.store.meter.spent("2026-11") == spent


def test_reading_asks_aws_nothing(finops):
    before = dict(finops.inventory._calls.counts())  # noqa: SLF001 - the one count of all calls
    finops.tagging.compliance("demo", by="owner")
    finops.tagging.violations("demo")
    finops.tagging.autopsy("demo", "Owner")
    finops.tagging.suggestions("demo", "Owner")
    finops.tagging.what_if("demo", finops.tagging.starter())
    assert dict(finops.inventory._calls.counts()) == before  # noqa: SLF001


def test_a_discovery_leaves_a_score(finops):
    (score,) = finops.tagging.trend("demo")
    assert score.day == date(2026, 11, 20)
    assert score.judged > 2_000


def test_the_demo_shows_misspelt_missing_and_inconsistent_tags(finops):
    by_key = {each.key: each for each in finops.tagging.compliance("demo").keys}
    assert all(each.verdicts["missing"] and each.verdicts["alias"] for each in by_key.values())
    assert by_key["Environment"].verdicts["bad_case"]
    assert by_key["Environment"].verdicts["bad_value"]


# Over line items


def test_line_items_are_preferred_and_reconcile(tmp_path):
    bill = tmp_path / "focus.csv"
    head = (
        "BillingAccountId,BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingPeriodStart,"
        "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,SubAccountId,ResourceId,Tags,"
        "ProviderName"
    )
    rows = [
        ("10.5", "Usage", "i-1", "{}"),
        ("2.25", "Usage", "i-2", '{""Owner"":""a""}'),
        ("0.125", "Usage", "i-3", "{}"),
        ("7", "Usage", "", "{}"),
        ("1.75", "Tax", "", "{}"),
    ]
    text = "\n".join(
        f"1,{cost},{cost},{cost},{cost},USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,2026-10-05T00:00:00Z,"
        f'2026-10-06T00:00:00Z,{category},Amazon EC2,111111111111,{resource},"{tags}",AWS'
        for cost, category, resource, tags in rows
    )
    bill.write_text(f"{head}\n{text}\n")
    assets = [
        seen(1, {}, resource_id="i-1"),
        seen(2, {"Owner": "a"}, resource_id="i-2"),
        seen(3, {"Owner": "b"}, resource_id="i-3"),
    ]
    with opened(tmp_path / "data", assets, RULE) as finops:
        result = finops.costs.import_bill(TENANT, [str(bill)])
        assert not result.rejected, result
        found = finops.tagging.autopsy(TENANT, "Owner", Period(date(2026, 10, 1), date(2026, 11, 1)))
    amounts = {part.cause: part.amount for part in found.parts}
    assert found.untagged == Decimal("19.375")
    assert found.reconciles is True, found
    assert amounts[Cause.NOT_TAGGED] == Decimal("10.5")
    assert amounts[Cause.TAGGED_LATER] == Decimal("0.125")
    assert amounts[Cause.NO_RESOURCE] == 7
    assert amounts[Cause.CANNOT_BE_TAGGED] == Decimal("1.75")

"""Spellings that mean one thing, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.tagging import Rule
from finops.tagging.variants import alike, clusters, edits, is_variant
from tests.tagging.kit import TENANT, opened, seen


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("CostCenter", "cost-center", True),
        ("CostCenter", "CostCentre", True),
        ("Environment", "Enviroment", True),
        ("Environment", "Environmnet", True),
        ("Owner", "owner", True),
        ("Owner", "Ower", True),
        ("Owner", "Power", False),
        ("dev", "div", False),
        ("prod", "prd", False),
        ("production", "prodction", True),
        ("CC-1001", "CC-1002", False),
        ("CC-1001", "cc1001", True),
        ("team-a", "team-b", True),
        ("staging", "production", False),
        ("-", "_", False),
    ],
)
def test_what_counts_as_a_slip(one, other, wanted):
    assert alike(one, other) is alike(other, one) is wanted


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_are_symmetric_and_zero_for_the_same(one, other):
    assert edits(one, other, 10) == edits(other, one, 10)
    assert (edits(one, other, 10) == 0) is (one == other)
    assert edits(one, other, 1) == min(edits(one, other, 10), 2)


@given(st.dictionaries(st.text(max_size=8), st.integers(1, 9), max_size=12), st.lists(st.text(max_size=8), max_size=3))
def test_each_text_is_in_one_cluster_at_most(counts, named):
    found = clusters(counts, list(dict.fromkeys(named)), {})
    texts = [each.text for cluster in found for each in cluster.spellings]
    assert len(texts) == len(set(texts))
    assert set(texts) <= set(counts)


def test_a_variant_of_a_key():
    rule = Rule("CostCenter", aliases=("CC",))
    assert all(is_variant(key, rule) for key in ("CC", "costcenter", "Cost Center", "CostCentre"))
    assert not any(is_variant(key, rule) for key in ("CostCenter", "Cost", "aws:costcenter", "Owner"))


def test_clusters_of_an_inventory(tmp_path):
    assets = [
        *(seen(number, {"Environment": "production"}) for number in range(5)),
        seen(10, {"Environment": "Production", "Enviroment": "x"}),
        seen(11, {"Environment": "prodution"}),
        seen(12, {"Environment": "staging", "Stage": "x", "Other": "y"}),
    ]
    rule = Rule("Environment", aliases=("Stage",), values=("production", "staging"))
    with opened(tmp_path, assets, rule) as finops:
        found = finops.tagging.variants(TENANT)
    (key,) = found.keys
    assert (key.canonical, key.in_policy, key.assets) == ("Environment", True, 2)
    assert {each.text for each in key.spellings} == {"Environment", "Enviroment", "Stage"}
    ((name, (value,)),) = found.values
    assert (name, value.canonical, value.assets) == ("Environment", "production", 2)

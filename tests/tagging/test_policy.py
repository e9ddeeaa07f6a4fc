"""Policies as documents: every rule survives, and a faulty one is refused with the field at fault."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.errors import InputError
from finops.model.tagging import Exemption, Policy, Rule, ValueCase
from finops.tagging.policy import STARTER, policy_document, policy_of
from tests.tagging.kit import TENANT, opened

FULL = Policy(
    (
        Rule("Environment", aliases=("Env",), values=("prod*", "dev"), patterns=("[a-z]{2,5}",)),
        Rule(
            "Owner",
            kinds=("ec2:*", "s3:bucket"),
            required=False,
            case=ValueCase.NORMALISE,
            inherit=True,
            since=date(2026, 1, 1),
            exemptions=(Exemption(date(2027, 1, 1), "moving", ("111111111111",), ("ec2:*",)),),
            enforced=("ec2:instance",),
            children=(("tag_key", ("@@none",)),),
        ),
    ),
    untaggable=("acme:thing",),
    children=("@@append",),
)


def test_a_policy_survives_its_document():
    assert policy_of(json.loads(json.dumps(policy_document(FULL)))) == FULL
    assert policy_of(policy_document(STARTER)) == STARTER


def test_the_starter_names_the_four_keys():
    assert STARTER.keys == ("Environment", "Owner", "CostCenter", "Application")


def test_what_a_document_leaves_out_is_as_usual():
    assert policy_of({"rules": [{"key": "Owner"}]}) == Policy((Rule("Owner"),))
    assert policy_of({}) == Policy()


OK = {"key": "Owner"}


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ([OK, OK], "rules[1].key"),
        ([OK, {"key": "A"}, {"key": "B"}, {"key": "C", "values": ["x", "a*b*c"]}], "rules[3].values[1]"),
        ([{"key": "Owner", "values": ["x", "x"]}], "rules[0].values[1]"),
        ([{}], "rules[0].key"),
        ([{"key": "  "}], "rules[0].key"),
        ([{"key": "x" * 129}], "rules[0].key"),
        ([{"key": "\ud800"}], "rules[0].key"),
        ([{"key": 5}], "rules[0].key"),
        ([{"key": "A", "aliases": ["B"]}, {"key": "B"}], "rules[0].aliases[0]"),
        ([{"key": "A", "kinds": []}], "rules[0].kinds"),
        ([{"key": "A", "kinds": ["*:instance"]}], "rules[0].kinds[0]"),
        ([{"key": "A", "required": "yes"}], "rules[0].required"),
        ([{"key": "A", "patterns": ["("]}], "rules[0].patterns[0]"),
        ([{"key": "A", "patterns": ["(a+)+b"]}], "rules[0].patterns[0]"),
        ([{"key": "A", "patterns": ["(a|a)*b"]}], "rules[0].patterns[0]"),
        ([{"key": "A", "patterns": ["((a?)b?)+"]}], "rules[0].patterns[0]"),
        ([{"key": "A", "patterns": [r"(a)\1"]}], "rules[0].patterns[0]"),
        ([{"key": "A", "patterns": [".*.*.*.*x"]}], "rules[0].patterns[0]"),
        ([{"key": "A", "case": "any"}], "rules[0].case"),
        ([{"key": "A", "since": "yesterday"}], "rules[0].since"),
        ([{"key": "A", "since": 20260101}], "rules[0].since"),
        ([{"key": "A", "exemptions": [{"until": "2027-01-01"}]}], "rules[0].exemptions[0].reason"),
        ([{"key": "A", "exemptions": [{"reason": "x"}]}], "rules[0].exemptions[0].until"),
        (
            [{"key": "A", "exemptions": [{"until": "2027-01-01", "reason": "x", "accounts": ["1"]}]}],
            "rules[0].exemptions[0].accounts[0]",
        ),
        ([{"key": "A", "value": []}], "rules[0].value"),
        ([{"key": "A", "children": {"tag_key": ["@@sometimes"]}}], "rules[0].children.tag_key[0]"),
        (["Owner"], "rules[0]"),
        ("Owner", "rules"),
        ([{"key": f"k{number}"} for number in range(101)], "rules"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_field(rules, field):
    with pytest.raises(InputError) as caught:
        policy_of({"rules": rules})
    assert caught.value.field == field


_NAMES = st.sampled_from(("rules", "key", "values", "kinds", "since", "exemptions", "x"))
_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner),
)


@given(_DOCUMENTS)
def test_no_document_is_an_internal_error(document):
    try:
        found = policy_of(document)
    except InputError:
        return
    assert policy_of(policy_document(found)) == found


_ATOMS = st.sampled_from(["a", "[a-z0-9]", "a*", "b+", "(a|b)", "(ab)?", ".*", "{2,3}", "|", r"\d", "(?:x)"])


@given(st.lists(_ATOMS, max_size=8).map("".join))
def test_an_accepted_expression_never_takes_long(text):
    try:
        (rule,) = policy_of({"rules": [{"key": "A", "patterns": [text]}]}).rules
    except InputError:
        return
    started = time.process_time()
    re.fullmatch(rule.patterns[0], "ab" * 127 + "!!")
    assert time.process_time() - started < 2


def test_versions_are_kept_and_a_save_over_one_that_moved_is_refused(tmp_path):
    with opened(tmp_path, []) as finops:
        tagging = finops.tagging
        assert tagging.policy(TENANT).version == 0
        assert tagging.policy(TENANT).policy == tagging.starter() == STARTER
        first = tagging.save(TENANT, FULL, over=0, by="ann", note="begin")
        assert (first.version, first.saved_by, first.note, first.policy) == (1, "ann", "begin", FULL)
        with pytest.raises(InputError) as caught:
            tagging.save(TENANT, STARTER, over=0, by="bob")
        assert caught.value.field == "version"
        tagging.save(TENANT, STARTER, over=1, by="bob")
        assert [each.version for each in tagging.versions(TENANT)] == [2, 1]
        assert tagging.policy(TENANT, 1).policy == FULL
        assert tagging.policy(TENANT).policy == STARTER
        with pytest.raises(InputError):
            tagging.policy(TENANT, 3)
        assert {event.action for event in finops.store.audit.list(TENANT)[0]} == {"tag_policy.save"}


def test_a_faulty_policy_is_not_kept(tmp_path):
    with opened(tmp_path, []) as finops:
        with pytest.raises(InputError) as caught:
            finops.tagging.save(TENANT, replace(STARTER, rules=(Rule("A"), Rule("A"))), over=0, by="ann")
        assert caught.value.field == "rules[1].key"
        assert finops.tagging.versions(TENANT) == ()

"""A scope is read as the API reads its parameters: the same questions, the same errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.api.asset_parameters import asset_filter
from finops.api.finding_parameters import finding_filter as api_finding_filter
from finops.api.parameters import cost_question
from finops.model.errors import InputError
from finops.reports.parts.savings import finding_filter
from finops.reports.scope import Scope

DAYS = [("start", "2026-10-01"), ("end", "2026-11-01")]
VALUES = st.sampled_from(
    (
        *("", " ", "a", "a,b", "a, b", ",", "USD", "usd", "unblended", "UnblendedCost", "focus", "Focus 1", "active"),
        *("gone,", "active,missing", "idle", "idle,oversized", "high", "Owner", "Owner=", "Owner=web", "=x"),
        *("x" * 1025, "w " * 21),
    )
)
COSTS = st.sampled_from(
    ["account", "service", "region", "metric", "currency", "source", "tag:Team", "exclude:service", "exclude:tag:Team"]
)
ASSETS = st.sampled_from(["account", "region", "service", "kind", "lifecycle", "tag", "search"])
FINDINGS = st.sampled_from(["account", "region", "check", "category", "severity", "kind", "search"])


def scopes(names):
    return st.dictionaries(names, st.lists(VALUES, min_size=1, max_size=3).map(tuple), max_size=4)


def outcome(ask):
    """What is asked for, or the parameter at fault."""
    try:
        return ask()
    except InputError as error:
        return error.field


def pairs(scope):
    return [(name, value) for name, values in scope.items() for value in values]


@given(scopes(COSTS))
def test_costs(scope):
    def ours():
        asked = Scope(scope)
        return asked.metric(), asked.cost_filters(), asked.currency(), asked.source()

    def theirs():
        question = cost_question([*DAYS, *pairs(scope)], "demo")
        return question.metric, question.filters, question.currency, question.source

    assert outcome(ours) == outcome(theirs)


@given(scopes(ASSETS))
def test_assets(scope):
    ours, theirs = outcome(Scope(scope).assets), outcome(lambda: asset_filter(pairs(scope)))
    assert isinstance(ours, str) == isinstance(theirs, str)
    assert isinstance(ours, str) or ours == theirs


@given(scopes(FINDINGS))
def test_findings(scope):
    ours = outcome(lambda: finding_filter(Scope(scope)))
    theirs = outcome(lambda: api_finding_filter(pairs(scope), ()))
    words = sum(len(value.split()) for value in scope.get("search", ()))
    assert words > 10 or isinstance(ours, str) == isinstance(theirs, str)
    assert isinstance(ours, str) or isinstance(theirs, str) or repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", ["metric", "currency", "source"])
def test_what_is_given_once_is_refused_twice(name):
    with pytest.raises(InputError, match="once") as told:
        Scope({name: ("a", "b")}).one(name)
    assert told.value.field == name

"""Or-ed groups of filters: parts that share nothing and leave nothing out, so that each cost counts once."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.budgets.scopes import MOST_PARTS, disjoint, within
from finops.model.costs import Filter
from finops.model.errors import InputError

VALUES = {"account": ("1", "2", "3"), "service": ("a", "b", ""), "tag:Team": ("x", "")}
EVERYTHING = [dict(zip(VALUES, chosen, strict=True)) for chosen in product(*VALUES.values())]


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    name = draw(st.sampled_from(sorted(VALUES)))
    values = draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, unique=True))
    return Filter(name, tuple(values), exclude=draw(st.booleans()))


GROUPS = st.lists(st.lists(filters(), min_size=1, max_size=3).map(tuple), min_size=1, max_size=4)


@settings(max_examples=300)
@given(GROUPS)
def test_every_cost_of_any_group_is_in_exactly_one_part(groups: list[tuple[Filter, ...]]) -> None:
    parts = disjoint(groups)
    for cost in EVERYTHING:
        hits = sum(within((part,), cost) for part in parts)
        assert hits == within(groups, cost), (cost, parts)


def test_alternatives_of_one_dimension_are_one_question() -> None:
    found = disjoint([(Filter("account", ("2",)),), (Filter("account", ("1", "2")),), (Filter("account", ("3",)),)])
    assert found == ((Filter("account", ("1", "2", "3")),),)


def test_an_overlap_is_cut_out_of_the_later_group() -> None:
    account, service = Filter("account", ("1",)), Filter("service", ("a",))
    assert disjoint([(account,), (service,)]) == (
        (account,),
        (service, Filter("account", ("1",), exclude=True)),
    )


def test_without_groups_all_cost_counts() -> None:
    assert disjoint([]) == ((),)
    assert within([], {"account": "9"})


def test_more_overlaps_than_can_be_asked_are_refused() -> None:
    names = [f"tag:{number}" for number in range(7)]
    groups = [tuple(Filter(name, (str(row),), exclude=row % 2 == 1) for name in names) for row in range(12)]
    with pytest.raises(InputError, match=f"more than {MOST_PARTS} parts") as caught:
        disjoint(groups)
    assert caught.value.field == "scope"

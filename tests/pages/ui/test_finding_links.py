"""A Savings link reproduces its view, whatever is in it; what it cannot mean is left out with a sentence."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.findings import Category, FindingStatus, Severity, Verdict
from finops.store.finding_sql import SORTS, FindingFilter
from pages.ui import finding_links
from pages.ui.finding_view import ALL_STATUSES, FindingView, conditions

VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20)
LISTS = st.lists(VALUES, unique=True, max_size=3).map(tuple)


def members(kind: type) -> st.SearchStrategy[tuple]:  # type: ignore[type-arg]
    return st.sets(st.sampled_from(kind)).map(lambda chosen: tuple(one for one in kind if one in chosen))


FILTERS = st.builds(
    FindingFilter,
    verdicts=members(Verdict).filter(bool),
    checks=LISTS,
    accounts=LISTS,
    regions=LISTS,
    categories=members(Category),
    severities=members(Severity),
    min_saving=st.none() | st.decimals("0.01", 10**6, places=2),
    search=st.lists(VALUES, max_size=3).map(" ".join),
)
VIEWS = st.builds(
    FindingView,
    only=FILTERS,
    statuses=members(FindingStatus).filter(bool),
    owner=VALUES | st.just(""),
    sort=st.sampled_from(SORTS),
    descending=st.none() | st.booleans(),
    page=st.integers(1, 1000),
    opened=st.text("0123456789abcdef", min_size=32, max_size=32) | st.just(""),
)


@given(VIEWS)
def test_a_link_reproduces_its_view(view: FindingView) -> None:
    assert finding_links.read(finding_links.write(view)) == (view, ())


@given(VIEWS)
def test_a_file_is_of_the_same_filter_in_the_same_order(view: FindingView) -> None:
    asked = parse_qs(urlsplit(finding_links.file_address(view, "demo", "csv")).query, keep_blank_values=True)
    assert asked.pop("format") == ["csv"]
    assert asked.pop("tenant") == ["demo"]
    assert asked.pop("order") == ["desc" if view.down else "asc"]
    assert asked["status"] == [str(status) for status in view.statuses], "said always: the API's default may differ"
    plain = replace(view, descending=None, page=1, opened="")
    assert finding_links.read(asked)[0] == plain


@pytest.mark.parametrize("value", ["", "x", "1;drop", "-1", "9" * 30])
@pytest.mark.parametrize("name", ["sort", "order", "page", "finding", "min_saving", "status", "verdict", "severity"])
def test_what_a_link_cannot_mean_is_left_out(name: str, value: str) -> None:
    view, _ = finding_links.read({name: [value]})
    assert view.only.verdicts == (Verdict.FLAGGED,)
    assert view.page >= 1
    assert view.sort in SORTS


def test_dropping_every_filter_one_by_one_leads_to_the_usual_list() -> None:
    only = FindingFilter(
        (Verdict.OK,), ("aws.x.y",), (Category.IDLE,), (Severity.HIGH,), ("1",), ("r",), search="a", min_saving=None
    )
    view = FindingView(only, statuses=(FindingStatus.RESOLVED,), owner="ann")
    seen = []
    while found := list(conditions(view, {}, {})):
        seen.append(found[0].name)
        view = found[0].without
    assert seen == ["Search", "Check", "Account", "Category", "Severity", "Region", "Verdict", "Status", "Owner"]
    assert view == FindingView()
    assert not list(conditions(FindingView(statuses=ALL_STATUSES), {}, {})), "all of them is no filter"

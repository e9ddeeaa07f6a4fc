"""A Tag compliance link reproduces its view, whatever is in it; what it cannot mean is left out with a sentence."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.assets import AssetFilter
from finops.model.tagging import VIOLATIONS, TagVerdict
from pages.ui import tag_links
from pages.ui.tag_view import By, TagView, conditions, owned

VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20)
LISTS = st.lists(VALUES, unique=True, max_size=3).map(tuple)
KEYS = ("Environment", "Owner", "a=b&c", "![x](https://host.invalid)")
VERDICTS = st.sets(st.sampled_from(TagVerdict), min_size=1).map(
    lambda chosen: tuple(one for one in TagVerdict if one in chosen)
)
FILTERS = st.builds(
    AssetFilter,
    search=st.lists(VALUES, max_size=3).map(" ".join),
    accounts=LISTS,
    services=LISTS,
    regions=LISTS,
    kinds=LISTS,
)
VIEWS = st.builds(
    TagView,
    only=st.builds(owned, FILTERS, st.lists(VALUES | st.just(""), unique=True, max_size=3).map(tuple)),
    keys=st.sets(st.sampled_from(KEYS)).map(lambda chosen: tuple(key for key in KEYS if key in chosen)),
    verdicts=VERDICTS,
    page=st.integers(1, 100_000),
    opened=st.from_regex(r"[0-9a-f]{0,32}", fullmatch=True),
    by=st.sampled_from(By),
    autopsy=st.sampled_from(("", *KEYS)),
)


@given(VIEWS)
def test_a_link_reproduces_its_view(view: TagView) -> None:
    assert tag_links.read(tag_links.write(view), KEYS) == (view, ())


def test_the_usual_view_has_a_bare_link() -> None:
    assert tag_links.write(TagView()) == {}


@given(st.dictionaries(st.sampled_from(sorted(tag_links.KNOWN)) | VALUES, st.lists(st.text(max_size=30), max_size=3)))
def test_nothing_in_a_link_breaks_the_page(params: dict[str, list[str]]) -> None:
    view, _ = tag_links.read(params, KEYS)
    assert tag_links.read(tag_links.write(view), KEYS) == (view, ())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("key", "Nobody", "names a key that no rule of the policy is about"),
        ("autopsy", "Nobody", "names a key that no rule of the policy is about"),
        ("verdict", "fine", "must be among ok, missing"),
        ("by", "colour", "must be one of account"),
        ("page", "0", "must be a whole number"),
        ("asset", "../x", "is no asset id"),
        ("colour", "red", "is not known here"),
    ],
)
def test_what_cannot_be_had_is_left_out_with_a_sentence(name: str, value: str, told: str) -> None:
    view, said = tag_links.read({name: [value]}, KEYS)
    assert view == TagView()
    assert told in said[0]


@given(VIEWS)
def test_a_file_is_asked_for_by_the_same_filters(view: TagView) -> None:
    address = urlsplit(tag_links.file_address(view, "acme", "csv"))
    params = parse_qs(address.query, keep_blank_values=True)
    assert address.path == "/api/tag-compliance"
    assert params["tenant"] == ["acme"]
    assert params.get("key", []) == list(view.keys)
    assert params.get("tag", []) == [f"Owner={owner}" for owner in view.owners]
    assert params.get("verdict", list(VIOLATIONS)) == list(view.verdicts)
    assert not {"page", "asset", "by", "autopsy", "owner"} & set(params)


@given(VIEWS)
def test_dropping_every_filter_one_by_one_ends_at_the_usual_list(view: TagView) -> None:
    for _ in range(10):
        found = next(conditions(view, {}), None)
        if found is None:
            break
        view = found.without
    usual = TagView()
    assert (view.only, view.keys, view.verdicts) == (usual.only, usual.keys, usual.verdicts)
    assert not list(conditions(replace(view, page=1), {}))

"""An Inventory link reproduces its view; its file link asks the API for exactly the same list."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import asset_columns
from finops.api.asset_parameters import asset_request
from finops.model.assets import SORTS, AssetFilter, ChangeKind, Lifecycle, TagTerm
from pages.ui import asset_links, asset_table
from pages.ui.asset_view import ALL_LIFECYCLES, AssetView, Breakdown, Since
from pages.ui.text import plain_line

VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters=","), min_size=1)
LISTS = st.lists(VALUES.map(lambda text: text[:30]), unique=True, max_size=3).map(tuple)
KEYS = VALUES.map(lambda text: text[:30].replace("=", "-"))
DAYS = st.none() | st.integers(0, 36_500)
COSTS = st.none() | st.decimals(-1000, 10**6, places=2)


@st.composite
def terms(draw: st.DrawFn) -> tuple[TagTerm, ...]:
    found = []
    for exclude in (False, True):
        for key in draw(st.lists(KEYS, unique=True, max_size=2)):
            values = draw(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=9), unique=True))
            found.append(TagTerm(key, tuple(values[:3]), exclude=exclude))
    return tuple(found)


@st.composite
def filters(draw: st.DrawFn) -> AssetFilter:
    lives = draw(st.sets(st.sampled_from(Lifecycle), min_size=1))
    older = draw(DAYS)
    cheapest = draw(COSTS)
    return AssetFilter(
        search=" ".join(draw(st.lists(VALUES, max_size=3))),
        accounts=draw(LISTS),
        regions=draw(LISTS),
        services=draw(LISTS),
        kinds=draw(LISTS),
        states=draw(LISTS),
        lifecycles=tuple(life for life in ALL_LIFECYCLES if life in lives),
        tags=draw(terms()),
        older_than_days=older,
        newer_than_days=None if older is None or older > 30_000 else older + draw(st.integers(1, 99)),
        min_cost=cheapest,
        max_cost=None if cheapest is None else cheapest + draw(st.integers(0, 99)),
    )


@st.composite
def views(draw: st.DrawFn) -> AssetView:
    return AssetView(
        only=draw(filters()),
        sort=draw(st.sampled_from(["", *SORTS])),
        descending=draw(st.none() | st.booleans()),
        page=draw(st.integers(1, 99_999)),
        opened=draw(st.sampled_from(["", "0" * 32, "c1341f01c0d141996a304e283f18d3e0"])),
        by=draw(st.sampled_from(Breakdown)),
        since=draw(st.sampled_from(Since)),
        change=draw(st.none() | st.sampled_from(ChangeKind)),
    )


@given(views())
def test_a_link_reproduces_the_view(view: AssetView) -> None:
    assert asset_links.read(asset_links.write(view)) == (view, ())


def test_a_link_says_only_what_is_not_usual() -> None:
    assert asset_links.write(AssetView()) == {}


@given(views(), st.booleans())
def test_the_file_asks_the_api_for_exactly_the_list(view: AssetView, priced: bool) -> None:
    columns = asset_table.file_columns(asset_table.DEFAULT)
    address = asset_links.file_address(view, "demo", priced=priced, columns=columns, extension="xlsx")
    asked = asset_request(
        tuple(parse_qsl(urlsplit(address).query, keep_blank_values=True)), "demo", columns=asset_columns()
    )
    assert urlsplit(address).path == "/api/assets"
    assert asked.question.filter == view.only
    assert (asked.question.sort, asked.question.descending) == view.order(priced=priced)
    assert asked.columns == columns
    assert asked.format == "xlsx"


PARAMS = st.dictionaries(
    st.sampled_from(sorted(asset_links.KNOWN)) | st.text(max_size=12),
    st.lists(st.text(max_size=30) | st.just("9" * 400) | st.sampled_from(["nan", "-1", "1e9", "=", "=x"]), max_size=3),
    max_size=6,
)


@given(PARAMS)
def test_whatever_a_link_says_there_is_a_view_and_what_is_left_out_is_said(params: dict[str, list[str]]) -> None:
    view, said = asset_links.read(params)
    again, unsaid = asset_links.read(asset_links.write(view))
    assert again == view
    assert not unsaid
    unknown = [name for name in params if name not in asset_links.KNOWN]
    assert len([sentence for sentence in said if "is not known here" in sentence]) == len(unknown)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("sort", "price"), ("order", "down"), ("page", "0"), ("page", "x"), ("asset", "../x"), ("asset", "é")),
        *(("lifecycle", "dead"), ("older_than_days", "-1"), ("newer_than_days", "1.5"), ("min_cost", "NaN")),
        *(("max_cost", "Infinity"), ("min_cost", "1e12"), ("tag", "=x"), ("by", "color"), ("since", "never")),
        *(("change", "exploded"), ("search", "word " * 21), ("search", "x" * 2049), ("account", "9" * 257)),
        *(("older_than_days", "٣"), ("page", "9" * 5000)),
    ],
)
def test_what_cannot_be_understood_is_left_out_and_said(name: str, value: str) -> None:
    view, said = asset_links.read({name: [value]})
    assert view == AssetView()
    assert len(said) == 1
    assert said[0].startswith(f"The link's {plain_line(name)} ")


def test_a_value_that_no_asset_has_is_kept_since_nothing_matches_it() -> None:
    view, said = asset_links.read({"region": ["mars-north-1"], "state": [""]})
    assert view.only.regions == ("mars-north-1",)
    assert view.only.states == ("",)
    assert not said


def test_amounts_are_whole_cents_as_the_widgets_show_them() -> None:
    view, _ = asset_links.read({"min_cost": ["12.3456"]})
    assert view.only.min_cost == Decimal("12.35")

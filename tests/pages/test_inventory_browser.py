"""Inventory in a real Chromium: what only a browser shows. The `page` fixture fails on errors and foreign requests."""

from __future__ import annotations

import csv
import io
import re
import shutil
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from finops.facade import open_finops
from finops.model.assets import AssetFilter, AssetQuestion, Listed, Place, Seen, TagTerm
from tests import stocked
from tests.pages.conftest import discovered
from tests.pages.serving import ROOT, served
from tests.pages.test_browser import METRIC, settle, shown
from tests.pages.test_inventory import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from finops.facade import Finops

pytestmark = pytest.mark.browser

ROW_OF_FILTERS = ("Accounts", "Services", "Kinds", "More", "Columns", "Export")
HEAD, ROW = 36, 36
"""Heights of the table's lines, as the page draws them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's estate, and in it four assets with hostile names, tags and details."""
    place = tmp_path_factory.mktemp("estate") / "data"
    shutil.copytree(discovered(), place)
    with closing(open_finops(stocked.settings(place))) as finops:
        account = finops.inventory.accounts("demo")[0].id
        seen = tuple(
            Seen(
                "acme:thing", "acme", account, "us-east-1", f"{number}{bad}", bad, "", bad, None, {bad: bad}, {"x": bad}
            )
            for number, bad in enumerate(HOSTILE)
        )
        listed = [Listed(Place(account, "us-east-1", "acme:thing"), seen)]
        finops.store.assets.store("demo", listed, at=finops.now(), gone_after=timedelta(days=7))
    return place


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder), "FINOPS_DISCOVERY_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


@pytest.fixture(scope="module")
def finops(folder: Path) -> Iterator[Finops]:
    """The same estate, asked beside the server."""
    with closing(open_finops(stocked.settings(folder))) as opened:
        yield opened


def at(page: Page, address: str, **params: str | list[str]) -> Page:
    """Inventory with a link's parameters, reached without the two look-ups that a deep link makes in vain."""
    shown(page, address, "inventory")
    if params:
        pairs = [
            (name, value)
            for name, values in params.items()
            for value in ([values] if isinstance(values, str) else values)
        ]
        page.evaluate(
            "pairs => { history.pushState({}, '', '/inventory?' + new URLSearchParams(pairs));"
            " dispatchEvent(new PopStateEvent('popstate')) }",
            pairs,
        )
        settle(page)
    return page


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def grid(page: Page) -> Locator:
    return page.locator("[data-testid=stDataFrame]").first


def click_row(page: Page, number: int) -> None:
    box = grid(page).bounding_box()
    assert box is not None
    before = page.url
    page.mouse.click(box["x"] + 16, box["y"] + HEAD + ROW * number + ROW / 2)
    page.wait_for_url(lambda url: url != before)
    settle(page)


def click_head(page: Page, from_left: int) -> None:
    box = grid(page).bounding_box()
    assert box is not None
    before = page.url
    page.mouse.click(box["x"] + from_left, box["y"] + HEAD / 2)
    page.wait_for_url(lambda url: url != before)
    settle(page)


def tops(page: Page, *names: str) -> set[int]:
    """Where the tops of buttons are."""
    buttons = [page.get_by_role("button", name=re.compile(rf"\b{name}")).first for name in names]
    boxes = [button.bounding_box() for button in buttons]
    assert all(boxes)
    return {round(box["y"]) for box in boxes if box}


def headings(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("h3").all_inner_texts()]


def listed(finops: Finops, only: AssetFilter | None = None, **order: Any) -> list[Any]:
    page = finops.inventory.page(AssetQuestion("demo", only or AssetFilter(), limit=5000, **order))
    return list(page.items)


def test_title_filters_figures_and_the_first_rows_fit_the_first_screen(page: Page, address: str) -> None:
    at(page, address)
    box = grid(page).bounding_box()
    assert box is not None
    assert box["y"] + HEAD + 10 * ROW < 900
    metrics = [box for one in page.locator(METRIC).all() if (box := one.bounding_box())]
    assert len({round(box["y"]) for box in metrics}) == 1, "four across"
    assert len(tops(page, *ROW_OF_FILTERS)) == 1, "filters in one row"


def test_filters_stand_in_one_row_however_many_are_set(page: Page, address: str) -> None:
    many = {"account": ["105810581058", "109510951095"], "service": ["ec2", "rds"], "kind": ["ec2:instance", "rds:db"]}
    at(page, address, **many, region="us-east-1", tag=["Owner", "Environment="], search="a")
    assert len(tops(page, *ROW_OF_FILTERS)) == 1, "filters in one row"
    assert page.get_by_role("button", name="Accounts: 2 of 8").is_visible()
    assert page.get_by_role("button", name="More: 3").is_visible()


def test_selecting_a_row_opens_it_and_the_way_back_does_too(page: Page, address: str, finops: Finops) -> None:
    at(page, address, tag="Owner", sort="name")
    click_row(page, 2)
    wanted = listed(finops, AssetFilter(tags=(TagTerm("Owner"),)), sort="name")[2]
    assert query(page) == {"tag": ["Owner"], "sort": ["name"], "asset": [wanted.asset_id]}
    assert headings(page)[1] == wanted.name
    page.get_by_role("button", name="Close").click()
    settle(page)
    assert query(page) == {"tag": ["Owner"], "sort": ["name"]}
    assert headings(page)[1] == "By"
    page.go_back()
    settle(page)
    assert headings(page)[1] == wanted.name


def test_a_reload_and_another_browser_show_the_same(browser: Browser, address: str, finops: Finops) -> None:
    only = AssetFilter("prod", regions=("us-east-1",), tags=(TagTerm("Owner", ("",)),))
    asset = listed(finops, only, sort="name")[1]
    link = f"/inventory?search=prod&region=us-east-1&tag=Owner%3D&sort=name&asset={asset.asset_id}"
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{address}{link}")
        for _ in range(2):
            page.wait_for_selector(METRIC)
            settle(page)
            assert page.url == f"{address}{link}"
            # A field is empty when it is first drawn and takes its value in the next stroke; a slow machine shows both.
            expect(page.get_by_placeholder("Name, id, ARN or tag")).to_have_value("prod")
            expect(page.get_by_role("button", name="More: 2")).to_be_visible()
            expect(page.locator("h3").nth(1)).to_have_text(asset.name)
            expect(page.get_by_text(f"of {len(listed(finops, only)):,}").first).to_be_visible()
            assert page.url == f"{address}{link}"
            page.reload()


def test_a_click_on_a_head_sorts_the_whole_list_and_again_turns_it_round(
    page: Page, address: str, finops: Finops
) -> None:
    at(page, address)
    click_head(page, 100)
    assert query(page) == {"sort": ["name"]}
    click_head(page, 100)
    assert query(page) == {"sort": ["name"], "order": ["desc"]}
    click_row(page, 0)
    last = listed(finops, sort="name", descending=True)[0]
    assert query(page)["asset"] == [last.asset_id]


def test_the_pages_turn(page: Page, address: str, finops: Finops) -> None:
    at(page, address, sort="name")
    page.get_by_role("button", name="Page 2", exact=True).click()
    page.wait_for_url("**page=2**")
    settle(page)
    assert query(page) == {"sort": ["name"], "page": ["2"]}
    click_row(page, 0)
    assert query(page)["asset"] == [listed(finops, sort="name")[50].asset_id]
    page.get_by_role("button", name="Next page").click()
    page.wait_for_url("**page=3**")
    assert query(page)["page"] == ["3"]


def test_the_csv_file_holds_exactly_the_list_in_its_order(page: Page, address: str, finops: Finops) -> None:
    at(page, address, region="us-east-1", tag=["Environment=production", "Environment="], older_than_days="100")
    page.get_by_role("button", name="Export").click()
    href = page.get_by_role("link", name="CSV").first.get_attribute("href")
    assert href is not None
    answer = page.request.get(f"{address}{href}")
    rows = list(csv.DictReader(io.StringIO(answer.text())))
    only = AssetFilter(regions=("us-east-1",), tags=(TagTerm("Environment", ("production", "")),), older_than_days=100)
    wanted = listed(finops, only, sort="cost", descending=True)
    assert len(wanted) > 100
    assert [row["asset_id"] for row in rows if row["kind"] != "failure"] == [asset.asset_id for asset in wanted]
    assert list(rows[0])[:4] == ["asset_id", "name", "cost", "currency"]
    assert re.search(r'filename="assets_demo_2026-11-20(_partial)?\.csv"', answer.headers["content-disposition"])


def test_hostile_names_stay_text(page: Page, address: str, finops: Finops, artifacts: Path) -> None:
    at(page, address, kind="acme:thing", tag=HOSTILE[0])
    for asset in listed(finops, AssetFilter(kinds=("acme:thing",))):
        at(page, address, kind="acme:thing", asset=asset.asset_id)
        main = page.locator("[data-testid=stMain]")
        assert main.locator("img, .katex, a[href*='host.invalid']").count() == 0
        for tab in ("Details", "History 1", "Tags 1"):
            page.get_by_role("tab", name=tab).click()
        for popover in ("Kinds", "More", "Columns"):
            page.get_by_role("button", name=popover).first.click()
            page.wait_for_timeout(150)
            assert page.locator("img[src*='host.invalid'], .katex, a[href*='host.invalid']").count() == 0
            page.keyboard.press("Escape")
    page.screenshot(path=artifacts / "inventory_hostile.png")


def test_everything_is_reached_by_keyboard(page: Page, address: str) -> None:
    at(page, address)
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => { const e = document.activeElement;"
                " return (e.getAttribute('aria-label') || e.innerText || e.placeholder || e.tagName).trim() }"
            )
        )
    text = " | ".join(reached)
    wanted = (
        "partly read",
        "Search",
        "Accounts",
        "Services",
        "Kinds",
        "More",
        "Columns",
        "Export",
        "Sort by",
        "Show as table",
    )
    for name in wanted:
        assert name in text, f"{name} is not reached by Tab: {text}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_an_asset_in_both_themes_and_widths(
    page: Page, address: str, finops: Finops, artifacts: Path, scheme: Any, width: int
) -> None:
    volume = next(
        asset
        for asset in listed(finops, AssetFilter(kinds=("ec2:volume",), states=("in-use",)))
        if finops.inventory.detail("demo", asset.asset_id).neighbours
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    at(page, address, asset=volume.asset_id)
    page.get_by_role("tab", name=re.compile("Related")).click()
    page.get_by_role("button", name=re.compile("^Attached to ")).wait_for()
    wide = page.evaluate(
        "() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(element => element.scrollWidth))"
    )
    assert wide <= width, "no sideways scroll"
    height = page.evaluate("() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 40, 5000)})
    settle(page)
    page.screenshot(path=artifacts / f"inventory_asset_{scheme}_{width}.png")


def test_a_discovery_shows_its_progress_and_then_what_it_found(page: Page, address: str) -> None:
    at(page, address)
    page.get_by_label("View as").click()
    page.get_by_role("option", name="Manager").click()
    settle(page)
    page.get_by_role("button", name="Discover").first.click()
    page.get_by_role("button", name="Discover all accounts").click()
    page.get_by_text(re.compile("Discovering|about to begin")).first.wait_for()
    page.get_by_text("Discovery ended in part").wait_for(timeout=60_000)
    settle(page)
    assert page.get_by_text("Checked 20 Nov, 09:00 UTC").is_visible()
    assert page.get_by_role("button", name="Discover").first.is_enabled()

"""Tag compliance in a real Chromium: what only a browser shows. The `page` fixture fails on foreign requests."""

from __future__ import annotations

import csv
import io
import re
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from finops.facade import open_finops
from finops.model.assets import AssetFilter
from finops.tagging import ViolationQuestion
from tests import stocked
from tests.pages.conftest import discovered
from tests.pages.serving import ROOT, served
from tests.pages.test_browser import METRIC, settle, shown
from tests.pages.test_inventory_browser import HEAD, ROW, click_row, grid, query, tops

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from finops.facade import Finops

pytestmark = pytest.mark.browser

PROD = "105810581058"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tags") / "data"
    shutil.copytree(discovered(), place)
    return place


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder)}
    environ |= {"FINOPS_DISCOVERY_HOURS": "0", "FINOPS_FINDINGS_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


@pytest.fixture(scope="module")
def finops(folder: Path) -> Iterator[Finops]:
    """The same assets, asked beside the server."""
    with closing(open_finops(stocked.settings(folder))) as opened:
        yield opened


def at(page: Page, address: str, **params: str) -> Page:
    """Tag compliance with a link's parameters, reached without the two look-ups that a deep link makes in vain."""
    shown(page, address, "tag_compliance")
    if params:
        page.evaluate(
            "params => { history.pushState({}, '', '/tag_compliance?' + new URLSearchParams(params));"
            " dispatchEvent(new PopStateEvent('popstate')) }",
            params,
        )
        settle(page)
    return page


def test_title_filters_figures_and_the_first_rows_fit_the_first_screen(page: Page, address: str) -> None:
    at(page, address)
    box = grid(page).bounding_box()
    assert box is not None
    assert box["y"] + HEAD + 6 * ROW < 900
    metrics = [box for one in page.locator(METRIC).all()[:4] if (box := one.bounding_box())]
    assert len({round(box["y"]) for box in metrics}) == 1, "four across"
    assert len(tops(page, "Keys", "Accounts", "More")) == 1, "filters in one row"


def test_selecting_a_row_opens_the_asset(page: Page, address: str, finops: Finops) -> None:
    at(page, address)
    wanted = [one.asset.asset_id for one in finops.tagging.violations("demo").items]
    click_row(page, 1)
    assert query(page) == {"asset": [wanted[1]]}
    page.get_by_text("This tool changes nothing in AWS.").wait_for()
    click_row(page, 4)
    assert query(page) == {"asset": [wanted[4]]}, "another row takes its place"
    page.get_by_role("button", name="Close").click()
    settle(page)
    assert query(page) == {}


def test_files_hold_exactly_the_list_and_the_fixes(page: Page, address: str, finops: Finops) -> None:
    at(page, address, account=PROD, key="Owner")
    page.get_by_role("button", name="Export").first.click()
    href = page.get_by_role("link", name="CSV").get_attribute("href")
    assert href is not None
    rows = list(csv.DictReader(io.StringIO(page.request.get(f"{address}{href}").text())))
    only = AssetFilter(accounts=(PROD,))
    question = ViolationQuestion(only, keys=("Owner",))
    wanted = [(one.asset.asset_id, one.key) for one in finops.tagging.every_violation("demo", question)]
    assert [(row["asset_id"], row["key"]) for row in rows if row["asset_id"]] == wanted
    with page.expect_download() as sent:
        page.get_by_role("button", name="Tag Editor CSV").click()
    text = sent.value.path().read_text("utf-8-sig")
    fixes = finops.tagging.fix_list("demo", only, keys=("Owner",), limit=5_000)
    assert [row["ARN"] for row in csv.DictReader(io.StringIO(text))] == [fix.asset.arn for fix in fixes]


def test_a_rule_is_tried_at_once(page: Page, address: str) -> None:
    at(page, address)
    page.get_by_text("As saved. Change a rule").wait_for()
    page.get_by_text("Any case", exact=True).click()
    page.get_by_text(re.compile(r"\d+ verdicts would change")).wait_for()
    page.get_by_role("button", name="Start again").click()
    page.get_by_text("As saved. Change a rule").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_in_both_themes_and_widths(
    page: Page, address: str, finops: Finops, artifacts: Path, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    at(page, address, asset=finops.tagging.violations("demo").items[0].asset.asset_id)
    page.get_by_text("This tool changes nothing in AWS.").wait_for()
    wide = page.evaluate(
        "() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(element => element.scrollWidth))"
    )
    assert wide <= width, "no sideways scroll"
    cut = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stMetricValue] > div')]"
        ".filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
    )
    assert not cut, "no figure is cut"
    height = page.evaluate("() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 40, 5000)})
    settle(page)
    page.screenshot(path=artifacts / f"tag_compliance_{scheme}_{width}.png")


def test_everything_is_reached_by_keyboard(page: Page, address: str) -> None:
    at(page, address)
    reached: list[str] = []
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => { const e = document.activeElement;"
                " return (e.getAttribute('aria-label') || e.innerText || e.placeholder || e.tagName).trim() }"
            )
        )
    text = " | ".join(reached)
    for name in ("partly read", "Search", "Keys", "Accounts", "More", "Export", "Versions", "Import", "Add", "Remove"):
        assert name in text, f"{name} is not reached by Tab: {text}"

"""Forecast & budgets in a real Chromium: the way of a manager through both halves, widths and themes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests import stocked
from tests.pages.serving import ROOT, served
from tests.pages.test_browser import METRIC, settle
from tests.pages.test_inventory_browser import click_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TITLE = "Forecast & budgets"
WIDE = "() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("forecast") / "data"
    shutil.copytree(stocked.folder(), place)
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(place), "FINOPS_DISCOVERY_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


def at(page: Page, address: str) -> Page:
    """The page, reached by the navigation and finished drawing."""
    page.goto(address)
    page.wait_for_selector(METRIC)
    box = page.get_by_test_id("stSidebarNav").bounding_box()
    folded = box is None or box["x"] < 0
    if folded:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("heading", name=TITLE, exact=True).wait_for()
    page.get_by_text("Forecast error").wait_for(timeout=60_000)
    if folded:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    settle(page)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_both_halves_fit_every_width_and_theme(page: Page, address: str, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    at(page, address)
    assert page.locator(METRIC).count() == 4
    assert page.evaluate(WIDE) <= 0
    page.get_by_role("radio", name="Budgets").or_(page.get_by_role("button", name="Budgets")).first.click()
    kept = page.get_by_role("heading", name="Burn-down")  # by the other test, where that came first
    page.get_by_text("No budgets yet").or_(kept).first.wait_for(timeout=60_000)
    settle(page)
    assert page.evaluate(WIDE) <= 0
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_manager_reads_a_part_and_keeps_a_budget_that_stands_at_once(page: Page, address: str) -> None:
    at(page, address)
    page.get_by_label("View as").click()
    page.get_by_role("option", name="Manager").click()
    page.get_by_text("Signed in as Manager", exact=True).wait_for()
    settle(page)
    click_row(page, 0)
    page.get_by_role("heading", name="EC2", exact=True).wait_for()
    assert "part=Amazon" in page.url
    page.get_by_role("radio", name="Budgets").or_(page.get_by_role("button", name="Budgets")).first.click()
    page.get_by_role("button", name="Add a budget").click()
    page.get_by_role("textbox", name="Name").fill("Everything")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("amount must be a number").wait_for()
    page.get_by_role("textbox", name="Amount a period, USD").fill("90,000")
    page.get_by_role("textbox", name="Amount a period, USD").press("Tab")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Burn-down").wait_for(timeout=60_000)
    settle(page)
    assert page.get_by_role("dialog").count() == 0
    assert page.get_by_text("Over", exact=True).count() >= 1
    assert page.get_by_text("Breaks first in November").is_visible()
    assert "view=budgets" in page.url

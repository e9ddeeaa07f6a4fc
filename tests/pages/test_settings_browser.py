"""Settings and People in a real Chromium: what only a browser shows. The `page` fixture fails on errors."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from config import load_settings
from tests import stocked
from tests.pages.serving import ROOT, served
from tests.pages.test_browser import METRIC, settle
from tests.pages.wasteful import IDLE, checked
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CPU = f"{IDLE}.cpu_average"
SAVED = re.compile(r"Saved:\W*\d change")  # a word joiner stands behind a colon
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(checked(), tmp_path_factory.mktemp("own") / "data")


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder), "FINOPS_DISCOVERY_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


@pytest.fixture
def preferences(folder: Path) -> UserPreferences:
    return UserPreferences.of(load_settings(data_dir=folder))


def at(page: Page, address: str, name: str, persona: str = "Analyst") -> Page:
    """A page by its name in the navigation, as a persona."""
    page.goto(address)
    page.wait_for_selector(METRIC)
    folded = (box := page.get_by_test_id("stSidebarNav").bounding_box()) is None or box["x"] < 0
    if folded:
        page.get_by_test_id("stExpandSidebarButton").click()
    if persona != "Analyst":
        page.get_by_role("combobox", name="View as").click()
        page.get_by_role("option", name=persona, exact=True).click()
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).wait_for()
    if folded:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    settle(page)
    return page


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def fill(page: Page, name: str, value: str) -> None:
    field = page.get_by_role("spinbutton", name=name)
    field.fill(value)
    field.press("Enter")
    settle(page)


def fits(page: Page) -> bool:
    width, shown = page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
    return bool(width <= shown)


def test_a_threshold_stays_open_while_it_is_changed_and_saved(
    page: Page, address: str, preferences: UserPreferences
) -> None:
    at(page, address, "Settings")
    page.get_by_text("Idle EC2 instance").click()
    settle(page)
    fill(page, "Idle EC2 instance cpu average", "3.5")
    expect(page.get_by_role("spinbutton", name="Idle EC2 instance cpu average")).to_have_value("3.5")
    page.get_by_text("1 change not saved").first.wait_for()
    page.get_by_role("button", name="Save").first.click()
    settle(page)
    page.get_by_text(SAVED).wait_for()
    page.get_by_role("spinbutton", name="Idle EC2 instance cpu average").wait_for()
    assert preferences.kept("persona:analyst").thresholds == {CPU: 3.5}


def test_two_windows_of_one_person(page: Page, address: str, preferences: UserPreferences) -> None:
    other = page.context.new_page()
    for window in (page, other):
        at(window, address, "Settings")
    choose(page, "Metric", "Amortized cost")
    choose(other, "Metric", "Blended cost")
    choose(other, "Money", "Whole: $16,712")
    for window in (other, page):
        window.get_by_role("button", name="Save").first.click()
        window.get_by_text(SAVED).wait_for()
    page.get_by_text("Default metric (was Blended cost)").wait_for()
    page.get_by_text("Currency format.").wait_for()
    kept = preferences.kept("persona:analyst")
    assert (kept.metric, kept.currency_format) == ("amortized", "whole")


def test_a_chosen_theme_is_one_link_away(page: Page, address: str) -> None:
    at(page, address, "Settings")
    choose(page, "Theme", "Dark")
    link = page.get_by_role("link", name="Open a dark window")
    with page.context.expect_page() as opened:
        link.click()
    dark = opened.value
    dark.wait_for_selector(METRIC)
    settle(dark)
    colour = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert dark.evaluate(colour) == "rgb(12, 15, 19)"
    dark.get_by_role("link", name="Settings", exact=True).click()
    settle(dark)
    assert dark.evaluate(colour) == "rgb(12, 15, 19)"


def test_an_administrator_sees_what_a_change_would_have_meant(
    page: Page, address: str, preferences: UserPreferences
) -> None:
    at(page, address, "People", "Admin")
    choose(page, "Person", "Manager")
    choose(page, "Check", "Idle: Idle EC2 instance")
    fill(page, "Idle EC2 instance cpu average", "10")
    page.get_by_text("With these, Manager would have had 3 findings instead of 2 today.").wait_for()
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("The audit trail has them.").wait_for()
    assert preferences.kept("persona:manager").thresholds == {CPU: 10.0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    for name, persona in (("Settings", "Analyst"), ("People", "Admin")):
        page = at(context.new_page(), address, name, persona)
        assert fits(page), name
    context.close()

"""Reports in a real Chromium: what only a browser shows. The `page` fixture fails on errors and foreign requests."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from finops.delivery import Wish
from finops.facade import open_finops
from finops.model.delivery import Letter
from tests import stocked
from tests.pages.serving import ROOT, served
from tests.pages.test_browser import METRIC, settle
from tests.pages.test_inventory_browser import click_row, grid, query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from finops.facade import Finops

pytestmark = pytest.mark.browser

MADE = 60_000
"""Milliseconds that a report may take on a machine that is busy."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reports") / "data"
    shutil.copytree(stocked.folder(), place)
    return place


@pytest.fixture(scope="module")
def finops(folder: Path) -> Iterator[Finops]:
    """The same schedules and mails, asked beside the server."""
    with closing(open_finops(stocked.settings(folder))) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(folder: Path, finops: Finops, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder), "FINOPS_DISCOVERY_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


def shown(page: Page, address: str, tab: str = "Make") -> Page:
    """A part of the page, reached as a manager does; on a phone the sidebar is opened and closed again."""
    page.goto(address)
    page.wait_for_selector(METRIC)
    box = page.get_by_test_id("stSidebarNav").bounding_box()
    folded = box is None or box["x"] < 0
    if folded:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("combobox", name="View as").click()
    page.get_by_role("option", name="Manager").click()
    settle(page)
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("heading", name="Reports", exact=True).wait_for()
    if folded:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    settle(page)
    page.get_by_test_id("stButtonGroup").get_by_text(tab, exact=True).first.click()
    settle(page)
    return page


def wide(page: Page) -> int:
    return int(
        page.evaluate(
            "() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(element => element.scrollWidth))"
        )
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_a_report_is_made_previewed_and_downloaded(
    page: Page, address: str, artifacts: Path, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    shown(page, address)
    page.get_by_role("combobox", name="Report", exact=True).click()
    page.get_by_role("option", name="Cost by service").click()
    settle(page)
    page.get_by_role("button", name="Make report").click()
    page.get_by_text(re.compile("made in")).wait_for(timeout=MADE)
    settle(page)
    assert query(page)["report"] == ["cost-by-service"]
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("^Download Excel")).click()
    assert waiting.value.suggested_filename == "cost-by-service_demo_2026-10-01_2026-10-31.xlsx"
    page.get_by_text("Preview of the mail").click()
    mail = page.frame_locator("[data-testid=stIFrame]").frame_locator("iframe")
    mail.get_by_role("heading", level=1).wait_for()
    assert mail.get_by_role("heading", level=1).inner_text().startswith("Spend in October")
    loaded = mail.locator("img").first.evaluate("image => image.complete && image.naturalWidth")
    assert loaded > 0, "its charts are in it"
    settle(page)
    assert wide(page) <= width, "no sideways scroll"
    page.screenshot(path=artifacts / f"reports_{scheme}_{width}.png")


def test_a_schedule_is_made_with_the_persons_own_clocks_and_run_now(page: Page, address: str, finops: Finops) -> None:
    shown(page, address, "Schedules")
    page.get_by_role("button", name="New schedule").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Every week")
    readers = dialog.get_by_role("combobox", name="Mail to")
    readers.fill("ann@example.com")
    readers.press("Enter")
    readers.press("Tab")  # an open list hides the rest of the dialog from assistive technology
    dialog.get_by_text("Next five").wait_for()
    settle(page)
    assert dialog.get_by_role("listitem").filter(has_text=re.compile(r"^Mon .* 07:")).count() == 5
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    settle(page)
    made = finops.delivery.schedules.one("demo", "Every week")
    assert (made.cron, made.recipients) == ("0 7 * * 1", ("ann@example.com",))
    assert query(page)["schedule"] == [made.schedule_id]
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("button", name="Send it").click()
    page.get_by_text(re.compile("Every week:.* 1 sent")).wait_for(timeout=MADE)
    mails, _ = finops.delivery.deliveries("demo", schedule_id=made.schedule_id)
    assert [(mail.recipient, str(mail.status)) for mail in mails] == [("ann@example.com", "sent")]


def test_a_phone_has_no_sideways_scroll_with_a_schedule_and_a_mail_open(
    page: Page, address: str, finops: Finops
) -> None:
    wish = Wish("Daily", "health", "0 6 * * *", "UTC", ("ben@example.com",), "csv", "persona:manager")
    finops.delivery.schedules.add("demo", wish, by="persona:manager")
    finops.delivery.queue("demo", Letter("News", "<p>news</p>", "news"), wish.recipients, kind="alert", key="1")
    page.set_viewport_size({"width": 390, "height": 844})
    for tab, opened in (("Schedules", "schedule"), ("Deliveries", "mail")):
        shown(page, address, tab)
        grid(page).scroll_into_view_if_needed()
        click_row(page, 0)
        settle(page)
        assert query(page)[opened]
        assert wide(page) == 390

"""Anomalies in a real Chromium: what only a browser shows. The `page` fixture fails on errors and foreign requests."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from finops.anomalies import AnomalyQuestion
from finops.facade import open_finops
from tests import stocked
from tests.pages.serving import ROOT, served
from tests.pages.test_anomalies import MINE
from tests.pages.test_browser import METRIC, settle, shown
from tests.pages.test_inventory_browser import HEAD, ROW, click_row, grid, query, tops

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from finops.facade import Finops

pytestmark = pytest.mark.browser

ROW_OF_FILTERS = ("Accounts", "Services", "Kinds", "More", "Export")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("anomalies") / "data"
    shutil.copytree(stocked.folder(), place)
    return place


@pytest.fixture(scope="module")
def finops(folder: Path) -> Iterator[Finops]:
    """The same anomalies, asked beside the server."""
    with closing(open_finops(stocked.settings(folder))) as opened:
        opened.anomalies.ask_aws("demo")
        yield opened


@pytest.fixture(scope="module")
def address(folder: Path, finops: Finops, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder), "FINOPS_DISCOVERY_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


def ids(finops: Finops) -> list[str]:
    since = finops.now().date() - timedelta(days=90)
    return [one.anomaly.anomaly_id for one in finops.anomalies.list("demo", AnomalyQuestion(MINE, since=since)).items]


def test_title_filters_figures_timeline_and_first_rows_fit_the_first_screen(page: Page, address: str) -> None:
    shown(page, address, "anomalies")
    assert page.get_by_role("link", name="Anomalies").is_visible()
    box = grid(page).bounding_box()
    assert box is not None
    assert box["y"] + HEAD + 3 * ROW < 900
    metrics = [box for one in page.locator(METRIC).all()[:4] if (box := one.bounding_box())]
    assert len({round(box["y"]) for box in metrics}) == 1, "four across"
    assert len(tops(page, *ROW_OF_FILTERS)) == 1, "filters in one row"


def test_selecting_a_row_opens_it_and_no_silences_it(page: Page, address: str, finops: Finops) -> None:
    shown(page, address, "anomalies")
    wanted = ids(finops)
    click_row(page, 4)
    assert query(page) == {"anomaly": [wanted[4]]}
    page.get_by_text("Was it one?").wait_for()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_label("Note").fill("a load test")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text(re.compile("^Kept")).wait_for()
    settle(page)
    said = finops.store.anomalies.feedback("demo")[wanted[4]]
    assert (said.note, said.by) == ("a load test", "persona:analyst")
    page.get_by_text("a load test").wait_for()
    assert wanted[4] not in ids(finops), "silenced"
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Close").click()
    settle(page)
    assert query(page) == {}


def test_a_slider_answers_within_a_second_of_the_browser(page: Page, address: str) -> None:
    shown(page, address, "anomalies")
    before = page.get_by_text(re.compile("^With these:.* alerts? in ")).inner_text()
    slider = page.get_by_role("slider").first
    slider.focus()
    started = time.monotonic()
    for _ in range(8):
        slider.press("ArrowRight")
    page.wait_for_function(
        "before => [...document.querySelectorAll('strong')].some("
        "one => one.innerText.startsWith('With these:') && one.innerText !== before)",
        arg=before,
    )
    assert time.monotonic() - started < 5, "eight steps of a shared machine; the answer itself is measured in bench"


def test_a_phone_has_no_sideways_scroll_with_an_anomaly_open(page: Page, address: str, finops: Finops) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shown(page, address, "anomalies")
    grid(page).scroll_into_view_if_needed()
    click_row(page, 0)
    page.get_by_text("Was it one?").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert query(page) == {"anomaly": [ids(finops)[0]]}

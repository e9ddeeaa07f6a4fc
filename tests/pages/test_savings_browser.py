"""Savings in a real Chromium: what only a browser shows. The `page` fixture fails on errors and foreign requests."""

from __future__ import annotations

import csv
import io
import re
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from finops.facade import open_finops
from finops.model.findings import FindingStatus
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from tests import stocked
from tests.pages.serving import ROOT, served
from tests.pages.test_browser import METRIC, settle, shown
from tests.pages.test_inventory_browser import HEAD, ROW, click_head, click_row, grid, query, tops
from tests.pages.wasteful import IDLE, checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from finops.facade import Finops

pytestmark = pytest.mark.browser

ROW_OF_FILTERS = ("Checks", "Accounts", "More", "Export")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("waste") / "data"
    shutil.copytree(checked(), place)
    return place


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(folder)}
    environ |= {"FINOPS_DISCOVERY_HOURS": "0", "FINOPS_FINDINGS_HOURS": "0"}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


@pytest.fixture(scope="module")
def finops(folder: Path) -> Iterator[Finops]:
    """The same findings, asked beside the server."""
    with closing(open_finops(stocked.settings(folder))) as opened:
        yield opened


def at(page: Page, address: str, **params: str) -> Page:
    """Savings with a link's parameters, reached without the two look-ups that a deep link makes in vain."""
    shown(page, address, "savings")
    if params:
        page.evaluate(
            "params => { history.pushState({}, '', '/savings?' + new URLSearchParams(params));"
            " dispatchEvent(new PopStateEvent('popstate')) }",
            params,
        )
        settle(page)
    return page


def ids(finops: Finops) -> list[str]:
    return [one.finding.fingerprint for one in finops.waste.findings("demo").items]


def test_title_filters_figures_and_the_first_rows_fit_the_first_screen(page: Page, address: str) -> None:
    at(page, address)
    box = grid(page).bounding_box()
    assert box is not None
    assert box["y"] + HEAD + 6 * ROW < 900
    metrics = [box for one in page.locator(METRIC).all()[:4] if (box := one.bounding_box())]
    assert len({round(box["y"]) for box in metrics}) == 1, "four across"
    assert len(tops(page, *ROW_OF_FILTERS)) == 1, "filters in one row"


def test_filters_stand_in_one_row_however_many_are_set(page: Page, address: str) -> None:
    at(page, address, check=IDLE, account="105810581058", region="us-east-1", severity="high", search="a")
    assert len(tops(page, *ROW_OF_FILTERS)) == 1, "filters in one row"
    assert page.get_by_role("button", name=re.compile(r"Checks: 1 of \d+")).is_visible()
    assert page.get_by_role("button", name="More: 2").is_visible()


def test_selecting_a_row_opens_it_and_a_head_sorts_the_whole_list(page: Page, address: str, finops: Finops) -> None:
    at(page, address)
    wanted = ids(finops)
    click_row(page, 1)
    assert query(page) == {"finding": [wanted[1]]}
    click_row(page, 2)
    assert query(page) == {"finding": [wanted[2]]}, "another row takes its place"
    page.get_by_role("button", name="Close").click()
    settle(page)
    assert query(page) == {}
    click_head(page, 240)
    assert query(page) == {"order": ["asc"]}


def test_several_findings_are_snoozed_together(page: Page, address: str, finops: Finops) -> None:
    at(page, address)
    wanted = ids(finops)
    page.get_by_text("Select several").click()
    settle(page)
    box = grid(page).bounding_box()
    assert box is not None
    for row in (3, 4):
        page.mouse.click(box["x"] + 16, box["y"] + HEAD + ROW * row + ROW / 2)
        settle(page)
    page.get_by_role("heading", name="2 findings selected").wait_for()
    page.get_by_role("button", name="Snooze").first.click()
    page.get_by_label("Reason").fill("after the audit")
    page.get_by_role("button", name="Snooze").last.click()
    page.get_by_text(re.compile("Snoozed.* 2 findings")).wait_for()
    found = finops.waste.findings("demo", FindingQuestion(statuses=(FindingStatus.SNOOZED,)))
    assert {one.finding.fingerprint for one in found.items} == {wanted[3], wanted[4]}


def test_the_csv_file_holds_exactly_the_list_in_its_order(page: Page, address: str, finops: Finops) -> None:
    at(page, address, account="105810581058", sort="name")
    page.get_by_role("button", name="Export").click()
    href = page.get_by_role("link", name="CSV").get_attribute("href")
    assert href is not None
    rows = list(csv.DictReader(io.StringIO(page.request.get(f"{address}{href}").text())))
    question = FindingQuestion(FindingFilter(accounts=("105810581058",)), order=FindingOrder("name", descending=False))
    wanted = [one.finding.fingerprint for one in finops.waste.findings("demo", question).items]
    assert wanted
    assert [row["fingerprint"] for row in rows if row["fingerprint"]] == wanted


def test_a_slider_judges_again_at_once(page: Page, address: str, finops: Finops) -> None:
    at(page, address, finding=ids(finops)[0])
    page.get_by_text("Move a slider to see what would change.").wait_for()
    slider = page.get_by_test_id("stSlider").filter(has_text="Average CPU").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.get_by_text("Would be added: 1").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_finding_in_both_themes_and_widths(
    page: Page, address: str, finops: Finops, artifacts: Path, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    at(page, address, finding=ids(finops)[0])
    page.get_by_role("tab", name="Evidence").click()
    page.get_by_text("Its own bill, a month").wait_for()
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
    page.screenshot(path=artifacts / f"savings_finding_{scheme}_{width}.png")


def test_everything_is_reached_by_keyboard(page: Page, address: str) -> None:
    at(page, address)
    reached: list[str] = []
    for _ in range(70):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => { const e = document.activeElement;"
                " return (e.getAttribute('aria-label') || e.innerText || e.placeholder || e.tagName).trim() }"
            )
        )
    text = " | ".join(reached)
    for name in ("partly seen", "Search", "Hide findings", "Checks", "More", "Export", "Sort by", "Select several"):
        assert name in text, f"{name} is not reached by Tab: {text}"

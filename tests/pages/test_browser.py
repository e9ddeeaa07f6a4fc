"""The dashboard in a real Chromium: no console error, no request to elsewhere (the `page` fixture fails on both)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from pages.ui import numbers
from pages.ui.text import JOINER, plain_line
from tests import services, stocked
from tests.pages.serving import ROOT, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

METRIC = "[data-testid=stMetric]"
PATHS = {"overview": "/", "cost_analysis": "/cost_analysis", "inventory": "/inventory", "health": "/health"}
PROBES = ("_stcore/health", "_stcore/host-config")
"""Opened below a page's path, Streamlit's client tries these there before it finds them at the root: two 404s."""


@pytest.fixture(scope="module")
def address(stocked_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(stocked_folder)}
    with served(ROOT / "streamlit_app.py", environ, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running


def shown(page: Page, address: str, name: str = "overview") -> Page:
    """The page `name`, reached as a reader does: from the start page by its navigation, finished drawing."""
    page.goto(address)
    page.wait_for_selector(METRIC)
    if name != "overview":
        box = page.get_by_test_id("stSidebarNav").bounding_box()
        folded = box is None or box["x"] < 0
        if folded:
            page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_role("link", name=name.replace("_", " ").capitalize()).click()
        page.get_by_role("heading", name=name.replace("_", " ").capitalize(), exact=True).wait_for()
        page.wait_for_selector(METRIC)
        if folded:
            page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    settle(page)
    return page


def settle(page: Page) -> None:
    """Waits until the script is done and every chart is drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(c => c.querySelector('.main-svg'))"
    )
    page.wait_for_timeout(400)


@pytest.mark.parametrize("name", list(PATHS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_in_both_themes_and_widths(
    page: Page, address: str, artifacts: Path, name: str, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    shown(page, address, name)
    assert page.locator(METRIC).count() == 4
    assert page.locator("[data-testid=stException]").count() == 0
    wide = page.evaluate(
        "() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(element => element.scrollWidth))"
    )
    assert wide <= width, "no sideways scroll"
    height = page.evaluate("() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 40, 5000)})
    settle(page)
    page.screenshot(path=artifacts / f"{name}_{scheme}_{width}.png")


def test_title_filters_and_key_figures_fit_the_first_screen(page: Page, address: str) -> None:
    shown(page, address)
    chart = page.locator("[data-testid=stPlotlyChart]").first.bounding_box()
    assert chart is not None
    assert chart["y"] + 200 < 900
    metrics = [box for one in page.locator(METRIC).all() if (box := one.bounding_box())]
    assert len({round(box["y"]) for box in metrics}) == 1, "four across"


def test_figures_on_the_page_equal_the_api(page: Page, address: str) -> None:
    shown(page, address)
    label = page.locator(METRIC).first.inner_text()
    answer = page.request.get(
        f"{address}/api/cost-by-service", params={"start": "2026-11-01", "end": "2026-11-19", "metric": "unblended"}
    )
    data = json.loads(answer.text(), parse_float=str)["data"]
    assert numbers.short_money(numbers.Decimal(data["total"]), data["currency"]) in label


def test_a_link_reproduces_the_view_in_another_browser(browser: Browser, address: str) -> None:
    context = browser.new_context()
    failed: list[str] = []
    context.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page = context.new_page()
    page.goto(f"{address}/cost_analysis?group_by=account&period=month&chart=lines&service=AWS+Lambda")
    page.wait_for_selector(METRIC)
    settle(page)
    expect(page.get_by_text("Cost by account")).to_be_visible()
    expect(page.get_by_text("Services: 1 of").first).to_be_visible()
    expect(page.get_by_label("Period")).to_have_value("Month to date")
    assert "group_by=account" in page.url
    assert "chart=lines" in page.url
    assert all(url.endswith(PROBES) for url in failed)
    context.close()


def test_choosing_a_group_rewrites_the_url(page: Page, address: str) -> None:
    shown(page, address, "cost_analysis")
    page.get_by_label("Group by").click()
    page.get_by_role("option", name="Account", exact=True).click()
    page.get_by_text("Cost by account").wait_for()
    page.wait_for_url("**group_by=account**")


def test_everything_is_reached_by_keyboard(page: Page, address: str) -> None:
    shown(page, address, "cost_analysis")
    reached: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "() => { const e = document.activeElement;"
                " return (e.getAttribute('aria-label') || e.innerText || e.tagName).trim().replaceAll('\\n', ' ') }"
            )
        )
    text = " | ".join(reached)
    for wanted in ("Group by", "Accounts", "More", "Export", "Bars", "Source", "Show as table"):
        assert wanted in text, f"{wanted} is not reached by Tab: {text}"


def test_charts_have_a_text_and_a_table(page: Page, address: str) -> None:
    shown(page, address)
    texts = page.locator("[data-testid=stPlotlyChart]").evaluate_all(
        "charts => charts.map(c => c.getAttribute('aria-label') || c.querySelector('[aria-label]')?.ariaLabel || '')"
    )
    assert all(len(text) > 10 for text in texts), texts
    page.get_by_text("Show as table").first.click()
    page.get_by_label("Figures of the chart above").first.wait_for()


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    hostile = [
        "![x](https://host.invalid/a.png)",
        "<img src=https://host.invalid/b.png>",
        "https://host.invalid/x www.host.invalid a@host.invalid",
        ":smile: :streamlit: :material/home: :red[x] $x^2$ a -> b",
    ]
    script = tmp_path / "hostile.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "import streamlit as st\nfrom pages.ui.text import escaped\n"
        f"for name in {hostile!r}:\n"
        "    st.markdown(escaped(name))\n    st.badge(escaped(name))\n    st.metric(escaped(name), escaped(name))\n"
        "    st.error(escaped(name))\n    st.subheader(escaped(name), anchor=False)\n    st.button(escaped(name))\n",
        encoding="utf-8",
    )
    (tmp_path / "static").symlink_to(ROOT / "static")
    with served(script, {}, tmp_path / "log") as address:
        context = browser.new_context()
        faults = services.watch(context, lambda host: host == "127.0.0.1")
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("[data-testid=stMetric]")
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        main = page.locator("[data-testid=stMain]")
        assert main.locator("img, .katex, a[href*=host]").count() == 0
        texts = [text.replace(JOINER, "") for text in main.locator("[data-testid=stMarkdown]").all_inner_texts()]
        assert all(plain_line(name) in texts for name in hostile)
        assert not faults
        context.close()


def test_a_link_opened_first_after_a_restart_comes_with_the_navigation(
    browser: Browser, stocked_folder: Path, tmp_path: Path
) -> None:
    environ = {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(stocked_folder)}
    with served(ROOT / "streamlit_app.py", environ, tmp_path / "server.log") as running:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{running}/cost_analysis?group_by=account")
        page.wait_for_selector(METRIC)
        settle(page)
        listed = page.get_by_test_id("stSidebarNav").get_by_role("link").all_inner_texts()
        rows = re.findall(r'"pages/\w+\.py", "([^"]+)", .+, Right\.(\w+)\)', (ROOT / "streamlit_app.py").read_text())
        mine = [name for name, right in rows if right != "ADMINISTER"]
        assert [name.strip().splitlines()[-1] for name in listed] == mine
        assert {"Overview", "Cost analysis", "Settings"} <= set(mine)
        assert page.get_by_text("Cost by account").is_visible()
        context.close()

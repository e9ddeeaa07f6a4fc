"""Pages: CPU of a warm rerun against an empty Streamlit page, and seconds from `streamlit run` to a rendered page."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from streamlit.testing.v1 import AppTest

from bench.figures import Figure
from config import load_settings
from finops import facade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
PAGES = ("overview", "cost_analysis", "anomalies", "forecast", "savings", "inventory", "reports", "health")
RERUNS = 30
RERUN_BAR_MS, START_BAR_SECONDS = 80, 10
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def run(folder: Path) -> list[Figure]:
    """Fills a demo in `folder`, then measures reruns in this process and starts in child processes."""
    os.environ["FINOPS_DATA_DIR"] = str(folder / "data")
    finops = facade.open_finops(load_settings())
    finops.costs.refresh("demo")
    finops.inventory.discover("demo")
    finops.waste.run("demo")
    finops.close()
    figures = _reruns(folder)
    return [*figures, *_starts(folder)]


def _reruns(folder: Path) -> list[Figure]:
    empty = folder / "empty.py"
    empty.write_text('import streamlit as st\n\nst.write("nothing")\n', encoding="utf-8")
    floor = _rerun_ms(empty)
    figures = [Figure("rerun of an empty page", floor, "CPU ms", note="the floor: Streamlit and its test runner")]
    for name in PAGES:
        spent = _rerun_ms(ROOT / "pages" / f"{name}.py")
        met = spent <= RERUN_BAR_MS
        figures.append(
            Figure(f"warm rerun of {name}", spent, "CPU ms", f"≤ {RERUN_BAR_MS}", met, f"{spent / floor:.0f} × empty")
        )
    facade.shared().close()
    return figures


def _rerun_ms(script: Path) -> float:
    app = AppTest.from_file(str(script), default_timeout=120).run()
    app.run()
    started = time.process_time()
    for _ in range(RERUNS):
        app.run()
    return (time.process_time() - started) / RERUNS * 1000


def _starts(folder: Path) -> list[Figure]:
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        stocked = _start_seconds(browser, folder / "data", "[data-testid=stMetric]")
        first = _start_seconds(browser, folder / "fresh", "[data-testid=stMetric]")
        browser.close()
    bar = f"≤ {START_BAR_SECONDS}"
    return [
        Figure("start to first page with figures, data stored", stocked, "s", bar, stocked <= START_BAR_SECONDS),
        Figure(
            "very first start to first page with figures",
            first,
            "s",
            bar,
            first <= START_BAR_SECONDS,
            "fourteen months of demo fetched before",
        ),
    ]


def _start_seconds(browser: Browser, data: Path, selector: str) -> float:
    started = time.monotonic()
    with _server(data) as address:
        page = browser.new_page()
        while time.monotonic() - started < 120:
            with contextlib.suppress(Exception):
                page.goto(address)
                break
            time.sleep(0.1)
        page.wait_for_selector(selector, timeout=120_000)
        seconds = time.monotonic() - started
        page.close()
    return seconds


@contextlib.contextmanager
def _server(data: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    environ = {**os.environ, "FINOPS_DATA_DIR": str(data)}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)

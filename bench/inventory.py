"""An inventory of 100,000 assets on SQLite: storing it, asking it, and the Inventory page over it.

The page is run as a browser session runs it (Streamlit's own test runner), each time with another filter or order, so
that nothing is remembered; the bar is on the seconds of the server. An empty page in the same run is the floor.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

from bench.estate import ASSETS, NOW, TENANT, assets, know_accounts, listings, store
from bench.figures import Figure
from config import load_settings
from finops import facade
from finops.model.assets import AssetFilter, AssetQuestion, Lifecycle, TagTerm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from finops.facade import Finops
    from finops.inventory import Inventory
    from finops.model.assets import Listed

ROOT = Path(__file__).parent.parent
BAR_MS = 300
RUNS = 5
FILTERS = (
    "search=db-7",
    "search=a",
    "account=100000007919",
    "region=us-west-2&service=ec2",
    "service=rds",
    "kind=ec2:volume&tag=Owner",
    "state=running",
    "lifecycle=missing",
    "tag=CostCenter%3D4007",
    "tag=Owner%3D",
    "tag=Owner&exclude_tag=CostCenter%3D4007",
    "newer_than_days=200",
    "tag=NoSuchKey%3D",
    "exclude_tag=Owner",
    "older_than_days=200",
    "min_cost=50&max_cost=60",
    "sort=name",
    "sort=kind",
    "sort=account",
    "sort=created",
    "sort=state&order=desc",
    "sort=cost&page=400",
)
"""Views of the page, as its address holds them: one for each kind of filter, and orders."""


def run(folder: Path) -> list[Figure]:
    """Fills, asks, and runs the page."""
    os.environ.update(FINOPS_DATA_DIR=str(folder / "data"), FINOPS_NOW=NOW.isoformat())
    finops = facade.open_finops(load_settings(costs_refresh_hours=0))
    try:
        figures = [*_stored(finops), *_asked(finops.inventory)]
    finally:
        finops.close()
    figures += _pages(folder)
    facade.shared().close()
    return figures


def _stored(finops: Finops) -> list[Figure]:
    listed = list(listings())
    know_accounts(finops, listed)
    first = _seconds(lambda: store(finops, listed, NOW))
    again = _seconds(lambda: store(finops, listed, NOW + timedelta(hours=1)))
    _moved_on(finops, listed)
    note = "in one process, on SQLite"
    return [
        Figure("store 100,000 new assets", first, "CPU s", note=note),
        Figure("store them again unchanged", again, "CPU s", note=f"{again / first:.2f} × the first time"),
    ]


def _moved_on(finops: Finops, listed: Sequence[Listed]) -> None:
    """Costs become known, and the next discovery finds news: one asset in fifty is missing, another one stopped."""
    prices = {one.arn: (one.cost, one.currency) for one in assets(ASSETS) if one.cost is not None}
    finops.store.assets.price(TENANT, prices)
    later = []
    for each in listed:
        kept = [item for number, item in enumerate(each.items) if number % 50 != 1]
        moved = [replace(item, state="moved") if number % 50 == 0 else item for number, item in enumerate(kept)]
        later.append(replace(each, items=tuple(moved)))
    store(finops, later, NOW + timedelta(hours=2))


def _asked(inventory: Inventory) -> list[Figure]:
    everything = AssetFilter(lifecycles=tuple(Lifecycle))
    questions: dict[str, Callable[[], object]] = {
        "search for two words": lambda: _page(inventory, AssetFilter(search="team-7 db-")),
        "filter by a tag's value": lambda: _page(inventory, AssetFilter(tags=(TagTerm("CostCenter", ("4007",)),))),
        "filter by a tag's absence": lambda: _page(inventory, AssetFilter(tags=(TagTerm("Owner", ("",)),))),
        "sort everything by name": lambda: _page(inventory, everything),
        "sort everything by creation": lambda: _page(inventory, everything, sort="created"),
        "the last page by state": lambda: _page(inventory, everything, sort="state", offset=ASSETS - 50),
        "count by every facet": lambda: inventory.counts(TENANT, everything),
        "standing of every place": lambda: inventory.standing(TENANT, AssetFilter(regions=("us-east-1",))),
    }
    return [
        _judged(f"100,000 assets: {what}", median(_seconds(ask, wall=True) for _ in range(RUNS)) * 1000)
        for what, ask in questions.items()
    ]


def _page(inventory: Inventory, wanted: AssetFilter, **order: Any) -> object:
    return inventory.page(AssetQuestion(TENANT, wanted, **order))


def _pages(folder: Path) -> list[Figure]:
    empty = folder / "empty.py"
    empty.write_text('import streamlit as st\n\nst.write("nothing")\n', encoding="utf-8")
    app = AppTest.from_file(str(empty), default_timeout=120).run()
    floor = median(_seconds(app.run, wall=True) for _ in range(RUNS)) * 1000
    page = AppTest.from_file(str(ROOT / "pages" / "inventory.py"), default_timeout=120)
    for view in ("region=eu-central-1", "sort=region"):
        _viewed(page, view)
    took = {view: _viewed(page, view) for view in FILTERS}
    slowest = max(took, key=lambda view: took[view])
    return [
        Figure(
            "Inventory page, a new filter or order: median",
            median(took.values()),
            "ms",
            note=f"empty page {floor:.0f} ms",
        ),
        _judged(f"Inventory page, the slowest: {slowest}", took[slowest]),
    ]


def _viewed(app: AppTest, view: str) -> float:
    """Milliseconds of the server for a session whose address becomes this view."""
    before = _shown(app)
    app.query_params.clear()
    app.query_params.update({"tenant": TENANT, **dict(parse_qsl(view))})
    spent = _seconds(app.run, wall=True) * 1000
    if app.exception or app.error or _shown(app) == before:
        raise RuntimeError(f"the page did not show {view}: {[each.value for each in (*app.exception, *app.error)]}")
    return spent


def _shown(app: AppTest) -> list[str]:
    """The first assets listed."""
    return [str(value) for frame in app.dataframe[:1] for value in frame.value.iloc[:5].to_numpy().tolist()]


def _judged(what: str, milliseconds: float) -> Figure:
    return Figure(what, milliseconds, "ms", f"≤ {BAR_MS} ms", met=milliseconds <= BAR_MS)


def _seconds(work: Callable[[], object], *, wall: bool = False) -> float:
    clock = time.perf_counter if wall else time.process_time
    started = clock()
    work()
    return clock() - started

"""An inventory of 100,000 assets on SQLite: storing it, asking it, and the Inventory page over it.

The page is run as a browser session runs it (Streamlit's own test runner), each time with another filter or order, so
that nothing is remembered; the bar is on the seconds of the server. An empty page in the same run is the floor.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

from bench.exports import assets
from bench.figures import Figure
from config import load_settings
from finops import facade
from finops.model.accounts import Account
from finops.model.assets import AssetFilter, AssetQuestion, Lifecycle, Listed, Place, Seen, TagTerm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.facade import Finops
    from finops.inventory import Inventory

ROOT = Path(__file__).parent.parent
TENANT = "default"
ASSETS = 100_000
BAR_MS = 300
RUNS = 5
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
FILTERS = (
    "search=db-7",
    "service=rds",
    "region=us-west-2&service=ec2",
    "kind=ec2:volume&tag=Owner",
    "tag=CostCenter%3D4007",
    "newer_than_days=200",
    "account=100000007919",
    "sort=created",
    "sort=state&order=desc",
    "sort=cost&page=400",
)
"""Views of the page, as its address holds them."""


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
    listings = list(_listings())
    accounts = sorted({each.place.account for each in listings})
    finops.store.accounts.save(TENANT, [Account(one, f"team-{one[-4:]}", "ACTIVE") for one in accounts], at=NOW)
    first = _seconds(lambda: _store(finops, listings, NOW))
    again = _seconds(lambda: _store(finops, listings, NOW + timedelta(hours=1)))
    note = "in one process, on SQLite"
    return [
        Figure("store 100,000 new assets", first, "CPU s", note=note),
        Figure("store them again unchanged", again, "CPU s", note=f"{again / first:.2f} × the first time"),
    ]


def _store(finops: Finops, listings: list[Listed], at: datetime) -> None:
    for start in range(0, len(listings), 20):
        finops.store.assets.store(TENANT, listings[start : start + 20], at=at, gone_after=timedelta(days=7))


def _listings() -> Iterator[Listed]:
    places: dict[Place, list[Seen]] = {}
    for one in assets(ASSETS):
        place = Place(one.account, one.region, one.kind)
        seen = Seen(
            one.kind,
            one.service,
            one.account,
            one.region,
            one.resource_id,
            name=one.name,
            arn=one.arn,
            state=one.state,
            created=one.created,
            tags=one.tags,
            details=one.details,
        )
        places.setdefault(place, []).append(seen)
    return (Listed(place, tuple(items)) for place, items in places.items())


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
    for view in ("region=eu-central-1", "sort=kind"):
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

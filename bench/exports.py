"""What files of an inventory cost: CPU seconds and extra memory of CSV and Excel, 100,000 assets × 15 columns.

    python -m bench.exports csv FOLDER

Each format is asked for through the API's route, in a process of its own: from the rows of a SQLite database to the
last byte that leaves the application. Beside it stands what writing alone takes of columns that are already read.
Peers get the same values in the same process, a tenth of them, times ten: `csv.writer`, and openpyxl's write-only
mode, which keeps no rows either.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import csv
import gc
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import openpyxl
from starlette.applications import Starlette

from bench.estate import ASSETS, NOW, TENANT, know_accounts, listings, store
from bench.figures import Figure
from config import load_settings
from export import asset_chunks, cell_text, csv_table, xlsx_table
from finops import facade
from finops.api.headers import middleware
from finops.api.routes import routes
from finops.model.assets import AssetQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping

    from export import Chunk
    from finops.facade import Finops

COLUMNS = (
    *("asset_id", "arn", "resource_id", "name", "kind", "service", "account", "region", "state", "lifecycle"),
    *("created", "first_seen", "last_seen", "tags", "details"),
)
NAMES = {"csv": "CSV", "xlsx": "Excel"}
BARS_SECONDS = {"csv": 1.0, "xlsx": 8.0}
MEMORY_BAR_MIB = 50
PEERS = {"csv": "csv.writer", "xlsx": "openpyxl write-only"}
ROOT = Path(__file__).parent.parent
_REPEATS = 5
_TENTH = 10


def run(folder: Path) -> list[Figure]:
    """Fills a database in `folder`, then asks for each file in a process of its own; their rows are counted."""
    finops = _opened(folder)
    listed = list(listings())
    know_accounts(finops, listed)
    store(finops, listed, NOW)
    finops.close()
    figures = [figure for kind in NAMES for figure in _figures(kind, _in_a_process(kind, folder))]
    with _file(folder, "csv").open(encoding="utf-8", newline="") as text:
        assert sum(1 for _ in csv.reader(text)) == ASSETS + 1
    with zipfile.ZipFile(_file(folder, "xlsx")) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == ASSETS + 1
    return figures


def _opened(folder: Path) -> Finops:
    os.environ.update(FINOPS_DATA_DIR=str(folder / "data"), FINOPS_NOW=NOW.isoformat())
    return facade.open_finops(load_settings(costs_refresh_hours=0))


def _file(folder: Path, kind: str) -> Path:
    return folder / f"assets.{kind}"


def _in_a_process(kind: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.exports", kind, str(folder)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def measured(kind: str, folder: Path) -> dict[str, float]:
    """Of the route: CPU seconds, best of five, extra MiB, size, milliseconds to the first piece. CPU of the writers."""
    finops = _opened(folder)
    get = partial(_get, Starlette(routes=routes(lambda: finops), middleware=middleware(finops.settings, _uncounted)))
    asked = {"format": kind, "columns": ",".join(COLUMNS), "tenant": TENANT}
    get({**asked, "search": "nothing at all"}, lambda _: None)
    before = _memory_mib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    with _file(folder, kind).open("wb") as file:
        get(asked, file.write)
    extra = _memory_mib("VmHWM") - before
    moments: list[float] = []
    started = time.perf_counter()
    get(asked, lambda _: moments.append(time.perf_counter()))
    seconds = _cpu(lambda: get(asked, lambda _: None))
    read = partial(finops.inventory.columns, AssetQuestion(TENANT), as_text=kind == "csv")
    chunks = list(asset_chunks(read, COLUMNS))
    gc.freeze()
    writing = _cpu(lambda: collections.deque(WRITERS[kind](chunks), maxlen=0))
    peer = _cpu(lambda: PEER_WRITERS[kind](chunks[: len(chunks) // _TENTH]))
    finops.close()
    return {
        "seconds": seconds,
        "extra_mib": extra,
        "bytes": _file(folder, kind).stat().st_size,
        "first_ms": (moments[0] - started) * 1000,
        "writing": writing,
        "peer": peer * _TENTH,
    }


def _uncounted(*_: object) -> None:
    """In place of the counters of answers."""


def _get(app: Starlette, asked: dict[str, str], take: Callable[[bytes], object]) -> None:
    """Asks the application for /api/assets as a server does, and hands over each piece of the answer's body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/api/assets",
        "raw_path": b"/api/assets",
        "query_string": urlencode(asked).encode(),
        "headers": [(b"host", b"127.0.0.1:8501")],
        "client": ("127.0.0.1", 40_000),
        "server": ("127.0.0.1", 8501),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise RuntimeError(f"the route answered {message['status']}")
        if message.get("body"):
            take(message["body"])

    asyncio.run(app(scope, receive, send))


def _csv(chunks: list[Chunk]) -> Iterator[bytes]:
    return (piece.encode() for piece in csv_table(COLUMNS, chunks))


def _xlsx(chunks: list[Chunk]) -> Iterator[bytes]:
    return xlsx_table(COLUMNS, chunks, sheet="Assets", notes=["Tenant: bench"])


def _csv_peer(chunks: list[Chunk]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for chunk in chunks:
        writer.writerows([cell_text(cell) for cell in row] for row in zip(*chunk, strict=True))
    return text.getvalue().encode()


def _xlsx_peer(chunks: list[Chunk]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Assets")
    sheet.append(COLUMNS)
    for chunk in chunks:
        for row in zip(*chunk, strict=True):
            sheet.append([cell.replace(tzinfo=None) if hasattr(cell, "tzinfo") else cell for cell in row])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


WRITERS: dict[str, Callable[[list[Chunk]], Iterator[bytes]]] = {"csv": _csv, "xlsx": _xlsx}
PEER_WRITERS: dict[str, Callable[[list[Chunk]], bytes]] = {"csv": _csv_peer, "xlsx": _xlsx_peer}


def _cpu(work: Callable[[], object]) -> float:
    """Least CPU seconds of some runs, all threads counted."""
    best = float("inf")
    for _ in range(_REPEATS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def _memory_mib(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def _figures(kind: str, found: dict[str, float]) -> list[Figure]:
    what, bar = f"{NAMES[kind]} through the route, {ASSETS:,} × {len(COLUMNS)}", BARS_SECONDS[kind]
    seconds, extra, writing, peer = found["seconds"], found["extra_mib"], found["writing"], found["peer"]
    size = f"{found['bytes'] / 1e6:.0f} MB, from SQLite"
    return [
        Figure(what, seconds, "s CPU", f"≤ {bar:.0f}", seconds <= bar, size),
        Figure(f"{what}: extra memory", extra, "MiB", f"≤ {MEMORY_BAR_MIB}", extra <= MEMORY_BAR_MIB),
        Figure(f"{what}: first bytes", found["first_ms"], "ms"),
        Figure(f"{NAMES[kind]}, writing alone", writing, "s CPU", note="of columns already read"),
        Figure(
            f"{NAMES[kind]}, writing alone, against {PEERS[kind]}",
            writing / peer,
            "× CPU",
            note=f"{peer:.1f} s, from {ASSETS // _TENTH:,} rows",
        ),
    ]


def main() -> None:
    """Prints the measurements of one format as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(NAMES))
    parser.add_argument("folder", type=Path, help="where `run` filled a database")
    asked = parser.parse_args()
    print(json.dumps(measured(asked.kind, asked.folder)))


if __name__ == "__main__":
    main()

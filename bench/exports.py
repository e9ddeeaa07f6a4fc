"""What files of an inventory cost: CPU seconds and extra memory of CSV and Excel, 100,000 assets × 15 columns.

    python -m bench.exports csv --assets 100000

Each format runs in a process of its own, from `Asset` objects to the last byte: CPU with objects that are there, memory
with objects that come one by one. Peers get the same values in the same process, a tenth of them, times ten:
`csv.writer`, and openpyxl's write-only mode, which keeps no rows either.
"""

from __future__ import annotations

import argparse
import collections
import csv
import gc
import io
import json
import random
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl

from bench.figures import Figure
from export import asset_records, cell_text, csv_pieces, xlsx_pieces
from finops.model.assets import Asset, Lifecycle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ASSETS, PEER_ASSETS = 100_000, 10_000
COLUMNS = (
    *("asset_id", "arn", "resource_id", "name", "kind", "service", "account", "region", "state", "lifecycle"),
    *("created", "first_seen", "last_seen", "tags", "details"),
)
BARS_SECONDS = {"csv": 1.0, "xlsx": 8.0}
MEMORY_BAR_MIB = 50
PEERS = {"csv": "csv.writer", "xlsx": "openpyxl write-only"}
ROOT = Path(__file__).parent.parent
_NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
_REPEATS = 5
_KINDS = (("ec2", "instance", "i"), ("ec2", "volume", "vol"), ("rds", "instance", "db"), ("lambda", "function", "fn"))
_REGIONS = ("us-east-1", "eu-central-1", "us-west-2", "ap-southeast-1")


def assets(count: int) -> Iterator[Asset]:
    """Assets with four tags and five details each; one in 25 has unknown tags, one in 10 a name beyond ASCII."""
    source = random.Random(20261120)
    for number in range(count):
        service, noun, prefix = _KINDS[number % 4]
        account, region = f"{100_000_000_000 + number % 50 * 7919:012d}", _REGIONS[number // 4 % 4]
        resource = f"{prefix}-{source.getrandbits(68):017x}"
        tags = {"Owner": f"team-{number % 40}@example.com", "CostCenter": f"{4000 + number % 40}"}
        yield Asset(
            asset_id=f"{source.getrandbits(128):032x}",
            tenant="bench",
            kind=f"{service}:{noun}",
            service=service,
            account=account,
            region=region,
            resource_id=resource,
            name=f"{'zürich' if number % 10 == 0 else 'search'}-{noun}-{number}",
            arn=f"arn:aws:{service}:{region}:{account}:{noun}/{resource}",
            state=("running", "stopped", "available", "")[number % 4],
            lifecycle=Lifecycle.ACTIVE,
            created=_NOW - timedelta(seconds=source.randrange(10**8)),
            first_seen=_NOW - timedelta(days=number % 90),
            last_seen=_NOW - timedelta(minutes=number % 7),
            tags=None if number % 25 == 0 else tags | {"Name": f"{noun}-{number}", "Environment": "prod"},
            details={
                "instance_type": "m6i.2xlarge",
                "availability_zone": f"{region}a",
                "size_gib": number % 500,
                "encrypted": number % 2 == 0,
                "security_groups": ["sg-0a1b2c3d", "sg-4e5f6a7b"],
            },
            cost=Decimal(source.randrange(10**8)) / 10**6,
            currency="USD",
        )


def _csv(estate: Iterable[Asset]) -> Iterator[bytes]:
    return (piece.encode() for piece in csv_pieces(COLUMNS, asset_records(estate, columns=COLUMNS)))


def _xlsx(estate: Iterable[Asset]) -> Iterator[bytes]:
    records = asset_records(estate, columns=COLUMNS)
    return xlsx_pieces(COLUMNS, records, sheet="Assets", notes=["Tenant: bench"])


def _csv_peer(estate: Iterable[Asset]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in asset_records(estate):
        writer.writerow([cell_text(record[column]) for column in COLUMNS])
    yield text.getvalue().encode()


def _xlsx_peer(estate: Iterable[Asset]) -> Iterator[bytes]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Assets")
    sheet.append(COLUMNS)
    for record in asset_records(estate):
        sheet.append([_peer_value(record[column]) for column in COLUMNS])
    data = io.BytesIO()
    book.save(data)
    yield data.getvalue()


def _peer_value(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    return json.dumps(cell) if isinstance(cell, dict) else cell


MAKERS: dict[str, Callable[[Iterable[Asset]], Iterator[bytes]]] = {"csv": _csv, "xlsx": _xlsx}
PEER_MAKERS: dict[str, Callable[[Iterable[Asset]], Iterator[bytes]]] = {"csv": _csv_peer, "xlsx": _xlsx_peer}


def measured(kind: str, count: int) -> dict[str, float]:
    """CPU seconds, best of five, extra MiB, size, milliseconds to the first piece; CPU of the peer."""
    make = MAKERS[kind]
    collections.deque(assets(count), maxlen=0)
    before = _memory_mib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    size = sum(map(len, make(assets(count))))
    extra = _memory_mib("VmHWM") - before
    started = time.perf_counter()
    next(make(assets(count)))
    first = time.perf_counter() - started
    estate = list(assets(count))
    gc.freeze()
    seconds = _cpu(lambda: make(estate))
    peer = _cpu(lambda: PEER_MAKERS[kind](estate[:PEER_ASSETS]))
    return {
        "seconds": seconds,
        "extra_mib": extra,
        "bytes": size,
        "first_ms": first * 1000,
        "peer_seconds": peer * count / PEER_ASSETS,
    }


def _cpu(start: Callable[[], Iterator[bytes]]) -> float:
    """Least CPU seconds of some runs to the end."""
    best = float("inf")
    for _ in range(_REPEATS):
        started = time.process_time()
        collections.deque(start(), maxlen=0)
        best = min(best, time.process_time() - started)
    return best


def _memory_mib(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def run(folder: Path) -> list[Figure]:
    """The figures of both formats; the Excel file is also kept in `folder` and its rows are counted."""
    path = folder / "assets.xlsx"
    with path.open("wb") as file:
        file.writelines(_xlsx(assets(PEER_ASSETS)))
    with zipfile.ZipFile(path) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == PEER_ASSETS + 1
    return [figure for kind in MAKERS for figure in _figures(kind, _in_a_process(kind))]


def _in_a_process(kind: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.exports", kind]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def _figures(kind: str, found: dict[str, float]) -> list[Figure]:
    name = {"csv": "CSV", "xlsx": "Excel"}[kind]
    what, bar = f"{name}, {ASSETS:,} × {len(COLUMNS)}", BARS_SECONDS[kind]
    seconds, extra = found["seconds"], found["extra_mib"]
    peer = found["peer_seconds"]
    return [
        Figure(what, seconds, "s CPU", f"≤ {bar:.0f}", seconds <= bar, f"{found['bytes'] / 1e6:.0f} MB"),
        Figure(f"{what}: extra memory", extra, "MiB", f"≤ {MEMORY_BAR_MIB}", extra <= MEMORY_BAR_MIB),
        Figure(f"{what}: first bytes", found["first_ms"], "ms"),
        Figure(
            f"{what} against {PEERS[kind]}", seconds / peer, "× CPU", note=f"{peer:.1f} s, from {PEER_ASSETS:,} rows"
        ),
    ]


def main() -> None:
    """Prints the measurements of one format as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(MAKERS))
    parser.add_argument("--assets", type=int, default=ASSETS)
    asked = parser.parse_args()
    print(json.dumps(measured(asked.kind, asked.assets)))


if __name__ == "__main__":
    main()

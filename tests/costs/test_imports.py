"""The import as a person meets it: which files, what was left out, what a second import does."""

from __future__ import annotations

import csv
import gzip
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finops.costs.imports import import_bill
from finops.model.costs import Granularity
from finops.model.errors import InputError
from finops.store import CubeSelect
from tests.costs.bill_store import SEPTEMBER, opened
from tests.store.bills import SAMPLE, csv_file, csv_text, lines, parquet_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.model.costs import ImportResult
    from finops.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = opened(tmp_path)
    yield found
    found.close()


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Callable[..., ImportResult]:
    def imported(*paths: Path | str) -> ImportResult:
        return import_bill(store, "default", [str(path) for path in paths], rejects=tmp_path / "rejects")

    return imported


def held(store: Store, cube: str = "lines", metric: str = "billed") -> dict[str, Decimal]:
    """What the tenant's September costs, by currency, as pages would read it."""
    ask = CubeSelect("default", "focus", cube, SEPTEMBER, metric, bucket=Granularity.TOTAL)
    return store.cubes.select(ask).control


def test_the_sample_is_imported_whole_and_again_instead(store: Store, bring: Callable[..., ImportResult]) -> None:
    first = bring(SAMPLE)
    assert (first.imported, first.rejected, first.warnings, first.replaced, first.partial) == (1000, 0, 0, 0, False)
    assert first.periods == ("2024-09", "2024-10")
    assert first.unknown_columns == ("Id",)
    assert first.totals["billed"] == {"USD": Decimal("20.52022672899")}
    before = held(store)
    again = bring(SAMPLE)
    assert (again.imported, again.replaced) == (1000, 1000)
    assert (
        held(store)
        == before
        == held(store, "account_service")
        == held(store, "region")
        == held(store, "tag:environment")
    )


def test_rejected_lines_are_kept_with_reason_and_original(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path
) -> None:
    rows = lines({"ChargeDescription": "two\nlines"}, {"BilledCost": "=1+1"}, {"Tags": "{bad", "ChargeDescription": ""})
    path = csv_file(tmp_path / "a'; drop.csv", rows)
    result = bring(path)
    assert (result.imported, result.rejected, result.warnings, result.partial) == (2, 1, 1, True)
    with Path(result.rejects_file).open(newline="", encoding="utf-8") as handle:
        (kept,) = csv.DictReader(handle)
    assert (kept["path"], kept["line"]) == (str(path), "4")
    assert kept["reason"].startswith('BilledCost "=1+1" is not a decimal number')
    assert kept["original"] == csv_text(rows).splitlines()[3]
    assert any("Tags cannot be read in 1 line" in note and "line 5: {bad" in note for note in result.warning_notes)
    assert store.ledger.runs("default")[0].status == "partial"


def test_parts_of_a_month_given_together_are_one_bill(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path
) -> None:
    folder = tmp_path / "export" / "BILLING_PERIOD=2024-09"
    folder.mkdir(parents=True)
    csv_file(folder / "part-1.csv", lines({"BilledCost": "1"}))
    csv_file(folder / "part-2.csv.gz", lines({"BilledCost": "2"}))
    parquet_file(folder / "part-3.snappy.parquet", lines({"BilledCost": "4"}))
    (folder / "Manifest.json").write_text("{}")
    (folder / "_SUCCESS.csv").write_text("")
    together = bring(tmp_path / "export")
    assert (together.imported, len(together.files), held(store)) == (3, 3, {"USD": Decimal(7)})
    alone = bring(folder / "part-2.csv.gz")
    assert (alone.imported, alone.replaced, held(store)) == (1, 3, {"USD": Decimal(2)})
    assert bring(f"{folder}/part-?.csv*").imported == 2
    assert bring(f"file://{folder}/part-1.csv").imported == 1


def test_only_the_scopes_in_a_file_are_replaced(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path
) -> None:
    bring(csv_file(tmp_path / "aws.csv", lines({"BilledCost": "1"}, {"BilledCost": "2", "BillingAccountId": "other"})))
    bring(csv_file(tmp_path / "azure.csv", lines({"BilledCost": "4", "ProviderName": "Microsoft"})))
    result = bring(csv_file(tmp_path / "new.csv", lines({"BilledCost": "8"})))
    assert (result.replaced, held(store)) == (1, {"USD": Decimal(14)})


def test_the_same_bill_twice_counts_once_and_says_so(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path
) -> None:
    plain = csv_file(tmp_path / "bill.csv", lines({"BilledCost": "3"}))
    packed = tmp_path / "copy.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    shutil.copy(plain, tmp_path / "again.csv")
    result = bring(plain, packed, tmp_path / "again.csv", plain)
    assert (result.imported, held(store)) == (1, {"USD": Decimal(3)})
    assert sum("is the same bill as" in note for note in result.warning_notes) == 2


def test_unreadable_files_fail_alone(store: Store, bring: Callable[..., ImportResult], tmp_path: Path) -> None:
    good = csv_file(tmp_path / "good.csv", lines({}))
    (tmp_path / "zip.csv").write_bytes(b"PK\x03\x04")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(csv_text(lines({}, {})).encode())[:-9])
    result = bring(tmp_path / "zip.csv", good, tmp_path / "cut.csv.gz", tmp_path / "absent.csv")
    assert (result.imported, result.files, result.partial) == (1, (str(good),), True)
    said = " ".join(failure.message for failure in result.failures)
    assert all(
        words in said for words in ("zip.csv is a ZIP archive", "cut.csv.gz is a damaged", "absent.csv does not exist")
    )


@pytest.mark.parametrize(
    "path", ["absent.csv", "nothing-*.csv", "https://example.com/bill.csv", "s3://bucket/bill.csv", "empty", ""]
)
def test_paths_that_lead_nowhere_are_refused_before_anything_happens(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path, path: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        bring(path if "://" in path else tmp_path / "empty" / path if path == "" else tmp_path / path)
    assert caught.value.field == "paths"
    assert store.ledger.runs("default") == ()


def test_a_failed_import_leaves_the_stored_bill(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path
) -> None:
    bring(csv_file(tmp_path / "bill.csv", lines({})))
    (tmp_path / "rubbish.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="not a FOCUS bill"):
        bring(tmp_path / "rubbish.csv")
    assert held(store) == {"USD": Decimal("1.25")}
    assert sorted(run.status for run in store.ledger.runs("default")) == ["committed", "failed"]
    assert not list(store.lines.staging.glob("bill-*"))


def test_a_bill_of_nothing_but_rejects_replaces_nothing(
    store: Store, bring: Callable[..., ImportResult], tmp_path: Path
) -> None:
    bring(csv_file(tmp_path / "bill.csv", lines({})))
    result = bring(csv_file(tmp_path / "bad.csv", lines({"BilledCost": "x"})))
    assert (result.imported, result.rejected, held(store)) == (0, 1, {"USD": Decimal("1.25")})


def test_a_header_without_lines_is_said(bring: Callable[..., ImportResult], tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(csv_text(lines({})).splitlines()[0] + "\n")
    result = bring(path)
    assert result.imported == 0
    assert result.warning_notes == (f"{path} holds no lines",)


def test_progress_names_each_file(store: Store, tmp_path: Path) -> None:
    paths = [str(csv_file(tmp_path / f"{number}.csv", lines({"BilledCost": str(number)}))) for number in (1, 2)]
    seen: list[tuple[int, int, str]] = []
    import_bill(store, "default", paths, rejects=tmp_path, progress=lambda *step: seen.append(step))
    assert seen == [(0, 2, paths[0]), (1, 2, paths[1]), (2, 2, "storing")]


def test_two_imports_at_once_store_one_bill(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "bill.csv", lines(*({"BilledCost": "1"} for _ in range(500))))
    stores = [opened(tmp_path) for _ in range(2)]
    threads = [
        threading.Thread(target=import_bill, args=(one, "default", [str(path)]), kwargs={"rejects": tmp_path})
        for one in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held(stores[0]) == held(stores[1], "account_service") == {"USD": Decimal(500)}
    for one in stores:
        one.close()


IMPORTER = """
import sys
from pathlib import Path
from finops.costs.imports import import_bill
from tests.costs.bill_store import opened
store = opened(Path(sys.argv[1]))
print("ready", flush=True)
import_bill(store, "default", [sys.argv[2]], rejects=Path(sys.argv[1]))
print("done", flush=True)
"""


@pytest.mark.parametrize("delay", [0.02, 0.2, 0.5])
def test_a_killed_import_leaves_all_or_nothing_and_the_next_one_counts_once(tmp_path: Path, delay: float) -> None:
    path = csv_file(
        tmp_path / "bill.csv", lines(*({"BilledCost": "1", "ResourceId": f"r{number}"} for number in range(20_000)))
    )
    store = opened(tmp_path)
    import_bill(store, "default", [str(csv_file(tmp_path / "old.csv", lines({"BilledCost": "7"})))], rejects=tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(tmp_path), str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert held(store) in ({"USD": Decimal(7)}, {"USD": Decimal(20_000)})
    result = import_bill(store, "default", [str(path)], rejects=tmp_path)
    assert (result.imported, held(store), held(store, "region")) == (
        20_000,
        {"USD": Decimal(20_000)},
        {"USD": Decimal(20_000)},
    )
    assert not list(store.lines.staging.glob("bill-*"))
    store.close()

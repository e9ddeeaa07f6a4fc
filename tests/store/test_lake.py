"""The lake under rough treatment: damage, crashes, strangers, S3."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from finops.model.costs import Granularity
from finops.model.errors import InputError, StoreError
from finops.model.period import Period
from finops.model.spans import gaps, joined, without
from finops.store import CubeSelect, open_store
from finops.store.duck import Duck, UnreadablePartsError
from finops.store.lake import Lake, PartName, component, tenant_name
from finops.store.upgrade import upgrade
from tests.store.facts import BOTH, NOVEMBER, NOW, OCTOBER, daily, day, draft, imported, line, refreshed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.store import CubeTable, Store

ROOT = Path(__file__).parent.parent.parent
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def by_month(store: Store) -> CubeTable:
    ask = CubeSelect("default", "cost_explorer", "account_service", BOTH, "unblended", bucket=Granularity.MONTHLY)
    return store.cubes.select(ask)


def part_of(tmp_path: Path, month: str) -> Path:
    (path,) = (tmp_path / "lake").rglob(f"month={month}/*.parquet")
    return path


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def scribble(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(b"PAR1" + os.urandom(size - 8) + b"PAR1")


def swap(path: Path) -> None:
    pq.write_table(pa.table({"charge_date": [day("2026-10-01")], "unblended": [1.0]}), path)


@pytest.mark.parametrize("damage", [Path.unlink, truncate, scribble, swap])
def test_a_damaged_part_is_named_and_the_rest_answers(store: Store, tmp_path: Path, damage: object) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    broken = part_of(tmp_path, "2026-10")
    damage(broken)  # type: ignore[operator]
    found = by_month(store)
    assert [(row.day, row.amount) for row in found.rows] == [(NOVEMBER.start, NOVEMBER.days)]
    assert found.control == {"USD": NOVEMBER.days}
    (failure,) = found.failures
    assert failure.code == "damaged_part"
    assert broken.name in failure.message
    assert "2026-10-01" in failure.message
    with pytest.raises(StoreError, match=broken.name):
        store.cubes.day_totals("default", "cost_explorer", "account_service", OCTOBER)


def test_a_refresh_heals_a_damaged_part_and_says_which_days_are_missing_meanwhile(store: Store, tmp_path: Path) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    scribble(part_of(tmp_path, "2026-10"))
    tail = Period(day("2026-10-30"), day("2026-11-01"))
    refreshed(store, draft(tail, daily(tail, "1")))
    (entry,) = store.cubes.coverage("default")
    assert entry.period == Period(tail.start, NOVEMBER.end)
    assert (by_month(store).control, by_month(store).failures) == ({"USD": 2 + NOVEMBER.days}, ())
    refreshed(store, draft(OCTOBER, daily(OCTOBER, "1")))
    assert by_month(store).control == {"USD": BOTH.days}


def test_all_parts_gone_is_a_failure_not_zero(store: Store, tmp_path: Path) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    shutil.rmtree(tmp_path / "lake" / "finops_costs")
    found = by_month(store)
    assert (found.rows, found.control, len(found.failures)) == ((), {}, 2)


def test_a_stranger_in_the_folder_is_never_read(store: Store, tmp_path: Path) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    folder = part_of(tmp_path, "2026-10").parent
    pq.write_table(pa.table({"unblended": ["not money"], "charge_date": [1]}), folder / "part-stranger.parquet")
    shutil.copy(part_of(tmp_path, "2026-11"), folder / "part-copy.parquet")
    assert (by_month(store).control, by_month(store).failures) == ({"USD": BOTH.days}, ())


def test_gold_is_not_built_over_damaged_lines(store: Store, tmp_path: Path) -> None:
    imported(store, [line("2026-10-03", "1")], account="a")
    (lines,) = (tmp_path / "lake" / "cost_lines").rglob("*.parquet")
    scribble(lines)
    with pytest.raises(StoreError, match="import that bill again"):
        imported(store, [line("2026-10-03", "1")], account="b")
    imported(store, [line("2026-10-03", "5")], account="a")
    ask = CubeSelect("default", "focus", "account_service", OCTOBER, "billed")
    assert store.cubes.select(ask).control == {"USD": 5}


_ENDLESS = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from datetime import UTC, datetime
from finops.store import open_store
from tests.store.facts import BOTH, daily, draft, refreshed
now = datetime(2026, 11, 20, tzinfo=UTC)
store = open_store(database_url={url!r}, lake_url={lake!r}, ceiling=None, promoted_tags=(), now=lambda: now)
number = 1
print("ready", flush=True)
while True:
    number += 1
    refreshed(store, draft(BOTH, daily(BOTH, str(number))))
"""


def test_a_killed_refresh_leaves_one_whole_state(tmp_path: Path) -> None:
    url, lake = f"sqlite:///{tmp_path / 'store.db'}", str(tmp_path / "lake")
    upgrade(url)
    store = open_store(database_url=url, lake_url=lake, ceiling=None, promoted_tags=(), now=lambda: NOW)
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    for pause in (0.005, 0.013, 0.031, 0.05):
        script = _ENDLESS.format(root=str(ROOT), url=url, lake=lake)
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = by_month(store)
        amounts = {row.amount / days for row, days in zip(found.rows, (OCTOBER.days, NOVEMBER.days), strict=True)}
        assert found.failures == ()
        assert len(amounts) == 1, "both months are of the same refresh"
    store.sweep(FAR)
    counting = set((tmp_path / "lake").rglob("*.parquet"))
    assert len(counting) == 2
    assert by_month(store).failures == ()
    store.close()


def test_sweep_spares_what_counts_and_what_is_young(store: Store, tmp_path: Path) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    refreshed(store, draft(BOTH, daily(BOTH, "2")))
    assert store.sweep(NOW - timedelta(days=1)) == 0
    assert store.sweep(FAR) == 2
    assert store.sweep(FAR) == 0
    assert len(list((tmp_path / "lake").rglob("*.parquet"))) == 2
    assert by_month(store).control == {"USD": 2 * BOTH.days}


def test_a_lake_that_cannot_be_written_changes_nothing(store: Store, tmp_path: Path) -> None:
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")))
    shutil.rmtree(tmp_path / "lake" / ".staging")
    with pytest.raises(StoreError, match="cannot be written"):
        refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "2")))
    assert by_month(store).control == {"USD": NOVEMBER.days}


def test_duckdb_reaches_nothing_but_the_lake(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    secret = tmp_path / "secret.csv"
    secret.write_text("key\nhunter2\n")
    duck = Duck(lake)
    for text in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{tmp_path}/lake/../secret.csv'",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        f"ATTACH '{tmp_path}/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
    ):
        with pytest.raises(StoreError):
            duck.query(text, [], {})
    duck.close()
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_file_is_told_from_a_failing_query(tmp_path: Path) -> None:
    duck = Duck(Lake(str(tmp_path / "lake")))
    with pytest.raises(UnreadablePartsError):
        duck.query("SELECT 1 FROM {parts}", ["nothing.parquet"], {})
    duck.close()


@given(st.text())
def test_a_path_component_never_leaves_its_place(value: str) -> None:
    text = component("cube", value)
    assert text.startswith("cube=")
    assert len(text.encode()) <= 255
    assert not set(text) & set("/\\*?[]{}'\"\x00\n ")


@given(st.lists(st.text(max_size=200), min_size=2, max_size=2, unique=True))
def test_parts_of_different_cubes_have_different_names(cubes: list[str]) -> None:
    names = {
        PartName("finops_costs", "default", "s", cube, "daily", "2026-10", "", "r").path.rsplit("/", 1)[1]
        for cube in cubes
    }
    assert len(names) == 2


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True))
def test_tenant_names_of_the_rule_are_taken(name: str) -> None:
    assert tenant_name(name) == name


@given(st.text().filter(lambda text: not text.isascii() or not text.replace("-", "a").isalnum()))
def test_other_tenant_names_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        tenant_name(name)


PERIODS = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
    lambda pair: Period(day("2026-01-01") + timedelta(days=pair[0]), day("2026-01-01") + timedelta(days=sum(pair)))
)


@given(st.lists(PERIODS, max_size=8), PERIODS)
def test_spans_hold_the_same_days_joined_cut_and_in_between(spans: list[Period], cut: Period) -> None:
    days = {each for span in spans for each in span.dates()}
    united = joined(spans)
    assert [each for span in united for each in span.dates()] == sorted(days)
    assert {each for span in without(united, (cut,)) for each in span.dates()} == days - set(cut.dates())
    if united:
        whole = set(Period(united[0].start, united[-1].end).dates())
        assert {each for span in gaps(united) for each in span.dates()} == whole - days


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    root = f"s3://facts/lake?endpoint_override=http://{host}:{port}&region=us-east-1&allow_bucket_creation=true"
    files, _ = pafs.FileSystem.from_uri(root)
    files.create_dir("facts")
    yield root.replace("&allow_bucket_creation=true", "")
    server.stop()


def test_a_lake_on_s3_answers_like_a_folder(bucket: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    store = open_store(database_url=url, lake_url=bucket, ceiling=None, promoted_tags=("Environment",), now=lambda: NOW)
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "2")))
    imported(store, [line("2026-10-03", "1.5", tags=[("Environment", "prod")])])
    assert by_month(store).control == {"USD": OCTOBER.days + 2 * NOVEMBER.days}
    for cube in ("lines", "tag:Environment"):
        found = store.cubes.select(
            CubeSelect("default", "focus", cube, OCTOBER, "billed", group_by=("tag:Environment",))
        )
        assert [(row.keys, str(row.amount)) for row in found.rows] == [(("prod",), "1.500000000000000000")]
    assert store.sweep(FAR) == 1
    for path, _ in list(store.lake.listing()):
        if "month=2026-10" in path and "cost_explorer" in path:
            store.lake.delete(path)
    found = by_month(store)
    assert (found.control, len(found.failures)) == ({"USD": 2 * NOVEMBER.days}, 1)
    store.close()


def test_an_unknown_kind_of_lake_is_refused() -> None:
    with pytest.raises(StoreError, match="s3://"):
        Lake("gs://bucket/prefix")

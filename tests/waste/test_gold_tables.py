"""Figures over findings: made again from what is stored, the same bytes each time, and read by figure and day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest

from finops.model.errors import StoreError
from finops.model.findings import Act, Deed, FindingStatus
from finops.model.period import Period
from finops.store import open_store
from finops.store.finding_schema import GOLD, GOLD_SCHEMA
from finops.store.upgrade import upgrade
from finops.waste.gold_tables import KPIS, TOP, kpi_rows, rebuild
from finops.waste.lifecycle import act_on, record_run
from tests.store.findings import IDLE, NOW, TODAY, VOLUME, finding, kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.store import Store

YESTERDAY = TODAY - timedelta(days=1)
DAYS = Period(YESTERDAY, TODAY + timedelta(days=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    opened = open_store(
        database_url=url, lake_url=str(tmp_path / "lake"), ceiling=None, promoted_tags=(), now=lambda: NOW
    )
    yield opened
    opened.close()


def filled(store: Store) -> None:
    """Two days: on the second one finding was dismissed, and one check did not run."""
    old = [
        finding(1, tags={"Owner": "shop"}),
        finding(2, severity="high", monthly_saving=Decimal(30)),
        finding(3, check_id=VOLUME, category="unattached", kind="ebs:volume", monthly_saving=Decimal(5)),
    ]
    kept(store, *old, checks=(IDLE, VOLUME), day=YESTERDAY)
    record_run(store.finding_states, "default", flagged=old, cleared=[], at=NOW - timedelta(days=1))
    act_on(store.finding_states, "default", [f"{2:032x}"], Act(Deed.DISMISS, "ann", NOW, reason="needed"))
    kept(store, old[0], old[1], finding(4, currency="EUR", region="us-east-1"), day=TODAY)


def parts(store: Store) -> list[bytes]:
    paths = [part.path for part in store.ledger.snapshot("default").parts if part.dataset == GOLD]
    return [(Path(store.lake.root) / path).read_bytes() for path in sorted(paths, key=lambda path: path.split("/")[2])]


def figures(store: Store, kpi: str, day: int = 1) -> dict[tuple[str, str], tuple[int, Decimal]]:
    rows, failures = store.kpis.rows("default", [kpi], DAYS)
    assert not failures
    wanted = (YESTERDAY, TODAY)[day]
    return {(row.key, row.currency): (row.findings, row.saving) for dated, row in rows if dated == wanted}


def test_each_run_date_shows_what_was_known_at_its_end(store: Store) -> None:
    filled(store)
    rebuild(store, "default")
    ten, five = Decimal(10), Decimal(5)
    assert figures(store, "by_status", 0) == {("open", "USD"): (3, Decimal(45))}
    assert figures(store, "by_status") == {
        ("dismissed", "USD"): (1, Decimal(30)), ("open", "EUR"): (1, ten), ("open", "USD"): (2, Decimal(15)),
    }  # fmt: skip
    assert figures(store, "total", 0) == {("", "USD"): (3, Decimal(45))}
    assert figures(store, "total") == {("", "EUR"): (1, ten), ("", "USD"): (2, Decimal(15))}
    assert figures(store, "by_service") == {
        ("ebs", "USD"): (1, five), ("ec2", "EUR"): (1, ten), ("ec2", "USD"): (1, ten),
    }  # fmt: skip
    assert figures(store, "by_owner") == {("", "EUR"): (1, ten), ("", "USD"): (1, five), ("shop", "USD"): (1, ten)}
    assert figures(store, "by_severity", 0) == {("high", "USD"): (1, Decimal(30)), ("medium", "USD"): (2, Decimal(15))}
    assert figures(store, "net") == figures(store, "cash") == {("", "EUR"): (1, ten), ("", "USD"): (2, Decimal(15))}
    top, _ = store.kpis.rows("default", ["top"], Period(TODAY, DAYS.end))
    assert [(row.currency, row.rank, row.key, row.saving, row.fingerprint) for _, row in top] == [
        ("EUR", 1, "i-4", ten, f"{4:032x}"), ("USD", 1, "i-1", ten, f"{1:032x}"), ("USD", 2, "i-3", five, f"{3:032x}"),
    ]  # fmt: skip


def test_a_rebuild_makes_the_same_bytes_in_place_of_the_old(store: Store) -> None:
    filled(store)
    rebuild(store, "default")
    first = parts(store)
    rebuild(store, "default")
    assert parts(store) == first
    assert len(first) == 2
    assert store.sweep(datetime.now(UTC) + timedelta(days=1)) == 2
    assert figures(store, "total")


def test_the_days_of_a_run_can_be_made_again_alone(store: Store) -> None:
    filled(store)
    rebuild(store, "default")
    first = parts(store)
    kept(store, finding(5, monthly_saving=Decimal(500)), day=TODAY)
    rebuild(store, "default", since=TODAY)
    assert parts(store)[0] == first[0]
    assert figures(store, "total") == {("", "USD"): (2, Decimal(505))}
    again = parts(store)
    rebuild(store, "default")
    assert parts(store) == again


def test_parts_lie_where_any_parquet_reader_finds_them(store: Store) -> None:
    filled(store)
    rebuild(store, "default")
    root = Path(store.lake.root)
    (path,) = (root / f"finops_kpi_gold/tenant_id=default/period={TODAY}").glob("part-*.parquet")
    assert pq.read_schema(path).remove_metadata() == GOLD_SCHEMA
    assert {f.name: str(f.type) for f in GOLD_SCHEMA} == {
        "tenant_id": "string", "period": "date32[day]", "workspace": "string", "kpi": "string", "key": "string",
        "findings": "int64", "saving": "decimal128(38, 18)", "currency": "string", "rank": "int32",
        "fingerprint": "string",
    }  # fmt: skip
    named = duckdb.sql(f"SELECT DISTINCT kpi FROM '{path}'").fetchall()
    assert {name for (name,) in named} == set(KPIS)


def test_workspaces_and_tenants_keep_to_themselves(store: Store) -> None:
    filled(store)
    kept(store, finding(9, monthly_saving=Decimal(99)), workspace="other")
    kept(store, finding(9, monthly_saving=Decimal(77)), tenant="rival")
    for tenant in ("default", "rival"):
        rebuild(store, tenant)
    rows, _ = store.kpis.rows("default", ["total"], DAYS, workspace="other")
    assert [row.saving for _, row in rows] == [Decimal(99)]
    rows, _ = store.kpis.rows("rival", ["total"], DAYS)
    assert [row.saving for _, row in rows] == [Decimal(77)]
    assert store.kpis.rows("nobody", ["total"], DAYS) == ((), ())


def test_figures_are_not_made_without_a_part_that_is_damaged(store: Store) -> None:
    filled(store)
    rebuild(store, "default")
    before = parts(store)
    bad = next((Path(store.lake.root) / "finops_findings").rglob("*.parquet"))
    bad.unlink()
    with pytest.raises(StoreError):
        rebuild(store, "default")
    assert parts(store) == before
    assert store.ledger.runs("default", limit=1)[0].status == "failed"


def test_only_the_largest_savings_are_ranked_and_those_without_dollars_never() -> None:
    many = [finding(number, monthly_saving=Decimal(number)) for number in range(1, 31)]
    rows = kpi_rows(many, {f"{30:032x}": FindingStatus.SNOOZED}, "main")
    top = [row for row in rows if row.kpi == "top"]
    assert [row.saving for row in top] == [Decimal(number) for number in range(29, 29 - TOP, -1)]
    assert [row.rank for row in top] == list(range(1, TOP + 1))
    assert {row.workspace for row in rows} == {"main"}
    assert kpi_rows([], {}, "main") == []

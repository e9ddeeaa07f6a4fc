"""Findings in the lake: what counts, what a re-run replaces, what is put aside, and whose rows they are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from finops.model.errors import InputError, StoreError
from finops.model.findings import Basis, Verdict
from finops.model.period import Period
from finops.store import FindingFilter, FindingOrder, ResourceCost
from finops.store.finding_parts import QUARANTINED
from finops.store.finding_schema import FINDING_SCHEMA, FINDINGS
from finops.store.schema import lake_part
from tests.store.findings import GUARD, IDLE, NOW, TODAY, VOLUME, finding, kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from finops.store import Store

ALL = FindingFilter(verdicts=())
YESTERDAY = TODAY - timedelta(days=1)


def numbers(store: Store, wanted: FindingFilter = ALL, tenant: str = "default", workspace: str = "main") -> list[int]:
    page = store.findings.latest(tenant, workspace, wanted, FindingOrder("resource_id", descending=False))
    assert not page.failures
    assert page.total == len(page.findings)
    return sorted(int(each.fingerprint, 16) for each in page.findings)


def parts(store: Store) -> list[Path]:
    return sorted((Path(store.lake.root) / FINDINGS).rglob("*.parquet"))


def counting(store: Store, tenant: str = "default") -> list[str]:
    return [part.path for part in store.ledger.snapshot(tenant).parts if part.dataset == FINDINGS]


def test_a_finding_comes_back_as_it_was_stored(store: Store) -> None:
    whole = finding(
        1,
        resource_arn="arn:aws:ec2:eu-central-1:111111111111:instance/i-1",
        name="bär 'quote\" \U0001f600",
        issue="gp3",
        monthly_saving=Decimal("12345678901234.123456"),
        monthly_cost=Decimal("0.000001"),
        created=datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        tags={"b": "2", "a": ""},
        evidence={"facts": {"cpu": 1.5, "list": ["x"], "none": None}, "series": {"cpu": [None, 0.1]}},
    )
    bare = finding(2, verdict=Verdict.UNDETERMINED)
    untagged = finding(3, tags={})
    run = kept(store, whole, bare, untagged)
    page = store.findings.latest("default", "main", ALL, FindingOrder("resource_id", descending=False))
    assert page.findings == tuple(replace(each, run_id=run.run_id) for each in (whole, bare, untagged))
    assert (page.total, page.savings) == (3, {"USD": Decimal("12345678901244.123456")})


def test_parts_lie_where_any_parquet_reader_finds_them(store: Store) -> None:
    kept(store, finding(1))
    (path,) = parts(store)
    assert path.parent.relative_to(store.lake.root) == Path("finops_findings/tenant_id=default/run_date=2026-11-20")
    assert path.name.startswith("part-")
    found = duckdb.sql(f"SELECT check_id, tenant_id, monthly_saving, observed::VARCHAR FROM '{path}'").fetchall()
    assert [row[:3] for row in found] == [(IDLE, "default", Decimal(10))]


def test_the_golden_schema_of_a_part(store: Store) -> None:
    kept(store, finding(1))
    (path,) = parts(store)
    assert pq.read_schema(path).remove_metadata() == FINDING_SCHEMA
    text, key = "string", "string not null"
    assert {f.name: str(f.type) + ("" if f.nullable else " not null") for f in FINDING_SCHEMA} == {
        "tenant_id": key, "workspace": key, "run_id": key, "run_date": "date32[day] not null",
        "observed": "timestamp[us, tz=UTC] not null", "fingerprint": key, "finding_id": key, "check_id": key,
        "title": key, "category": key, "account": key, "region": key, "kind": key, "resource_id": text,
        "resource_arn": text, "name": text, "issue": text, "verdict": key, "severity": key, "message": key,
        "monthly_saving": "decimal128(38, 18) not null", "saving_basis": key, "currency": key,
        "monthly_cost": "decimal128(38, 18)", "action_type": key, "implementation_effort": key,
        "restart_needed": "bool not null", "rollback_possible": "bool not null", "source": key,
        "created": "timestamp[us, tz=UTC]", "tags": text, "evidence": key,
    }  # fmt: skip
    row = pq.read_table(path).to_pylist()[0]
    assert [row[name] for name in ("resource_arn", "name", "issue", "tags", "monthly_cost")] == [None] * 5


def test_a_rerun_of_the_day_replaces_only_the_checks_it_covers(store: Store) -> None:
    kept(store, finding(1), finding(2, check_id=VOLUME), checks=(IDLE, VOLUME))
    kept(store, finding(3), checks=(IDLE,))
    assert numbers(store) == [2, 3]
    assert len(counting(store)) == 2
    kept(store, finding(4, check_id=VOLUME), checks=(VOLUME, GUARD))
    assert numbers(store) == [3, 4]
    assert len(counting(store)) == 2
    kept(store, checks=(IDLE, VOLUME, GUARD))
    assert numbers(store) == []
    assert counting(store) == [""]
    assert [(each.run_date, each.checks) for each in store.findings.days("default", "main")] == [
        (TODAY, tuple(sorted((IDLE, VOLUME, GUARD))))
    ]


def test_the_latest_run_that_covered_a_check_counts_for_it(store: Store) -> None:
    kept(store, finding(1), finding(2, check_id=VOLUME), checks=(IDLE, VOLUME), day=YESTERDAY)
    kept(store, finding(3), day=TODAY)
    assert numbers(store) == [2, 3]
    until = store.findings.latest("default", "main", ALL, until=YESTERDAY)
    assert {int(each.fingerprint, 16) for each in until.findings} == {1, 2}
    day = store.findings.of_day("default", "main", YESTERDAY)
    assert [int(each.fingerprint, 16) for each in day.findings] == [2, 1]
    assert [each.run_date for each in store.findings.days("default", "main")] == [YESTERDAY, TODAY]
    # A run of an older day does not take back what a later day found.
    kept(store, finding(9), day=YESTERDAY - timedelta(days=5))
    assert numbers(store) == [2, 3]


def test_workspaces_and_tenants_keep_to_themselves(store: Store) -> None:
    kept(store, finding(1))
    kept(store, finding(2), workspace="other")
    kept(store, finding(3), tenant="rival")
    assert numbers(store) == [1]
    assert numbers(store, workspace="other") == [2]
    assert numbers(store, tenant="rival") == [3]
    assert numbers(store, tenant="rival", workspace="other") == []
    assert store.findings.workspaces("default") == ("main", "other")
    assert store.cubes.coverage("default") == ()


def test_rows_of_another_tenant_inside_a_part_are_never_shown(store: Store) -> None:
    run = kept(store, finding(1))
    (path,) = parts(store)
    mine = pq.read_table(path)
    names = mine.schema.names
    planted = mine.set_column(names.index("tenant_id"), FINDING_SCHEMA.field("tenant_id"), pa.array(["rival"]))
    planted = planted.set_column(names.index("fingerprint"), FINDING_SCHEMA.field("fingerprint"), pa.array(["f" * 32]))
    pq.write_table(pa.concat_tables([mine, planted]), path)
    with store.database.writing() as connection:
        connection.execute(sa.update(lake_part).values(bytes=path.stat().st_size, rows=2))
    store.ledger._cache.clear()  # noqa: SLF001 - the ledger was changed behind its back
    assert run.status == "committed"
    assert numbers(store) == [1]
    assert list(store.findings.seen_dates("default", "main")[0]) == [f"{1:032x}"]


def test_the_same_findings_make_the_same_bytes(store_at: Callable[..., Store], tmp_path: Path) -> None:
    from finops.store.finding_rows import finding_table

    rows = [finding(number, tags={"b": "1", "a": "2"}) for number in range(50)]
    store = store_at()
    for name, given in (("one", rows), ("two", rows[::-1])):
        store.lake.write(f"{name}.parquet", finding_table(given))
    root = Path(store.lake.root)
    assert (root / "one.parquet").read_bytes() == (root / "two.parquet").read_bytes()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (FindingFilter(), [1, 2, 3]),
        (FindingFilter(verdicts=(Verdict.OK, Verdict.UNDETERMINED)), [4, 5]),
        (FindingFilter(checks=(VOLUME,)), [2]),
        (FindingFilter(categories=("storage",)), [2]),
        (FindingFilter(severities=("high", "low")), [3]),
        (FindingFilter(accounts=("222222222222",)), [3]),
        (FindingFilter(regions=("us-east-1",)), [2]),
        (FindingFilter(kinds=("ebs:volume",)), [2]),
        (FindingFilter(min_saving=Decimal("10.000001")), [2]),
        (FindingFilter(search="  WEB i-3 "), [3]),
        (FindingFilter(search="shop"), [3]),
        (FindingFilter(search="%"), [1, 2, 3]),
        (FindingFilter(search="_'"), []),
        (FindingFilter(fingerprints=()), []),
        (FindingFilter(fingerprints={f"{n:032x}" for n in (1, 3, *range(100, 140))}), [1, 3]),
        (FindingFilter(without=[f"{n:032x}" for n in (1, 3)]), [2]),
        (FindingFilter(without=[f"{n:032x}" for n in (2, *range(100, 140))]), [1, 3]),
    ],
)
def test_what_a_filter_lets_through(store: Store, wanted: FindingFilter, found: list[int]) -> None:
    kept(
        store,
        finding(1),
        finding(
            2,
            check_id=VOLUME,
            category="storage",
            kind="ebs:volume",
            region="us-east-1",
            monthly_saving=Decimal(11),
        ),
        finding(3, severity="high", account="222222222222", name="web-1", tags={"Team": "shop"}),
        finding(4, verdict=Verdict.OK),
        finding(5, verdict=Verdict.UNDETERMINED),
        checks=(IDLE, VOLUME),
    )
    assert numbers(store, wanted) == found


def test_pages_are_sorted_and_counted(store: Store) -> None:
    kept(
        store,
        *(finding(number, monthly_saving=Decimal(number % 3 + 1)) for number in range(10)),
        finding(10, currency="EUR", monthly_saving=Decimal(9)),
    )

    def page(sort: str, *, descending: bool = True, limit: int = 4, offset: int = 0) -> list[int]:
        found = store.findings.latest(
            "default", "main", order=FindingOrder(sort, descending=descending, limit=limit, offset=offset)
        )
        assert (found.total, found.savings) == (11, {"EUR": Decimal(9), "USD": Decimal(19)})
        return [int(each.fingerprint, 16) for each in found.findings]

    assert page("monthly_saving") == [10, 2, 5, 8]
    assert page("monthly_saving", offset=4) == [1, 4, 7, 0]
    assert page("monthly_saving", descending=False) == [0, 3, 6, 9]
    assert page("monthly_cost", offset=9) == [9, 10]
    with pytest.raises(InputError):
        page("1; DROP TABLE x")


def test_first_and_last_seen_are_those_of_flagged_days_that_count(store: Store) -> None:
    days = [TODAY - timedelta(days=back) for back in (3, 2, 1, 0)]
    for day in days:
        verdict = Verdict.OK if day == days[0] else Verdict.FLAGGED
        kept(store, finding(1, verdict=verdict), finding(2), day=day)
    kept(store, finding(1), day=days[-1])
    seen, failures = store.findings.seen_dates("default", "main")
    assert not failures
    assert [moment.date() for moment in seen[f"{1:032x}"]] == [days[1], days[3]]
    assert [moment.date() for moment in seen[f"{2:032x}"]] == [days[0], days[2]]
    assert seen[f"{1:032x}"].first == datetime.combine(days[1], NOW.time(), UTC)


# Parts that cannot be read


def spoil_truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def spoil_missing(path: Path) -> None:
    path.unlink()


def spoil_inside(path: Path) -> None:
    """The same size, a valid footer, and nonsense where the rows are."""
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [spoil_truncated, spoil_missing, spoil_inside])
def test_a_damaged_part_is_put_aside_by_name_and_the_rest_answers(store: Store, spoil: Callable[[Path], None]) -> None:
    kept(store, *(finding(number, message=os.urandom(40).hex()) for number in range(100)), day=YESTERDAY)
    (bad,) = parts(store)
    kept(store, finding(200, check_id=VOLUME), checks=(VOLUME,), day=TODAY)
    spoil(bad)
    for _ in range(2):
        page = store.findings.latest("default", "main", ALL)
        assert [int(each.fingerprint, 16) for each in page.findings] == [200]
        (failure,) = page.failures
        assert failure.code == QUARANTINED
        assert str(bad.relative_to(store.lake.root)) in failure.message
    failures = []
    days = Period(YESTERDAY, TODAY + timedelta(days=1))
    found = list(store.findings.between("default", "main", days, [IDLE, VOLUME], failures))
    assert [row.run_date for row in found] == [TODAY]
    assert [each.code for each in failures] == [QUARANTINED]
    assert store.findings.of_day("default", "main", YESTERDAY).failures
    # The next run of the check makes the answer whole again.
    kept(store, finding(1), day=TODAY)
    assert numbers(store) == [1, 200]


@pytest.mark.parametrize("change", ["type", "missing"])
def test_a_part_of_another_schema_is_put_aside(store: Store, change: str) -> None:
    kept(store, finding(1), day=YESTERDAY)
    (path,) = parts(store)
    kept(store, finding(2, check_id=VOLUME), checks=(VOLUME,))
    table = pq.read_table(path).drop_columns(["monthly_saving"])
    if change == "type":
        table = table.append_column("monthly_saving", pa.array(["ten"]))
    pq.write_table(table, path)
    with store.database.writing() as connection:
        mine = lake_part.c.path == str(path.relative_to(store.lake.root))
        connection.execute(sa.update(lake_part).where(mine).values(bytes=path.stat().st_size))
    store.ledger._cache.clear()  # noqa: SLF001 - the ledger was changed behind its back
    page = store.findings.latest("default", "main", ALL)
    assert [int(each.fingerprint, 16) for each in page.findings] == [2]
    (failure,) = page.failures
    assert "schema" in failure.message
    assert path.name in failure.message


def test_a_part_that_a_backup_brings_back_counts_again(store: Store) -> None:
    kept(store, finding(1))
    (path,) = parts(store)
    content = path.read_bytes()
    path.unlink()
    assert store.findings.latest("default", "main").failures
    path.write_bytes(content)
    assert numbers(store) == [1]


# Writers


def test_findings_of_somebody_else_are_refused(store: Store) -> None:
    run = store.findings.begin("default")
    own = finding(1, run_id=run.run_id)
    for wrong in (
        replace(own, tenant="rival"),
        replace(own, workspace="other"),
        replace(own, run_date=YESTERDAY),
        replace(own, run_id="x"),
        replace(own, check_id=VOLUME),
    ):
        with pytest.raises(StoreError):
            store.findings.replace("default", [wrong], run, workspace="main", run_date=TODAY, checks=[IDLE])
    with pytest.raises(StoreError):
        store.findings.replace("rival", [], run, workspace="main", run_date=TODAY, checks=[IDLE])
    foreign = store.ledger.begin("default", "costs.refresh", "cost_explorer")
    with pytest.raises(StoreError):
        store.findings.replace("default", [], foreign, workspace="main", run_date=TODAY, checks=[IDLE])
    store.findings.replace("default", [own], run, workspace="main", run_date=TODAY, checks=[IDLE])
    with pytest.raises(StoreError):
        store.findings.replace("default", [own], run, workspace="main", run_date=TODAY, checks=[IDLE])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_four_writers_at_once_lose_nothing(
    kind: str, request: pytest.FixtureRequest, store_at: Callable[..., Store], tmp_path: Path
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
        store = store_at()
    else:
        from finops.store.upgrade import upgrade

        url = request.getfixturevalue("postgres_url")
        upgrade(url)
        store = store_at(url)
    stores = [store_at(url) for _ in range(4)]

    def write(number: int) -> None:
        for round_ in range(5):
            check = f"aws.some.check_{number}"
            kept(stores[number], finding(number * 100 + round_, check_id=check), checks=(check, "aws.some.shared"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert numbers(store) == [4, 104, 204, 304]
    assert len(counting(store)) == 4
    assert store.findings.days("default", "main")[0].checks[-1] == "aws.some.shared"


KILLED = """
import os, sys
from datetime import UTC, datetime
from finops.store import open_store
from tests.store.findings import finding, kept
store = open_store(database_url=sys.argv[1], lake_url=sys.argv[2], ceiling=None, promoted_tags=(),
                   now=lambda: datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
store.ledger.commit = lambda *given, **more: os.kill(os.getpid(), 9)
kept(store, finding(2))
"""


def test_a_process_killed_between_writing_and_committing_leaves_nothing_to_see(store: Store, tmp_path: Path) -> None:
    kept(store, finding(1))
    script = KILLED.replace("store.ledger.commit", "type(store.ledger).commit")
    arguments = [sys.executable, "-c", script, f"sqlite:///{tmp_path / 'store.db'}", store.lake.root]
    ended = subprocess.run(arguments, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == -9
    assert len(parts(store)) == 2
    assert numbers(store) == [1]
    assert len(store.findings.days("default", "main")) == 1
    assert store.sweep(datetime.now(UTC) + timedelta(days=1)) == 1
    assert numbers(store) == [1]


# Judged again, and joined with costs


def observed(number: int) -> dict[str, object]:
    return {
        "facts": {"state": "running", "age_days": number % 400},
        "series": {"cpu_average": [1.5, None] * 7, "cpu_maximum": [float(number % 100)] * 14},
        "amounts": {"bill": "12.340000"},
        "window": ["2026-11-06", "2026-11-20"],
    }


def test_thirty_thousand_observations_are_read_back_in_about_a_second(store: Store) -> None:
    tags = {"Owner": "shop", "Environment": "prod"}
    kept(store, *(finding(number, evidence=observed(number), tags=tags) for number in range(30_000)))
    days = Period(TODAY, TODAY + timedelta(days=1))
    begun = time.perf_counter()
    found = list(store.findings.between("default", "main", days, [IDLE]))
    spent = time.perf_counter() - begun
    print(f"30,000 observations in {spent:.2f} s")  # noqa: T201 - what a person runs this for
    assert spent < 6  # a loaded machine; alone it takes less than one
    first = found[0]
    assert len(found) == 30_000
    assert (first.run_date, first.verdict, first.monthly_saving) == (TODAY, Verdict.FLAGGED, Decimal(10))
    seen = first.observation
    assert (seen.facts, seen.amounts, seen.tags) == (observed(0)["facts"], {"bill": Decimal("12.34")}, tags)
    assert seen.series["cpu_average"] == (1.5, None) * 7
    assert (seen.window_start, seen.window_end) == (date(2026, 11, 6), TODAY)
    assert [row.fingerprint for row in store.findings.observations("default", "main", [VOLUME])] == []
    assert sum(1 for _ in store.findings.observations("default", "main", [IDLE])) == 30_000


def test_findings_are_enriched_with_what_their_resources_cost(store: Store) -> None:
    arn = "arn:aws:s3:::bucket-1"
    kept(
        store,
        finding(1, resource_arn=arn, resource_id="bucket-1"),
        finding(2, resource_id="i-2"),
        finding(3, resource_id="i-3"),
        finding(4, resource_id="i-4"),
        finding(5, resource_id="i-5"),
        finding(6, resource_id="same"),
        finding(7, resource_id="same", account="222222222222"),
        finding(8, resource_id="i-8"),
    )
    mine, other = "111111111111", "333333333333"
    costs = [
        ResourceCost(arn, "", Decimal(1), Decimal(4), source="cur"),
        ResourceCost("bucket-1", mine, Decimal(99), Decimal(99)),
        ResourceCost("i-2", mine, Decimal("0.1"), Decimal("0.2"), source="cur"),
        ResourceCost("i-2", other, Decimal(5), Decimal(5)),
        ResourceCost("i-3", "", None, Decimal(3), "EUR", source="cost_explorer"),
        ResourceCost("i-4", other, Decimal(1), Decimal(1)),
        ResourceCost("i-4", "444444444444", Decimal(1), Decimal(1)),
        ResourceCost("same", "", Decimal(1), Decimal(1)),
        ResourceCost("i-8", mine, Decimal(1), Decimal(1)),
        ResourceCost("i-8", mine, Decimal(1), Decimal(1), "EUR"),
    ]
    rows, failures = store.findings.enriched("default", "main", costs)
    assert not failures
    found = {
        int(str(row["fingerprint"]), 16): (
            row["actual.cost_7d"], row["actual.cost_30d"], row["actual.currency"], row["actual.attribution.source"],
            row["actual.attribution.method"], row["actual.attribution.confidence"],
        )
        for row in rows
    }  # fmt: skip
    nothing = (None, None, None, None, "none", "none")
    assert found == {
        1: (Decimal(1), Decimal(4), "USD", "cur", "arn", "high"),
        2: (Decimal("0.1"), Decimal("0.2"), "USD", "cur", "resource_id_and_account", "high"),
        3: (None, Decimal(3), "EUR", "cost_explorer", "resource_id", "medium"),
        4: nothing, 5: nothing, 6: nothing, 7: nothing, 8: nothing,
    }  # fmt: skip
    assert rows[0]["monthly_saving"] == Decimal(10)
    assert rows[0]["source"] == "FinOps"
    bare, _ = store.findings.enriched("default", "main", [])
    assert {row["actual.attribution.confidence"] for row in bare} == {"none"}
    assert len(bare) == 8
    assert Basis(str(bare[0]["saving_basis"])) is Basis.MEASURED

"""Imported lines and the gold built from them: same money, whichever way it is asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.model.costs import Filter, Granularity
from finops.model.errors import InputError, StoreError
from finops.model.money import exact_sum
from finops.model.period import Period
from finops.store import CubeSelect, Scope
from tests.store.facts import BOTH, OCTOBER, day, imported, line, line_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from finops.store import CubeTable, Store

CUBES = ("account_service", "region", "usage_type", "tag:Environment", "lines")


def asked(
    store: Store, cube: str, *group_by: str, period: Period = BOTH, metric: str = "billed", **more: object
) -> CubeTable:
    return store.cubes.select(
        CubeSelect("default", "focus", cube, period, metric, group_by=group_by, **more)  # type: ignore[arg-type]
    )


def test_gold_and_lines_give_the_same_figures(store: Store) -> None:
    lines = [
        line(
            "2026-10-03 05:00", "1.25", tags=[("Environment", "prod")], region_id="eu-central-1", usage_type="BoxUsage"
        ),
        line("2026-10-03 06:00", "0.000000000000000001", tags=[("Environment", "prod"), ("Owner", "ann")]),
        line("2026-10-04", "-0.5", charge_category="Credit", service_name="S3", tags=[]),
        line("2026-10-05", "3", service_name=None, sub_account_id=None, tags=[("environment", "other key")]),
    ]
    outcome = imported(store, lines)
    whole = Decimal("3.750000000000000001")
    assert (outcome.imported, outcome.replaced, outcome.billing_periods) == (4, 0, ("2026-10",))
    assert outcome.totals == {"billed": {"USD": whole}}
    for cube in CUBES:
        found = asked(store, cube, "service", bucket=Granularity.DAILY)
        assert found.control == {"USD": whole}, cube
        assert [(row.day, row.keys, row.amount) for row in found.rows] == [
            (day("2026-10-03"), ("EC2",), Decimal("1.250000000000000001")),
            (day("2026-10-04"), ("S3",), Decimal("-0.5")),
            (day("2026-10-05"), ("",), Decimal(3)),
        ], cube
    for cube in ("tag:Environment", "lines"):
        by_tag = asked(store, cube, "tag:Environment")
        assert {row.keys[0]: row.amount for row in by_tag.rows} == {
            "prod": Decimal("1.250000000000000001"),
            "": Decimal("2.5"),
        }
    assert {row.keys[0]: row.amount for row in asked(store, "lines", "tag:Owner").rows} == {
        "ann": Decimal("0.000000000000000001"),
        "": Decimal("3.75"),
    }


def test_a_second_import_replaces_its_billing_period_and_nothing_else(store: Store) -> None:
    imported(store, [line("2026-10-03", "1")])
    imported(store, [line("2026-10-03", "10")], account="another payer")
    imported(store, [line("2026-11-03", "100")], month="2026-11")
    again = imported(store, [line("2026-10-04", "2"), line("2026-10-05", "2")])
    assert again.replaced == 1
    for cube in CUBES:
        assert asked(store, cube).control == {"USD": 114}, cube
        assert asked(store, cube, period=Period(day("2026-10-03"), day("2026-10-04"))).control == {"USD": 10}, cube


def test_several_files_of_one_period_in_one_import_add_up(store: Store) -> None:
    run = store.ledger.begin("default", "bill.import", "focus")
    with store.lines.begin("default", "focus", run) as writer:
        for amount in ("1", "2"):
            writer.write(line_table([line("2026-10-03", amount)]), Scope("AWS", "9", "2026-10"))
        writer.write(line_table([line("2026-11-03", "4")]), Scope("AWS", "9", "2026-11"))
        outcome = writer.commit(detail={"files": 3})
    assert (outcome.imported, outcome.billing_periods) == (3, ("2026-10", "2026-11"))
    assert asked(store, "account_service").control == {"USD": 7}
    assert store.ledger.last_good("default", "focus").detail == {"files": 3}  # type: ignore[union-attr]


def test_an_import_that_breaks_off_leaves_the_stored_lines(store: Store, tmp_path: Path) -> None:
    imported(store, [line("2026-10-03", "1")])
    files = set(tmp_path.rglob("*.parquet"))
    run = store.ledger.begin("default", "bill.import", "focus")
    with store.lines.begin("default", "focus", run) as writer:
        writer.write(line_table([line("2026-10-03", "50")]), Scope("AWS", "999", "2026-10"))
    assert asked(store, "lines").control == asked(store, "account_service").control == {"USD": 1}
    assert set(tmp_path.rglob("*.parquet")) == files
    assert sorted(each.status for each in store.ledger.runs("default")) == ["committed", "failed"]


def test_a_charge_outside_its_billing_period_is_counted_on_its_own_day(store: Store) -> None:
    imported(store, [line("2026-10-03", "1"), line("2026-09-28", "7")])
    entry = next(each for each in store.cubes.coverage("default") if each.cube.name == "account_service")
    assert entry.period == Period(day("2026-09-28"), day("2026-11-01"))
    assert entry.missing == (Period(day("2026-09-29"), day("2026-10-01")),)
    whole = Period(day("2026-09-01"), day("2026-11-01"))
    for cube in CUBES:
        assert asked(store, cube, period=whole).control == {"USD": 8}
    imported(store, [line("2026-10-03", "1")])
    for cube in CUBES:
        assert asked(store, cube, period=whole).control == {"USD": 1}, "the correction went with the bill that held it"


def test_a_bill_whose_charges_all_fall_outside_it_does_not_make_its_month_known(store: Store) -> None:
    imported(store, [line("2026-09-30", "7")])
    entry = next(each for each in store.cubes.coverage("default") if each.cube.name == "account_service")
    assert entry.period == Period(day("2026-09-30"), day("2026-10-01"))


def test_account_names_and_tag_keys_of_a_bill_are_known_without_opening_it(store: Store) -> None:
    named = line("2026-10-01", "1") | {"sub_account_id": "1", "sub_account_name": "prod", "tags": [("team", "a")]}
    imported(store, [named, line("2026-10-02", "1")])
    entry = next(each for each in store.cubes.coverage("default") if each.cube.name == "lines")
    assert entry.account_names == {"1": "prod"}
    assert entry.cube.answers(frozenset({"tag:team", "service"}))


def test_a_running_billing_period_is_held_up_to_its_last_charge_and_estimated(store: Store) -> None:
    imported(store, [line("2026-11-01", "1"), line("2026-11-18", "1")], month="2026-11")
    for entry in store.cubes.coverage("default"):
        assert entry.period == Period(day("2026-11-01"), day("2026-11-19"))
        assert entry.estimated_from == day("2026-11-01")
    for cube in CUBES:
        assert asked(store, cube).estimated


def test_a_metric_without_figures_is_not_offered_and_gaps_are_counted(store: Store) -> None:
    imported(store, [line("2026-10-01", "1", effective_cost=Decimal(2)), line("2026-10-02", "1", effective_cost=None)])
    for entry in store.cubes.coverage("default"):
        assert [str(metric) for metric in entry.metrics] == ["billed", "effective"]
    for cube in CUBES:
        found = asked(store, cube, metric="effective")
        assert (found.control, found.null_amounts) == ({"USD": 2}, 1), cube
    with pytest.raises(InputError, match="billed, effective, list, contracted"):
        asked(store, "lines", metric="unblended")


def test_unknown_columns_bad_values_and_lines_without_a_date_are_refused(store: Store) -> None:
    for table, said in (
        (line_table([line("2026-10-01", "1", x_Something="y")]), "x_something"),
        (pa.table({"charge_date": ["2026-10-01"], "billed_cost": ["a lot"]}), "cannot be stored"),
        (pa.table({"charge_date": ["2026-10-01"], "billed_cost": ["123456789012345678901"]}), "cannot be stored"),
        (pa.table({"billed_cost": ["1"]}), "charge_date"),
    ):
        run = store.ledger.begin("default", "bill.import", "focus")
        with pytest.raises(StoreError, match=said), store.lines.begin("default", "focus", run) as writer:
            writer.write(table, Scope("AWS", "9", "2026-10"))
    assert store.cubes.coverage("default") == ()


def test_a_parquet_file_or_a_view_of_the_importers_own_connection(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "o'clock.parquet"
    pq.write_table(line_table([line("2026-10-01", "1")]), path)
    run = store.ledger.begin("default", "bill.import", "focus")
    with store.lines.begin("default", "focus", run) as writer, duckdb.connect() as connection:
        assert writer.write(path, Scope("AWS", "1", "2026-10")) == 1
        connection.execute(
            "CREATE VIEW given AS SELECT DATE '2026-10-02' charge_date, 2.5 billed_cost, 'USD' billing_currency"
        )
        assert writer.copy(connection, "given", Scope("AWS", "2", "2026-10")) == 1
        with pytest.raises(StoreError, match="plain name"):
            writer.copy(connection, "given; DROP VIEW given", Scope("AWS", "2", "2026-10"))
        writer.commit()
    assert asked(store, "lines").control == {"USD": Decimal("3.5")}


def test_costliest_resources_of_a_service(store: Store) -> None:
    lines = [
        line("2026-10-01", "1", resource_id="i-1", resource_name="web", region_id="eu-central-1"),
        line("2026-10-02", "1", resource_id="i-1", resource_name="web", region_id="eu-central-1"),
        line("2026-10-02", "9", resource_id="i-2"),
        line("2026-10-02", "5", resource_id="bucket", service_name="S3"),
        line("2026-10-02", "5", resource_id=None),
    ]
    imported(store, lines)
    found = store.cubes.resources("default", OCTOBER, service="EC2", metric="billed")
    assert [(row.resource_id, row.resource_name, row.region, row.amount) for row in found] == [
        ("i-2", "", "", 9),
        ("i-1", "web", "eu-central-1", 2),
    ]
    assert len(store.cubes.resources("default", OCTOBER, service="EC2", metric="billed", limit=1)) == 1


def test_a_tag_promoted_later_answers_from_lines_at_once_and_from_gold_after_a_rebuild(
    store_at: Callable[..., Store],
) -> None:
    tags = [("Environment", "prod"), ("CostCenter", "42"), ("costcenter", "43")]
    imported(store_at(), [line("2026-10-01", "1", tags=tags)])
    store = store_at(tags=("Environment", "CostCenter", "costcenter"))
    imported(store, [line("2026-11-01", "2", tags=tags)], month="2026-11")
    for key, value in (("CostCenter", "42"), ("costcenter", "43")):
        assert [row.keys for row in asked(store, "lines", f"tag:{key}").rows] == [(value,)]
        assert asked(store, f"tag:{key}").control == {"USD": 2}
    store.lines.rebuild_gold("default", "focus")
    for key, value in (("CostCenter", "42"), ("costcenter", "43")):
        found = asked(store, f"tag:{key}", f"tag:{key}")
        assert [(row.keys, row.amount) for row in found.rows] == [((value,), 3)]


def test_cost_categories_of_lines(store: Store) -> None:
    imported(store, [line("2026-10-01", "1", cost_categories=[("Team", "Core")]), line("2026-10-01", "2")])
    found = asked(store, "lines", "category:Team", filters=(Filter("category:Team", ("", "Core")),))
    assert {row.keys[0]: row.amount for row in found.rows} == {"Core": 1, "": 2}


def test_another_tenants_lines_never_appear(store: Store) -> None:
    imported(store, [line("2026-10-01", "1")])
    imported(store, [line("2026-10-01", "100")], tenant="other")
    for cube in CUBES:
        assert asked(store, cube).control == {"USD": 1}
    run = store.ledger.begin("other", "bill.import", "focus")
    with pytest.raises(StoreError):
        store.lines.begin("default", "focus", run)


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=18)
TEXTS = st.text(max_size=30).filter(lambda text: "\x00" not in text)
LINES = st.lists(
    st.tuples(
        AMOUNTS, st.integers(1, 31), st.sampled_from(["EC2", "S3", None]), st.dictionaries(TEXTS, TEXTS, max_size=3)
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, key=TEXTS.filter(bool))
def test_any_lines_sum_exactly_by_any_grouping(
    store: Store, lines: list[tuple[Decimal, int, str | None, dict[str, str]]], key: str
) -> None:
    given_lines = [
        line(f"2026-10-{number:02}", str(amount), service_name=service, tags=list({**tags, key: "v"}.items()))
        for amount, number, service, tags in lines
    ]
    imported(store, given_lines)
    expected = exact_sum(amount for amount, *_ in lines)
    for cube in CUBES:
        for groups in ((), ("service",), ("service", "charge_category")):
            found = asked(store, cube, *groups, period=OCTOBER)
            assert found.control == {"USD": expected}
            assert exact_sum(row.amount for row in found.rows) == expected
    by_tag = asked(store, "lines", f"tag:{key}", period=OCTOBER)
    assert [row.keys for row in by_tag.rows] == [("v",)]


def test_charge_date_is_the_utc_day_of_the_charge_period(store: Store) -> None:
    imported(store, [line("2026-10-31 23:59:59", "1"), line("2026-11-01 00:00:00", "2")])
    assert asked(store, "lines", period=OCTOBER).control == {"USD": 1}


def test_files_of_an_import_whose_commit_failed_wait_for_the_sweep(store: Store, tmp_path: Path) -> None:
    run = store.ledger.begin("default", "bill.import", "focus")
    with store.lines.begin("default", "focus", run) as writer:
        writer.write(line_table([line("2026-10-03", "1")]), Scope("AWS", "1", "2026-10"))
        (part,) = (tmp_path / "lake" / "cost_lines").rglob("*.parquet")
        part.write_bytes(b"PAR1")
        with pytest.raises(StoreError, match="import that bill again"):
            writer.commit()
    assert part.exists()
    assert store.ledger.runs("default")[0].status == "failed"
    assert asked(store, "lines").control == {}

"""Cubes: what a refresh stores is what questions get back, to the last digit."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.model.costs import CostRow, CubeSpec, Filter, Granularity
from finops.model.errors import FinopsError, InputError, StoreError
from finops.model.money import exact_sum
from finops.model.period import Period
from finops.store import CubeSelect
from tests.store.facts import ACCOUNT_SERVICE, BOTH, NOVEMBER, NOW, OCTOBER, daily, day, draft, refreshed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from finops.store import CubeTable, Store


def asked(store: Store, period: Period = BOTH, *group_by: str, tenant: str = "default", **more: object) -> CubeTable:
    given_parts: dict[str, object] = {
        "source": "cost_explorer",
        "cube": "account_service",
        "metric": "unblended",
        **more,
    }
    return store.cubes.select(CubeSelect(tenant=tenant, period=period, group_by=group_by, **given_parts))  # type: ignore[arg-type]


def total(store: Store, period: Period = BOTH, **more: object) -> Decimal:
    return asked(store, period, **more).control.get("USD", Decimal(0))


def test_days_of_a_draft_are_replaced_and_all_others_stay(store: Store) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    later = Period(day("2026-10-30"), day("2026-11-03"))
    refreshed(store, draft(later, daily(later, "10")))
    assert total(store) == (BOTH.days - 4) * 1 + 40
    assert total(store, later) == 40


def test_a_day_whose_cost_vanished_is_held_and_zero(store: Store) -> None:
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")))
    refreshed(store, draft(NOVEMBER, []))
    (entry,) = store.cubes.coverage("default")
    assert (entry.period, entry.missing, entry.rows) == (NOVEMBER, (), 0)
    assert asked(store, NOVEMBER, "service").rows == ()


def test_rows_come_by_bucket_then_largest_first_and_add_up_to_the_control(store: Store) -> None:
    rows = [*daily(BOTH, "1", service="EC2"), *daily(BOTH, "2.5", service="S3"), *daily(BOTH, "-3", service="Credits")]
    refreshed(store, draft(BOTH, rows))
    found = asked(store, BOTH, "service", bucket=Granularity.MONTHLY)
    assert [(row.day, row.keys, row.amount) for row in found.rows] == [
        (OCTOBER.start, ("S3",), Decimal("77.5")),
        (OCTOBER.start, ("EC2",), Decimal(31)),
        (OCTOBER.start, ("Credits",), Decimal(-93)),
        (NOVEMBER.start, ("S3",), Decimal("47.5")),
        (NOVEMBER.start, ("EC2",), Decimal(19)),
        (NOVEMBER.start, ("Credits",), Decimal(-57)),
    ]
    assert exact_sum(row.amount for row in found.rows) == found.control["USD"] == Decimal(25)


def test_one_total_without_groups_and_a_figure_a_day(store: Store) -> None:
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "0.1")))
    assert asked(store, NOVEMBER).rows == (CostRow((), None, Decimal("1.9"), "USD"),)
    by_day = asked(store, NOVEMBER, bucket=Granularity.DAILY)
    assert [row.day for row in by_day.rows] == list(NOVEMBER.dates())
    assert by_day.control == {"USD": Decimal("1.9")}


def test_filters_keep_exclude_and_find_cost_without_a_value(store: Store) -> None:
    spec = CubeSpec("tag:Owner", ("tag:Owner", "account"))
    costs = {"ann": "1", "bob": "2", "": "4", None: "8"}
    rows: list[dict[str, str | None]] = [
        {"charge_date": "2026-11-02", "unblended": amount, "tag_value": value, "account": "1"}
        for value, amount in costs.items()
    ]
    refreshed(store, draft(NOVEMBER, rows, cube=spec))
    expected = {
        (("ann",), False): 1, (("ann",), True): 14, (("",), False): 12, (("",), True): 3,
        (("ann", ""), False): 13, (("ann", ""), True): 2, ((), False): 0, ((), True): 15,
    }  # fmt: skip
    for (values, exclude), amount in expected.items():
        conditions = (Filter("tag:Owner", values, exclude),)
        assert total(store, NOVEMBER, cube="tag:Owner", filters=conditions) == amount, (values, exclude)
    found = asked(store, NOVEMBER, "tag:Owner", cube="tag:Owner")
    assert {row.keys[0]: row.amount for row in found.rows} == {"ann": 1, "bob": 2, "": 12}


def test_currencies_are_never_added(store: Store) -> None:
    rows = [*daily(NOVEMBER, "1"), *daily(NOVEMBER, "2", currency="EUR")]
    refreshed(store, draft(NOVEMBER, rows))
    found = asked(store, NOVEMBER, "service")
    assert found.control == {"USD": 19, "EUR": 38}
    assert {(row.currency, row.amount) for row in found.rows} == {("USD", 19), ("EUR", 38)}
    assert asked(store, NOVEMBER, currency="EUR").control == {"EUR": 38}


AMOUNT_TEXTS = st.decimals(min_value=-(10**12), max_value=10**12, places=18).flatmap(
    lambda value: st.sampled_from([format(value, "f"), str(value), f"{value:E}"])
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(AMOUNT_TEXTS, min_size=1, max_size=30))
def test_sums_are_exact_to_the_eighteenth_digit(store: Store, texts: list[str]) -> None:
    rows = [
        {"charge_date": str(OCTOBER.start + timedelta(days=n % 40)), "service": f"s{n % 3}", "unblended": text}
        for n, text in enumerate(texts)
    ]
    refreshed(store, draft(Period(OCTOBER.start, day("2026-12-01")), rows))
    expected = exact_sum(Decimal(text) for text in texts)
    whole = Period(OCTOBER.start, day("2026-12-01"))
    for bucket in Granularity:
        found = asked(store, whole, "service", bucket=bucket)
        assert found.control == {"USD": expected}
        assert exact_sum(row.amount for row in found.rows) == expected


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e30", "1e21", "0.0000000000000000001", "", " ", "1,5", "0x10", "१"]
)
def test_money_that_cannot_be_kept_exactly_changes_nothing(store: Store, text: str) -> None:
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")))
    version = store.cubes.version("default")
    with pytest.raises(StoreError, match="unblended"):
        refreshed(store, draft(NOVEMBER, daily(NOVEMBER, text)))
    assert store.cubes.version("default") == version
    assert total(store) == 19


def test_rows_outside_their_period_or_without_a_date_are_refused(store: Store) -> None:
    for wrong in ("2026-12-01", "2026-13-01", "yesterday", None):
        with pytest.raises(StoreError):
            refreshed(store, draft(NOVEMBER, [{"charge_date": wrong, "unblended": "1"}]))
    with pytest.raises(StoreError, match="colour"):
        refreshed(store, draft(NOVEMBER, [{"charge_date": "2026-11-02", "colour": "red"}]))
    assert store.cubes.coverage("default") == ()


def test_coverage_tells_days_gaps_metrics_and_estimates_without_files(store: Store, tmp_path: Path) -> None:
    refreshed(store, draft(OCTOBER, daily(OCTOBER, "1", amortized="2")))
    tail = Period(day("2026-11-10"), day("2026-11-20"))
    refreshed(store, draft(tail, daily(tail, "1", amortized="2", estimated="true", currency="EUR")))
    for path in (tmp_path / "lake").rglob("*.parquet"):
        path.unlink()
    (entry,) = store.cubes.coverage("default")
    assert entry.cube == ACCOUNT_SERVICE
    assert (entry.source, entry.grain, entry.rows) == ("cost_explorer", Granularity.DAILY, 41)
    assert entry.period == Period(OCTOBER.start, tail.end)
    assert entry.missing == (Period(day("2026-11-01"), day("2026-11-10")),)
    assert [str(metric) for metric in entry.metrics] == ["unblended", "amortized"]
    assert entry.currencies == ("EUR", "USD")
    assert (entry.estimated_from, entry.fetched_at) == (tail.start, NOW)


def test_estimated_days_are_marked_in_rows_and_answer(store: Store) -> None:
    rows = [*daily(OCTOBER, "1"), *daily(NOVEMBER, "1", estimated="true")]
    refreshed(store, draft(BOTH, rows))
    found = asked(store, BOTH, bucket=Granularity.MONTHLY)
    assert [row.estimated for row in found.rows] == [False, True]
    assert found.estimated
    assert not asked(store, OCTOBER).estimated


def test_figures_that_are_missing_are_counted_not_taken_for_zero(store: Store) -> None:
    refreshed(
        store,
        draft(NOVEMBER, [*daily(NOVEMBER, "1"), {"charge_date": "2026-11-02", "service": "S3", "unblended": None}]),
    )
    found = asked(store, NOVEMBER, "service")
    assert found.null_amounts == 1
    assert [row.keys for row in found.rows] == [("EC2",)]
    nothing = asked(store, NOVEMBER, "service", metric="amortized")
    assert (nothing.rows, nothing.control, nothing.null_amounts) == ((), {}, 20)


def test_daily_and_monthly_rows_of_a_cube_do_not_mix(store: Store) -> None:
    monthly = [{"charge_date": "2026-10-01", "service": "EC2", "unblended": "31"}]
    refreshed(store, draft(OCTOBER, daily(OCTOBER, "1")), draft(OCTOBER, monthly, grain=Granularity.MONTHLY))
    assert total(store, OCTOBER) == total(store, OCTOBER, grain=Granularity.MONTHLY) == 31
    assert {entry.grain for entry in store.cubes.coverage("default")} == {Granularity.DAILY, Granularity.MONTHLY}


def test_day_totals_for_the_probe(store: Store) -> None:
    probe = CubeSpec("charge_type_service", ("charge_type", "service"))
    rows = [
        *daily(NOVEMBER, "1", service="EC2", charge_type="Usage", net_amortized="0.9"),
        *daily(NOVEMBER, "2", service="S3", charge_type="Usage", net_amortized="1.8"),
        *daily(NOVEMBER, "-1", service="EC2", charge_type="Credit", net_amortized="-1"),
    ]
    refreshed(store, draft(NOVEMBER, rows, cube=probe))
    found = store.cubes.day_totals(
        "default", "cost_explorer", "charge_type_service", Period(day("2026-11-03"), day("2026-11-04"))
    )
    assert [(each.day, each.charge_type, each.unblended, each.net_amortized, each.blended) for each in found] == [
        (day("2026-11-03"), "Credit", -1, -1, None),
        (day("2026-11-03"), "Usage", 3, Decimal("2.7"), None),
    ]


def test_values_of_a_dimension_costliest_first(store: Store) -> None:
    rows = [
        *daily(NOVEMBER, "1", service="EC2"),
        *daily(NOVEMBER, "3", service="S3"),
        *daily(OCTOBER, "9", service="RDS"),
    ]
    refreshed(store, draft(BOTH, rows))
    assert store.cubes.distinct("default", "service", NOVEMBER) == ("S3", "EC2")
    assert store.cubes.distinct("default", "region", NOVEMBER) == ()


def test_another_tenants_rows_never_appear(store: Store) -> None:
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1", service="ours")))
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "100", service="theirs")), tenant="default-2")
    assert total(store) == 19
    assert store.cubes.distinct("default", "service", BOTH) == ("ours",)
    assert total(store, tenant="default-2") == 1900
    assert store.cubes.coverage("nobody") == ()
    for hostile in ("*", "default*", "../default", "a/b", "", "DEFAULT", "a" * 64, "default\n"):
        with pytest.raises(InputError, match="tenant"):
            total(store, tenant=hostile)
        with pytest.raises(InputError, match="tenant"):
            store.ledger.begin(hostile, "costs.refresh", "cost_explorer")


def test_what_a_cube_does_not_carry_is_an_error_not_an_empty_answer(store: Store) -> None:
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")))
    with pytest.raises(InputError, match="region"):
        asked(store, NOVEMBER, "region")
    with pytest.raises(InputError, match="metric"):
        asked(store, NOVEMBER, metric="unblended) FROM secrets --")


def test_a_run_commits_once(store: Store) -> None:
    run = refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")))
    with pytest.raises(StoreError, match="ended"):
        store.cubes.replace("default", [draft(NOVEMBER, daily(NOVEMBER, "2"))], run)
    assert total(store) == 19


def test_version_moves_with_every_commit_of_the_tenant_only(store: Store) -> None:
    versions = [store.cubes.version("default")]
    for _ in range(2):
        refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")))
        versions.append(store.cubes.version("default"))
    refreshed(store, draft(NOVEMBER, daily(NOVEMBER, "1")), tenant="other")
    assert len(set(versions)) == 3
    assert store.cubes.version("default") == versions[-1]


def test_writers_at_once_lose_no_rows(any_url: str, store_at: Callable[..., Store]) -> None:
    stores = [store_at(any_url) for _ in range(4)]
    failures: list[FinopsError] = []

    def refresh(number: int) -> None:
        one = Period(date(2026, 10, 1) + timedelta(days=number), date(2026, 10, 2) + timedelta(days=number))
        try:
            refreshed(stores[number % 4], draft(one, daily(one, "1")))
        except FinopsError as error:
            failures.append(error)

    threads = [threading.Thread(target=refresh, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert total(stores[0], OCTOBER) == 8
    assert store_at(any_url).cubes.coverage("default")[0].period == Period(date(2026, 10, 1), date(2026, 10, 9))


def test_readers_on_many_threads_agree(store: Store) -> None:
    refreshed(store, draft(BOTH, daily(BOTH, "1")))
    found: list[Decimal] = []
    threads = [threading.Thread(target=lambda: found.extend(total(store) for _ in range(5))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Decimal(BOTH.days)] * 30


HOSTILE_KEYS = st.one_of(
    st.text(min_size=1, max_size=128).filter(lambda key: "\x00" not in key),
    st.sampled_from(
        [
            "../../etc/passwd",
            "a/b=c",
            "*",
            "?[a-z]",
            "..",
            "'; DROP TABLE x; --",
            "$start",
            "{where}",
            "%2F",
            "é" * 128,
            "a b\n",
        ]
    ),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=HOSTILE_KEYS, value=st.text(max_size=40).filter(lambda text: "\x00" not in text))
def test_tag_keys_and_values_may_hold_anything(store: Store, tmp_path: Path, key: str, value: str) -> None:
    name = f"tag:{key}"
    rows = daily(NOVEMBER, "1", tag_value=value)
    refreshed(store, draft(NOVEMBER, rows, cube=CubeSpec(name, (name, "account"))))
    found = asked(store, NOVEMBER, name, cube=name, filters=(Filter(name, (value,)),))
    assert [(row.keys, row.amount) for row in found.rows] == [((value,), Decimal(19))]
    assert set(tmp_path.rglob("*.parquet")) == set(
        (tmp_path / "lake" / "finops_costs" / "tenant_id=default").rglob("*.parquet")
    )

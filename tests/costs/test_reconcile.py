"""Sources side by side, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.costs.imports import import_bill
from finops.costs.reconcile import reconcile
from tests.costs.bill_store import like_cost_explorer, opened, stored
from tests.store.bills import LINE, SAMPLE, csv_file, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from finops.store import Store
    from tests.costs.standin import Bench

SEPTEMBER = date(2024, 9, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = opened(tmp_path)
    yield found
    found.close()


@pytest.fixture
def sample(store: Store, tmp_path: Path) -> Store:
    import_bill(store, "default", [str(SAMPLE)], rejects=tmp_path / "rejects")
    return store


CONTROL = ("charge_type", "service")
ACCOUNTS = ("account", "service")


def test_nothing_held_agrees_with_nothing(store: Store) -> None:
    found = reconcile(store, "default", SEPTEMBER)
    assert (found.lines, found.agrees, found.notes) == ((), False, ("2024-09: no stored costs",))
    assert not reconcile(store, "default").agrees


def test_a_bill_alone_agrees_with_its_own_gold(sample: Store) -> None:
    found = reconcile(sample, "default")
    assert found.agrees
    assert {(line.month, line.source_a) for line in found.lines} == {("2024-09", "focus lines")}
    september = {line.metric: line.amount_a for line in found.lines if line.month == "2024-09"}
    assert september["effective"] == Decimal("14.98")
    assert "2024-09: only focus knows this month, no second source to compare it with" in found.notes


def test_cost_explorer_and_the_bill_agree_through_the_documented_mapping(sample: Store) -> None:
    stored(sample, like_cost_explorer(SAMPLE, *CONTROL), like_cost_explorer(SAMPLE, *ACCOUNTS))
    found = reconcile(sample, "default", SEPTEMBER)
    assert found.agrees
    across = {
        line.metric: line
        for line in found.lines
        if line.source_b.startswith("focus") and line.source_a.startswith("cost")
    }
    assert set(across) == {"net_unblended", "net_amortized"}
    assert all(line.difference == 0 and line.amount_a == line.amount_b for line in across.values())
    assert "2024-09: Microsoft, Oracle is known to the bill only" in found.notes


def test_a_difference_is_named_with_where_it_sits(sample: Store) -> None:
    more = {"Elastic Load Balancing": Decimal("3.21"), "Amazon Virtual Private Cloud": Decimal("-0.40")}
    stored(
        sample, like_cost_explorer(SAMPLE, *CONTROL, changed=more), like_cost_explorer(SAMPLE, *ACCOUNTS, changed=more)
    )
    found = reconcile(sample, "default", SEPTEMBER)
    assert not found.agrees
    (line,) = (line for line in found.lines if line.difference)
    assert (line.metric, line.currency, line.difference) == ("net_unblended", "USD", Decimal("2.81"))
    assert line.amount_a is not None
    assert line.amount_b is not None
    assert line.amount_a - line.amount_b == Decimal("2.81")
    assert "by service: Elastic Load Balancing 3.21, Amazon Virtual Private Cloud -0.40" in line.explanation


def test_a_cube_apart_from_its_control_is_named_with_the_day(sample: Store) -> None:
    stored(
        sample,
        like_cost_explorer(SAMPLE, *CONTROL),
        like_cost_explorer(SAMPLE, *ACCOUNTS, changed={"2024-09-18": Decimal("1.5")}),
    )
    found = reconcile(sample, "default", SEPTEMBER)
    assert not found.agrees
    (line,) = (line for line in found.lines if line.difference)
    assert (line.source_a, line.source_b) == ("cost_explorer charge_type_service", "cost_explorer account_service")
    assert line.difference == Decimal("-1.50")
    assert "differs on 1 day, most on 2024-09-18 (-1.50)" in line.explanation


def test_days_that_cancel_out_still_do_not_agree(sample: Store) -> None:
    apart = {"2024-09-18": Decimal(5), "2024-09-19": Decimal(-5)}
    stored(sample, like_cost_explorer(SAMPLE, *CONTROL), like_cost_explorer(SAMPLE, *ACCOUNTS, changed=apart))
    found = reconcile(sample, "default", SEPTEMBER)
    assert not found.agrees
    assert any("differs on 2 days" in line.explanation for line in found.lines)


def test_a_bill_without_aws_lines_is_not_compared(store: Store, tmp_path: Path) -> None:
    bill = csv_file(tmp_path / "bill.csv", lines({"ProviderName": "Microsoft"}))
    import_bill(store, "default", [str(bill)], rejects=tmp_path)
    stored(store, like_cost_explorer(SAMPLE, *CONTROL))
    found = reconcile(store, "default", SEPTEMBER)
    assert "2024-09: the bill has no lines of AWS to compare with Cost Explorer" in found.notes
    assert not any(
        line.source_a.startswith("cost_explorer") and line.source_b.startswith("focus") for line in found.lines
    )


def test_currencies_are_compared_one_by_one(store: Store, tmp_path: Path) -> None:
    bill = csv_file(tmp_path / "bill.csv", [LINE, LINE | {"BillingCurrency": "EUR", "BilledCost": "7"}])
    import_bill(store, "default", [str(bill)], rejects=tmp_path)
    found = reconcile(store, "default", SEPTEMBER)
    assert found.agrees
    assert {(line.currency, line.amount_a) for line in found.lines if line.metric == "billed"} == {
        ("USD", Decimal("1.25")), ("EUR", Decimal("7.00")),
    }  # fmt: skip


def test_the_demo_agrees_with_itself_in_every_month(bench_at: Callable[..., Bench]) -> None:
    bench = bench_at()
    bench.costs.refresh("demo")
    found = bench.costs.reconcile("demo")
    assert found.agrees, [line for line in found.lines if line.difference]
    assert len({line.month for line in found.lines}) >= 14


def test_another_tenant_is_never_compared(sample: Store) -> None:
    assert reconcile(sample, "other").lines == ()

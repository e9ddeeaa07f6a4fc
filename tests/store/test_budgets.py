"""Budgets in every database: kept whole, changed with an audit event, each threshold crossed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from finops.model.budgets import (
    AwsBudget,
    Basis,
    Budget,
    BudgetSource,
    Cadence,
    Planned,
    Scope,
    Threshold,
)
from finops.model.costs import Filter, Metric
from finops.model.errors import InputError
from finops.model.outcome import Failure
from finops.model.period import Period
from finops.store.budgets import BudgetImport, BudgetStore, Evaluated
from finops.store.findings_audit import AuditTrail

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONTH = Period(date(2026, 11, 1), date(2026, 12, 1))
EIGHTY, FULL = Threshold(Basis.ACTUAL, Decimal(80)), Threshold(Basis.ACTUAL, Decimal("100.5"))
AHEAD = Threshold(Basis.FORECAST, Decimal(100))
BUDGET = Budget(
    budget_id="a" * 32,
    tenant="first",
    name="Prod ü",
    cadence=Cadence.QUARTERLY,
    amount=Decimal("50000.000001"),
    start=date(2026, 1, 1),
    currency="EUR",
    scope=Scope(((Filter("account", ("1", "2")), Filter("tag:Team ", ("", "x"), exclude=True)),), "Product A"),
    metric=Metric.NET_AMORTIZED,
    end=date(2027, 1, 1),
    fiscal_start=4,
    planned=(Planned(date(2026, 4, 1), Decimal(7)),),
    thresholds=(EIGHTY, FULL, AHEAD),
    recipients=("ann@example.com",),
    owner="persona:manager",
)
AWS = replace(
    BUDGET,
    budget_id="b" * 32,
    source=BudgetSource.AWS,
    aws=AwsBudget("USAGE", "DAILY", "Hrs", Decimal(5), None, Decimal("6.5"), NOW, ("It is of hours.",)),
)


@pytest.fixture
def store(shared_database):
    found = BudgetStore(shared_database)
    for tenant in ("first", "second"):
        for each in found.budgets(tenant):
            found.remove(each, by="test", at=NOW)
    return found


def crossed(threshold=EIGHTY, **more):
    done = Evaluated("first", "a" * 32, MONTH, Decimal(100), "EUR", {threshold: Decimal("83.123456789012345678")})
    return replace(done, **more)


def test_a_budget_comes_back_as_it_was_saved(store):
    store.save(BUDGET, by="ann", at=NOW)
    store.save(replace(AWS, tenant="second"), by="ann", at=NOW)
    assert store.find("first", "a" * 32) == replace(BUDGET, changed=NOW)
    assert store.budgets("second") == (replace(AWS, tenant="second", changed=NOW),)
    assert store.find("second", "a" * 32) is None
    assert store.find("first", "A" * 32) is None


def test_a_save_replaces_the_budget_of_its_id_and_a_name_is_taken_once(store, shared_database):
    store.save(BUDGET, by="ann", at=NOW)
    store.save(replace(BUDGET, amount=Decimal(9)), by="bob", at=NOW)
    assert [each.amount for each in store.budgets("first")] == [9]
    with pytest.raises(InputError, match="another budget has this name") as caught:
        store.save(replace(BUDGET, budget_id="c" * 32), by="ann", at=NOW)
    assert caught.value.field == "name"
    store.save(AWS, by="ann", at=NOW)  # AWS's names are AWS's
    events, _ = AuditTrail(shared_database).list("first", limit=2)
    assert [(each.action, each.by) for each in events] == [("budget.save", "ann"), ("budget.save", "bob")]


def test_a_threshold_is_crossed_by_the_first_writer_only(store):
    store.save(BUDGET, by="ann", at=NOW)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: store.evaluated(crossed(), at=NOW), range(8)))
    assert sorted(map(len, found)) == [0] * 7 + [1]
    [kept] = store.crossings("first")
    assert (kept.figure, kept.limit, kept.crossed) == (Decimal("83.123456789012345678"), Decimal(100), NOW)
    assert kept.key == f"budget:{'a' * 32}:2026-11-01:actual:80"
    assert store.waiting("first") == (kept,)
    store.told("first", kept, at=NOW)
    assert store.waiting("first") == ()
    assert store.crossings("first", "a" * 32)[0].told == NOW
    assert store.crossings("first", "b" * 32) == store.crossings("second") == ()


def test_a_forecast_is_seen_before_it_is_crossed_and_forgotten_when_it_falls(store):
    seen = crossed(crossed={}, seen=(AHEAD,))
    store.evaluated(seen, at=NOW)
    store.evaluated(seen, at=NOW + timedelta(days=1))  # the first day stays
    assert store.marks("first", MONTH, "a" * 32)[AHEAD].seen == NOW.date()
    assert store.crossings("first") == ()
    store.evaluated(crossed(crossed={}, forgotten=(AHEAD,)), at=NOW)
    assert store.marks("first", MONTH, "a" * 32) == {}
    store.evaluated(seen, at=NOW)
    assert store.evaluated(crossed(AHEAD), at=NOW) == (AHEAD,)
    store.evaluated(crossed(crossed={}, forgotten=(AHEAD,)), at=NOW)
    assert [each.threshold for each in store.crossings("first")] == [AHEAD]
    store.remove(BUDGET, by="ann", at=NOW)
    assert store.crossings("first") == ()


def test_a_correction_is_kept_and_does_not_uncross(store):
    store.evaluated(crossed(FULL), at=NOW)
    store.evaluated(crossed(crossed={}, fell=(FULL,)), at=NOW)
    assert store.crossings("first")[0].fell == NOW
    assert store.marks("first", MONTH, "a" * 32)[FULL].fell
    store.evaluated(crossed(crossed={}, rose=(FULL,)), at=NOW)
    assert store.crossings("first")[0].fell is None
    assert store.evaluated(crossed(FULL), at=NOW) == ()
    store.remove(BUDGET, by="ann", at=NOW)


def test_an_import_replaces_what_aws_told_before_and_a_failure_keeps_it(store):
    store.save(replace(BUDGET, tenant="second"), by="ann", at=NOW)
    told = BudgetImport(NOW, "111111111111")
    store.replace_imported("second", [replace(AWS, tenant="second")], told, by="system")
    other = replace(AWS, tenant="second", budget_id="d" * 32, name="other")
    store.replace_imported("second", [other], told, by="system")
    assert {each.budget_id for each in store.budgets("second")} == {"a" * 32, "d" * 32}
    failure = Failure("AccessDenied", "no", missing_action="budgets:ViewBudget")
    store.import_failed("second", BudgetImport(NOW + timedelta(days=1), "", failure=failure))
    assert store.imported("second") == BudgetImport(NOW + timedelta(days=1), "", NOW, failure)
    assert len(store.budgets("second")) == 2
    assert store.imported("third") is None

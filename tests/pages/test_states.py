"""Pages when things are not as they should be: nothing fetched yet, a source that fails, a store that breaks."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import pytest

from finops.model.costs import CostQuestion, CubeDraft, CubeSpec, Granularity
from finops.model.period import Period
from pages.ui import numbers
from tests.pages.conftest import PAGES, ROOT, figures, opened, plain, settled, sound, words

if TYPE_CHECKING:
    from pathlib import Path

    from finops.facade import Finops

OVERVIEW, ANALYSIS, _, HEALTH = PAGES
SEPTEMBER = Period(date(2024, 9, 1), date(2024, 10, 1))


@pytest.mark.parametrize("path", [OVERVIEW, ANALYSIS])
def test_while_the_demo_is_being_prepared_pages_say_so(empty_house: Finops, path: str) -> None:
    app = opened(path)
    assert sound(app)
    assert "Preparing fourteen months of made-up costs" in words(app)
    assert not app.metric


def test_a_demo_that_no_clock_will_fill_does_not_promise_to_be_ready_soon(tmp_path: Path) -> None:
    with settled(tmp_path / "data", FINOPS_COSTS_REFRESH_HOURS="0"):
        app = opened(OVERVIEW)
    assert sound(app)
    assert "Preparing" not in words(app)
    assert "python -m finops costs refresh" in words(app)


def test_an_own_tenant_without_costs_is_told_the_three_steps(tmp_path: Path) -> None:
    own = {"FINOPS_MODE": "aws", "FINOPS_AUTH": "none", "FINOPS_SECRET_KEY": "k" * 40, "FINOPS_NOW": ""}
    with settled(tmp_path / "own", **own):
        app = opened(OVERVIEW)
    assert sound(app)
    assert all(command in words(app) for command in ("iam-policy", "costs refresh --dry-run", "bill import"))
    assert "No sign-in: only this machine can open these pages." in words(app)


def test_a_broken_store_is_an_error_in_its_place_and_not_a_traceback(tmp_path: Path) -> None:
    with settled(tmp_path / "data") as finops:
        finops.store.database.close()
        (tmp_path / "data" / "finops.db").write_bytes(b"not a database")
        app = opened(OVERVIEW)
        assert not app.exception
        assert app.error
        assert "could not be shown" in app.error[0].value


def test_when_a_refresh_fails_the_last_good_data_stays_with_its_age_and_the_reason(stocked_folder: Path) -> None:
    three_days_later = {"FINOPS_NOW": "2026-11-23T09:00:00Z", "FINOPS_CE_MONTHLY_BUDGET_USD": "0"}
    with settled(stocked_folder, **three_days_later) as finops:
        assert finops.costs.refresh("demo", force=True).status == "failed"
        app = opened(OVERVIEW)
        health = opened(HEALTH)
    assert sound(app)
    assert "Updated 3 days ago" in words(app)
    assert "budget" in words(app)
    assert "Shown is what was fetched 3 days ago" in words(app)
    assert all(metric.value.startswith(("\\$", "5", "6")) for metric in app.metric), "figures stay"
    assert "budget" in words(health)


def test_an_imported_bill_is_on_the_same_pages(tmp_path: Path) -> None:
    with settled(tmp_path / "data") as finops:
        finops.costs.import_bill("default", [str(ROOT / "tests" / "data" / "focus_sample.csv")])
        overview, analysis = opened(OVERVIEW), opened(ANALYSIS, {"group_by": ["provider"]})
        total = finops.costs.overview("default").total.totals["USD"]
    assert sound(overview)
    assert sound(analysis)
    shown = figures(overview)
    assert shown["September 2024"] == f"${total:.2f}"
    assert shown["Tagged with application"] not in {"0.0%", "—"}, "a key in use, not a configured one nobody carries"
    assert "Data to 30 Sep 2024" in words(overview)
    assert {"AWS", "Microsoft", "Oracle"} <= set(analysis.dataframe[0].value["name"])
    assert figures(analysis)["6 Aug–2 Sep 2024"] == "—", "days that are not stored are unknown, not free"


def test_several_currencies_are_chosen_between_and_never_added(tmp_path: Path) -> None:
    bill = tmp_path / "two_currencies.csv"
    with (ROOT / "tests" / "data" / "focus_sample.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows[:400]:
        row["BillingCurrency"] = "EUR"
    with bill.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with settled(tmp_path / "data") as finops:
        finops.costs.import_bill("default", [str(bill)])
        totals = finops.costs.answer(CostQuestion("default", SEPTEMBER)).totals
        month = {"start": ["2024-09-01"], "end": ["2024-10-01"]}
        dollars, euros = opened(ANALYSIS, month), opened(ANALYSIS, month | {"currency": ["EUR"]})
        overview = opened(OVERVIEW)
    assert set(totals) == {"EUR", "USD"}
    assert figures(dollars)["September 2024"] == numbers.short_money(totals["USD"], "USD")
    assert figures(euros)["September 2024"] == numbers.short_money(totals["EUR"], "EUR")
    assert euros.selectbox(key="cost.currency").value == "EUR"
    assert "currencies are never added up" in words(overview)


def test_parts_that_do_not_sum_to_the_total_are_said_in_red_with_the_difference(empty_house: Finops) -> None:
    finops = empty_house
    finops.costs.refresh("demo")
    day = Period(date(2026, 11, 10), date(2026, 11, 11))
    row = {"charge_date": "2026-11-10", "service": "AWS Lambda", "region": "us-east-1", "currency": "USD"}
    amounts = dict.fromkeys(("unblended", "net_unblended", "amortized", "net_amortized", "blended"), "1")
    columns = {name: [value] for name, value in (row | amounts | {"estimated": "true"}).items()}
    spec = CubeSpec("service_region", ("service", "region"))
    draft = CubeDraft("cost_explorer", spec, Granularity.DAILY, day, columns, finops.now())
    finops.store.cubes.replace("demo", [draft], finops.store.ledger.begin("demo", "test.damage", "cost_explorer"))
    link = {"group_by": ["region"], "start": ["2026-11-01"], "end": ["2026-11-19"]}
    app = opened("pages/cost_analysis.py", link)
    said = [plain(error.value) for error in app.error]
    whole = finops.costs.answer(CostQuestion("demo", day)).totals["USD"]
    assert any("sum" in sentence.lower() for sentence in said), said
    assert any(f"{whole - 1:,.2f}" in sentence for sentence in said), (whole, said)
    again = opened("pages/cost_analysis.py", link | {"group_by": ["service"]})
    assert not again.error

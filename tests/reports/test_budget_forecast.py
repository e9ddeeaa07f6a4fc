"""Budget and forecast: the figures of the API, budgets as they stand, and what is not known said."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal

import pytest

from finops.facade import open_finops
from finops.model.budgets import Budget, Cadence
from finops.model.errors import InputError
from finops.model.forecasts import ForecastQuestion
from finops.model.money import exact_sum
from finops.model.reports import ReportRequest
from tests import stocked
from tests.reports.made import READER, figure, made, opened, records, table

MONTH = "Expected in November"


def test_figures_are_those_of_the_forecast():
    report = made("bill", "budget-forecast")
    found = opened("bill").forecasts.forecast("demo", ForecastQuestion("service"))
    assert [(row["month"], row["mean"], row["lower"], row["upper"]) for row in records(report, "by_month")] == [
        (each.month, each.cost.mean, each.cost.lower, each.cost.upper) for each in found.total.months
    ]
    groups = records(report, "by_group")
    assert {row["service"]: row["mean"] for row in groups} == {
        each.key: each.month_end.mean if each.month_end else None for each in found.groups
    }
    assert figure(report, MONTH).exact == found.total.month_end.mean
    assert exact_sum(row["to_date"] for row in groups) == found.total.to_date
    assert len(records(report, "tests")) == sum(len(test.months) for test in found.total.tests) > 0
    assert report.headline.startswith(f"November is expected to end at ${found.total.month_end.mean:,.2f}")


def test_it_is_grouped_and_narrowed_and_as_long_as_asked():
    report = made("bill", "budget-forecast", {"group_by": ("account",), "months": ("5",), "service": ("AWS Lambda",)})
    assert len(records(report, "by_month")) == 5
    assert "account" in records(report, "by_group")[0]
    assert figure(report, MONTH).exact < figure(made("bill", "budget-forecast"), MONTH).exact


@pytest.mark.parametrize("months", ["0", "14", "two", "-1", "1.5"])
def test_a_wrong_number_of_months_is_refused(months):
    with pytest.raises(InputError) as told:
        made("bill", "budget-forecast", {"months": (months,)})
    assert told.value.field == "months"


def test_without_budgets_the_table_says_so():
    assert table(made("bill", "budget-forecast"), "budgets").note == "No budget is kept."


def test_budgets_are_told_as_they_stand(tmp_path):
    shutil.copytree(stocked.folder(), tmp_path / "data")
    finops = open_finops(stocked.settings(tmp_path / "data"))
    for name, amount in (("All of it", "100000"), ("Plenty", "9000000")):
        finops.budgets.save(
            Budget("", "demo", name, Cadence.MONTHLY, Decimal(amount), date(2026, 1, 1)), by="persona:manager"
        )
    report = finops.reports.make(ReportRequest("budget-forecast", "demo", READER))
    standings = finops.budgets.list("demo")
    finops.close()
    rows = records(report, "budgets")
    assert [(row["name"], row["status"], row["spent"], row["limit"]) for row in rows] == [
        (each.budget.name, str(each.status), each.spent, each.limit) for each in standings
    ]
    assert figure(report, "Budgets over").exact == 1
    assert report.headline.endswith("; 1 of 2 budgets is over or will be: All of it")


def test_the_summary_expects_the_same():
    assert figure(made("bill", "executive-summary"), MONTH) == figure(made("bill", "budget-forecast"), MONTH)

"""Cost reports: their figures are the API's to the last digit, their parts add up, and what is missing is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.costs import UNTAGGED
from finops.model.errors import InputError
from finops.model.money import exact_sum, parse_amount
from finops.reports.splitting import Split, parts_of
from tests.api.conftest import client_of
from tests.reports.made import figure, made, opened, records, table

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
SEPTEMBER = (date(2026, 9, 1), date(2026, 10, 1))
NOVEMBER = (date(2026, 11, 1), date(2026, 12, 1))
GROUPS = {"cost-by-service": "service", "cost-by-account": "account", "cost-by-tag": "tag:Environment"}
TABLES = {"cost-by-service": "by_service", "cost-by-account": "by_account", "cost-by-tag": "by_tag"}
PROD = "105810581058"


def asked(days=OCTOBER, **params):
    """`/api/costs` over the bill."""
    with client_of(opened("bill")) as client:
        answer = client.get("/api/costs", params={"start": str(days[0]), "end": str(days[1]), **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("scope", [{}, {"account": (PROD,)}, {"metric": ("amortized",)}])
def test_every_group_costs_what_the_api_says_in_both_periods(name, scope):
    report = made("bill", name, scope)
    group = GROUPS[name]
    params = {key: values[0] for key, values in scope.items()}
    now, before = (
        {item[group]: parse_amount(item["cost"]) for item in asked(days, group_by=group, **params)["data"]["items"]}
        for days in (OCTOBER, SEPTEMBER)
    )
    rows = records(report, TABLES[name])
    assert {row[group]: row["cost"] for row in rows if row["cost"]} == {key: cost for key, cost in now.items() if cost}
    assert {row[group]: row["previous_cost"] for row in rows if row["previous_cost"]} == {
        key: cost for key, cost in before.items() if cost
    }
    total = parse_amount(asked(group_by=group, **params)["data"]["total"])
    assert figure(report, "Spend").exact == exact_sum(row["cost"] for row in rows) == total
    assert all(row["delta"] == exact_sum((row["cost"], -row["previous_cost"])) for row in rows)


def test_the_headline_has_the_figure_to_the_cent():
    report = made("bill", "cost-by-service")
    total = parse_amount(asked()["data"]["total"])
    assert report.headline.startswith(f"Spend in October: ${total:,.2f}, ")
    assert report.headline.endswith(" vs September")
    assert not report.partial


@pytest.mark.parametrize("name", GROUPS)
def test_days_cost_what_the_api_says(name):
    rows = records(made("bill", name), "by_day")
    days = asked(granularity="daily")["data"]["items"]
    assert {str(row["date"]): row["cost"] for row in rows} == {day["date"]: parse_amount(day["cost"]) for day in days}


def test_provenance_is_the_apis():
    report, meta = made("bill", "cost-by-service"), asked(group_by="service")["meta"]
    origin = report.provenance
    assert (origin.metric, origin.source, origin.currency) == (meta["metric"], meta["source"], meta["currency"])
    assert dict(origin.facts)["Equal AWS command"] == meta["command"]
    assert origin.fetched_at.isoformat().replace("+00:00", "Z") == meta["as_of"]


def test_a_running_month_is_told_so_far_and_held_against_as_many_days():
    report = made("bill", "cost-by-service", days=NOVEMBER)
    so_far, before = ((date(2026, month, 1), date(2026, month, 21)) for month in (11, 10))
    now, then = (parse_amount(asked(days)["data"]["total"]) for days in (so_far, before))
    assert report.headline.startswith(f"Spend in November so far: ${now:,.2f}, ")
    assert report.headline.endswith(" vs 1–20 Oct")
    assert figure(report, "Spend in 1–20 Oct").exact == then
    assert figure(report, "A day").exact == (now / 20).quantize(Decimal("0.01"))
    assert dict(report.provenance.facts)["Yet to come"] == "10 of 30 days"
    assert report.provenance.estimated
    assert max(row["date"] for row in records(report, "by_day")) <= date(2026, 11, 20)


def test_days_that_are_not_held_are_said_and_never_zero():
    days = (date(2025, 8, 25), date(2025, 10, 8))
    report, meta = made("bill", "cost-by-service", days=days), asked(days, group_by="service")["meta"]
    assert meta["missing_days"] == 7
    assert "7 of 44 days of 25 Aug – 7 Oct 2025 hold no stored data." in report.missing
    assert "Day by day 37 of 44 days are not stored." in report.missing, "September is kept by month"
    assert report.partial
    assert min(row["date"] for row in records(report, "by_day")) == date(2025, 10, 1)
    assert figure(report, "A day").exact == (figure(report, "Spend").exact / 37).quantize(Decimal("0.01"))


def test_without_anything_before_nothing_is_called_new():
    report = made("bill", "cost-by-service", days=(date(2025, 9, 1), date(2025, 10, 1)))
    rows = records(report, "by_service")
    assert rows
    assert {row["change"] for row in rows} == {None}
    assert {row["previous_cost"] for row in rows} == {None}
    assert figure(report, "Spend in August 2025").value == "—"
    assert "vs" not in report.headline
    assert any("August 2025 is not whole" in told for told in report.missing)


def test_a_period_before_anything_is_not_known():
    report = made("bill", "cost-by-account", days=(date(2020, 1, 1), date(2020, 2, 1)))
    assert report.headline == "Spend in January 2020 is not known"
    assert report.failures
    assert not records(report, "by_account")
    assert figure(report, "Spend").exact is None


def test_a_filter_on_any_dimension_narrows_and_an_excluded_one_too():
    whole = figure(made("bill", "cost-by-account"), "Spend").exact
    only = figure(made("bill", "cost-by-account", {"tag:Environment": ("production",)}), "Spend").exact
    rest = figure(made("bill", "cost-by-account", {"exclude:tag:Environment": ("production",)}), "Spend").exact
    assert exact_sum((only, rest)) == whole
    assert 0 < only < whole


def test_a_metric_that_no_source_has_is_refused_by_name():
    with pytest.raises(InputError) as told:
        made("bill", "cost-by-service", {"metric": ("list",)})
    assert told.value.field == "metric"


# By tag


def test_untagged_cost_is_named_and_counted():
    report = made("bill", "cost-by-tag")
    row = next(row for row in records(report, "by_tag") if row["tag:Environment"] == UNTAGGED)
    assert row["label"] == "(untagged)"
    assert figure(report, "Untagged").exact == row["cost"] > 0
    assert report.title == "Cost by Environment"


def test_a_tag_that_nothing_stored_carries_is_not_known():
    report = made("bill", "cost-by-tag", {"tag": ("Colour",)})
    assert report.partial
    assert report.headline.endswith("is not known")
    assert figure(report, "Untagged").value == "—"


# Detail


def test_detail_rows_are_the_apis_and_add_up():
    report = made("bill", "cost-detail")
    rows = records(report, "detail")
    items = asked(granularity="daily", group_by="account,service")["data"]["items"]
    assert [(str(row["date"]), row["account"], row["service"], row["cost"]) for row in rows] == [
        (item["date"], item["account"], item["service"], parse_amount(item["cost"])) for item in items
    ]
    assert {row["account_name"] for row in rows} == {item["account_name"] for item in items}
    assert exact_sum(row["cost"] for row in rows) == figure(report, "Cost").exact


def test_detail_is_read_some_days_at_a_time(monkeypatch):
    monkeypatch.setattr("finops.reports.catalogue.cost_detail.ROWS_AT_ONCE", 1)
    piecewise = made("bill", "cost-detail", days=(date(2026, 10, 1), date(2026, 10, 8)))
    monkeypatch.undo()
    whole = made("bill", "cost-detail", days=(date(2026, 10, 1), date(2026, 10, 8)))
    assert records(piecewise, "detail") == records(whole, "detail")
    reading = iter(table(piecewise, "detail").rows())
    assert next(reading)[0] == date(2026, 10, 1)


def test_detail_tells_apart_what_is_asked_for():
    rows = records(made("bill", "cost-detail", {"group_by": ("service", "region")}), "detail")
    assert {"service", "region"} <= rows[0].keys()
    assert "account" not in rows[0]
    with pytest.raises(InputError) as told:
        made("bill", "cost-detail", {"group_by": ("colour",)})
    assert told.value.field == "group_by"


def test_detail_follows_filters_to_a_cross_section_that_carries_them():
    rows = records(made("bill", "cost-detail", {"region": ("eu-central-1",)}), "detail")
    assert rows
    assert "service" in rows[0]


# Showback


@pytest.mark.parametrize("how", list(Split))
def test_showback_adds_up_to_the_bill_however_it_is_split(how):
    report = made("bill", "showback", {"split": (str(how),)})
    rows = records(report, "showback")
    bill = parse_amount(asked()["data"]["total"])
    assert exact_sum(row["total"] for row in rows) == exact_sum(row["direct"] for row in rows) == bill
    untagged = next(row for row in rows if row["value"] == UNTAGGED)
    assert untagged["direct"] == figure(report, "Untagged").exact > 0
    assert untagged["total"] == (untagged["direct"] if how is Split.NONE else 0)
    owners = [row for row in rows if row["value"] != UNTAGGED]
    assert all((row["shared"] > 0) == (how is not Split.NONE) for row in owners)


def test_even_parts_are_even_and_proportional_ones_follow_cost():
    even = [
        row["shared"] for row in records(made("bill", "showback", {"split": ("even",)}), "showback") if row["value"]
    ]
    assert max(even) - min(even) < Decimal("1e-8")
    rows = records(made("bill", "showback", {"split": ("proportional",)}), "showback")
    owners = sorted((row for row in rows if row["value"]), key=lambda row: row["direct"])
    assert [row["shared"] for row in owners] == sorted(row["shared"] for row in owners)


AMOUNTS = st.decimals(-(10**9), 10**9, allow_nan=False, places=10)


@given(st.dictionaries(st.text(min_size=1, max_size=5), AMOUNTS, max_size=30), AMOUNTS, st.sampled_from(Split))
def test_parts_of_a_split_add_up_exactly(direct, shared, how):
    parts = parts_of(shared, direct, how)
    if how is Split.NONE or not direct:
        assert parts == {}
    else:
        assert parts.keys() == direct.keys()
        assert exact_sum(parts.values()) == shared

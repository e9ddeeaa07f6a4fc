"""`/api/cost-by-service` and `/api/costs`: the facade's figures, and never a zero for a missing answer."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from finops.model.costs import CostQuestion, Filter, Metric
from finops.model.money import plain
from finops.model.period import Period

OCTOBER = {"start": "2026-10-01", "end": "2026-11-01"}
PERIOD = Period(date(2026, 10, 1), date(2026, 11, 1))


def total(items, field="cost") -> Decimal:
    return sum((Decimal(item[field]) for item in items), Decimal(0))


def test_cost_by_service_is_what_the_facade_answers(get, finops):
    document = get("/api/cost-by-service", OCTOBER)
    answer = finops.costs.answer(CostQuestion("demo", PERIOD, group_by=("service",)))
    assert [(item["service"], item["cost"]) for item in document["data"]["items"]] == [
        (row.keys[0], plain(row.amount)) for row in answer.rows
    ]
    assert document["data"]["total"] == plain(answer.totals["USD"])
    assert document["data"]["currency"] == "USD"
    assert total(document["data"]["items"]) == Decimal(document["data"]["total"]) > 100_000


def test_the_envelope_tells_where_the_figures_come_from(get):
    meta = get("/api/cost-by-service", OCTOBER)["meta"]
    assert meta["tenant"] == "demo"
    assert meta["as_of"] == "2026-11-20T09:00:00Z"
    assert (meta["metric"], meta["source"], meta["currency"]) == ("unblended", "cost_explorer", "USD")
    assert (meta["partial"], meta["failures"], meta["reconciles"]) == (False, [], True)
    assert meta["command"].startswith("aws ce get-cost-and-usage")
    assert meta["period"] == OCTOBER


def test_the_running_month_is_estimated(get):
    meta = get("/api/cost-by-service", {"start": "2026-11-01", "end": "2026-11-19"})["meta"]
    assert meta["estimated"] is True


def test_days_sum_to_the_month_and_accounts_to_the_whole(get, finops):
    whole = Decimal(get("/api/cost-by-service", OCTOBER)["data"]["total"])
    days = get("/api/cost-by-service", {**OCTOBER, "granularity": "daily"})["data"]
    assert len({item["date"] for item in days["items"]}) == 31
    assert total(days["items"]) == Decimal(days["total"]) == whole
    accounts = [name for name in finops.costs.choices("demo", "account", PERIOD) if name]
    first = get("/api/cost-by-service", [*OCTOBER.items(), ("account", accounts[0])])["data"]
    rest = get("/api/cost-by-service", [*OCTOBER.items(), ("account", ",".join(accounts[1:]))])["data"]
    assert Decimal(first["total"]) + Decimal(rest["total"]) == whole


def test_another_metric_in_either_spelling(get):
    ours = get("/api/cost-by-service", {**OCTOBER, "metric": "net_amortized"})
    theirs = get("/api/cost-by-service", {**OCTOBER, "metric": "NetAmortizedCost"})
    assert ours == theirs
    assert ours["meta"]["metric"] == Metric.NET_AMORTIZED
    assert ours["data"]["total"] != get("/api/cost-by-service", OCTOBER)["data"]["total"]


@pytest.mark.parametrize("path", ["/api/cost-by-service", "/api/costs"])
def test_what_no_stored_data_answers_is_partial_and_never_zero(get, path):
    document = get(path, {"start": "2019-01-01", "end": "2019-02-01"})
    assert document["meta"]["partial"] is True
    assert document["meta"]["failures"][0]["message"]
    assert document["data"]["items"] == []
    assert document["data"]["total"] is None


def test_a_tenant_without_data_is_partial_with_the_next_step(get):
    document = get("/api/costs", {**OCTOBER, "tenant": "acme"})
    assert document["meta"]["tenant"] == "acme"
    assert document["data"]["total"] is None
    assert "bill import" in document["meta"]["failures"][0]["message"]


def test_a_period_that_is_only_covered_in_part_says_so(get):
    document = get("/api/cost-by-service", {"start": "2025-09-15", "end": "2025-10-15"})
    assert document["meta"]["partial"] is True
    assert document["meta"]["missing_days"] == 16
    assert document["meta"]["covered"] == {"start": "2025-10-01", "end": "2025-10-15"}
    assert document["meta"]["failures"]
    assert Decimal(document["data"]["total"]) > 0


@pytest.mark.parametrize(
    "dimension", ["account", "region", "usage_type", "charge_type", "tag:Environment", "category:Team"]
)
def test_every_grouping_sums_to_the_same_total(get, dimension):
    grouped = get("/api/costs", {**OCTOBER, "group_by": dimension})["data"]
    assert grouped["total"] == get("/api/cost-by-service", OCTOBER)["data"]["total"]
    assert total(grouped["items"]) == Decimal(grouped["total"])
    assert all(dimension in item for item in grouped["items"])


def test_account_names_come_with_accounts(get):
    items = get("/api/costs", {**OCTOBER, "group_by": "account,service"})["data"]["items"]
    assert {"account", "account_name", "service", "cost", "currency", "estimated"} == set(items[0])
    assert all(item["account_name"] for item in items)


def test_a_filter_and_its_exclusion_make_the_whole(get, finops):
    whole = Decimal(get("/api/costs", OCTOBER)["data"]["total"])
    service = finops.costs.choices("demo", "service", PERIOD)[0]
    only = get("/api/costs", {**OCTOBER, "service": service})
    without = get("/api/costs", {**OCTOBER, "exclude:service": service})
    assert Decimal(only["data"]["total"]) + Decimal(without["data"]["total"]) == whole
    assert only["meta"]["filters"] == [{"dimension": "service", "values": [service], "exclude": False}]


def test_untagged_cost_is_asked_for_with_an_empty_value(get, finops):
    untagged = get("/api/costs", {**OCTOBER, "tag:Environment": ""})["data"]["total"]
    question = CostQuestion("demo", PERIOD, filters=(Filter("tag:Environment", ("",)),))
    assert untagged == plain(finops.costs.answer(question).totals["USD"])
    groups = get("/api/costs", {**OCTOBER, "group_by": "tag:Environment"})["data"]["items"]
    assert untagged == next(item["cost"] for item in groups if item["tag:Environment"] == "")


def test_a_combination_that_is_not_stored_says_what_to_do(get):
    document = get("/api/costs", {**OCTOBER, "group_by": "account,usage_type"})
    assert document["data"]["total"] is None
    assert document["meta"]["failures"][0]["message"]


@pytest.mark.parametrize(("compare", "earlier"), [("previous", "2026-08-31"), ("same_days", "2026-09-01")])
def test_a_comparison_joins_two_periods(get, compare, earlier):
    document = get("/api/costs", {**OCTOBER, "group_by": "service", "compare": compare})
    data, meta = document["data"], document["meta"]
    assert meta["previous_period"] == {"start": earlier, "end": "2026-10-01"}
    before = get("/api/cost-by-service", meta["previous_period"])["data"]
    assert data["total"] == get("/api/cost-by-service", OCTOBER)["data"]["total"]
    assert data["previous_total"] == before["total"]
    assert total(data["items"], "previous_cost") == Decimal(before["total"])
    assert all(
        Decimal(item["delta"]) == Decimal(item["cost"]) - Decimal(item["previous_cost"]) for item in data["items"]
    )
    assert {item["change"] for item in data["items"]} <= {"new", "gone", "grown", "shrunk", "same"}


def test_a_comparison_with_a_time_that_is_not_stored_is_partial(get):
    document = get("/api/costs", {"start": "2019-02-01", "end": "2019-03-01", "compare": "previous"})
    assert document["meta"]["partial"] is True
    assert document["data"]["total"] is None
    assert document["data"]["previous_total"] is None


def test_pages_make_up_the_whole(get):
    params = {**OCTOBER, "group_by": "service", "granularity": "daily"}
    whole = get("/api/costs", params)
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = get("/api/costs", {**params, "limit": 400, **({"cursor": cursor} if cursor else {})})
        assert page["data"]["total"] == whole["data"]["total"]
        assert page["meta"]["total"] == len(whole["data"]["items"])
        found += page["data"]["items"]
        cursor, pages = page["meta"]["next_cursor"], pages + 1
    assert found == whole["data"]["items"]
    assert pages > 1


def test_a_cursor_of_another_question_is_refused(client, get):
    cursor = get("/api/costs", {**OCTOBER, "group_by": "service", "limit": 3})["meta"]["next_cursor"]
    for params in ({**OCTOBER, "group_by": "account"}, {**OCTOBER, "group_by": "service", "metric": "amortized"}):
        answer = client.get("/api/costs", params={**params, "limit": 3, "cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor")
    for rubbish in ("x", "é", "AAAA", "====", cursor + "A", cursor[:-4]):
        answer = client.get("/api/costs", params={**OCTOBER, "group_by": "service", "limit": 3, "cursor": rubbish})
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


def test_csv_holds_the_records_of_the_json(client, get):
    params = {**OCTOBER, "group_by": "service,account", "granularity": "monthly"}
    answer = client.get("/api/costs", params={**params, "format": "csv", "limit": 1})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="costs_demo_2026-10-01_2026-11-01_service_account.csv"'
    )
    assert answer.headers["x-finops-partial"] == "false"
    items = get("/api/costs", params)["data"]["items"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert rows == [
        {name: str(value).lower() if isinstance(value, bool) else value for name, value in item.items()}
        for item in items
    ]


def test_csv_of_an_answer_that_is_not_complete_says_so_in_its_name(client):
    answer = client.get("/api/costs", params={"start": "2019-01-01", "end": "2019-02-01", "format": "csv"})
    assert answer.headers["x-finops-partial"] == "true"
    assert "partial" in answer.headers["content-disposition"]
    assert answer.text == "cost,currency,estimated\r\n"


def test_money_is_never_a_float(get):
    def floats(value):
        if isinstance(value, dict):
            return any(map(floats, value.values()))
        return any(map(floats, value)) if isinstance(value, list) else isinstance(value, float)

    assert not floats(get("/api/costs", {**OCTOBER, "group_by": "service", "compare": "previous"}))
    assert not floats(get("/api/cost-by-service", {**OCTOBER, "granularity": "daily"}))


def test_reading_sends_no_request_to_aws(get, finops):
    before = finops.store.meter.lines("2026-11")
    get("/api/costs", {**OCTOBER, "group_by": "service", "compare": "previous", "granularity": "total"})
    assert finops.store.meter.lines("2026-11") == before

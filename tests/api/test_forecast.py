"""`/api/forecast`: exact money, parts that sum to the total, and reasons where nothing can be said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.api.conftest import conforms

PATH = "/api/forecast"


def test_the_total_is_what_the_description_says(get):
    told = get(PATH, {})
    conforms(told, "Forecast")
    data, meta = told["data"], told["meta"]
    assert data["items"] == []
    assert (meta["through"], meta["month"]) == ("2026-11-18", {"start": "2026-11-01", "end": "2026-12-01"})
    assert (meta["source"], meta["currency"], meta["partial"]) == ("cost_explorer", "USD", False)
    assert [each["month"] for each in data["total"]["months"]] == ["2026-11", "2026-12", "2027-01"]
    end = data["total"]["month_end"]
    assert Decimal(data["total"]["to_date"]) < Decimal(end["lower"]) < Decimal(end["mean"]) < Decimal(end["upper"])


def test_so_far_is_what_the_bill_says(get):
    bill = get("/api/costs", {"start": "2026-11-01", "end": "2026-11-19"})
    assert get(PATH, {})["data"]["total"]["to_date"] == bill["data"]["total"]


@pytest.mark.parametrize("dimension", ["service", "account", "region", "tag:Environment", "charge_type"])
def test_parts_sum_to_the_same_total_whatever_they_are(get, dimension):
    told = get(PATH, {"group_by": dimension, "months": "13"})
    conforms(told, "Forecast")
    items, total = told["data"]["items"], told["data"]["total"]
    assert total["month_end"] == get(PATH, {})["data"]["total"]["month_end"]
    assert sum(Decimal(each["to_date"]) for each in items) == Decimal(total["to_date"])
    for place, month in enumerate(total["months"]):
        assert sum(Decimal(each["months"][place]["mean"]) for each in items) == Decimal(month["mean"])
    assert all(dimension in each for each in items)


def test_accounts_have_names(get):
    names = {each["account"]: each["account_name"] for each in get(PATH, {"group_by": "account"})["data"]["items"]}
    assert names["105810581058"] == "prod-core"


def test_how_right_it_was_is_beside_every_forecast(get):
    told = get(PATH, {"group_by": "service"})["data"]
    for each in (told["total"], *told["items"]):
        assert [test["days"] for test in each["back_tests"]] == [15, 18]
    test = told["total"]["back_tests"][0]
    assert (test["tested"], len(test["months"])) == (6, 6)
    assert test["sentence"].startswith("last 6 months: ")
    assert test["inside"] == sum(month["inside"] for month in test["months"])


def test_days_of_the_month_are_those_of_the_bill(get):
    days = get(PATH, {})["data"]["total"]["days"]
    bill = get("/api/costs", {"start": "2026-11-01", "end": "2026-11-19", "granularity": "daily"})["data"]["items"]
    assert {day["date"]: day["cost"] for day in days if day["cost"]} == {each["date"]: each["cost"] for each in bill}
    assert [day["cost"] for day in days[18:]] == [None] * 12


def test_filters_are_those_of_costs(get):
    told = get(PATH, {"service": "AWS Lambda"})
    bill = get("/api/costs", {"start": "2026-11-01", "end": "2026-11-19", "service": "AWS Lambda"})
    assert told["data"]["total"]["to_date"] == bill["data"]["total"]
    assert told["meta"]["filters"] == [{"dimension": "service", "values": ["AWS Lambda"], "exclude": False}]


def test_what_is_stored_nowhere_is_partial_with_its_reason(get):
    told = get(PATH, {"tenant": "acme"})
    conforms(told, "Forecast")
    assert told["data"]["total"] is None
    assert told["meta"]["partial"]
    assert told["meta"]["failures"][0]["code"] == "not_stored"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"months": "0"}, "months"),
        ({"months": "14"}, "months"),
        ({"months": "x"}, "months"),
        ({"group_by": "colour"}, "group_by"),
        ([("group_by", "service"), ("group_by", "account")], "group_by"),
        ({"metric": "guess"}, "metric"),
        ({"aws": "true"}, "aws"),
    ],
)
def test_what_cannot_be_asked_names_its_field(client, params, field):
    answer = client.get(PATH, params=params)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_reading_sends_no_request_to_aws(get, finops):
    before = finops.store.meter.lines("2026-11")
    get(PATH, {"group_by": "service", "months": "12"})
    assert finops.store.meter.lines("2026-11") == before
